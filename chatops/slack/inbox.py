"""How is a request acknowledged in one round trip to the store, and yet neither lost nor done twice?

One atomic step marks it as seen and keeps it; then Slack has its 200. The process that took it in works it off
at once, and only then takes it out. A process that dies in between leaves it behind: any gateway finds it overdue,
and works it off under the same id, by which what the first one had begun is found (the marks of `Desk.once`, the
incident it opened, the turn it stored).

What is acknowledged goes before what is worked off: both have one processor.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol

from chatops.domain.ports import StoreUnavailable
from chatops.slack.requests import Body

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=6)
HANDLING_SECONDS = 5.0
"""Less than the lease: nobody else has it while this process works it off."""
ATTEMPTS = 4
LOOK_SECONDS = 1.0
_AT_ONCE = 16
_PATIENCE = 0.25
"""Seconds for which acknowledgements alone may hold back what is worked off."""


class Kept(Protocol):
    """A request that was left behind."""

    @property
    def id(self) -> str:
        """What it is kept under."""
        ...

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        ...

    @property
    def body(self) -> bytes:
        """What Slack sent, as JSON."""
        ...


class Book(Protocol):
    """Where requests are kept; `chatops.store.InboxBook` is one. All methods raise `StoreUnavailable`."""

    async def add(self, key: str, request: str, body: bytes, lease: timedelta) -> bool:
        """Mark as seen and keep; False for what was seen before."""
        ...

    async def done(self, request: str) -> None:
        """Forget it."""
        ...

    async def overdue(self, lease: timedelta, limit: int) -> Sequence[Kept]:
        """What nobody has any more; whoever asks has it now."""
        ...


Work = Callable[[str, Body], Awaitable[None]]
"""Does what a request asks for, given its id. What it raises is tried again."""


class Inbox:
    """Takes requests in and works them off. `new_id` makes the id that an incident opened by a request gets."""

    def __init__(self, book: Book, work: Work, give_up: Work, new_id: Callable[[], str]) -> None:
        self._book, self._work, self._give_up, self._new_id = book, work, give_up, new_id
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._taking = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, key: str, body: Body) -> None:
        """Keep a request, to be worked off right after. Raises `StoreUnavailable`: then it was not taken."""
        request = self._new_id()
        async with self._acknowledging():
            new = await self._book.add(key, request, json.dumps(body).encode(), LEASE)
        if new:
            self._begin(request, body, time.monotonic() + LEASE.total_seconds())

    @contextlib.asynccontextmanager
    async def _acknowledging(self) -> AsyncIterator[None]:
        self._taking += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._taking -= 1
            if not self._taking:
                self._quiet.set()

    def _begin(self, request: str, body: Body, until: float) -> None:
        task = asyncio.create_task(self._worked_off(request, body, until))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _worked_off(self, request: str, body: Body, until: float) -> None:
        async with self._places:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._quiet.wait()
            if time.monotonic() + HANDLING_SECONDS > until:
                return  # it waited here for too long: it is leased anew
            try:
                async with asyncio.timeout(HANDLING_SECONDS):
                    await self._work(request, body)
                    await self._book.done(request)
            except Exception as error:  # noqa: BLE001 - the edge of a job: whatever went wrong, it is tried again
                log.warning("a request of Slack is tried again: %s", type(error).__name__)

    async def left_behind(self) -> int:
        """Begin what nobody has any more; return how many."""
        found = await self._book.overdue(LEASE, _AT_ONCE)
        until = time.monotonic() + LEASE.total_seconds()
        for kept in found:
            if kept.attempt > ATTEMPTS:
                log.error("a request of Slack was given up after %d attempts", ATTEMPTS)
                await self._give_up(kept.id, json.loads(kept.body))
                await self._book.done(kept.id)
            else:
                self._begin(kept.id, json.loads(kept.body), until)
        return len(found)

    async def watch(self) -> None:
        """Look for what was left behind, until cancelled."""
        while True:
            try:
                await self.left_behind()
            except StoreUnavailable as error:
                log.warning("requests not looked for: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def aclose(self) -> None:
        """Let what was begun end."""
        await asyncio.gather(*self._tasks)
