"""Which object does a model mean? Brings a subject to the form in which systems name it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chatops.domain.casefile import CaseFile, ProposedSubject
from connectors.evidence import Evidence, Subject

_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,40}(?: [A-Za-z0-9]{1,20}){0,2}")


def is_kind(kind: str) -> bool:
    """Whether this can be a kind of object at all: a word or three, no name and no sentence."""
    return _KIND.fullmatch(kind) is not None


def canonical(proposed: ProposedSubject, case: CaseFile, evidence: Iterable[Evidence]) -> Subject:
    """The subject as it is known: kind as written by systems, namespace filled in where only one is known."""
    namespace, _, name = proposed.name.strip().rpartition("/")
    space = proposed.namespace.strip() or namespace
    kind = proposed.kind.strip()
    known = [item.subject for item in evidence if item.subject] + [finding.subject for finding in case.findings]
    known += [hypothesis.subject for hypothesis in case.diagnosis.hypotheses]
    for one in known:
        if one.name == name and one.kind.lower() == kind.lower() and space in ("", one.namespace):
            return one
    written = next((one.kind for one in known if one.kind.lower() == kind.lower()), kind[:1].upper() + kind[1:])
    return Subject(kind=written, namespace=space, name=name)


def same(one: Subject, other: Subject) -> bool:
    """Whether both are one object, or one is a pod (or replica set) of the other."""
    if one.namespace and other.namespace and one.namespace != other.namespace:
        return False
    return one.name == other.name or _part(one, other) or _part(other, one)


def _part(whole: Subject, part: Subject) -> bool:
    return part.kind in {"Pod", "ReplicaSet"} and whole.kind != "Pod" and part.name.startswith(f"{whole.name}-")
