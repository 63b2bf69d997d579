"""What people or a severe alert wait for stands behind nothing else, and being in two lanes does nothing twice."""

from __future__ import annotations

import asyncio

from chatops.store import RedisStore
from tests.triage.test_jobs import Done, until, working


async def test_severe_alerts_and_people_stand_behind_no_other_investigation_and_no_edit(
    store: RedisStore, valkey_url: str
) -> None:
    work = Done()
    async with working(work, valkey_url, "lanes") as jobs:
        for number in range(6):
            await jobs.triage(f"inc-{number}")
            await jobs.refresh(f"inc-{number}")
        await until(lambda: len(work.begun) == 3)  # the two slots for investigations, and the one for edits
        await jobs.answer("inc-1", "1.0")
        await until(lambda: ("answer", "inc-1", "1.0") in work.done)
        work.free.add("inc-9")
        await jobs.refresh("inc-9", first=True)  # as after Confirm, Rule out and Resolve
        await until(lambda: ("refresh", "inc-9") in work.done)
        await jobs.triage("severe", first=True)
        await until(lambda: "triage:severe" in work.begun)
        assert len(work.begun) == 5, "everything else still waits"
        work.gate.set()
        await until(lambda: len(work.done) == 16)


async def test_what_is_brought_forward_is_done_once(store: RedisStore, valkey_url: str) -> None:
    work = Done()
    async with working(work, valkey_url, "forward") as jobs:
        for number in range(3):
            await jobs.triage(f"inc-{number}")
        await until(lambda: len(work.begun) == 2)
        waits = next(one for one in ("inc-0", "inc-1", "inc-2") if f"triage:{one}" not in work.begun)
        for one in ("inc-0", "inc-1", "inc-2"):
            await jobs.triage(one, hurry=True)
        await until(lambda: f"triage:{waits}" in work.begun)
        work.gate.set()
        await until(lambda: len(work.done) == 3)
        await asyncio.sleep(0.3)
    assert sorted(work.done) == [("triage", f"inc-{number}") for number in range(3)]
