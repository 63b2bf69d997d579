"""What does the persona do while people wait? Its queries, as a plan that ticks off in the thread or in the stream.

An incident's plan is kept in the store until it is over: a worker that continues the run of one that died continues
its plan, and one that gives up says so in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from chatops.domain.conversation import Message
from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore, Step, StreamPort, ThreadPort, Watcher
from chatops.render import detail
from chatops.triage.actions import STOP

KIND, KEPT = "progress", timedelta(days=1)
Report = Callable[[Step], Awaitable[None]]


@dataclass(frozen=True)
class Progress:
    """Shows what is done. `in_thread` posts or edits the message of a slot."""

    store: IncidentStore
    thread: ThreadPort
    in_thread: Callable[[Incident, str, Message], Awaitable[Incident]]

    async def watcher(self, incident: Incident, deadline: datetime, stream: StreamPort | None = None) -> Watcher:
        """Whom the persona tells: the thread, or the stream of an answer. It may work until the deadline, or a stop.

        An answer ends with a stop that comes meanwhile: that the investigation was stopped once ends no answer.
        """
        before = await self.store.take(STOP, incident.id)

        async def stopped() -> bool:
            if stream is not None:
                return await self.store.take(STOP, incident.id) != before
            current = await self.store.get(incident.id)
            return current is None or current.status == "stopped"

        text, step = (stream.append, self.beside(incident, stream)) if stream else (None, self.of(incident))
        return Watcher(text=text, step=step, stopped=stopped, deadline=deadline)

    def of(self, incident: Incident) -> Report:
        """Shows steps of the investigation below the card; nothing where it takes none."""

        async def show(step: Step) -> None:
            steps = {one.id: one for one in await self._kept(incident)} | {step.id: step}
            await self.store.put(KIND, incident.id, {"steps": [asdict(one) for one in steps.values()]}, KEPT)
            await self.in_thread(incident, "progress", detail.progress("Looking further", list(steps.values())))

        return self._in_turn(incident, show)

    def beside(self, incident: Incident, stream: StreamPort) -> Report:
        """Shows steps beside the answer that is streamed."""
        return self._in_turn(incident, stream.task)

    def _in_turn(self, incident: Incident, show: Report) -> Report:
        """Queries run at the same time; what is said of them is said one after the other."""
        turn = asyncio.Lock()

        async def report(step: Step) -> None:
            async with turn:
                if step.status == "in_progress":
                    await self.thread.status(incident, f"is reading {step.title} …")
                await show(step)

        return report

    async def over(self, incident: Incident) -> None:
        """The plan stands as what was done; a query that was cut off is not being asked any more."""
        if kept := await self._kept(incident):
            done = [replace(one, status="error") if one.status == "in_progress" else one for one in kept]
            await self.in_thread(incident, "progress", detail.progress("Looked further", done))
            await self.store.put(KIND, incident.id, {"steps": []}, KEPT)

    async def _kept(self, incident: Incident) -> list[Step]:
        kept = await self.store.take(KIND, incident.id) or {}
        return [Step(**one) for one in kept.get("steps", ())]
