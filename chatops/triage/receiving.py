"""From alerts to incidents: repeats told apart, the group's or the outage's incident found or opened, its turn taken.

A few round trips to the store for a group of alerts, however many they are: a storm comes by here.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from chatops import tracing
from chatops.domain.alert import Alert
from chatops.domain.incident import Incident, TimelineEntry
from chatops.domain.ports import IncidentStore
from chatops.settings import Settings
from chatops.store import AlertIndex
from chatops.telemetry import Metrics, log
from chatops.triage import joining, merging, opening, scope
from chatops.triage.admission import Admission, Turn, before, goes_first
from chatops.triage.grouping import Grouping, Place
from chatops.triage.queue import Queue

_QUIET_AFTER = timedelta(hours=24)
"""An unresolved incident whose alerts have been quiet for so long is not continued by a new alert."""
_SOURCE = attrgetter("source")
_SHOWN_EARLY = 5
"""So many that wait in a channel get their own message at once; of more, one message tells."""


@dataclass(frozen=True)
class Accepted:
    """What became of the alerts of one delivery."""

    incident: Incident
    opened: bool
    joined: int


@dataclass(frozen=True)
class Related:
    """An incident that is there already."""

    incident: Incident
    bound: bool = False
    """Whether the alerts are claimed for it and indexed."""


@dataclass(frozen=True)
class Opened:
    """An incident that was opened, stored and indexed just now, and when its investigation begins."""

    incident: Incident
    turn: Turn


@dataclass(frozen=True)
class Receiving:
    """Takes alerts in. What raises `StoreUnavailable` was not taken, and must be sent again."""

    settings: Settings
    store: IncidentStore
    queue: Queue
    clock: Callable[[], datetime]
    metrics: Metrics | None = None
    index: AlertIndex | None = None
    """Correlation, bounded incidents and cheap repeats need it; without it only a source's own groups are one."""

    async def receive(self, alerts: Sequence[Alert]) -> list[str]:
        """Take alerts in and return their incidents' ids; repeats cost one round trip to the store."""
        told = await self.index.seen(alerts) if self.index else [""] * len(alerts)
        self._count([alert for alert, incident in zip(alerts, told, strict=True) if incident], "repeated")
        if all(told):
            return list(dict.fromkeys(told))
        accepted = await self.alerts([alert for alert, incident in zip(alerts, told, strict=True) if not incident])
        return list(dict.fromkeys([*filter(None, told), *(one.incident.id for one in accepted)]))

    async def alerts(self, alerts: Sequence[Alert]) -> list[Accepted]:
        """Open or match an incident for each group of alerts, and enqueue what follows."""
        groups: dict[tuple[str, str], list[Alert]] = {}
        for alert in alerts:
            groups.setdefault((alert.source, alert.group_key or alert.fingerprint), []).append(alert)
        accepted = [await self._taken(group) for group in groups.values()]
        return [one for one in accepted if one is not None]

    async def _taken(self, alerts: list[Alert]) -> Accepted | None:
        accepted = await self._group(alerts)
        if accepted is not None and self.index:
            # Last: what was not queued must not be taken for a repeat when it is sent again.
            await self.index.saw(alerts, accepted.incident.id)
        return accepted

    async def _group(self, alerts: list[Alert]) -> Accepted | None:
        owner = await self.store.by_alert(alerts[0])
        existing = await self._told_in(owner) if owner else None
        if existing is not None and not self._stale(existing, self.clock()):
            return await self._join(existing, alerts)
        firing = [alert for alert in alerts if alert.status == "firing"]
        if not firing:
            return None  # resolved before it was ever told: nothing to say
        stale = owner.id if owner else ""
        if self._grouping is None:
            found = await self._opened(alerts, stale)
        else:
            place = self._grouping.place(firing)
            async with self._grouping.alone(place):
                found = await self._found(self._grouping, place, alerts, stale)
        if isinstance(found, Related):
            return await self._join(found.incident, alerts, bound=found.bound)
        return await self._begun(found, alerts)

    async def _found(self, grouping: Grouping, place: Place, alerts: list[Alert], stale: str) -> Related | Opened:
        """The incident to join, or the one that was opened for them."""
        known = await self.store.by_alert(alerts[0])  # somebody else may have been here while this one waited
        if known is not None and known.id != stale:
            return Related(await self._told_in(known))
        related = await grouping.find(place)
        if related is None:
            return await self._opened(alerts, stale)
        related = await self._told_in(related)
        await self.store.claim_alerts(alerts, related.id, stale)
        await grouping.keep(related.id, place)
        return Related(related, bound=True)

    async def _told_in(self, incident: Incident) -> Incident:
        return await merging.told_in(self.store, self.index, incident, self.clock()) if self.index else incident

    @functools.cached_property
    def _grouping(self) -> Grouping | None:
        return Grouping(self.settings, self.store, self.index, self.clock) if self.index else None

    @functools.cached_property
    def admission(self) -> Admission:
        """Whose investigation begins when."""
        return Admission(self.settings.storm, self.store, self.clock)

    def _stale(self, incident: Incident, now: datetime) -> bool:
        if incident.resolved_at is not None:
            return now - incident.resolved_at > timedelta(minutes=self.settings.reopen_minutes)
        latest = max((alert.starts_at for alert in incident.alerts), default=incident.created_at)
        return now - max(latest, incident.created_at) > _QUIET_AFTER

    # --- opening

    async def _opened(self, alerts: list[Alert], stale: str) -> Related | Opened:
        with tracing.span("incident", alerts=len(alerts), source=alerts[0].source) as step:
            found = await self._stored(alerts, stale)
            tracing.note(step, incident=found.incident.id, opened=isinstance(found, Opened))
        return found

    async def _stored(self, alerts: list[Alert], stale: str) -> Related | Opened:
        now = self.clock()
        incident = opening.from_alerts(self.settings, alerts[: joining.KEPT], now)
        turn = await self.admission.turn(incident)
        more = await self._overflow(incident.id, alerts[joining.KEPT :])
        incident = turn.told(incident, now).model_copy(update={"more_alerts": more})
        # Stored before it is claimed: whoever finds the claim finds the incident.
        await self.store.add(incident)
        owner = await self.store.claim_alerts(alerts, incident.id, stale)
        if owner != incident.id:
            if (other := await self.store.get(owner)) is not None:
                await self.store.remove(incident)  # another gateway was faster with the same alert
                return Related(other)
            await self.store.claim_alerts(alerts, incident.id, owner)
        if self._grouping:
            await self._grouping.keep(incident.id, self._grouping.place(alerts))
        return Opened(incident, turn)

    async def _begun(self, opened: Opened, alerts: Sequence[Alert]) -> Accepted:
        incident, turn = opened.incident, opened.turn
        if incident.muted_until:
            # Before the turn: what follows from it must not be lost when the process dies in between.
            await self.queue.refresh(incident.id, wait=(incident.muted_until - self.clock()).total_seconds() + 1)
        await self._note(incident.id, "opened", f"opened by alert {alerts[0].name}", alerts[0].source)
        if turn.waits and self.index and incident.thread.channel:
            waiting = await self.index.wait(incident.thread.channel, incident.id, turn.due(self.clock()))
            await turn.begin(self.queue, incident.id)
            if waiting <= _SHOWN_EARLY:
                await self.queue.refresh(incident.id)
            else:
                await self.queue.board(incident.thread.channel)
        else:
            await turn.begin(self.queue, incident.id)
        self._count(alerts, "opened")
        return Accepted(incident, opened=True, joined=0)

    async def _overflow(self, incident_id: str, alerts: Sequence[Alert], before: int = 0) -> int:
        if not alerts or self.index is None:
            return before
        firing = [alert.fingerprint for alert in alerts if alert.status == "firing"]
        resolved = [alert.fingerprint for alert in alerts if alert.status == "resolved"]
        return await self.index.overflow(incident_id, firing, resolved)

    # --- joining

    async def _join(self, incident: Incident, alerts: list[Alert], *, bound: bool = False) -> Accepted:
        now = self.clock()
        held = {alert.fingerprint: alert for alert in incident.alerts}
        kept, counted = joining.held_by(incident, alerts)
        news = [alert for alert in kept if joining.is_news(held.get(alert.fingerprint), alert)]
        more = await self._overflow(incident.id, counted, incident.more_alerts)
        self._count([alert for alert in kept if alert not in news], "repeated")
        if not news and more == incident.more_alerts:
            if incident.status == "open" and not incident.held:
                # taken in before, and its job perhaps not queued
                await self.queue.triage(incident.id, first=goes_first(incident))
            return Accepted(incident, opened=False, joined=0)
        changed = await self.store.update(incident.id, lambda now_is: self._joined(now_is, news, now, more))
        if not bound:
            if new := [alert for alert in (*news, *counted) if alert.fingerprint not in held]:
                await self.store.claim_alerts(new, incident.id)
            if self._grouping:
                await self._grouping.keep(incident.id, self._grouping.place(news))
        if news:
            await self._note(incident.id, "alert", joining.news_line(news), news[0].source)
        await self._follow(incident, changed)
        self._count([*news, *counted], "joined")
        return Accepted(changed, opened=False, joined=len(news) + len(counted))

    def _joined(self, incident: Incident, news: Sequence[Alert], now: datetime, more: int) -> Incident:
        joined = joining.damped(joining.with_alerts(incident, news, now, more), self.settings.storm.flaps)
        firing = [alert for alert in news if alert.status == "firing"]
        if not incident.muted_channel or not firing:
            return joined
        muted = scope.place(self.settings, joining.common_labels(firing), "", now).muted
        return joined if muted else joined.told()  # what came now is not muted, so all of it is told

    async def _follow(self, was: Incident, now: Incident) -> None:
        """Look again at what was re-opened, sooner at what became severe; show what changed otherwise."""
        if now.status == "open" and (was.status == "resolved" or was.muted_channel > now.muted_channel):
            await self.queue.triage(now.id, first=goes_first(now))
        elif now.status == "open" and now.severity in ("critical", "error") and before(now, was):
            if was.held:
                await self.store.update(now.id, lambda one: one.model_copy(update={"held": ""}))
            if was.held and self.index:
                await self.index.waits_no_more(now.thread.channel, now.id)
            await self.queue.triage(now.id, hurry=True)
        elif now.thread.ts or now.status in ("stopped", "answered", "failed"):
            await self.queue.refresh(now.id)  # until its first message is posted, the investigation shows what came

    def _count(self, alerts: Sequence[Alert], outcome: str) -> None:
        if self.metrics:
            for source, group in itertools.groupby(alerts, _SOURCE):
                self.metrics.alerts.labels(source, outcome).inc(len(list(group)))

    async def _note(self, incident_id: str, kind: str, text: str, by: str) -> None:
        await self.store.note(incident_id, TimelineEntry(at=self.clock(), kind=kind, text=text, by=by))
        log.info(kind, incident=incident_id)
