"""What do people see of an incident? Its first message, its evidence, answers; and whose outage is told where.

Every message has a slot, posted once and edited afterwards: all of it can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chatops.domain.conversation import Message
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore, StreamPort, ThreadPort
from chatops.render import card, detail
from chatops.triage.merging import Merging


@dataclass(frozen=True)
class Telling:
    """Shows what is stored."""

    store: IncidentStore
    thread: ThreadPort
    clock: Callable[[], datetime]
    page: Callable[[Incident], str]
    merging: Merging | None = None

    async def show(self, incident: Incident, doing: str = "") -> Incident:
        """Show what is stored now, again where it changed meanwhile: another job may have resolved it since."""
        for _ in range(3):
            incident = await self.store.get(incident.id) or incident
            diagnosis = await self.store.diagnosis(incident.id)
            findings = await self.store.findings(incident.id)
            # What another worker has ended meanwhile (this one's lease was lost) is not being worked on any more.
            page, active = self.page(incident), doing if incident.status in ("open", "investigating") else ""
            told_in = await self.address(incident.joined_to)
            message = card.root_card(
                incident, diagnosis, findings, now=self.clock(), page=page, doing=active, told_in=told_in
            )
            incident = await self.in_thread(incident, "root", message)
            if await self.store.get(incident.id) in (incident, None):
                break
        await self._show_joined(incident)
        return incident

    async def _show_joined(self, main: Incident) -> None:
        """Show what is told in the incident's thread in its state, and say there that it is."""
        for one, changed in await self.merging.following(main) if self.merging else ():
            slot = f"joined:{one.id}"
            told = await self.store.message_ts(main.id, slot)
            if changed or not told or main.status == "resolved":  # a worker may have died over the last step
                await self.show(one)
            if not told:
                await self.in_thread(main, slot, detail.joined(one, await self.address(one.id)))

    async def split(self, main: Incident, one: Incident) -> None:
        """Show the incident without one that was split from it, and say so where it was told."""
        main = await self.show(main)
        slot = f"joined:{one.id}"
        if await self.store.message_ts(main.id, slot):
            await self.in_thread(main, slot, detail.split(one, await self.address(one.id)))

    async def address(self, incident_id: str) -> str:
        """Where the incident is read: its thread, or its page; '' where it is gone."""
        one = await self.store.get(incident_id) if incident_id else None
        return "" if one is None else await self.thread.address(one) or self.page(one)

    async def in_thread(self, incident: Incident, slot: str, message: Message) -> Incident:
        """Post or edit a message of the incident; nothing where it is muted: recorded, not told."""
        if not incident.thread.channel:
            return incident
        shown = await self.thread.show(incident, slot, message)
        if shown.thread == incident.thread:
            return incident
        return await self.store.update(incident.id, lambda current: current.model_copy(update={"thread": shown.thread}))

    async def say(
        self, incident: Incident, slot: str, messages: Sequence[Message], stream: StreamPort | None = None
    ) -> None:
        """Say something in the thread; where it was streamed, in place of that."""
        for number, message in enumerate(messages):
            if number == 0 and stream is not None:
                await stream.finish(message)
            else:
                await self.in_thread(incident, slot if number == 0 else f"{slot}:{number}", message)

    async def show_end(self, incident: Incident, diagnosis: Diagnosis) -> None:
        """Show the incident once its investigation is over, and the evidence."""
        await self.show(incident)
        if diagnosis.evidence:
            message = detail.evidence_card(incident, diagnosis, page=self.page(incident))
            await self.in_thread(incident, "evidence", message)
