"""How is a question about the scope's logs put to Elasticsearch? Bodies for `_search`: bounded, never a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.contract import Scope
from connectors.log_reading import pods_of

FIELDS: Mapping[str, tuple[str, ...]] = {
    "namespace": (
        "kubernetes.namespace_name", "kubernetes.namespace", "k8s.namespace.name",
        "resource.attributes.k8s.namespace.name", "orchestrator.namespace",
    ),
    "pod": ("kubernetes.pod_name", "kubernetes.pod.name", "k8s.pod.name", "resource.attributes.k8s.pod.name"),
    "workload": (
        "kubernetes.deployment.name", "kubernetes.statefulset.name", "kubernetes.daemonset.name",
        "k8s.deployment.name", "resource.attributes.k8s.deployment.name", "kubernetes.labels.app",
        "kubernetes.labels.app_kubernetes_io/name", "service.name", "resource.attributes.service.name",
    ),
    "node": ("kubernetes.host", "kubernetes.node.name", "host.name", "resource.attributes.k8s.node.name"),
}  # fmt: skip
"""Field of the scope → fields that Fluent Bit, Fluentd, Filebeat, Elastic Agent and OpenTelemetry give documents."""
MESSAGES = ("message", "log", "body", "body.text", "msg", "error.message", "event.original")
"""Where the text of a line stands."""
BY = (*FIELDS["pod"][:2], "kubernetes.container_name", "service.name")
MOST = 1000
"""Documents of one answer."""
_COUNTED = 100_000
"""Documents of a shard after which it stops looking."""
_SECONDS = 3

Body = dict[str, Any]


def of_scope(scope: Scope, own: Mapping[str, str]) -> list[Body]:
    """Filters for the scope; empty where it names nothing that documents carry."""
    filters = [_any(_fields("namespace", own), scope.namespace)] if scope.namespace else []
    if scope.workload or scope.service:
        name = scope.workload or scope.service
        filters.append(_whose(name, own))
    elif scope.pod:
        filters.append(_any(_fields("pod", own), scope.pod))
    elif scope.node and not scope.namespace:
        filters.append(_any(_fields("node", own), scope.node))
    return filters


def _whose(name: str, own: Mapping[str, str]) -> Body:
    """A workload by a field with its name, or by the names that its pods have."""
    should = list(_any(_fields("workload", own), name)["bool"]["should"])
    should += [{"regexp": {field: {"value": pods_of(name)}}} for field in _keywords(_fields("pod", own))]
    return {"bool": {"should": should, "minimum_should_match": 1}}


def _fields(part: str, own: Mapping[str, str]) -> tuple[str, ...]:
    return (own[part],) if own.get(part) else FIELDS[part]


def _keywords(fields: Sequence[str]) -> list[str]:
    """Both kinds of mapping: a keyword itself, or a text with a keyword beside it."""
    return [one for field in fields for one in (field, f"{field}.keyword")]


def _any(fields: Sequence[str], value: str) -> Body:
    should = [{"term": {field: value}} for field in _keywords(fields)]
    return {"bool": {"should": should, "minimum_should_match": 1}}


def words(texts: Sequence[str]) -> Body:
    """Any of these words or phrases in the text of the line."""
    phrases = [{"multi_match": {"query": text, "type": "phrase_prefix", "fields": list(MESSAGES)}} for text in texts]
    levels = [{"terms": {field: list(_LEVELS)}} for field in ("level", "log.level", "severity", "severity_text")]
    return {"bool": {"should": [*phrases, *levels], "minimum_should_match": 1}}


_LEVELS = ("error", "ERROR", "Error", "fatal", "FATAL", "critical", "CRITICAL", "panic", "emerg")


def text(query: str) -> Body:
    """Somebody's own words in Lucene's syntax; leading wildcards and long expressions cost too much and are refused."""
    return {
        "query_string": {
            "query": query, "fields": list(MESSAGES), "allow_leading_wildcard": False, "lenient": True,
            "default_operator": "AND", "max_determinized_states": 2000,
        }
    }  # fmt: skip


def lines(filters: Sequence[Body], start: datetime, end: datetime, time: str, size: int, *, latest: bool) -> Body:
    """Documents that pass all filters, the latest or the first of the range."""
    return {
        **_bounded(filters, start, end, time),
        "size": min(size, MOST),
        "sort": [{time: {"order": "desc" if latest else "asc", "unmapped_type": "date"}}],
        "track_total_hits": False,
        "_source": [time, *MESSAGES, *BY],
    }


def histogram(
    filters: Sequence[Body], named: Mapping[str, Body], start: datetime, end: datetime, time: str, step: int
) -> Body:
    """Documents per step, all of them and those that pass each of the named filters."""
    over_time = {
        "date_histogram": {
            "field": time, "fixed_interval": f"{step}s", "min_doc_count": 0,
            "extended_bounds": {"min": _iso(start), "max": _iso(end)},
        },
        "aggs": {name: {"filter": one} for name, one in named.items()},
    }  # fmt: skip
    return {**_bounded(filters, start, end, time), "size": 0, "aggs": {"over_time": over_time}}


def _bounded(filters: Sequence[Body], start: datetime, end: datetime, time: str) -> Body:
    between = {"range": {time: {"gte": _iso(start), "lt": _iso(end)}}}
    return {
        "query": {"bool": {"filter": [between, *filters]}},
        "timeout": f"{_SECONDS}s",
        "terminate_after": _COUNTED,
    }


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
