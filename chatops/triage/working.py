"""How does a process run jobs until it is told to end? One worker for each lane."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from datetime import timedelta

from docket import Docket, Worker

from chatops.domain.ports import StoreUnavailable
from chatops.ending import end
from chatops.store import UNAVAILABLE
from chatops.triage.jobs import Jobs
from chatops.triage.lanes import Slots

_SOON = timedelta(milliseconds=100)


async def run_worker(jobs: Jobs, concurrency: int, lease: timedelta, stop: asyncio.Event, grace: float) -> None:
    """Run jobs until `stop` is set; then take no new ones, and give those that run `grace` seconds.

    A job that is cut off after that is run again by another worker when its lease has ended.
    """
    async with contextlib.AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(_worker(*one, lease)) for one in jobs.lanes.slots(concurrency)]
        running = [asyncio.create_task(worker.run_forever()) for worker in workers]
        renewing = asyncio.create_task(_renew(jobs))
        stopping = asyncio.create_task(stop.wait())
        try:
            ended, _ = await asyncio.wait({*running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for one in ended & set(running):
                one.result()
        finally:
            renewing.cancel()
            await asyncio.gather(*(_drain(one, grace) for one in running))
            await end((renewing, stopping))
            await _kept(jobs)  # what came since the last time: perhaps nobody comes after this worker


def _worker(lane: Docket, slots: Slots, lease: timedelta) -> Worker:
    return Worker(
        lane,
        concurrency=slots.jobs,
        redelivery_timeout=lease,
        minimum_check_interval=slots.look_every,
        scheduling_resolution=max(_SOON, slots.look_every),
    )


async def _drain(running: asyncio.Task[None], grace: float) -> None:
    """Cancel the worker's loop, which lets its running jobs finish; cut those off that do not in time."""
    running.cancel()
    await asyncio.wait({running}, timeout=grace)
    running.cancel()  # of a loop that waits for its jobs, this cancels the jobs
    await asyncio.gather(running, return_exceptions=True)


async def _renew(jobs: Jobs) -> None:
    """Now, soon again (the workers make their keys as they begin), and every ten minutes."""
    for pause in itertools.chain((0.5, 2.0, 10.0), itertools.repeat(600.0)):
        await asyncio.sleep(pause)
        await _kept(jobs)


async def _kept(jobs: Jobs) -> None:
    with contextlib.suppress(*UNAVAILABLE, StoreUnavailable):
        await jobs.keep_alive()
