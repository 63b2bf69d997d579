"""When may the investigation of an alert begin? Severe ones at once, the others in turn, within the day's budget.

Turns are places in leaky buckets that all replicas share: one for everything, one for each channel (Slack takes one
message a second there). So the queue stays short, and what is severe never stands behind what is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore
from chatops.settings import StormSettings

_SOON = 1.0
"""Seconds of waiting that nobody needs to be told of."""


class Starts(Protocol):
    """The part of the queue that a turn needs."""

    async def triage(self, incident_id: str, *, wait: float = 0.0) -> None:
        """Investigate in so many seconds."""
        ...

    async def refresh(self, incident_id: str) -> None:
        """Show the incident as it is."""
        ...


def urgent(incident: Incident) -> bool:
    """Whether it goes before others."""
    return incident.severity in ("critical", "error")


@dataclass(frozen=True)
class Turn:
    """When an investigation begins, and what people are told until then."""

    wait: float = 0.0
    spent: str = ""
    """Why it does not begin at all, where it does not."""

    def told(self, incident: Incident) -> Incident:
        """The incident as it stands until its turn comes."""
        if self.spent:
            return incident.model_copy(update={"status": "stopped", "held": self.spent})
        if self.wait > _SOON:
            return incident.model_copy(update={"held": "Waits for its turn: many alerts came at once"})
        return incident

    async def begin(self, queue: Starts, incident_id: str) -> None:
        """Enqueue what follows: the investigation in its turn, or only the alert itself."""
        if self.spent:
            await queue.refresh(incident_id)
        else:
            await queue.triage(incident_id, wait=self.wait)


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
        if urgent(incident):
            return Turn()
        at_once = self.settings.at_once
        everywhere = await self.store.pace("triages", self.settings.per_minute / 60, at_once)
        here = await self.store.pace(
            f"triages:{incident.thread.channel}", self.settings.channel_per_minute / 60, at_once
        )
        return Turn(wait=max(everywhere, here))
