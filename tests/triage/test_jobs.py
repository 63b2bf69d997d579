"""Jobs are durable: one for a key, continued after a kill, drained on shutdown, with keys that expire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatops.domain.ports import StoreUnavailable
from chatops.embedded import embedded_valkey
from chatops.store import UNAVAILABLE, RedisStore, connect
from chatops.triage import dead_letters
from chatops.triage.jobs import Jobs, open_jobs
from chatops.triage.working import run_worker
from tests import factories
from tests.conftest import NOW

LEASE = timedelta(seconds=1)


@dataclass
class Done:
    """Work that notes what it did, and can be held back."""

    done: list[tuple[str, ...]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[str] = field(default_factory=list)
    free: set[str] = field(default_factory=set)
    """Incidents that are not held back from being shown."""
    fail: int = 0
    error: Exception = field(default_factory=lambda: StoreUnavailable("away for a moment"))
    gave_up: str = ""

    async def triage(self, incident_id: str) -> str:
        self.begun.append(f"triage:{incident_id}")
        await self.gate.wait()
        if self.fail:
            self.fail -= 1
            raise self.error
        self.done.append(("triage", incident_id))
        return self.gave_up

    async def give_up(self, incident_id: str, why: str) -> None:
        self.done.append(("give_up", incident_id))

    async def refresh(self, incident_id: str) -> None:
        self.begun.append(f"refresh:{incident_id}")
        if incident_id not in self.free:
            await self.gate.wait()
        self.done.append(("refresh", incident_id))

    async def board(self, channel: str) -> None:
        self.done.append(("board", channel))

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


async def test_a_queue_that_is_gone_says_so(state: Path) -> None:
    with embedded_valkey(state) as url:
        async with open_jobs(url, "gone", timedelta(days=1), lambda: None) as jobs:
            await jobs.triage("inc-1")
            assert (await jobs.backlog(datetime.now(UTC)))[0] == 1
            client = connect(url)
            await client.shutdown(nosave=True)
            with pytest.raises(UNAVAILABLE):
                await client.ping()
            await client.aclose()
            with pytest.raises(StoreUnavailable):
                await jobs.triage("inc-2")


@contextlib.asynccontextmanager
async def working(work: Done, url: str, name: str) -> AsyncIterator[Jobs]:
    """Jobs with a worker that runs until the block is left."""
    async with open_jobs(url, name, timedelta(days=1), lambda: work) as jobs:
        stop = asyncio.Event()
        worker = asyncio.create_task(run_worker(jobs, 2, LEASE, stop, 10))
        try:
            yield jobs
        finally:
            stop.set()
            await worker
            await jobs.keep_alive()


async def test_what_fails_three_times_is_told_kept_and_can_be_retried(store: RedisStore, valkey_url: str) -> None:
    work = Done(fail=3, error=ValueError("a bug"))
    work.gate.set()
    incident = factories.incident(status="investigating")
    await store.add(incident)
    async with working(work, valkey_url, "dead") as jobs:
        await jobs.triage(incident.id)
        await until(lambda: work.done)
        assert work.done == [("give_up", incident.id)]
        (letter,) = await jobs.dead()
        assert (letter.task, letter.arguments) == ("triage", (incident.id,))
        assert letter.reason == "failed 3 times: ValueError: a bug"
        later = NOW + timedelta(minutes=5)
        assert "queued again" in await dead_letters.retry(letter, store, jobs, later)
        await until(lambda: len(work.done) == 2)
        assert await jobs.dead() == []
    again = await store.get(incident.id)
    assert again is not None
    assert (again.status, again.window.end) == ("open", later)


async def test_what_the_work_itself_gives_up_is_kept(store: RedisStore, valkey_url: str) -> None:
    work = Done(gave_up="broke off 3 times")
    work.gate.set()
    async with working(work, valkey_url, "gave-up") as jobs:
        await jobs.triage("inc-1")
        await until(lambda: work.done)
        for _ in range(200):
            if found := await jobs.dead():
                break
            await asyncio.sleep(0.01)
        assert [one.reason for one in found] == ["broke off 3 times"]
        assert "no longer kept" in await dead_letters.retry(found[0], store, jobs, NOW)
        assert await jobs.drop(["triage:other"]) == 0


async def test_a_job_waits_for_its_turn_and_can_be_brought_forward(store: RedisStore, valkey_url: str) -> None:
    work = Done()
    work.gate.set()
    async with working(work, valkey_url, "turns") as jobs:
        await jobs.triage("inc-1", wait=600)
        await jobs.triage("inc-1")
        assert [(key, state) for key, _, state in await jobs.waiting()] == [("triage:inc-1", "waits")]
        await jobs.triage("inc-1", hurry=True)
        await until(lambda: work.done)
    assert work.done == [("triage", "inc-1")]


class Away(Exception):
    code = "unreachable"


@pytest.mark.parametrize(
    ("error", "tries"), [(StoreUnavailable("x"), dead_letters.OUTAGE_ATTEMPTS), (Away(), 30), (ValueError("x"), 3)]
)
def test_an_outage_is_waited_for_and_a_bug_is_not(error: Exception, tries: int) -> None:
    assert dead_letters.attempts(error) == tries


async def test_the_backlog_is_what_is_due_or_runs_and_how_long_the_first_waits(
    store: RedisStore, valkey_url: str
) -> None:
    work = Done()
    async with open_jobs(valkey_url, "backlog", timedelta(days=1), lambda: work) as jobs:
        now = datetime.now(UTC)
        assert await jobs.backlog(now) == (0, 0)
        await jobs.triage("later", wait=600)
        assert await jobs.backlog(now) == (0, 0), "what is due later is no backlog"
        for number in range(3):
            await jobs.triage(f"inc-{number}")
        count, age = await jobs.backlog(now + timedelta(seconds=100))
        assert count == 3
        assert 98 < age < 101
        stop = asyncio.Event()
        worker = asyncio.create_task(run_worker(jobs, 3, LEASE, stop, 10))
        count, age = 0, 99.0
        async with asyncio.timeout(20):
            while (count, age) != (3, 0.0):  # all three run: nothing waits
                await asyncio.sleep(0.05)
                count, age = await jobs.backlog(datetime.now(UTC))
        assert (await jobs.backlog(now + timedelta(seconds=700)))[0] == 4
        work.gate.set()
        await until(lambda: len(work.done) == 3)
        stop.set()
        await worker
        assert (await jobs.backlog(now))[0] == 0
        await jobs.keep_alive()
