"""Jobs are durable: one for a key, continued after a kill, drained on shutdown, with keys that expire."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from chatops.domain.ports import StoreUnavailable
from chatops.embedded import embedded_valkey
from chatops.store import UNAVAILABLE, RedisStore, connect
from chatops.triage.jobs import open_jobs, run_worker

LEASE = timedelta(seconds=1)


@dataclass
class Done:
    """Work that notes what it did, and can be held back."""

    done: list[tuple[str, ...]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fail: int = 0

    async def triage(self, incident_id: str) -> None:
        await self.gate.wait()
        if self.fail:
            self.fail -= 1
            raise StoreUnavailable("away for a moment")
        self.done.append(("triage", incident_id))

    async def refresh(self, incident_id: str) -> None:
        await self.gate.wait()
        self.done.append(("refresh", incident_id))

    async def answer(self, incident_id: str, turn_id: str) -> None:
        self.done.append(("answer", incident_id, turn_id))

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        self.done.append(("act", incident_id, action, argument, user))


async def until(condition: object) -> None:
    assert callable(condition)
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not happen")


async def test_a_job_runs_once_for_its_key_and_shutdown_lets_it_finish(store: RedisStore, valkey_url: str) -> None:
    work = Done()
    async with open_jobs(valkey_url, "jobs", timedelta(days=1), lambda: work) as jobs:
        for _ in range(3):
            await jobs.triage("inc-1")
            await jobs.refresh("inc-1")
        await jobs.answer("inc-1", "1.0")
        await jobs.act("inc-1", "run_check", "S1", "U1")
        stop = asyncio.Event()
        worker = asyncio.create_task(run_worker(jobs, 4, LEASE, stop, 10))
        await until(lambda: len(work.done) >= 2)
        stop.set()
        work.gate.set()
        await worker
        await jobs.keep_alive()
    assert sorted(work.done) == [
        ("act", "inc-1", "run_check", "S1", "U1"),
        ("answer", "inc-1", "1.0"),
        ("refresh", "inc-1"),
        ("refresh", "inc-1"),
        ("triage", "inc-1"),
    ], "refreshes become two at most: one may have read the incident before the change"


async def test_what_fails_for_want_of_the_store_is_tried_again(store: RedisStore, valkey_url: str) -> None:
    work = Done(fail=1)
    work.gate.set()
    async with open_jobs(valkey_url, "again", timedelta(days=1), lambda: work) as jobs:
        await jobs.triage("inc-1")
        stop = asyncio.Event()
        worker = asyncio.create_task(run_worker(jobs, 1, LEASE, stop, 10))
        await until(lambda: work.done)
        stop.set()
        await worker
        await jobs.keep_alive()
    assert work.done == [("triage", "inc-1")]


_WORKER = """
import asyncio, sys
from datetime import timedelta
from chatops.triage.jobs import open_jobs, run_worker

class Work:
    async def triage(self, incident_id):
        print("started", flush=True)
        await asyncio.sleep(600)

async def main(url):
    work = Work()
    async with open_jobs(url, "killed", timedelta(days=1), lambda: work) as jobs:
        await run_worker(jobs, 1, timedelta(seconds=1), asyncio.Event(), 1)

asyncio.run(main(sys.argv[1]))
"""


async def test_a_job_of_a_killed_worker_is_continued_by_another(store: RedisStore, valkey_url: str) -> None:
    work = Done()
    work.gate.set()
    async with open_jobs(valkey_url, "killed", timedelta(days=1), lambda: work) as jobs:
        await jobs.triage("inc-1")
        victim = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WORKER, valkey_url, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
        )
        assert victim.stdout is not None
        assert await victim.stdout.readline() == b"started\n"
        os.kill(victim.pid, signal.SIGKILL)
        await victim.communicate()
        stop = asyncio.Event()
        worker = asyncio.create_task(run_worker(jobs, 1, LEASE, stop, 10))
        await until(lambda: work.done)
        stop.set()
        await worker
        await jobs.keep_alive()
    assert work.done == [("triage", "inc-1")]


async def test_a_queue_that_is_gone_says_so(state: Path) -> None:
    with embedded_valkey(state) as url:
        async with open_jobs(url, "gone", timedelta(days=1), lambda: None) as jobs:
            await jobs.triage("inc-1")
            assert await jobs.depth() == 1
            client = connect(url)
            await client.shutdown(nosave=True)
            with pytest.raises(UNAVAILABLE):
                await client.ping()
            await client.aclose()
            with pytest.raises(StoreUnavailable):
                await jobs.triage("inc-2")
