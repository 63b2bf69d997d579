"""What people do to an incident."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatops.domain.diagnosis import NextStep
from chatops.domain.incident import Incident
from chatops.store import RedisStore
from chatops.triage.actions import STOP, act, reranked, with_status
from tests.conftest import NOW
from tests.factories import diagnosis, hypothesis, incident

LATER = NOW + timedelta(minutes=30)
TWO = (hypothesis(), hypothesis(id="H2", rank=2, cause="BadRelease", confidence=0.4, statement="release 2 is bad"))


class Queue:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def triage(self, incident_id: str, *, first: bool = False) -> None:
        self.asked.append(("triage", "first" if first else ""))

    async def refresh(self, incident_id: str, *, first: bool = False) -> None:
        self.asked.append(("refresh", "first" if first else ""))

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        self.asked.append((action, argument, user))


@pytest.fixture
async def known(store: RedisStore) -> Incident:
    one = incident(status="answered")
    await store.add(one)
    await store.save_case(one.id, diagnosis(one, hypotheses=TWO), ())
    return one


async def do(store: RedisStore, one: Incident, action: str, argument: str = "") -> tuple[str, Queue]:
    queue = Queue()
    return await act(store, queue, one, action, argument, "U1", LATER), queue


async def test_a_confirmed_cause_stands_first_and_is_remembered(store: RedisStore, known: Incident) -> None:
    line, queue = await do(store, known, "confirm", "H2")
    assert (line, queue.asked) == ("Confirmed: release 2 is bad", [("refresh", "first")])
    kept = await store.diagnosis(known.id)
    assert kept is not None
    assert [(h.id, h.rank, h.status) for h in kept.hypotheses] == [("H2", 1, "confirmed"), ("H1", 2, "open")]
    again = incident()
    seen = await store.seen_before(again, diagnosis(again, hypotheses=(TWO[1],)))
    assert [one.cause for one in seen] == ["BadRelease"]


async def test_the_last_word_on_a_cause_is_what_is_remembered(store: RedisStore, known: Incident) -> None:
    """Confirmed, then corrected: the other one is found again, and what was taken back is not."""

    async def seen() -> list[str]:
        again = incident()
        told = diagnosis(again, hypotheses=[one.model_copy(update={"confidence": 0.9}) for one in TWO])
        return [one.cause for one in await store.seen_before(again, told)]

    await do(store, known, "confirm", "H1")
    assert (await do(store, known, "confirm", "H2"))[0] == "Confirmed: release 2 is bad"
    assert await seen() == ["BadRelease"]
    await do(store, known, "resolve", "rolled back")
    await do(store, known, "rule_out", "H1")
    assert await seen() == ["BadRelease"]
    await do(store, known, "rule_out", "H2")
    assert await seen() == []


async def test_ruling_out_names_what_comes_next_until_nothing_is_left(store: RedisStore, known: Incident) -> None:
    assert (await do(store, known, "rule_out", "H1"))[0] == "Ruled out. Next: release 2 is bad"
    left = await store.diagnosis(known.id)
    assert left is not None
    assert left.hypotheses[0].statement == "release 2 is bad"
    assert (left.verdict, "memory" in left.summary) == ("probable", False), "the first line is of what still stands"
    assert "No other hypothesis is left" in (await do(store, known, "rule_out", "H2"))[0]


async def test_resolving_notes_what_fixed_it_and_who(store: RedisStore, known: Incident) -> None:
    line, _ = await do(store, known, "resolve", "rolled back")
    kept = await store.get(known.id)
    assert kept is not None
    assert kept.attended
    assert (line, kept.status, kept.resolved_at, kept.resolution) == (
        "Resolved: rolled back. Confirm its cause, too, and it is found when the same comes again.",
        "resolved",
        LATER,
        "rolled back",
    )
    last = (await store.timeline(known.id))[-1]
    assert (last.kind, last.by) == ("resolve", "U1")


async def test_looking_again_is_before_others_and_up_to_now(store: RedisStore, known: Incident) -> None:
    _, queue = await do(store, known, "retry")
    kept = await store.get(known.id)
    assert kept is not None
    assert (queue.asked, kept.status, kept.window.end) == ([("triage", "first")], "open", LATER)


async def test_stopping_keeps_what_is_known(store: RedisStore, known: Incident) -> None:
    await store.update(known.id, lambda one: one.model_copy(update={"status": "investigating"}))
    await do(store, known, "stop")
    kept = await store.get(known.id)
    assert kept is not None
    assert kept.status == "stopped"
    assert await store.diagnosis(known.id) is not None


@pytest.mark.parametrize("status", ["answered", "resolved", "failed"])
async def test_what_is_over_is_not_stopped_any_more(store: RedisStore, known: Incident, status: str) -> None:
    await store.update(known.id, lambda one: one.model_copy(update={"status": status}))
    line, _ = await do(store, known, "stop")
    kept = await store.get(known.id)
    assert kept is not None
    assert kept.status == status, "a resolved incident is not open again, an answer stands as one"
    assert "over already" in line
    assert await store.take(STOP, known.id), "what is being written in its thread ends"


async def test_before_anything_is_known_nothing_is_run_or_written(store: RedisStore) -> None:
    one = incident()
    await store.add(one)
    for action in ("run_check", "postmortem"):
        with pytest.raises(LookupError, match="Nothing is known yet"):
            await do(store, one, action, "S1")


async def test_a_check_runs_in_a_worker(store: RedisStore, known: Incident) -> None:
    step = NextStep(id="N1", argv=("kubectl", "get", "pods"), command="kubectl get pods", why="", verdict="read-only")
    told = diagnosis(known, hypotheses=TWO).model_copy(update={"next_steps": (step,)})
    await store.save_case(known.id, told, ())
    line, queue = await do(store, known, "run_check", "N1")
    assert queue.asked == [("run_check", "N1", "U1")]
    assert "Running N1" in line


@pytest.mark.parametrize(("action", "argument"), [("confirm", "H9"), ("run_check", "S9"), ("dance", "")])
async def test_what_is_not_there_is_named(store: RedisStore, known: Incident, action: str, argument: str) -> None:
    with pytest.raises(LookupError, match="H9|S9|dance"):
        await do(store, known, action, argument)


def test_people_decide_before_confidence_does() -> None:
    ruled = with_status(diagnosis(hypotheses=TWO), "H1", "ruled out", "by a person")
    assert [h.id for h in ruled.hypotheses] == ["H2", "H1"]
    assert ruled.hypotheses[1].confidence == 0
    assert [h.rank for h in reranked([*reversed(TWO)])] == [1, 2]
