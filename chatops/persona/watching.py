"""How long may something take? Until it is done, a person stops it, the deadline has come or the seconds are spent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from chatops.domain.ports import Step, Watcher
from chatops.ending import end

STOPPED = "stopped by a person"
_POLL = 0.5
"""Seconds between two looks at the stop signal while something runs."""
_T = TypeVar("_T")


class Ended(Exception):
    """The run ends without an answer of the model; the argument says why."""


class Watch:
    """The clock of one investigation, and whoever watches it."""

    def __init__(
        self,
        watcher: Watcher,
        most: float,
        monotonic: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """`most` is how many seconds the investigation may take."""
        self._watcher = watcher
        self._most = most
        self._monotonic = monotonic
        self._now = now
        self._began = monotonic()

    def seconds(self) -> float:
        """Since it began."""
        return self._monotonic() - self._began

    async def step(self, step: Step) -> None:
        """Say what is being done, or what came of it."""
        if self._watcher.step is not None:
            await self._watcher.step(step)

    async def note(self, trouble: str) -> None:
        """Say that the model did not answer, and what is done about it."""
        await self.step(Step("model", "the model", "error", trouble))

    async def guarded(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Wait for the work, but not longer than a person, the deadline or the budget lets it run."""
        await self._look()
        task = asyncio.ensure_future(work())
        try:
            while not (await asyncio.wait({task}, timeout=_POLL))[0]:
                await self._look()
            return task.result()
        finally:
            if not task.done():
                await end([task])

    async def _look(self) -> None:
        if self._watcher.stopped is not None and await self._watcher.stopped():
            raise Ended(STOPPED)
        if self._watcher.deadline is not None and self._now() >= self._watcher.deadline:
            raise Ended("budget: the deadline of this investigation")
        if self.seconds() >= self._most:
            raise Ended(f"budget: {self._most:.0f} seconds")
