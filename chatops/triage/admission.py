"""When may the investigation of an alert begin? The most severe at once, the others in turn, within the day's budget.

Turns are places in leaky buckets that all replicas share: for everything and for each channel (Slack takes one message
a second there), and one of each for every rank. So the queue stays short, and what is severe, or burns an error budget
fast, never stands behind what is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore
from chatops.settings import StormSettings
from chatops.triage import burning

_SOON = 1.0
"""Seconds of waiting that nobody needs to be told of."""


class Starts(Protocol):
    """The part of the queue that a turn needs."""

    async def triage(self, incident_id: str, *, wait: float = 0.0, first: bool = False) -> None:
        """Investigate in so many seconds; `first`: no lesser one stands before it."""
        ...

    async def refresh(self, incident_id: str) -> None:
        """Show the incident as it is."""
        ...


class Rank(NamedTuple):
    """Incidents that take turns among themselves; `share` is that of the settings' pace which they may take."""

    name: str
    share: float


NOW = Rank("at once", 0.0)
CRITICAL = Rank("critical", 1.0)
ERROR = Rank("error", 0.6)
BURNING = Rank("burning", 0.4)
OTHERS = Rank("others", 1.0)
RANKS = (NOW, CRITICAL, ERROR, BURNING, OTHERS)


def rank(incident: Incident) -> Rank:
    """The rank by severity and by how fast the alerts say that an error budget burns."""
    burn = burning.fastest(incident.alerts)
    if incident.severity == "critical":
        return NOW if burn >= burning.FAST else CRITICAL
    if incident.severity == "error":
        return CRITICAL if burn >= burning.FAST else ERROR
    return BURNING if burn else OTHERS


def goes_first(incident: Incident) -> bool:
    """Whether its investigation stands behind no lesser one."""
    return rank(incident) in (NOW, CRITICAL)


def before(one: Incident, other: Incident) -> bool:
    """Whether the one goes before the other."""
    return RANKS.index(rank(one)) < RANKS.index(rank(other))


@dataclass(frozen=True)
class Turn:
    """When an investigation begins, and what people are told until then."""

    wait: float = 0.0
    first: bool = False
    """Whether no lesser one may stand before it."""
    spent: str = ""
    """Why it does not begin at all, where it does not."""

    @property
    def waits(self) -> bool:
        """Whether it begins later, and long enough for people to be told."""
        return not self.spent and self.wait > _SOON

    def due(self, now: datetime) -> datetime:
        """When it begins."""
        return now + timedelta(seconds=self.wait)

    def told(self, incident: Incident, now: datetime) -> Incident:
        """The incident as it stands until its turn comes."""
        if self.spent:
            return incident.model_copy(update={"status": "stopped", "held": self.spent})
        if self.waits:
            held = f"Waits for its turn, about {self.due(now):%H:%M:%S} UTC: many alerts came at once"
            return incident.model_copy(update={"held": held})
        return incident

    async def begin(self, queue: Starts, incident_id: str) -> None:
        """Enqueue what follows: the investigation in its turn, or only the alert itself."""
        if self.spent:
            await queue.refresh(incident_id)
        else:
            await queue.triage(incident_id, wait=self.wait, first=self.first)


@dataclass(frozen=True)
class Admission:
    """Hands out turns."""

    settings: StormSettings
    store: IncidentStore
    clock: Callable[[], datetime]

    async def turn(self, incident: Incident) -> Turn:
        """The turn of an incident that an alert opens."""
        day = self.clock().strftime("%Y-%m-%d")
        limit = self.settings.per_day
        if not await self.store.spend(f"triages:{day}", 1, limit, timedelta(days=2)):
            return Turn(
                spent=f"Not investigated: the day's {limit:,} investigations are used up. Look again starts one"
            )
        where = rank(incident)
        if where is NOW:
            return Turn(first=True)
        at_once = self.settings.at_once + (where is CRITICAL)
        everywhere = self.settings.per_minute * where.share / 60
        here = self.settings.channel_per_minute * where.share / 60
        return Turn(
            first=where is CRITICAL,
            wait=max(
                await self.store.pace(f"triages:{where.name}", everywhere, at_once * 4),
                await self.store.pace(f"triages:{where.name}:{incident.thread.channel}", here, at_once),
            ),
        )
