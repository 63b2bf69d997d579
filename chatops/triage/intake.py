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
from typing import Any

from chatops import tracing
from chatops.domain.alert import Alert
from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident, Origin, Thread, TimelineEntry
from chatops.domain.ports import IncidentStore, RunbookHit, RunbookLibrary
from chatops.persona.utterances import chatter, heard
from chatops.policy.commands import judge_line
from chatops.policy.redaction import RedactionFailed, Redactor
from chatops.settings import Settings
from chatops.store import AlertIndex
from chatops.telemetry import Metrics, log
from chatops.triage import actions, opening
from chatops.triage.queue import Queue
from chatops.triage.receiving import Accepted, Receiving
from connectors.contract import Health

SEEN_FOR = timedelta(hours=1)
"""Slack's last redelivery was seen after six minutes; an hour is safe."""

_NO_COMMAND = frozenset({"unknown", "unparsable"})


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

    reading: Callable[[Mapping[str, Any], datetime], Sequence[Alert]] = lambda message, now: ()
    """Finds the alerts that a message of another app tells."""
    redactor: Callable[[str], Redactor] | None = None
    """By incident: what people write goes into its record, which pages and postmortems show, without secrets."""

    # --- alerts

    async def receive(self, alerts: Sequence[Alert]) -> list[str]:
        """Take alerts in and return their incidents' ids; repeats cost one round trip to the store."""
        return await self.receiving.receive(alerts)

    async def alerts(self, alerts: Sequence[Alert]) -> list[Accepted]:
        """Open or match an incident for each group of alerts, and enqueue what follows."""
        return await self.receiving.alerts(alerts)

    async def posted(self, message: Mapping[str, Any]) -> None:
        """Take in a message of another app, where it tells an alert."""
        await self.receive(self.reading(message, self.clock()))

    def use(self, settings: Settings) -> None:
        """Go by other settings from the next alert or question on."""
        self.settings = settings
        self.__dict__.pop("receiving", None)

    @functools.cached_property
    def receiving(self) -> Receiving:
        """Takes alerts in."""
        return Receiving(self.settings, self.store, self.queue, self.clock, self.metrics, self.index)

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
        request: str = "",
    ) -> Incident:
        """Open an incident for a question, or continue the one of the same thread, and enqueue its triage.

        `request` is the id that the incident gets: asked again with the same one, it is the same incident.
        """
        if request and (opened := await self.store.get(request)) is not None:
            if opened.status == "open":
                await self.queue.triage(opened.id, first=True)
            return opened
        now = self.clock()
        thread = Thread(team=team, channel=channel, ts=thread_ts)
        if thread_ts and (known := await self.store.by_thread(thread)) is not None:
            turn_id = message_ts or thread_ts
            await self.follow_up(known, Turn(id=turn_id, author=user, role="person", text=question, at=now))
            return known
        with tracing.span("incident", source=origin) as step:
            incident = opening.from_question(self.settings, question, thread, user, origin, context or {}, now, request)
            tracing.note(step, incident=incident.id, opened=True)
            storing = [self.store.add(incident), self._note(incident.id, "opened", f"asked: {question}", user)]
            if message_ts:
                turn = Turn(id=message_ts, author=user, role="person", text=question, at=now)
                storing.append(self.store.add_turn(incident.id, turn))
            await asyncio.gather(*storing)
            await self.queue.triage(incident.id, first=True)
        return incident

    async def follow_up(self, incident: Incident, turn: Turn, *, addressed: bool = True) -> None:
        """Store what a person said, and enqueue an answer unless it is talk between people (not `addressed` to us)."""
        await self.store.add_turn(incident.id, turn)
        words = heard(turn.text)
        talk = not addressed and words.silent and judge_line(turn.text.strip().strip("`")).verdict in _NO_COMMAND
        if talk or chatter(turn.text):
            return
        kind = "question" if words.asked or words.silent else "statement"
        await self._note(incident.id, kind, turn.text, turn.author)
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

    async def first_time(self, kind: str, key: str, ttl: timedelta = SEEN_FOR, by: str = "") -> bool:
        """Whether this is seen for the first time; it stays so for the same `by`."""
        return await self.store.first_time(kind, key, ttl, by)

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
        if self.redactor is not None:
            try:
                text = self.redactor(incident_id).text(text)
            except RedactionFailed:
                text = "withheld: it could not be redacted"
        await self.store.note(incident_id, TimelineEntry(at=self.clock(), kind=kind, text=text, by=by))
        log.info(kind, incident=incident_id)
