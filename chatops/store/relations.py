"""Which names depend on which, as findings told: names only, from rules; never a text that a model wrote.

A finding that explains another subject says that this one depends on its own: the caller on the callee,
what runs on a node on the node. Kept per environment, so that the next outage is recognised while it spreads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.evidence import Finding, Subject

KEPT = 10_000
"""Pairs that are kept of one environment, the newest."""
_SEPARATOR = "\t"


def name_of(subject: Subject) -> str:
    """The name that an alert of this subject would carry: `shop/checkout`, `node:worker-1`; '' for neither."""
    if subject.kind == "Node":
        return f"node:{subject.name}"
    return f"{subject.namespace}/{subject.name}" if subject.namespace else ""


def pairs(findings: Sequence[Finding]) -> set[tuple[str, str]]:
    """Who depends on whom: (what suffers, what explains it)."""
    return named((suffers, finding.subject) for finding in findings for suffers in finding.explains[:50])


def named(subjects: Iterable[tuple[Subject, Subject]]) -> set[tuple[str, str]]:
    """The pairs by the names that alerts carry."""
    found = {(name_of(one), name_of(other)) for one, other in subjects}
    return {(one, other) for one, other in found if one and other and one != other}


def packed(pair: tuple[str, str]) -> str:
    """A pair as a member of a set."""
    return _SEPARATOR.join(pair)


def unpacked(members: Iterable[bytes]) -> set[tuple[str, str]]:
    """The pairs of a set's members."""
    split = (member.decode().partition(_SEPARATOR) for member in members)
    return {(one, other) for one, _, other in split if other}
