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
from chatops.triage import correlation, joining, scope, wiring
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

    async def find(self, alerts: Sequence[Alert]) -> Incident | None:
        """The open incident of the outage that these firing alerts belong to."""
        if not self._window:
            return None
        about, environment = self._names(alerts), self._placed(alerts)[0]
        relations = await self._relations(environment)
        now = self.clock()
        places = [*self._places(alerts, about), *self._beside(alerts, about, relations)][:_PLACES]
        found, crowd = await self.index.near(places, now - self._window)
        pressed = crowd >= self.settings.storm.crowded
        threshold = correlation.PRESSED if pressed else self.settings.storm.correlate_from
        at = min(alert.starts_at for alert in alerts)
        outages = [_outage(one) for one in found]
        for outage in correlation.best(about, at, outages, relations, self._window, threshold):
            incident = await self.store.get(outage.incident)
            if incident is not None and incident.status != "resolved":
                return incident
            await self.index.close(outage.incident, places)
        return None

    async def keep(self, incident_id: str, alerts: Sequence[Alert]) -> None:
        """Index the incident by these alerts of it, for alerts to come."""
        firing = [alert for alert in alerts if alert.status == "firing"]
        if not self._window or not firing:
            return
        about = self._names(firing)
        starts = min(alert.starts_at for alert in firing)
        members = {f"{kind}:{name}": starts for kind, part in _KINDS.items() for name in getattr(about, part)}
        places = self._places(firing, about)
        await self.index.place(incident_id, places[:_PLACES], members, self.clock(), self._window * 2)

    @contextlib.asynccontextmanager
    async def alone(self, alerts: Sequence[Alert]) -> AsyncIterator[None]:
        """Be the only one who opens incidents where these alerts are."""
        place = self._places(alerts, self._names(alerts))[0]
        lock = self._locks.setdefault(place, asyncio.Lock())
        holder = token_hex(8)
        async with lock:
            for _ in range(_LEASE_TRIES):
                if await self.index.lease(place, holder):
                    break
                await asyncio.sleep(_LEASE_PAUSE)
            try:
                yield
            finally:
                await self.index.release(place, holder)

    # --- names and places

    def _names(self, alerts: Sequence[Alert]) -> Names:
        found = Names()
        for alert in alerts[: joining.KEPT]:
            found = found.union(correlation.names(scope.from_alerts(self.settings, [alert])))
        return found

    def _placed(self, alerts: Sequence[Alert]) -> tuple[str, str]:
        where = scope.from_alerts(self.settings, alerts[: joining.KEPT])
        placed = scope.place(self.settings, joining.common_labels(alerts), "", self.clock())
        environment = where.environment or placed.environment
        # What is told elsewhere, or not told, is another thread whatever it is about.
        return environment, "|".join((environment, where.cluster, "" if placed.muted else placed.channel))

    def _places(self, alerts: Sequence[Alert], about: Names) -> list[str]:
        _, prefix = self._placed(alerts)
        nodes = {name for name in about.about | about.runs_on if ":" in name}
        return sorted(f"{prefix}|{name}" for name in about.within | nodes) or [prefix]

    def _beside(self, alerts: Sequence[Alert], about: Names, relations: Relations) -> list[str]:
        """Places of what calls or is called: other namespaces, nodes."""
        _, prefix = self._placed(alerts)
        names = {n for one in about.about for n in relations.needs.get(one, ())}
        names |= {n for one in about.about for n in relations.needed_by.get(one, ())}
        places = {name if ":" in name else name.partition("/")[0] for name in names} - about.within
        return [f"{prefix}|{place}" for place in sorted(places)[:_NEIGHBOURS]]

    async def _relations(self, environment: str) -> Relations:
        known, now = self._known.get(environment), self.clock()
        if known is None or now - known.at > _RELATIONS_LIVE:
            read = await wiring.known(environment, self.store)
            told = await self.index.relations(environment) | read | self._catalogued()
            known = self._known[environment] = _Known(Relations.of(told), now)
        return known.relations

    def _catalogued(self) -> set[tuple[str, str]]:
        """Who depends on whom by the service catalogue."""
        rows = self.settings.services
        named = {name: f"{row.namespace}/{row.workload or name}" for name, row in rows.items()}
        return {(named[name], named.get(one, one)) for name, row in rows.items() for one in row.depends_on}


def _outage(one: Open) -> Outage:
    parts: dict[str, set[str]] = {field: set() for field in _KINDS.values()}
    for member in one.members:
        kind, _, name = member.partition(":")
        if kind in _KINDS:
            parts[_KINDS[kind]].add(name)
    names = Names(**{part: frozenset(found) for part, found in parts.items()})
    return Outage(one.incident, names, one.first, one.last)
