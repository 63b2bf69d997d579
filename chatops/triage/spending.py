"""May a model be asked? What a run, an incident, a channel and a day may cost, in US dollars.

The most that one run may cost is set aside in every budget before it begins, and what it did not use is given back:
however many run at once, no budget is exceeded. A run whose process died gives nothing back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from chatops.domain.incident import Incident, TimelineEntry
from chatops.domain.ports import IncidentStore
from chatops.telemetry import Metrics
from chatops.triage.investigate import Case
from chatops.triage.usage import spent_by

_KEPT_A_DAY = timedelta(days=2)
_KEPT_AN_INCIDENT = timedelta(days=30)


@dataclass(frozen=True)
class Limits:
    """The budgets."""

    run: float = 1.0
    incident: float = 5.0
    """An investigation with all its follow-ups."""
    channel: float = 25.0
    """A channel in a day."""
    day: float = 50.0


class _Budget(NamedTuple):
    name: str
    limit: float
    ttl: timedelta
    of: str
    setting: str

    @property
    def said(self) -> str:
        """What people read where it does not cover another run."""
        return f"The model's budget of {self.of} is used up (${self.limit:.2f}, model.{self.setting})"


def _budgets(limits: Limits, incident: Incident, now: datetime) -> Sequence[_Budget]:
    today, thread = f"{now:%Y-%m-%d}", incident.thread
    channel = f"usd:{today}:{thread.team}:{thread.channel}"
    return (
        _Budget(f"usd:{today}", limits.day, _KEPT_A_DAY, "the day", "daily_usd"),
        _Budget(channel, limits.channel, _KEPT_A_DAY, "this channel's day", "channel_usd"),
        _Budget(f"usd:incident:{incident.id}", limits.incident, _KEPT_AN_INCIDENT, "this incident", "incident_usd"),
    )


async def reserve(store: IncidentStore, limits: Limits, incident: Incident, now: datetime) -> str:
    """Set a run's most aside in every budget; '' where all cover it, else which is used up; nothing is taken then."""
    taken: list[_Budget] = []
    for one in _budgets(limits, incident, now):
        if await store.spend(one.name, limits.run, one.limit, one.ttl):
            taken.append(one)
            continue
        for other in taken:
            await store.spend(other.name, -limits.run, math.inf, other.ttl)
        return one.said
    return ""


async def settle(store: IncidentStore, limits: Limits, incident: Incident, reserved_at: datetime, usd: float) -> None:
    """Give back to every budget what the run that was reserved at that time did not use."""
    for one in _budgets(limits, incident, reserved_at):
        await store.spend(one.name, usd - limits.run, math.inf, one.ttl)


@dataclass(frozen=True)
class Purse:
    """Who pays for a run: what it may cost is taken before it, what it did not use is given back after it."""

    store: IncidentStore
    limits: Limits
    metrics: Metrics | None = None

    async def take(self, incident: Incident, now: datetime) -> str:
        """Why the run may not be; '' where it may. A refusal stands in the incident's record."""
        if used_up := await reserve(self.store, self.limits, incident, now):
            await self.store.note(incident.id, TimelineEntry(at=now, kind="budget", text=used_up, by="chatops"))
        return used_up

    async def give_back(self, incident: Incident, taken_at: datetime, before: Case, after: Case) -> None:
        """The rest; and count what was used."""
        used = spent_by(before.diagnosis, after.diagnosis)
        await settle(self.store, self.limits, incident, taken_at, used["cost_usd"])
        if self.metrics:
            self.metrics.used(used)
