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

from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore

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
    said: str


def _budgets(limits: Limits, incident: Incident, now: datetime) -> Sequence[_Budget]:
    today, thread = f"{now:%Y-%m-%d}", incident.thread
    channel = f"usd:{today}:{thread.team}:{thread.channel}"
    return (
        _Budget(f"usd:{today}", limits.day, _KEPT_A_DAY, "the day"),
        _Budget(channel, limits.channel, _KEPT_A_DAY, "this channel's day"),
        _Budget(f"usd:incident:{incident.id}", limits.incident, _KEPT_AN_INCIDENT, "this incident"),
    )


async def reserve(store: IncidentStore, limits: Limits, incident: Incident, now: datetime) -> str:
    """Set a run's most aside in every budget; '' where all cover it, else whose does not; nothing is taken then."""
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
