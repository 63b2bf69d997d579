"""Which jobs stand in one queue? What people or a severe alert wait for stands behind nothing else.

Three queues of one kind, each with slots of its own in every worker: what goes first; the investigations of everything
else; and showing what changed, which mostly waits for Slack's pace and would take the slots of investigations.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from docket import Docket
from docket.execution import ExecutionState

_RESULTS_LIVE = timedelta(minutes=5)


class Slots(NamedTuple):
    """How many jobs of a lane one worker runs at a time, and how often it looks for new ones."""

    jobs: int
    look_every: timedelta


@dataclass(frozen=True)
class Lanes:
    """The queues."""

    first: Docket
    """Severe alerts, and what people asked for."""
    usual: Docket
    shown: Docket
    """Edits of what is told already."""

    def __iter__(self) -> Iterator[Docket]:
        return iter((self.first, self.usual, self.shown))

    def of(self, task: str, *, first: bool = False) -> Docket:
        """The lane of a task; a triage's depends on who waits for it."""
        if task in ("refresh", "board"):
            return self.shown
        return self.usual if task == "triage" and not first else self.first

    def slots(self, workers: int) -> list[tuple[Docket, Slots]]:
        """The lanes with what a worker of so many investigations gives each."""
        soon, later = timedelta(milliseconds=50), timedelta(milliseconds=200)
        return [
            (self.first, Slots(max(1, workers // 2), soon)),
            (self.usual, Slots(workers, soon)),
            (self.shown, Slots(max(1, workers // 2), later)),
        ]


@contextlib.asynccontextmanager
async def open_lanes(url: str, name: str) -> AsyncIterator[Lanes]:
    """Connect the queues; what a lane is called stays, because jobs outlive a process and its version."""
    names = (f"{name}-first", name, f"{name}-shown")
    lanes = Lanes(*(Docket(name=one, url=url, execution_ttl=_RESULTS_LIVE) for one in names))
    async with contextlib.AsyncExitStack() as stack:
        for one in lanes:
            await stack.enter_async_context(one)
        yield lanes


async def taken_out(lane: Docket, key: str) -> bool:
    """Take a job that waits in the lane out of it; False where it runs already."""
    known = await lane.get_execution(key)
    if known is not None and known.state is ExecutionState.RUNNING:
        return False
    if known is not None and known.state in (ExecutionState.SCHEDULED, ExecutionState.QUEUED):
        await lane.cancel(key)
    return True
