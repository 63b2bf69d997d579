"""A worker's jobs are continued after a kill, and handed over on shutdown, whatever lane they stand in."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from chatops.store import RedisStore
from chatops.triage.jobs import open_jobs
from chatops.triage.working import run_worker
from tests.triage.test_jobs import LEASE, Done, until


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
        await until(lambda: len(work.done) >= 2 and len(work.begun) == 3)
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


_WORKER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from chatops.triage.jobs import open_jobs
from chatops.triage.working import run_worker

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


async def test_a_job_that_does_not_end_in_time_is_cut_off_and_done_by_another(
    store: RedisStore, valkey_url: str
) -> None:
    work = Done()
    async with open_jobs(valkey_url, "cut-off", timedelta(days=1), lambda: work) as jobs:
        await jobs.triage("inc-1")
        ended, stop = asyncio.Event(), asyncio.Event()
        worker = asyncio.create_task(run_worker(jobs, 1, LEASE, ended, 0.1))
        await until(lambda: work.begun)
        ended.set()
        async with asyncio.timeout(20):  # it waited for the job for ever
            await worker
        assert work.done == []
        work.gate.set()
        worker = asyncio.create_task(run_worker(jobs, 1, LEASE, stop, 10))
        await until(lambda: work.done)
        stop.set()
        await worker
        await jobs.keep_alive()
    assert work.done == [("triage", "inc-1")]
