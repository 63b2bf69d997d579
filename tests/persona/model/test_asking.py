"""Asking again: for how long, whom else, and what people see of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from chatops.persona.errors import PersonaError, PersonaErrorKind
from chatops.persona.model.asking import Asker, OnText, Patience, Shown
from chatops.persona.model.stream import Reply
from tests.persona.cases import Pauses

REQUEST = {"messages": [{"role": "assistant", "content": [{"type": "thinking"}, {"type": "text"}]}]}
DONE = Reply((), "end_turn")


class Endpoint:
    """Fails as often as it is told, then answers."""

    def __init__(self, *failures: PersonaError) -> None:
        self._failures = list(failures)
        self.asked: list[Mapping[str, Any]] = []

    async def ask(self, request: Mapping[str, Any], timeout: float, on_text: OnText) -> Reply:
        self.asked.append(request)
        if self._failures:
            raise self._failures.pop(0)
        return DONE


async def silent(note: str) -> None:
    return None


def asker(endpoint: Endpoint, pauses: Pauses, *models: str) -> Asker:
    return Asker(endpoint, models or ("opus",), Patience(), pauses.sleep, lambda: 0.0)


@pytest.mark.parametrize("kind", ["overloaded", "rate limited", "unavailable", "cut", "timeout", "garbage"])
async def test_what_passes_is_asked_again(kind: PersonaErrorKind) -> None:
    endpoint, pauses = Endpoint(*[PersonaError(kind, "x")] * 3), Pauses()
    assert await asker(endpoint, pauses).ask(REQUEST, Shown(None), silent) is DONE
    assert pauses.taken == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("kind", ["denied", "rejected", "persona"])
async def test_what_stays_is_not(kind: PersonaErrorKind) -> None:
    endpoint, pauses = Endpoint(PersonaError(kind, "x")), Pauses()
    with pytest.raises(PersonaError):
        await asker(endpoint, pauses, "opus", "sonnet").ask(REQUEST, Shown(None), silent)
    assert (len(endpoint.asked), pauses.taken) == (1, [])


async def test_patience_ends() -> None:
    endpoint, pauses = Endpoint(*[PersonaError("overloaded", "x")] * 9), Pauses()
    with pytest.raises(PersonaError):
        await asker(endpoint, pauses, "opus", "sonnet").ask(REQUEST, Shown(None), silent)
    assert [request["model"] for request in endpoint.asked] == ["opus"] * 2 + ["sonnet"] * 4


async def test_a_wait_of_hours_turns_to_the_fallback_at_once() -> None:
    endpoint, pauses = Endpoint(PersonaError("rate limited", "x", 7200)), Pauses()
    one = asker(endpoint, pauses, "opus", "sonnet")
    await one.ask(REQUEST, Shown(None), silent)
    assert (pauses.taken, one.model) == ([], "sonnet")


async def test_an_unknown_model_turns_to_the_fallback_without_its_thoughts() -> None:
    endpoint = Endpoint(PersonaError("not found", "model"))
    one = asker(endpoint, Pauses(), "opus", "sonnet")
    await one.ask(REQUEST, Shown(None), silent)
    assert endpoint.asked[0]["messages"] == REQUEST["messages"]
    assert endpoint.asked[1]["messages"][0]["content"] == [{"type": "text"}]
    assert one.model == "sonnet"


async def test_people_read_on_where_an_answer_was_cut() -> None:
    told: list[str] = []

    async def tell(text: str) -> None:
        told.append(text)

    shown = Shown(tell)
    for attempt in (["It is ", "the mem"], ["It ", "is the memory", " limit."]):
        shown.again()
        for part in attempt:
            await shown.take(part, "")
    assert "".join(told) == "It is the memory limit."
    shown.again()
    await shown.take("No: the disk.", "")
    assert told[-1] == "\n\nNo: the disk."
