"""How is a person's question acknowledged before it is queued, and yet never lost?

The promise is stored in the same round trip as the incident, and the person is answered. Queueing costs another
round trip, and happens right after. Where the process dies in between, any worker finds the promise overdue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from chatops.domain.ports import IncidentStore, StoreUnavailable
from chatops.telemetry import log

OVERDUE = timedelta(seconds=3)
LOOK_SECONDS = 2.0


class Book(Protocol):
    """Where promises are kept; `chatops.store.PromiseBook` is one."""

    async def add(self, incident_id: str, at: datetime) -> None:
        """Write a promise down."""
        ...

    async def remove(self, incident_id: str) -> None:
        """It is kept."""
        ...

    async def before(self, at: datetime) -> Sequence[str]:
        """Those made before that time."""
        ...


class Starts(Protocol):
    """The part of the queue that is needed."""

    async def triage(self, incident_id: str, *, first: bool = False) -> None:
        """Investigate; nothing where that waits or runs already. `first`: a person waits."""
        ...


class Promises:
    """Promises of investigations; `keep_soon` queues in the background, `watch` what was left behind."""

    def __init__(self, book: Book, store: IncidentStore, queue: Starts, clock: Callable[[], datetime]) -> None:
        self._book, self._store, self._queue, self._clock = book, store, queue, clock
        self._keeping: set[asyncio.Task[None]] = set()

    async def make(self, incident_id: str) -> None:
        """Promise it; raises `StoreUnavailable`."""
        await self._book.add(incident_id, self._clock())

    def keep_soon(self, incident_id: str) -> None:
        """Queue it after whatever waits for its answer; what fails is found overdue."""
        task = asyncio.create_task(self._kept_or_left(incident_id))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _kept_or_left(self, incident_id: str) -> None:
        try:
            await self._keep(incident_id)
        except StoreUnavailable as error:
            log.warning("an investigation is queued later", incident=incident_id, error=str(error))

    async def _keep(self, incident_id: str) -> None:
        await self._queue.triage(incident_id, first=True)
        await self._book.remove(incident_id)

    async def overdue(self) -> int:
        """Queue what was promised and left behind; return how many."""
        left = await self._book.before(self._clock() - OVERDUE)
        for incident_id in left:
            incident = await self._store.get(incident_id)
            if incident is not None and incident.status == "open":
                await self._keep(incident_id)
            else:
                await self._book.remove(incident_id)  # only the note that it was queued was lost
        return len(left)

    async def watch(self) -> None:
        """Look for what was left behind, until cancelled."""
        while True:
            try:
                await self.overdue()
            except StoreUnavailable as error:
                log.warning("promises not read", error=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def aclose(self) -> None:
        """Let what was begun end."""
        await asyncio.gather(*self._keeping)
