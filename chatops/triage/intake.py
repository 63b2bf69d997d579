"""From an alert, a question or a reply to a stored incident and a durable job: everything before the acknowledgement.

Quick on purpose: a few round trips to the store, no connector, no model, no Slack. What raises
`StoreUnavailable` here was not taken, and whoever sent it must send it again.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from chatops import tracing
from chatops.domain.alert import Alert
from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident, Origin, Thread, TimelineEntry
from chatops.domain.ports import IncidentStore, RunbookHit, RunbookLibrary
from chatops.settings import Settings
from chatops.store import AlertIndex
from chatops.telemetry import Metrics, log
from chatops.triage import actions, joining, opening
from chatops.triage.admission import Admission, urgent
from chatops.triage.grouping import Grouping
from chatops.triage.promises import Promises
from connectors.contract import Health

SEEN_FOR = timedelta(hours=1)
"""Slack's last redelivery was seen after six minutes; an hour is safe."""
_QUIET_AFTER = timedelta(hours=24)
"""An unresolved incident whose alerts have been quiet for so long is not continued by a new alert."""


class Queue(Protocol):
    """Durable jobs, one at a time for a key while it waits or runs."""

    async def triage(self, incident_id: str, *, wait: float = 0.0, hurry: bool = False) -> None:
        """Gather, diagnose and show, in so many seconds; `hurry` brings one forward that waits."""
        ...

    async def refresh(self, incident_id: str) -> None:
        """Show the incident as it is now (alerts joined, resolved), without a new diagnosis."""
        ...

    async def answer(self, incident_id: str, turn_id: str) -> None:
        """Answer what a person said."""
        ...

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        """Do what a button or command asked for and cannot be done at once."""
        ...


@dataclass(frozen=True)
class Accepted:
    """What became of the alerts of one delivery."""

    incident: Incident
    opened: bool
    joined: int


@dataclass
class Intake:
    """Implements `chatops.slack.intake.Intake`, and the same for alerts."""

    settings: Settings
    store: IncidentStore
    queue: Queue
    library: RunbookLibrary
    clock: Callable[[], datetime]
    metrics: Metrics | None = None
    index: AlertIndex | None = None
    """Correlation, bounded incidents and cheap repeats need it; without it only a source's own groups are one."""
    promises: Promises | None = None
    """Lets a person's question be acknowledged before it is queued; without it the queue is waited for."""

    # --- alerts

    async def receive(self, alerts: Sequence[Alert]) -> list[str]:
        """Take alerts in and return their incidents' ids; repeats cost one round trip to the store."""
        told = await self.index.seen(alerts) if self.index else [""] * len(alerts)
        repeats = [alert for alert, incident in zip(alerts, told, strict=True) if incident]
        self._count(repeats, "repeated")
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
        existing = await self.store.by_alert(alerts[0])
        if existing is not None and not self._stale(existing, self.clock()):
            return await self._join(existing, alerts)
        firing = [alert for alert in alerts if alert.status == "firing"]
        if not firing:
            return None  # resolved before it was ever told: nothing to say
        stale = existing.id if existing else ""
        grouping = self._grouping
        if grouping is None:
            return await self._open(alerts, stale)
        async with grouping.alone(firing):
            known = await self.store.by_alert(alerts[0])  # somebody else may have been here while this one waited
            if known is not None and known.id != stale:
                return await self._join(known, alerts)
            related = await grouping.find(firing)
            if related is None:
                return await self._open(alerts, stale)
            for alert in alerts:
                await self.store.claim_alert(alert, related.id, stale)
            return await self._join(related, alerts)

    def use(self, settings: Settings) -> None:
        """Go by other settings from the next alert or question on."""
        self.settings = settings
        for made in ("_grouping", "admission"):
            self.__dict__.pop(made, None)

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

    async def _open(self, alerts: list[Alert], stale: str) -> Accepted:
        with tracing.span("incident", alerts=len(alerts), source=alerts[0].source) as step:
            accepted = await self._opened(alerts, stale)
            tracing.note(step, incident=accepted.incident.id, opened=accepted.opened)
        return accepted

    async def _opened(self, alerts: list[Alert], stale: str) -> Accepted:
        now = self.clock()
        incident = opening.from_alerts(self.settings, alerts[: joining.KEPT], now)
        turn = await self.admission.turn(incident)
        more = await self._overflow(incident.id, alerts[joining.KEPT :])
        incident = turn.told(incident).model_copy(update={"more_alerts": more})
        # Stored before it is claimed: whoever finds the claim finds the incident.
        await self.store.add(incident)
        owner = await self.store.claim_alert(alerts[0], incident.id, stale)
        if owner != incident.id and (other := await self.store.get(owner)) is not None:
            await self.store.remove(incident)  # another gateway was faster with the same alert
            return await self._join(other, alerts)
        for alert in alerts if owner != incident.id else alerts[1:]:
            await self.store.claim_alert(alert, incident.id, owner if owner != incident.id else stale)
        if self._grouping:
            await self._grouping.keep(incident.id, alerts)
        await self._note(incident.id, "opened", f"opened by alert {alerts[0].name}", alerts[0].source)
        await turn.begin(self.queue, incident.id)
        self._count(alerts, "opened")
        return Accepted(incident, opened=True, joined=0)

    async def _overflow(self, incident_id: str, alerts: Sequence[Alert], before: int = 0) -> int:
        if not alerts or self.index is None:
            return before
        firing = [alert.fingerprint for alert in alerts if alert.status == "firing"]
        resolved = [alert.fingerprint for alert in alerts if alert.status == "resolved"]
        return await self.index.overflow(incident_id, firing, resolved)

    async def _join(self, incident: Incident, alerts: list[Alert]) -> Accepted:
        now = self.clock()
        before = {alert.fingerprint: alert for alert in incident.alerts}
        kept, counted = joining.held_by(incident, alerts)
        news = [alert for alert in kept if joining.is_news(before.get(alert.fingerprint), alert)]
        more = await self._overflow(incident.id, counted, incident.more_alerts)
        self._count([alert for alert in kept if alert not in news], "repeated")
        if not news and more == incident.more_alerts:
            if incident.status == "open" and not incident.held:
                await self.queue.triage(incident.id)  # taken in before, and its job perhaps not queued
            return Accepted(incident, opened=False, joined=0)
        changed = await self.store.update(incident.id, lambda now_is: self._joined(now_is, news, now, more))
        for alert in [*news, *counted]:
            if alert.fingerprint not in before:
                await self.store.claim_alert(alert, incident.id)
        if self._grouping:
            await self._grouping.keep(incident.id, news)
        if news:
            await self._note(incident.id, "alert", joining.news_line(news), news[0].source)
        await self._follow(incident, changed)
        self._count([*news, *counted], "joined")
        return Accepted(changed, opened=False, joined=len(news) + len(counted))

    def _joined(self, incident: Incident, news: Sequence[Alert], now: datetime, more: int) -> Incident:
        return joining.damped(joining.with_alerts(incident, news, now, more), self.settings.storm.flaps)

    async def _follow(self, before: Incident, after: Incident) -> None:
        """Look again at what was re-opened, sooner at what became severe; show what changed otherwise."""
        if before.status == "resolved" and after.status == "open":
            await self.queue.triage(after.id)
        elif before.held and after.status == "open" and urgent(after) and not urgent(before):
            await self.store.update(after.id, lambda one: one.model_copy(update={"held": ""}))
            await self.queue.triage(after.id, hurry=True)
        elif after.thread.ts or after.status in ("stopped", "answered", "failed"):
            await self.queue.refresh(after.id)  # until its first message is posted, the investigation shows what came

    def _count(self, alerts: Sequence[Alert], outcome: str) -> None:
        if self.metrics:
            for alert in alerts:
                self.metrics.alerts.labels(alert.source, outcome).inc()

    # --- people

    async def ask(
        self,
        *,
        question: str,
        channel: str,
        team: str,
        user: str,
        origin: Origin,
        thread_ts: str = "",
        message_ts: str = "",
        context: Mapping[str, str] | None = None,
    ) -> Incident:
        """Open an incident for a question, or continue the one of the same thread, and enqueue its triage."""
        now = self.clock()
        thread = Thread(team=team, channel=channel, ts=thread_ts)
        if thread_ts and (known := await self.store.by_thread(thread)) is not None:
            turn_id = message_ts or thread_ts
            await self.follow_up(known, Turn(id=turn_id, author=user, role="person", text=question, at=now))
            return known
        with tracing.span("incident", source=origin) as step:
            incident = opening.from_question(self.settings, question, thread, user, origin, context or {}, now)
            tracing.note(step, incident=incident.id, opened=True)
            # At the same time: an acknowledgement waits for every round trip.
            storing = [self.store.add(incident), self._note(incident.id, "opened", f"asked: {question}", user)]
            if message_ts:
                turn = Turn(id=message_ts, author=user, role="person", text=question, at=now)
                storing.append(self.store.add_turn(incident.id, turn))
            if self.promises is None:
                await asyncio.gather(*storing)
                await self.queue.triage(incident.id)
            else:
                await asyncio.gather(*storing, self.promises.make(incident.id))
                self.promises.keep_soon(incident.id)
        return incident

    async def follow_up(self, incident: Incident, turn: Turn) -> None:
        """Store what a person said and enqueue the answer."""
        await self.store.add_turn(incident.id, turn)
        await self._note(incident.id, "question", turn.text, turn.author)
        await self.queue.answer(incident.id, turn.id)

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> str:
        """Do or enqueue what a person asked for; return the line to show them. LookupError where it is gone."""
        incident = await self.store.get(incident_id)
        if incident is None:
            raise LookupError("This incident is no longer kept.")
        line = await actions.act(self.store, self.queue, incident, action, argument, user, self.clock())
        if self.metrics and action in ("helpful", "not_helpful", "confirm", "rule_out"):
            self.metrics.feedback.labels(action).inc()
        return line

    # --- quick reads and small documents for the listeners

    async def incident(self, incident_id: str) -> Incident | None:
        """The incident of this id."""
        return await self.store.get(incident_id)

    async def incident_of_thread(self, thread: Thread) -> Incident | None:
        """The incident told in this thread."""
        return await self.store.by_thread(thread)

    async def recent(self, channel: str = "", limit: int = 20) -> Sequence[Incident]:
        """Incidents, newest first."""
        return await self.store.recent(limit, channel)

    async def diagnosis(self, incident_id: str) -> Diagnosis | None:
        """What is known of the incident so far."""
        return await self.store.diagnosis(incident_id)

    async def timeline(self, incident_id: str) -> Sequence[TimelineEntry]:
        """The incident's own record."""
        return await self.store.timeline(incident_id)

    async def note(self, incident_id: str, entry: TimelineEntry) -> None:
        """Append to the incident's own record."""
        await self.store.note(incident_id, entry)

    async def runbooks(self, text: str) -> Sequence[RunbookHit]:
        """Runbook sections by full text."""
        return self.library.search(text)

    async def health(self) -> Sequence[Health]:
        """The connectors' health as a worker last wrote it down."""
        document = await self.store.take("health", "latest") or {}
        return [Health(**row) for row in document.get("rows", ())]

    async def first_time(self, kind: str, key: str, ttl: timedelta = SEEN_FOR) -> bool:
        """Whether this is seen for the first time."""
        return await self.store.first_time(kind, key, ttl)

    async def forget(self, kind: str, key: str) -> None:
        """Take a `first_time` back."""
        await self.store.forget(kind, key)

    async def put(self, kind: str, key: str, value: Mapping[str, Any], ttl: timedelta) -> None:
        """Keep a small document."""
        await self.store.put(kind, key, value, ttl)

    async def take(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Read a small document."""
        return await self.store.take(kind, key)

    async def _note(self, incident_id: str, kind: str, text: str, by: str) -> None:
        await self.store.note(incident_id, TimelineEntry(at=self.clock(), kind=kind, text=text, by=by))
        log.info(kind, incident=incident_id)
