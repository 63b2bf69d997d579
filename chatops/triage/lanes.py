"""Which jobs stand in one queue? What people or a severe alert wait for stands behind nothing else.

Three queues of one kind, each with slots of its own in every worker: what goes first; the investigations of everything
else; and showing what changed, which mostly waits for Slack's pace and would take the slots of investigations.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from docket import Docket
from docket.execution import ExecutionState

from chatops.ending import end
from chatops.store import UNAVAILABLE

_RESULTS_LIVE = timedelta(minutes=5)
_LOOK = 2.0
"""How often a cluster's servers are looked at, and how long one may take to answer, in seconds."""


class Slots(NamedTuple):
    """How many jobs of a lane one worker runs at a time, and how often it looks for new ones."""

    jobs: int
    look_every: timedelta


@dataclass(frozen=True)
class Lanes:
    """The queues."""

    first: Docket
    """Severe alerts, and what people asked for or did."""
    usual: Docket
    shown: Docket
    """Edits of what is told already."""

    def __iter__(self) -> Iterator[Docket]:
        return iter((self.first, self.usual, self.shown))

    def of(self, task: str, *, first: bool = False) -> Docket:
        """The lane of a task, which may depend on who waits for it."""
        if first or task in ("answer", "act"):
            return self.first
        return self.usual if task == "triage" else self.shown

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
        if urlsplit(url).scheme.endswith("+cluster"):
            await stack.enter_async_context(_followed(lanes))
        yield lanes


@contextlib.asynccontextmanager
async def _followed(lanes: Lanes) -> AsyncIterator[None]:
    """While it is open, no lane hangs on a server of the cluster that has gone."""

    async def follow() -> None:
        while True:
            await asyncio.sleep(_LOOK)
            for lane in lanes:
                await _turned(lane)

    following = asyncio.create_task(follow())
    try:
        yield
    finally:
        await end([following])


async def _turned(lane: Docket) -> None:
    """On a cluster, turn the lane's subscriptions to a server that answers, where theirs has gone.

    The library keeps them on the server that was the first primary when it connected. A worker that connects anew waits
    for its subscription before it takes a job: without that server it would wait until it is started again. Any server
    will do: what is published on one is heard on all.
    """
    connection: Any = lane._redis
    if await _answers(connection._node_client):
        return
    for server in connection._cluster_client.get_nodes():
        if await _answers(server):
            address, pool = {"host": server.host, "port": int(server.port)}, connection._node_pool
            pool.connection_kwargs.update(address)
            for kept in (*pool._available_connections, *pool._in_use_connections):  # which connect again to their own
                kept.host, kept.port = address.values()
            return


async def _answers(server: Any) -> bool:
    try:
        await asyncio.wait_for(server.execute_command("PING"), _LOOK)
    except UNAVAILABLE:
        return False
    return True


async def taken_out(lane: Docket, key: str) -> bool:
    """Take a job that waits in the lane out of it; False where it runs already."""
    known = await lane.get_execution(key)
    if known is not None and known.state is ExecutionState.RUNNING:
        return False
    if known is not None and known.state in (ExecutionState.SCHEDULED, ExecutionState.QUEUED):
        await lane.cancel(key)
    return True
