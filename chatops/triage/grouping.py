"""Which open incident do alerts of another group belong to? Correlation over the index of open outages.

One process decides at a time for one place (environment, channel, namespace or node), so that two gateways with
two alerts of one outage do not open two threads. A lease that cannot be had in time is done without: a second
thread is better than a late alert.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from weakref import WeakValueDictionary

from chatops.domain.alert import Alert
from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore
from chatops.settings import Settings
from chatops.store import AlertIndex
from chatops.store.alert_index import Open
from chatops.triage import correlation, habits, joining, scope, wiring
from chatops.triage.correlation import Names, Outage, Relations

_PLACES = 12
_NEIGHBOURS = 6
_LEASE_TRIES = 100
_LEASE_PAUSE = 0.01
_RELATIONS_LIVE = timedelta(seconds=20)
_KINDS = {"a": "about", "r": "runs_on", "n": "within"}


@dataclass
class _Known:
    """What was read of an environment's relations, and when: one read serves a storm."""

    relations: Relations
    at: datetime


@dataclass(frozen=True)
class Place:
    """Where alerts are: what they are about, under which keys open outages of that are found, and when they began."""

    about: Names
    environment: str
    prefix: str
    keys: tuple[str, ...]
    began: datetime | None
    """None where nothing fires."""


@dataclass(frozen=True)
class Grouping:
    """Finds the outage that alerts belong to, and keeps the index of open ones."""

    settings: Settings
    store: IncidentStore
    index: AlertIndex
    clock: Callable[[], datetime]
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _known: dict[str, _Known] = field(default_factory=dict)

    @property
    def _window(self) -> timedelta:
        return timedelta(minutes=self.settings.storm.correlate_minutes)

    async def find(self, place: Place) -> Incident | None:
        """The open incident of the outage that the firing alerts of the place belong to."""
        if not self._window or place.began is None:
            return None
        relations = await self._relations(place.environment)
        now = self.clock()
        places = [*place.keys, *_beside(place, relations)][:_PLACES]
        found, crowd = await self.index.near(places, now - self._window)
        pressed = crowd >= self.settings.storm.crowded
        threshold = correlation.PRESSED if pressed else self.settings.storm.correlate_from
        outages = [_outage(one) for one in found]
        for outage in correlation.best(place.about, place.began, outages, relations, self._window, threshold):
            incident = await self.store.get(outage.incident)
            if incident is not None and incident.status != "resolved":
                return incident
            await self.index.close(outage.incident, places)
        return None

    async def beside(self, place: Place) -> list[Outage]:
        """The newest open incidents of the place."""
        found, _ = await self.index.near(place.keys[:_PLACES], self.clock() - self._window)
        return [_outage(one) for one in found]

    async def keep(self, incident_id: str, place: Place, cause: str | None = None) -> None:
        """Index the incident by its firing alerts, for alerts to come, and by what rules identified as its cause."""
        if not self._window or place.began is None:
            return
        members = {
            f"{kind}:{name}": place.began for kind, part in _KINDS.items() for name in getattr(place.about, part)
        }
        await self.index.place(incident_id, place.keys[:_PLACES], members, self.clock(), self._window * 2, cause)

    @contextlib.asynccontextmanager
    async def alone(self, place: Place) -> AsyncIterator[None]:
        """Be the only one who opens incidents there."""
        key = place.keys[0]
        lock = self._locks.setdefault(key, asyncio.Lock())
        holder = token_hex(8)
        async with lock:
            for _ in range(_LEASE_TRIES):
                if await self.index.lease(key, holder):
                    break
                await asyncio.sleep(_LEASE_PAUSE)
            try:
                yield
            finally:
                await self.index.release(key, holder)

    def place(self, alerts: Sequence[Alert]) -> Place:
        """Where the firing ones of these alerts are, and what they are about."""
        firing = [alert for alert in alerts[: joining.KEPT] if alert.status == "firing"]
        scopes = [scope.from_alerts(self.settings, [alert]) for alert in firing]
        about = Names()
        for one in scopes:
            about = about.union(correlation.names(one))
        where = scopes[0] if len(scopes) == 1 else scope.from_alerts(self.settings, firing)
        placed = (
            scope.place(self.settings, joining.common_labels(firing), firing[0].channel, self.clock())
            if firing
            else None
        )
        environment = where.environment or (placed.environment if placed else "")
        # What is told elsewhere, or not told, is another thread whatever it is about.
        channel = placed.channel if placed and not placed.muted else ""
        prefix = "|".join((environment, where.cluster, channel))
        nodes = {name for name in about.about | about.runs_on if ":" in name}
        keys = sorted(f"{prefix}|{name}" for name in about.within | nodes) or [prefix]
        return Place(about, environment, prefix, tuple(keys), min((one.starts_at for one in firing), default=None))

    # --- relations

    async def _relations(self, environment: str) -> Relations:
        known, now = self._known.get(environment), self.clock()
        if known is None or now - known.at > _RELATIONS_LIVE:
            read = await wiring.known(environment, self.store)
            told = await self.index.relations(environment) | read | self._catalogued()
            known = self._known[environment] = _Known(
                Relations.of(told, await habits.known(environment, self.store)), now
            )
        return known.relations

    def _catalogued(self) -> set[tuple[str, str]]:
        """Who depends on whom by the service catalogue."""
        rows = self.settings.services
        named = {name: f"{row.namespace}/{row.workload or name}" for name, row in rows.items()}
        return {(named[name], named.get(one, one)) for name, row in rows.items() for one in row.depends_on}


def _beside(place: Place, relations: Relations) -> list[str]:
    """Keys of what calls, is called, or failed together: other namespaces, nodes."""
    known = (relations.needs, relations.needed_by, relations.habits.together)
    names = {n for one in place.about.about for part in known for n in part.get(one, ())}
    others = {name if ":" in name else name.partition("/")[0] for name in names} - place.about.within
    return [f"{place.prefix}|{other}" for other in sorted(others)[:_NEIGHBOURS]]


def _outage(one: Open) -> Outage:
    parts: dict[str, set[str]] = {field: set() for field in _KINDS.values()}
    for member in one.members:
        kind, _, name = member.partition(":")
        if kind in _KINDS:
            parts[_KINDS[kind]].add(name)
    names = Names(**{part: frozenset(found) for part, found in parts.items()})
    return Outage(one.incident, names, one.first, one.last, one.cause)
