"""What do logs say since the onset that they did not say before? For every connector that reads lines.

The connector brings lines of two ranges, before and after; here they become patterns, a summary and evidence.
Log text is written by whoever uses the system, so that it is never trusted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from connectors import changes
from connectors.contract import Inquiry
from connectors.evidence import Evidence, LogPattern, Observation, Series, SeriesSet, Subject
from connectors.patterns import patterns

TROUBLE = (
    "error", "fatal", "panic", "exception", "critical", "denied", "refused", "timeout", "timed out", "throttl",
    "exceeded", "failed", "failure", "killed", "deadlock", "unauthorized", "unavailable", "exhausted", "out of memory",
    "no space left",
)  # fmt: skip
"""Words in which programs of any make say that something is wrong, in lower case."""
BEFORE = timedelta(minutes=30)
"""How far before the onset is compared with."""
_AFTER = timedelta(minutes=1)
_SHOWN = 12
_CLEAR = 4.0


class Line(NamedTuple):
    """A line, when it was written and by whom (pod, container, service), where that is known."""

    at: datetime
    text: str
    by: str = ""


class Source(NamedTuple):
    """Whose lines these are: the connector, what was asked exactly, and where a person can see it."""

    source: str
    key: str
    about: str
    """The scope in a few words, for titles."""
    query: str
    link: str = ""
    subject: Subject | None = None


def claimed_onset(inquiry: Inquiry) -> datetime | None:
    """When it began: what the window says, else the first alert that began within it."""
    window = inquiry.window
    times = [a.starts_at for a in inquiry.alerts if a.starts_at and window.start < a.starts_at < window.end]
    return window.onset or min(times, default=None)


def ranges(inquiry: Inquiry) -> tuple[tuple[datetime, datetime], ...]:
    """The ranges to read: half an hour before the onset, and since; without an onset the whole window."""
    onset, window = claimed_onset(inquiry), inquiry.window
    if onset is None:
        return ((window.start, window.end),)
    # An alert that began this very moment leaves no time after it, and some sources refuse an empty range.
    return ((min(window.start, onset - BEFORE), onset), (onset, max(window.end, onset + _AFTER)))


def step(start: datetime, end: datetime) -> int:
    """Seconds between points that give about sixty of them."""
    return max(15, round((end - start).total_seconds() / 60 / 15) * 15)


def errors(lines: Sequence[Line], onset: datetime | None, source: Source, *, cut: bool = False) -> Observation:
    """Lines of trouble as patterns; what is new or more frequent since the onset is named in the summary."""
    if not lines:
        return Observation(searched=f"no line with a word of trouble: {source.query}")
    found = patterns([(line.at, line.text) for line in lines], onset, limit=_SHOWN)
    fresh = risen(found.patterns) if onset else []
    item = Evidence(
        key=f"{source.source}/errors/{source.key}",
        source=source.source,
        check="log_errors",
        title=f"Error lines of {source.about}",
        summary=_summary(found.patterns, fresh, len(lines), onset),
        subject=source.subject,
        onset=min((p.first for p in fresh if p.first), default=None),
        query=source.query,
        link=source.link,
        body=found,
        untrusted=True,
    )
    return Observation(
        evidence=(item,), partial="more such lines than were read: the counts are too low" if cut else ""
    )


def volume(series: Sequence[Series], onset: datetime | None, source: Source) -> Observation:
    """Lines per step over time; evidence only where a level has clearly changed."""
    begin = onset.timestamp() if onset else None
    shifts = [(one, changes.shift(one.points, begin, 2.0)) for one in series]
    moved = [(one, shift) for one, shift in shifts if shift and shift.score >= _CLEAR]
    if not moved:
        return Observation(searched=f"lines come as often as before: {source.query}")
    told = "; ".join(f"{one.name}: {s.before:g} before, {s.after:g} after" for one, s in moved)
    since = min((s.onset for _, s in moved if s.onset), default=None)
    drawn = {one.name: one.model_copy(update={"before": s.before, "after": s.after}) for one, s in moved}
    item = Evidence(
        key=f"{source.source}/volume/{source.key}",
        source=source.source,
        check="log_volume",
        title=f"Log lines of {source.about} over time",
        summary=f"{told} ({series[0].unit}).",
        subject=source.subject,
        onset=datetime.fromtimestamp(since, UTC) if since else None,
        query=source.query,
        link=source.link,
        body=SeriesSet(series=tuple(drawn.get(one.name, one) for one in series)),
    )
    return Observation(evidence=(item,))


def listed(lines: Sequence[Line], onset: datetime | None, source: Source, title: str, *, cut: bool) -> Observation:
    """The answer to somebody's own query, as patterns."""
    if not lines:
        return Observation(searched=f"no lines: {source.query}")
    found = patterns([(line.at, line.text) for line in lines], onset, limit=25)
    item = Evidence(
        key=f"{source.source}/query/{source.key}",
        source=source.source,
        check="query",
        title=title[:120],
        summary=_summary(found.patterns, risen(found.patterns) if onset else [], len(lines), onset),
        query=source.query,
        link=source.link,
        body=found,
        untrusted=True,
    )
    return Observation(evidence=(item,), partial="there are more lines than the limit" if cut else "")


def risen(found: Sequence[LogPattern]) -> list[LogPattern]:
    """Patterns that are new or at least three times as frequent since the onset, the most frequent first."""
    more = [one for one in found if one.after >= 3 and one.after >= 3 * one.before]
    return sorted(more, key=lambda one: -one.after)


def _summary(found: Sequence[LogPattern], fresh: Sequence[LogPattern], count: int, onset: datetime | None) -> str:
    if onset is None:
        top = found[0]
        return f"{count} lines; the gravest pattern came {top.before + top.after} times: {top.example[:200]}"
    if not fresh:
        return f"{count} lines; no pattern is new or much more frequent since {onset:%H:%M:%S} UTC."
    first = min(fresh, key=lambda one: one.first or onset)
    told = f"{fresh[0].after} times since {onset:%H:%M:%S} UTC ({fresh[0].before} before): {fresh[0].example[:200]}"
    other = f"; the first new one: {first.example[:160]}" if first is not fresh[0] else ""
    return f"{count} lines; {told}{other}"


def where(scope_names: Sequence[str]) -> str:
    """The scope in a few words: the most exact names that are known."""
    return "/".join(name for name in scope_names if name) or "everything"


def pods_of(workload: str) -> str:
    """A regular expression for the names that controllers give to a workload's pods; RE2 and Lucene read it alike."""
    return re.escape(workload).replace(r"\-", "-") + "-([a-f0-9]{6,10}-[a-z0-9]{5}|[a-z0-9]{5}|[0-9]+)"
