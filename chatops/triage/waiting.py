"""What waits for its turn in a channel is visible: one message lists it, edited in place until nothing waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chatops.domain.incident import Incident, Thread, new_id
from chatops.domain.ports import IncidentStore, ThreadPort
from chatops.render import board
from chatops.store import AlertIndex
from connectors.contract import Scope, Window

_KIND = "board"
_SLOT = "waiting"
_KEPT = timedelta(days=1)


class Boards(Protocol):
    """The part of the queue that this needs."""

    async def board(self, channel: str) -> None:
        """Show soon what waits in the channel."""
        ...


@dataclass(frozen=True)
class Waiting:
    """The waiting list of every channel, and the message that shows it."""

    index: AlertIndex
    store: IncidentStore
    thread: ThreadPort
    queue: Boards
    clock: Callable[[], datetime]

    async def begun(self, incident: Incident) -> None:
        """An incident's turn has come: the list gets shorter, where there is a message of it."""
        channel = incident.thread.channel
        waited = channel and await self.index.waits_no_more(channel, incident.id)
        if waited and await self.store.take(_KIND, channel):
            await self.queue.board(channel)

    async def show(self, channel: str) -> None:
        """Post or edit the message; say so when nothing waits any more."""
        now = self.clock()
        count, due = await self.index.waiting(channel, now, board.SHOWN)
        known = await self.store.take(_KIND, channel)
        if not count and not known:
            return
        document = known or {"id": new_id(now).replace("inc-", "waiting-"), "since": now.isoformat(), "most": 0}
        most = max(int(document["most"]), count)
        told = Incident(
            id=str(document["id"]),
            title="Waiting for their turn",
            origin="alert",
            scope=Scope(),
            window=Window.ending(now),
            thread=Thread(channel=channel, ts=str(document.get("ts", ""))),
            created_at=datetime.fromisoformat(str(document["since"])),
        )
        if not count:
            over = told.model_copy(update={"status": "resolved", "resolved_at": now})
            await self.thread.show(over, _SLOT, board.over(most))
            await self.store.drop(_KIND, channel)
            return
        found = [(await self.store.get(one), at) for one, at in due.items()]
        rows = [(incident, at) for incident, at in found if incident is not None]
        # Kept before it is posted, too: a worker that dies in between must not post it twice.
        await self.store.put(_KIND, channel, {**document, "most": most}, _KEPT)
        shown = await self.thread.show(told, _SLOT, board.waiting(count, rows))
        await self.store.put(_KIND, channel, {**document, "most": most, "ts": shown.thread.ts}, _KEPT)
