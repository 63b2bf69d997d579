"""Which words of a sentence are names of something? Only those can be held against what was observed.

A word is a name by its form (`cart-7d9f-x2x4z`, `http_requests_total`, `db.internal`), by its quotes, or by the kind
of object that it stands beside. Everything is asked word by word, so that a long text costs what its length says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatops.policy.text.compounds import is_prose, may_describe

LONGEST = 253
"""Characters of the longest name that anything has: that of a DNS name."""
_KINDS = (
    (
        "pods? deployments? statefulsets? daemonsets? replicasets? jobs? cronjobs? services? nodes? namespaces? "
        "ingress(?:es)? configmaps? secrets? containers? volumes? pvcs? clusters? hosts? instances? databases? "
        "queues? tables? functions? metrics? topics? buckets? workloads? images? alerts? routes? config_maps? "
        "network_polic(?:y|ies) networkpolic(?:y|ies) librar(?:y|ies) packages? modules? users? roles? schemas? "
        "serviceaccounts? storageclass(?:es)? webhooks? feature_flags?"
    )
    .replace(" ", "|")
    .replace("_", r"\s")
)
_NAME = r"[a-z0-9]+(?:[-_.][a-z0-9]+)+"
_QUOTED_NAME = r"[A-Za-z][\w./:@-]{1,252}"
_NAMED = re.compile(
    rf"\b(?:{_KINDS})\s+(?:(?:named|called)\s+)?(?:({_NAME})|[`\"']({_QUOTED_NAME})[`\"'])"
    rf"|\b({_NAME})[`\"']?\s+(?:{_KINDS})\b|[`\"']({_QUOTED_NAME})[`\"']\s+(?:{_KINDS})\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[`\"']([A-Za-z0-9][\w./:@-]{0,252}[-_./:0-9][\w./:@-]{0,252})[`\"']")
_WORD = re.compile(r"[A-Za-z0-9_./:@-]+")
_EDGES = ".,;:!?-/"
_WORKLOADS = (
    "pods? workers? services? svc api gateway db servers? deployment jobs? nodes? queue cache proxy controller "
    "operator backend frontend app web consumer producer scheduler processor handler store agent exporter daemon broker"
).replace(" ", "|")
_SHAPES = re.compile(
    r"(?=[a-z0-9.-]*\d)(?=[a-z0-9.-]*[a-z])[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*-[a-z0-9]+"  # cart-7d9f-x2x4z
    rf"|[a-z][a-z0-9]*(?:-[a-z0-9]+)*-(?:{_WORKLOADS})"  # billing-worker
    r"|[a-z][a-z0-9]*(?:_[a-z0-9]+){2,}|[a-z][a-z0-9]*_(?:total|seconds|bytes|count|sum|bucket|ratio|errors|latency)"
    r"|(?=\w*:?\w*_)[a-z]\w*(?::[a-z_]\w*)+"  # job:http_requests:rate5m
    r"|[a-z0-9-]+/[a-z][a-z0-9-]*[0-9-][a-z0-9-]*"  # shop/cart-1
    r"|(?:[a-z0-9-]+\.)+(?:local|internal|svc|com|net|org|io|dev|example|cluster|consul|test|invalid|xyz|ru|cn|info|biz|app)"
    r"|(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?"  # addresses
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_SHOUTED = re.compile(r"[A-Z]{2,}(?:-[A-Z0-9]{1,4})?|[A-Z]+-\d+(?:\.\d+)?|[A-Z]{2,}(?:_[A-Z0-9]+)+")
"""`UTF-8`, `SHA-256`, `POSTGRES_HOST`: standards and variables, not objects."""
_ORDINARY = re.compile(
    r"(?:kube|multi|cross|per|single|inter|intra|non|in|sub|two|three|each|all|any|every|cluster|node|metrics|cert|external|"
    r"prometheus|ingress|deprecated|instance|key|value|data|control|read|write|machine-config|custom|managed|shared|local|"
    r"dead-letter|service|message|work|task|job|load|reverse|forward|side|sidecar|api|web|upstream|downstream)"
    rf"-(?:{_WORKLOADS})",
    re.IGNORECASE,
)
"""Compounds of the field that look like a workload, and components that every cluster has."""
_PERCENTILE = re.compile(r"p\d{2,3}-[a-z]+", re.IGNORECASE)
_TERM_WORDS = """
    x86-64 utf-8 ipv4 ipv6 sha-256 blue-green p50 p90 p95 p99 on-call
    read-only cert-manager.io k8s.io kubernetes.io http/1 http/2 e.g i.e and/or 24/7
    pg_stat_activity pg_stat_statements pg_stat_replication pg_locks information_schema performance_schema
"""
TERMS = frozenset(_TERM_WORDS.split())
_NUMERIC = re.compile(r"[\d.,:/-]+\w{0,3}")


def names(sentence: str) -> Iterator[str]:
    """The names that a sentence holds; of one with a word so long that nothing is named so, that word alone."""
    words = [word.strip(_EDGES) for word in _WORD.findall(sentence)]
    if long := [word for word in words if len(word) > LONGEST]:
        yield long[0]
        return
    for pattern in (_NAMED, _QUOTED):
        for found in pattern.finditer(sentence):
            name = next(group for group in found.groups() if group).strip(_EDGES)
            if _may_be(name) and not (pattern is _NAMED and _is_compound(name, found[1] is not None)):
                yield name
    yield from (word for word in words if _is_shaped(word) and _may_be(word))


def _is_shaped(word: str) -> bool:
    if _SHOUTED.fullmatch(word) or _ORDINARY.fullmatch(word) or _PERCENTILE.fullmatch(word):
        return False
    return _SHAPES.fullmatch(word) is not None


def _is_compound(name: str, behind: bool) -> bool:
    """Whether it is prose (`third-party`); `behind` a kind nothing is described (`jobs long-running`), but named."""
    return re.fullmatch(r"[\w-]*-[\w-]*", name) is not None and (is_prose(name) or (not behind and may_describe(name)))


def _may_be(name: str) -> bool:
    address = name.count(".") == 3
    return name.lower() not in TERMS and (address or not _NUMERIC.fullmatch(name))
