"""`chatops jobs` shows what waits and what was given up, and runs that again."""

from __future__ import annotations

import json
from datetime import timedelta

from anyio import to_thread

from chatops.store import RedisStore
from chatops.triage.dead_letters import DeadLetter
from chatops.triage.jobs import open_jobs
from tests import factories
from tests.cli.test_main import chatops
from tests.conftest import NOW


async def test_jobs_are_listed_retried_and_dropped(store: RedisStore, valkey_url: str) -> None:
    incident = factories.incident(status="failed")
    await store.add(incident)
    key = f"triage:{incident.id}"

    async def run(*arguments: str) -> tuple[int, str]:
        done = await to_thread.run_sync(lambda: chatops("jobs", *arguments, CHATOPS_REDIS__URL=valkey_url))
        return done.returncode, done.stdout + done.stderr

    async with open_jobs(valkey_url, "chatops-jobs", timedelta(days=1), lambda: None) as jobs:
        for name in (key, "refresh:inc-x"):
            task, _, one = name.partition(":")
            await jobs.bury(DeadLetter(key=name, task=task, arguments=(one,), reason="broke off 3 times", at=NOW))
        await jobs.keep_alive()
        listed = json.loads((await run("list", "--format", "json"))[1])
        assert {row["key"] for row in listed["dead"]} == {key, "refresh:inc-x"}
        code, said = await run("retry", "nonesuch")
        assert (code, "nonesuch" in said) == (2, True)
        assert "queued again" in (await run("retry", key))[1]
        assert (await run("drop", "--all"))[1] == "1 dropped\n"
        assert [(row[0], row[2]) for row in await jobs.waiting()] == [(key, "waits")]
        code, said = await run("list")
        assert "waits" in said
        assert "1 run or wait, 0 were given up" in said
        await jobs.keep_alive()


def test_a_store_that_is_away_is_one_line() -> None:
    done = chatops("jobs", "list", CHATOPS_REDIS__URL="redis://127.0.0.1:1")
    assert done.returncode == 2
    assert "redis.url" in done.stderr
    assert "Traceback" not in done.stderr
