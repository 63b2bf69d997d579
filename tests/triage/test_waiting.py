"""What waits for its turn is seen: a few by their own message, many in one that is edited until nothing waits."""

from __future__ import annotations

from typing import Any

from chatops.domain.incident import Incident
from chatops.settings import StormSettings, load
from chatops.store import AlertIndex, RedisStore
from chatops.triage.intake import Intake
from chatops.triage.waiting import Waiting
from tests import factories
from tests.conftest import NOW
from tests.triage.test_intake import NoPages, Noted
from tests.triage.test_service import Shown


def opening(store: RedisStore, queue: Noted, **settings: Any) -> Intake:
    storm = StormSettings(at_once=1, correlate_minutes=0, **settings)
    slack = {"channel": "C1"}
    return Intake(load(storm=storm, slack=slack), store, queue, NoPages(), lambda: NOW, None, AlertIndex(store))


async def opened(intake: Intake, number: int, severity: str = "warning", **labels: str) -> Incident:
    alert = factories.alert(fingerprint=f"a:{number}", group_key="", severity=severity, labels=labels)
    (one,) = await intake.alerts([alert])
    return one.incident


async def test_the_first_that_wait_are_told_at_once_and_many_in_one_list(store: RedisStore) -> None:
    queue = Noted()
    intake = opening(store, queue)
    told = [await opened(intake, number) for number in range(9)]
    assert not told[0].held
    assert "about 12:0" in told[-1].held
    refreshed = [job[1] for job in queue.jobs if job[0] == "refresh"]
    assert refreshed == [one.id for one in told[1:6]]
    assert ("board", "C1") in queue.jobs

    thread = Shown()
    waiting = Waiting(AlertIndex(store), store, thread, queue, lambda: NOW)
    await waiting.show("C1")
    assert thread.slots["waiting"].text == "8 incidents wait for their turn"
    assert told[1].title in str(thread.slots["waiting"].blocks)
    queue.jobs.clear()
    for one in told[1:]:
        await waiting.begun(one)
    assert queue.jobs == [("board", "C1")] * 8 or ("board", "C1") in queue.jobs
    await waiting.show("C1")
    assert thread.slots["waiting"].text.startswith("✅ Nothing waits any more: up to 8 incidents")
    assert thread.posted == ["waiting"], "one message, edited"
    await waiting.show("C1")


async def test_the_next_storm_has_a_message_of_its_own(store: RedisStore) -> None:
    index, queue, thread = AlertIndex(store), Noted(), Shown()
    waiting = Waiting(index, store, thread, queue, lambda: NOW)
    ids = []
    for _ in range(2):
        one = factories.incident()
        await store.add(one)
        await index.wait("C1", one.id, NOW)
        await waiting.show("C1")
        ids.append((await store.take("board", "C1") or {})["id"])
        await waiting.begun(one)
        await waiting.show("C1")
    assert len(set(ids)) == 2


async def test_what_begins_without_waiting_changes_no_list(store: RedisStore) -> None:
    queue, thread = Noted(), Shown()
    waiting = Waiting(AlertIndex(store), store, thread, queue, lambda: NOW)
    await waiting.begun(factories.incident())
    await waiting.show("C1")
    assert (queue.jobs, thread.posted) == ([], [])


async def test_many_critical_ones_take_turns_and_a_fast_burn_goes_before_them(store: RedisStore) -> None:
    queue = Noted()
    intake = opening(store, queue)
    critical = [await opened(intake, number, "critical") for number in range(6)]
    burning = await opened(intake, 7, "critical", slo="checkout")
    warning = await opened(intake, 8)
    waits = [queue.waits[one.id] for one in critical]
    assert waits[:2] == [0, 0]
    assert waits == sorted(waits)
    assert waits[-1] > 0
    assert queue.waits[burning.id] == 0
    assert queue.waits[warning.id] == 0, "others have turns of their own"
