"""What happened to these resources? Events of any AWS service in one shape."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from connectors.cloudwatch.wording import clock
from connectors.evidence import Change, Evidence, Subject


class Event(NamedTuple):
    """One event: `source` is the service that reports it, `by` who did it where that is known."""

    at: datetime
    subject: Subject
    text: str
    source: str
    query: str
    by: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of its evidence: equal events have one."""
        digest = hashlib.sha256(f"{self.at.isoformat()}{self.subject}{self.text}".encode()).hexdigest()[:12]
        return f"cloudwatch/event/{self.source}/{digest}"

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether its text matches."""
        return bool(pattern.search(self.text))


def utc(value: Any) -> datetime | None:
    """An AWS time as UTC; None for anything else."""
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def matching(events: Iterable[Event], pattern: str) -> list[Event]:
    """The events whose text matches, oldest first."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return sorted((event for event in events if event.says(compiled)), key=lambda event: event.at)


def evidence(event: Event, check: str) -> Evidence:
    """An event as evidence."""
    return Evidence(
        key=event.key,
        source="cloudwatch",
        check=check,
        title=f"{event.subject.spoken}: {event.text[:90]}",
        summary=f"{clock(event.at)} {event.source}: {event.text}",
        subject=event.subject,
        onset=event.at,
        query=event.query,
        body=Change(at=event.at, what=event.text[:2000], by=event.by),
    )


def newest(events: Sequence[Event], limit: int) -> list[Event]:
    """At most `limit` events, the newest ones, in order of time and without repetition."""
    unique = {(e.at, e.subject.name, e.text): e for e in events}
    return sorted(unique.values(), key=lambda event: event.at)[-limit:]
