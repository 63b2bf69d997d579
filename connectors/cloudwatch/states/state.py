"""What all states share: how a description becomes evidence and a judgement a finding."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from connectors import topology
from connectors.contract import ConnectorError, Window
from connectors.evidence import Evidence, Finding, Observation, ResourceState, Role, Subject
from connectors.together import outcomes

NEAR = timedelta(minutes=30)
"""How long before the onset a change may have been made that began it."""


def evidence(
    check: str,
    subject: Subject,
    title: str,
    summary: str,
    query: str,
    rows: Sequence[tuple[str, ...]] = (),
    columns: tuple[str, ...] = ("property", "value"),
    *,
    name: str = "",
    onset: datetime | None = None,
) -> Evidence:
    """A state as evidence; `name` tells several of one subject apart."""
    key = f"cloudwatch/{check}/{subject.kind}/{subject.namespace}/{subject.name}{'/' + name if name else ''}"
    body = ResourceState(columns=columns, rows=tuple(rows[:30]), omitted=max(0, len(rows) - 30)) if rows else None
    return Evidence(
        key=key,
        source="cloudwatch",
        check=check,
        title=title,
        summary=summary[:1500],
        subject=subject,
        onset=onset,
        query=query,
        body=body,
    )


def judged(
    cause: str,
    about: Evidence,
    statement: str,
    confidence: float,
    *,
    role: Role = Role.CAUSE,
    onset: datetime | None = None,
    subject: Subject | None = None,
    rule: str = "",
    explains: tuple[Subject, ...] = (),
) -> Finding:
    """A finding that rests on one state."""
    who = subject or about.subject
    if who is None:
        raise ValueError("a judgement needs a subject")
    return Finding(
        cause=cause,
        subject=who,
        statement=statement[:600],
        role=role,
        rests_on=(about.key,),
        confidence=confidence,
        onset=onset or about.onset,
        explains=explains,
        rule=f"cloudwatch.{rule or cause}",
    )


async def merged(calls: Sequence[Callable[[], Awaitable[Observation]]], searched: str) -> Observation:
    """Several observations as one: what failed is told, and is an error only where everything failed."""
    results = await outcomes(calls)
    errors = [one for one in results if isinstance(one, ConnectorError)]
    if errors and len(errors) == len(results):
        raise errors[0]
    found = [one for one in results if not isinstance(one, ConnectorError)]
    notes = [one.partial for one in found if one.partial] + [one.brief for one in errors]
    known = [one.topology for one in found if one.topology]
    return Observation(
        evidence=tuple(e for one in found for e in one.evidence),
        findings=tuple(f for one in found for f in one.findings),
        searched=searched,
        partial="; ".join(dict.fromkeys(notes)),
        topology=topology.merged(known) if known else None,
    )


def near_onset(at: datetime | None, window: Window) -> bool:
    """Whether a change may have begun it: shortly before the onset, or within the window where there is none."""
    if at is None:
        return False
    if window.onset is None:
        return window.start <= at <= window.end
    return window.onset - NEAR <= at <= window.onset + timedelta(minutes=5)
