"""A plan of what the persona does: it ticks off, goes on after a crash, and never stands as if it went on."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chatops.domain.conversation import Message
from chatops.domain.incident import Incident
from chatops.domain.ports import Step
from chatops.store import RedisStore
from chatops.triage.actions import STOP
from chatops.triage.progress import Progress
from tests import factories
from tests.conftest import NOW
from tests.triage.test_service import Shown


@pytest.fixture
def thread() -> Shown:
    return Shown()


@pytest.fixture
def incident() -> Incident:
    return factories.incident()


def progress(store: RedisStore, thread: Shown) -> Progress:
    return Progress(store, thread, thread.show)


def told(message: Message) -> list[tuple[str, str]]:
    (plan,) = message.blocks
    return [(task["title"], task["status"]) for task in plan["tasks"]]  # type: ignore[attr-defined]


async def test_steps_that_run_at_once_are_all_there(store: RedisStore, thread: Shown, incident: Incident) -> None:
    report = progress(store, thread).of(incident)
    await asyncio.gather(*(report(Step(str(n), f"step {n}", "in_progress")) for n in range(4)))
    await report(Step("2", "step 2", "complete", "two pods"))
    said = told(thread.slots["progress"])
    assert [title for title, _ in said] == [f"step {n}" for n in range(4)]
    assert said[2] == ("step 2", "complete")
    assert thread.posted == ["progress"]
    assert thread.slots["progress"].text == "Looking further (1 of 4)"


async def test_who_continues_continues_the_plan(store: RedisStore, thread: Shown, incident: Incident) -> None:
    await progress(store, thread).of(incident)(Step("1", "logs", "in_progress"))
    heir = progress(store, thread)
    await heir.of(incident)(Step("2", "events", "complete"))
    assert told(thread.slots["progress"]) == [("logs", "in_progress"), ("events", "complete")]
    await heir.over(incident)
    assert told(thread.slots["progress"]) == [("logs", "error"), ("events", "complete")]
    assert thread.slots["progress"].text == "Looked further (2 of 2)"
    await heir.of(incident)(Step("3", "again", "in_progress"))
    assert told(thread.slots["progress"]) == [("again", "in_progress")], "another run has a plan of its own"


async def test_without_steps_nothing_is_said(store: RedisStore, thread: Shown, incident: Incident) -> None:
    await progress(store, thread).over(incident)
    assert thread.slots == {}


async def test_beside_an_answer_the_stream_has_them(store: RedisStore, thread: Shown, incident: Incident) -> None:
    step = Step("1", "logs", "in_progress")
    await progress(store, thread).beside(incident, thread.stream(incident, "answer:1", "U1"))(step)
    assert (thread.tasks, thread.slots) == ([step], {})


async def test_an_answer_ends_with_a_stop_that_comes_meanwhile(
    store: RedisStore, thread: Shown, incident: Incident
) -> None:
    await store.add(incident.model_copy(update={"status": "stopped"}))
    stream = thread.stream(incident, "answer:1", "U1")
    watcher = await progress(store, thread).watcher(incident, NOW, stream)
    assert watcher.stopped is not None
    assert not await watcher.stopped(), "that it was stopped once ends no later answer"
    await store.put(STOP, incident.id, {"mark": "1"}, timedelta(hours=1))
    assert await watcher.stopped()


async def test_an_investigation_ends_with_its_incident(store: RedisStore, thread: Shown, incident: Incident) -> None:
    await store.add(incident)
    watcher = await progress(store, thread).watcher(incident, NOW)
    assert watcher.stopped is not None
    assert not await watcher.stopped()
    await store.update(incident.id, lambda one: one.model_copy(update={"status": "stopped"}))
    assert await watcher.stopped()
