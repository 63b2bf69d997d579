"""Messages from events: complete or not there."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.persona.errors import PersonaError
from chatops.persona.model.stream import Accumulator, reply
from tests.persona.messages_api import Say, call, events, submit, text

WHOLE = Say([{"type": "thinking", "thinking": "hm"}, text("I look."), call("pod_logs", {"name": "cart"})])


def fed(listed: list[dict[str, Any]]) -> Accumulator:
    parts = Accumulator()
    for event in listed:
        parts.feed(event)
    return parts


def test_a_whole_stream_is_the_message() -> None:
    got = fed(events(WHOLE, "claude")).reply()
    assert got.text == "I look."
    assert [(one.name, one.input) for one in got.calls] == [("pod_logs", {"name": "cart"})]
    assert got.content[0] == {"type": "thinking", "thinking": "hm", "signature": "sig"}
    assert (got.stop_reason, got.usage.input_tokens, got.usage.output_tokens) == ("tool_use", 1000, 100)


@pytest.mark.parametrize("cut", range(len(events(WHOLE))))
def test_a_cut_stream_is_no_message(cut: int) -> None:
    with pytest.raises(PersonaError) as failed:
        fed(events(WHOLE)[:cut]).reply()
    assert failed.value.kind == "cut"


def test_text_is_told_as_it_comes() -> None:
    parts = Accumulator()
    assert "".join(parts.feed(event) for event in events(WHOLE)) == "I look."


def test_an_argument_is_readable_while_it_is_written() -> None:
    parts = Accumulator()
    said = []
    for event in events(Say([submit(answer="Since the rollback at ten.")])):
        parts.feed(event)
        said.append(parts.said("submit_diagnosis", "answer"))
    assert said[0] == ""
    assert said[-1] == "Since the rollback at ten."
    assert parts.said("submit_diagnosis", "verdict") == "identified"
    assert parts.said("another", "answer") == ""


def test_broken_arguments_are_no_call() -> None:
    broken = {**call("pod_logs", {}), "raw": '{"name": '}
    with pytest.raises(PersonaError) as failed:
        fed(events(Say([broken]))).reply()
    assert failed.value.kind == "garbage"
    assert fed(events(Say([text("long"), broken], stop_reason="max_tokens"))).reply().calls == ()


@pytest.mark.parametrize("message", [{}, {"content": "text"}, {"content": [], "stop_reason": None}])
def test_what_is_no_message_is_garbage(message: dict[str, Any]) -> None:
    with pytest.raises(PersonaError) as failed:
        reply(message)
    assert failed.value.kind == "garbage"


def test_missing_counts_are_nothing() -> None:
    got = reply({"content": [], "stop_reason": "end_turn", "usage": {"input_tokens": None}})
    assert got.usage.input_tokens == 0
