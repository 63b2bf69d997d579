"""Nothing that people say or click is lost because somebody else works on the same incident."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from chatops.domain.casefile import CaseFile, PersonaResult
from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.ports import Toolbox, Watcher
from chatops.store import RedisStore
from chatops.triage import actions
from chatops.triage.keeping import Keeping
from tests.conftest import NOW
from tests.triage.test_intake import Noted
from tests.triage.test_service import Rig, Thinker, proposal
from tests.triage.test_service import rig as rig

MOST = timedelta(seconds=30)


@dataclass
class Slow(Thinker):
    """A persona during whose thinking something happens."""

    meanwhile: Callable[[], Awaitable[Any]] = field(kw_only=True)

    async def diagnose(self, case: CaseFile, tools: Toolbox, watcher: Watcher) -> PersonaResult:
        await self.meanwhile()
        return await super().diagnose(case, tools, watcher)

    async def answer(self, case: CaseFile, question: Turn, tools: Toolbox, watcher: Watcher) -> PersonaResult:
        await self.meanwhile()
        return await super().answer(case, question, tools, watcher)


async def _stored(rig: Rig) -> Diagnosis:
    found = await rig.store.diagnosis(rig.incident.id)
    assert found is not None
    return found


async def _says(rig: Rig, ts: str, text: str) -> None:
    await rig.store.add_turn(rig.incident.id, Turn(id=ts, author="U1", role="person", text=text, at=NOW))


def _click(rig: Rig, action: str) -> Callable[[], Awaitable[Any]]:
    return lambda: actions.act(rig.store, Noted(), rig.incident, action, "H1", "U1", NOW)


async def test_two_replies_at_the_same_moment_are_both_noted(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    for number in range(4):
        await _says(rig, f"5.{number}", f"we rolled back at 10:4{number}")
    await asyncio.gather(*(rig.service.answer(rig.incident.id, f"5.{number}") for number in range(4)))
    said = {one.id: one.summary for one in (await _stored(rig)).evidence if one.source == "people"}
    assert sorted(said) == ["E2", "E3", "E4", "E5"]
    for number in range(4):
        (its,) = [name for name, text in said.items() if text.endswith(f"10:4{number}")]
        assert its in rig.thread.slots[f"answer:5.{number}"].text


@pytest.mark.parametrize(("action", "status"), [("confirm", "confirmed"), ("rule_out", "ruled out")])
async def test_a_click_while_the_model_reasons_stands(rig: Rig, action: str, status: str) -> None:
    rig.persona.append(Slow(proposal(), meanwhile=_click(rig, action)))
    await rig.service.triage(rig.incident.id)
    (one,) = (await _stored(rig)).hypotheses
    assert (one.status, one.reason) == (status, f"{status} by a person")


async def test_a_click_while_an_answer_is_thought_of_stands(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    rig.persona.append(Slow(proposal(answer="It is the memory limit (E1)."), meanwhile=_click(rig, "rule_out")))
    await _says(rig, "5.0", "what is it?")
    await rig.service.answer(rig.incident.id, "5.0")
    diagnosis = await _stored(rig)
    assert [one.status for one in diagnosis.hypotheses] == ["ruled out"]
    assert "killed" not in diagnosis.summary, "nor does the first line name it"


async def test_what_came_while_a_turn_was_overdue_is_added_with_a_number_of_its_own(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)

    async def noted() -> None:  # by a worker that waited for its turn too long
        await rig.store.forget("turn", rig.incident.id)
        rig.persona.clear()
        await _says(rig, "5.1", "we rolled back at 10:42")
        await rig.service.answer(rig.incident.id, "5.1")

    rig.persona.append(Slow(proposal(answer="It is the memory limit (E1)."), meanwhile=noted))
    await _says(rig, "5.0", "what is it?")
    await rig.service.answer(rig.incident.id, "5.0")
    assert [one.summary for one in (await _stored(rig)).evidence if one.source == "people"] == [
        "we rolled back at 10:42"
    ]


async def test_turns_are_taken_one_after_the_other_and_a_job_done_again_has_its_own(store: RedisStore) -> None:
    keeping, order = Keeping(store, lambda: NOW), []

    async def job(name: str) -> None:
        async with keeping.turn("inc-1", name, MOST):
            order.append(f"{name} begins")
            await asyncio.sleep(0.05)
            order.append(f"{name} ends")

    assert await store.first_time("turn", "inc-1", MOST, by="a"), "a worker died in the turn of this job"
    waiting = asyncio.create_task(job("b"))
    await asyncio.sleep(0.05)
    assert not order
    await job("a")
    await waiting
    assert order == ["a begins", "a ends", "b begins", "b ends"]


async def test_who_goes_on_without_a_turn_does_not_end_anothers(store: RedisStore) -> None:
    assert await store.first_time("turn", "inc-1", MOST, by="a")
    async with Keeping(store, lambda: NOW, patience=0.01).turn("inc-1", "b", MOST):
        pass
    assert not await store.first_time("turn", "inc-1", MOST, by="c"), "it still is that of a"
