"""Which object does a model mean? Brings a subject to the form in which systems name it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from chatops.domain.casefile import CaseFile, ProposedSubject
from chatops.policy.resources import KINDS
from connectors.evidence import Evidence, Subject

_CLOUD = """
    account addon alarm api app bucket cache certificate channel cluster component container database db disk
    distribution domain endpoint environment flag function gateway group host image index instance key listener
    load balancer log machine metric module network pipeline policy pool product project queue record region
    release replica repository resource route rule schema security server stack storage stream subnet
    subscription table target task topic user vault version vm volume vpc workflow zone application rds sqs sns
    s3 lambda ecs eks ec2 elb alb nlb redis kafka postgres mysql mongodb dns
"""
"""Words of which kinds of objects outside a cluster are put together."""
_WORDS = KINDS | frozenset(_CLOUD.split())
_PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
OBJECT = "Object"
"""The kind where the one that was given is none."""


def _kind(given: str, observed: Callable[[str], bool]) -> str:
    """The kind as given, where it was observed or consists of words for kinds; it is shown as it stands."""
    words = given.split()
    if not words or len(words) > 3 or not all(word.isascii() and word.isalnum() for word in words):
        return OBJECT
    parts = [part.lower() for word in words for part in _PARTS.findall(word)]
    if given.lower() in KINDS or all(part in _WORDS for part in parts) or all(observed(word) for word in words):
        return given[:1].upper() + given[1:]
    return OBJECT


def canonical(
    proposed: ProposedSubject, case: CaseFile, evidence: Iterable[Evidence], observed: Callable[[str], bool]
) -> Subject:
    """The subject as it is known: kind as written by systems, namespace filled in where only one is known.

    `observed` tells whether a word occurs in the case file.
    """
    namespace, _, name = proposed.name.strip().rpartition("/")
    space = proposed.namespace.strip() or namespace
    kind = proposed.kind.strip()
    known = [item.subject for item in evidence if item.subject] + [finding.subject for finding in case.findings]
    known += [hypothesis.subject for hypothesis in case.diagnosis.hypotheses]
    for one in known:
        if one.name == name and one.kind.lower() == kind.lower() and space in ("", one.namespace):
            return one
    if not kind or name not in {one.name for one in known}:
        meant = {one for one in known if (one.name, one.namespace) == (name, space or one.namespace) and not kind}
        meant |= {
            one
            for one in known
            if one.namespace
            and f"{name}.".removesuffix("svc.cluster.local.").removesuffix("svc.") == f"{one.name}.{one.namespace}."
        }
        if len(meant) == 1:
            return meant.pop()  # a name is enough where only one object has it; `cart.shop` is how DNS writes it
    written = next((one.kind for one in known if one.kind.lower() == kind.lower()), _kind(kind, observed))
    return Subject(kind=written, namespace=space, name=name)


def same(one: Subject, other: Subject) -> bool:
    """Whether both are one object, or one is a pod (or replica set) of the other."""
    if one.namespace and other.namespace and one.namespace != other.namespace:
        return False
    return one.name == other.name or _part(one, other) or _part(other, one)


def _part(whole: Subject, part: Subject) -> bool:
    return part.kind in {"Pod", "ReplicaSet"} and whole.kind != "Pod" and part.name.startswith(f"{whole.name}-")
