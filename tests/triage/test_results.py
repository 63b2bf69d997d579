"""Results are waited for by who needs them, and told as one picture."""

from __future__ import annotations

import anyio

from chatops.triage.results import Results
from connectors.contract import Check
from connectors.evidence import Coverage, Observation, State, Subject, Topology
from tests import factories

WEB = Subject(kind="Deployment", namespace="shop", name="web")
HOST = Topology(reaches=((WEB, "db.example.com"),))


async def unasked() -> Observation:
    raise AssertionError("results ask nobody")


def results() -> Results:
    checks = [Check(name, "?", unasked) for name in ("pods", "services")]
    return Results([("kubernetes", one) for one in checks] + [("cloudwatch", Check("alarms", "?", unasked))])


def put(into: Results, index: int, **observed: object) -> None:
    source, check = into.order[index]
    row = Coverage(source=source, check=check.name, state=State.CHECKED)
    into.keep(index, row, Observation.model_validate(observed))


async def test_the_source_that_tells_of_hosts_is_waited_for() -> None:
    known, told = results(), []

    async def wait() -> None:
        told.append(await known.reaching())

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        put(known, 0)
        await anyio.wait_all_tasks_blocked()
        assert told == []
        put(known, 1, topology=HOST)
    assert told == ["kubernetes"]
    put(known, 2)
    assert await known.reaching({"kubernetes"}) == ""


async def test_without_hosts_the_wait_ends_with_the_last_result() -> None:
    known = results()
    for index in range(3):
        put(known, index)
    assert await known.reaching() == ""
    await known.all_of("kubernetes")


async def test_all_of_a_source_is_waited_for_and_no_other() -> None:
    known, done = results(), anyio.Event()

    async def wait() -> None:
        await known.all_of("kubernetes")
        done.set()

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        put(known, 0)
        await anyio.wait_all_tasks_blocked()
        assert not done.is_set()
        put(known, 1)
        await done.wait()
    assert set(known.got) == {0, 1}


def test_what_was_looked_at_is_told_by_source() -> None:
    known = results()
    put(known, 1, evidence=(factories.evidence(id="", key="web", subject=WEB),), topology=HOST)
    put(known, 2)
    assert (known.looked_at("kubernetes"), known.looked_at("cloudwatch")) == ({WEB}, set())


def test_a_resource_behind_a_host_explains_who_uses_it() -> None:
    known, store = results(), Subject(kind="DBInstance", name="ledger")
    put(known, 1, topology=HOST)
    put(known, 2, findings=(factories.finding(subject=store, rests_on=("x",)),))
    assert known.snapshot(1.0).findings[0].explains == ()
    known.behind["db.example.com"] = store
    found = known.snapshot(1.0)
    assert (found.findings[0].explains, found.complete) == ((WEB,), False)
