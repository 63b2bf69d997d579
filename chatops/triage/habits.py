"""What begins to fail together here? Learned from what fired in this installation's own earlier incidents.

Where calls are not known, habits are: what began within minutes of another, time and again, is of one outage with it;
what fired as often and hardly ever with it is not. Only names from labels and times count: no text that a person or a
model wrote is looked at, and not how alerts were grouped, so that a wrong thread teaches nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from datetime import datetime, timedelta
from types import MappingProxyType

from chatops.domain.ports import IncidentStore, StoreUnavailable
from chatops.settings import Settings
from chatops.telemetry import log
from chatops.triage import correlation, scope, wiring
from chatops.triage.correlation import Habits, Relations

_LOOKED_AT = 1_000
"""Incidents, the newest."""
_KEPT = 10_000
"""Pairs that are kept of one environment, those that were seen most often."""
_NEAR = timedelta(minutes=5)
"""Within so much a failure reaches what depends on it, and an alert's `for` passes."""
_EPISODE = timedelta(minutes=30)
"""What fires again within so much of its start is the same episode."""
_CROWD = 20
"""Where so many other things began, several outages did: that teaches nothing."""
_EVERY, _LIVE = timedelta(hours=1), timedelta(days=2)
_KIND = "habits"
Onset = tuple[datetime, str]


async def keep_learning(settings: Settings, store: IncidentStore) -> None:
    """Learn now and every hour, for ever; one of all workers does it."""
    while True:
        try:
            if await store.first_time(_KIND, "learned", _EVERY - timedelta(seconds=30)):
                await read(settings, store)
        except StoreUnavailable:
            log.info("habits not kept")
        await asyncio.sleep(_EVERY.total_seconds())


async def read(settings: Settings, store: IncidentStore) -> None:
    """Learn each environment's habits from its newest incidents, and keep them."""
    onsets: dict[str, list[Onset]] = defaultdict(list)
    for incident in await store.recent(_LOOKED_AT):
        for alert in () if incident.joined_to else incident.alerts:  # those stand in the one that it was joined to, too
            names = correlation.names(scope.from_alerts(settings, [alert])).about
            onsets[incident.scope.environment] += [(alert.starts_at, name) for name in names]
    for environment, found in onsets.items():
        habits = learned(found, Relations.of(await wiring.known(environment, store)).needs)
        pairs = [(one, *pair) for one, others in habits.together.items() for pair in others.items() if one < pair[0]]
        kept = sorted((pair for pair in pairs if pair[2] > 1), key=lambda pair: -pair[2])[:_KEPT]
        fired = {name: times for name, times in habits.fired.items() if times > 1}  # once tells nothing
        await store.put(_KIND, environment, {"fired": fired, "pairs": kept}, _LIVE)


async def known(environment: str, store: IncidentStore) -> Habits:
    """What was learned last of the environment."""
    document = await store.take(_KIND, environment) or {}
    return Habits.of(document.get("fired", {}), document.get("pairs", ()))


def learned(onsets: Iterable[Onset], needs: Mapping[str, Set[str]] = MappingProxyType({})) -> Habits:
    """How often each name began to fail, and how often each two did within minutes of one another.

    What both need (their node) and began with them explains it: that is no habit of theirs.
    """
    episodes = _episodes(onsets)
    together: Counter[tuple[str, str]] = Counter()
    first = 0
    for number, (at, name) in enumerate(episodes):
        while episodes[first][0] < at - _NEAR:
            first += 1
        near = {other for _, other in episodes[first:number]} - {name}
        if len(near) <= _CROWD:
            broken = needs.get(name, frozenset()) & near
            others = (other for other in near if other in broken or not broken & needs.get(other, frozenset()))
            together.update((min(name, other), max(name, other)) for other in others)
    return Habits.of(Counter(name for _, name in episodes), [(*pair, times) for pair, times in together.items()])


def _episodes(onsets: Iterable[Onset]) -> list[Onset]:
    begun: dict[str, datetime] = {}
    found: list[Onset] = []
    for at, name in sorted(onsets):
        if name not in begun or at - begun[name] >= _EPISODE:
            begun[name] = at
            found.append((at, name))
    return found
