"""What was changed around the onset, as systems that keep a history tell it: deployments, audit logs, change events?

The connector brings rows; here those near the onset become evidence. They are no findings: that something was
changed before it broke is a suspicion, and the rules of other sources say whether it holds. A delivery that failed
changed nothing that runs, unless it died halfway: it is told as context and never blamed alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors import log_reading
from connectors.contract import Inquiry, Scope
from connectors.evidence import Change, Evidence, Finding, Observation, ResourceState, Role, Subject

EARLIER = timedelta(hours=2)
"""How long before the onset a change is still worth knowing."""
_SHOWN = 8
_OPEN = 30
"""Rows of what is open."""


class Noted(NamedTuple):
    """A row of a history. `key` is unique and stable within its source."""

    key: str
    at: datetime
    what: str
    """One line: what was done to what, and how it ended."""
    by: str = ""
    link: str = ""
    subject: Subject | None = None
    before: str = ""
    after: str = ""


def span(inquiry: Inquiry) -> tuple[datetime, datetime]:
    """The range to ask for: from two hours before the onset (or the window) to its end."""
    return log_reading.ranges(inquiry)[0][0] - EARLIER, inquiry.window.end


def told(source: str, check: str, rows: Sequence[Noted], inquiry: Inquiry, query: str) -> Observation:
    """The rows nearest to the onset, those that name the scope first, as evidence in the order of time."""
    start, end = span(inquiry)
    within = [row for row in rows if start <= row.at <= end]
    if not within:
        return Observation(searched=f"nothing was changed between {start:%H:%M} and {end:%H:%M} UTC: {query}")
    onset = log_reading.claimed_onset(inquiry) or end
    nearest = sorted(within, key=lambda row: (not names(row, inquiry.scope), abs(row.at - onset)))[:_SHOWN]
    left = len(within) - len(nearest)
    return Observation(
        evidence=tuple(_evidence(source, check, row, query) for row in sorted(nearest, key=lambda row: row.at)),
        partial=f"{left} more changes, farther from the onset or of others" if left else "",
    )


class Open(NamedTuple):
    """Something that pages somebody and is not resolved."""

    number: str
    at: datetime
    status: str
    urgency: str
    about: str
    """The service or source it is about."""
    title: str
    link: str = ""


def still_open(source: str, check: str, found: Sequence[Open], title: str, query: str) -> Observation:
    """What else is open as one table, the oldest first; `title` says of what and where."""
    ordered = sorted(found, key=lambda one: one.at)
    rows = tuple(
        (one.number, f"{one.at:%Y-%m-%d %H:%M:%S}", one.status, one.urgency, one.about, one.title[:200])
        for one in ordered[:_OPEN]
    )
    item = Evidence(
        key=f"{source}/{check}",
        source=source,
        check=check,
        title=f"{len(found)} {title}",
        summary="; ".join(f"{row[1][11:]} {row[4]}: {row[5][:100]} ({row[2]})" for row in rows[:5]),
        onset=ordered[0].at,
        query=query,
        link=found[0].link,
        body=ResourceState(columns=("number", "since", "status", "urgency", "about", "title"), rows=rows,
                           omitted=len(found) - len(rows)),
        untrusted=True,
    )  # fmt: skip
    return Observation(evidence=(item,))


class Failure(NamedTuple):
    """A delivery that failed: `key` is unique and stable within its check, `statement` says it in one sentence."""

    key: str
    at: datetime
    subject: Subject
    statement: str
    title: str
    more: str = ""
    """What stands behind the statement in the summary: by whom, why."""
    link: str = ""


def failures(source: str, check: str, rule: str, failed: Sequence[Failure], query: str) -> Observation:
    """Each as evidence, and the first three as findings that explain nothing alone."""
    evidence = tuple(_failed(source, check, one, query) for one in failed)
    findings = [_finding(rule, one, item) for one, item in zip(failed[:3], evidence, strict=False)]
    return Observation(evidence=evidence, findings=tuple(findings))


def _failed(source: str, check: str, one: Failure, query: str) -> Evidence:
    return Evidence(
        key=f"{source}/{check}/{one.key}",
        source=source,
        check=check,
        title=one.title,
        summary=one.statement + one.more,
        subject=one.subject,
        onset=one.at,
        query=query,
        link=one.link,
        untrusted=True,
    )


def _finding(rule: str, one: Failure, item: Evidence) -> Finding:
    return Finding(
        cause="PipelineFailed",
        subject=one.subject,
        statement=one.statement,
        role=Role.CONTEXT,
        rests_on=(item.key,),
        confidence=0.2,
        onset=one.at,
        rule=rule,
    )


def names(row: Noted, scope: Scope) -> bool:
    """Whether a row speaks of what the scope names."""
    words = [name.lower() for name in (scope.workload, scope.service, scope.namespace) if name]
    text = f"{row.what} {row.subject or ''}".lower()
    return any(word in text for word in words)


def _evidence(source: str, check: str, row: Noted, query: str) -> Evidence:
    by = f" by {row.by}" if row.by else ""
    return Evidence(
        key=f"{source}/{check}/{row.key}",
        source=source,
        check=check,
        title=f"At {row.at:%H:%M:%S}: {row.what}"[:120],
        summary=f"{row.at:%Y-%m-%d %H:%M:%S} UTC: {row.what[:400]}{by}",
        subject=row.subject,
        onset=row.at,
        query=query,
        link=row.link,
        body=Change(at=row.at, what=row.what[:1000], by=row.by, before=row.before, after=row.after),
        untrusted=True,
    )


def table_rows(rows: Iterable[Noted]) -> tuple[tuple[str, str, str], ...]:
    """Rows for a table: when, what, by whom."""
    return tuple((f"{row.at:%Y-%m-%d %H:%M:%S}", row.what[:300], row.by) for row in rows)
