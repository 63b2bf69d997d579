"""What all rules share: the facts about one resource, and how a conclusion becomes a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.cloudwatch.databases import Instance, Limit
from connectors.cloudwatch.events import Event, matching
from connectors.cloudwatch.load import Load
from connectors.cloudwatch.readings import Reading, Readings, Stretch
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import amount, clock
from connectors.evidence import Finding, Role, Subject

_USUAL = 1.4
"""How far above the same time of other days traffic is still as usual."""
_BEFORE = 1800.0
"""Seconds before the onset from which on the time before it is known well enough."""
RECOVERED = 0.3
"""Confidence of a state that held and no longer does."""
AS_BEFORE = 0.4
"""Confidence at most of what was as bad long before the onset."""


@dataclass(frozen=True)
class Facts:
    """All that is known about one resource; what could not be read is simply not there."""

    target: Target
    readings: Readings
    events: tuple[Event, ...] = ()
    peers: tuple[Readings, ...] = ()
    """Other resources of the investigation: the sources and replicas of a database among them."""
    instance: Instance | None = None
    limit: Limit | None = None
    alarmed: Mapping[str, float] = field(default_factory=dict)
    """Thresholds that are crossed, by metric: from alarms on this resource that are in ALARM."""
    load: Load | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    """Evidence keys of states by their check."""
    usual: Mapping[str, float] = field(default_factory=dict)
    """Levels of traffic at the same time of day, a day and a week ago, by metric: the higher of the two."""

    @property
    def subject(self) -> Subject:
        """The resource."""
        return self.target.subject

    @property
    def load_key(self) -> str:
        """The key of the evidence about its load."""
        return f"cloudwatch/load/{self.target.key}"

    @property
    def instance_key(self) -> str:
        """The key of the evidence about its description."""
        return f"cloudwatch/state/{self.target.key}"

    def as_usual(self, reading: Reading) -> bool:
        """Whether a metric is where it was at this time of day: what rises every morning has not risen."""
        level = self.usual.get(reading.metric.name)
        return level is not None and reading.now <= _USUAL * level

    def said(self, pattern: str) -> list[Event]:
        """Its events whose text matches."""
        return matching(self.events, pattern)

    def share(self, *kinds: str) -> float:
        """The part of its load that waits for such things; 0 where the load is not known."""
        return self.load.share(*kinds) if self.load else 0.0


def finding(
    facts: Facts,
    cause: str,
    statement: str,
    confidence: float,
    *,
    rests: Iterable[Reading | Event | str],
    onset: datetime | None = None,
    role: Role = Role.CAUSE,
    mechanism: str = "",
    against: Iterable[Reading | Event | str] = (),
    subject: Subject | None = None,
    explains: Sequence[Subject] = (),
    rule: str = "",
    commands: Sequence[tuple[str, ...]] = (),
) -> Finding:
    """A finding about the facts' resource that rests on these readings, events or evidence keys."""
    return Finding(
        cause=cause,
        subject=subject or facts.subject,
        statement=statement,
        role=role,
        rests_on=_keys(rests),
        contradicted_by=_keys(against),
        confidence=round(max(0.0, min(confidence, 0.97)), 2),
        onset=onset,
        explains=tuple(explains),
        mechanism=mechanism,
        rule=f"cloudwatch.{rule or cause}",
        commands=tuple(commands),
    )


def _keys(things: Iterable[Reading | Event | str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(thing if isinstance(thing, str) else thing.key for thing in things))


def as_before(reading: Reading, stretch: Stretch, *, untold: bool = False) -> bool:
    """Whether what holds held as much for half an hour before the reported onset: it did not begin with it.

    Where no onset was reported the answer is `untold`, if it held over all that was read.
    """
    first_at = reading.points[0][0]
    read_before = untold if reading.onset is None else reading.onset - first_at >= _BEFORE
    return read_before and not reading.shifted and stretch.start <= first_at + 5 * reading.period


def onset_of(stretch: Stretch | None, *readings: Reading | None) -> datetime | None:
    """When it began: the change of level if one was found before the bound was crossed, else the crossing."""
    changes = [at for reading in readings if reading is not None and (at := reading.changed_at) is not None]
    times = [*changes, *([stretch.onset] if stretch else [])]
    return min(times, default=None)


def recovered(
    facts: Facts, cause: str, what: str, stretch: Stretch | None, reading: Reading | None, events: Sequence[Event] = ()
) -> Finding:
    """A state that held and no longer does: context, with when it was."""
    since = f", from {clock(stretch.onset)} for {stretch.minutes:.0f} min" if stretch else ""
    now = f"; {reading.metric.name} is at {amount(reading.now, reading.metric.unit)} now" if reading else ""
    return finding(
        facts,
        cause,
        f"{facts.target.name}: {what}{since}, and no longer so{now}",
        RECOVERED,
        rests=[*known(reading), *events],
        role=Role.CONTEXT,
        onset=stretch.onset if stretch else first(events),
        rule=f"{cause}.recovered",
    )


def known(*readings: Reading | None) -> list[Reading]:
    """The readings that there are."""
    return [reading for reading in readings if reading is not None]


def quoted(events: Sequence[Event]) -> str:
    """The newest of these events in its own words, or nothing."""
    return f' ({events[-1].source}: "{events[-1].text}")' if events else ""


def first(events: Sequence[Event]) -> datetime | None:
    """When the first of these events happened."""
    return min((event.at for event in events), default=None)
