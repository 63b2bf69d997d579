"""Messages from events: complete or not there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatops.persona.errors import PersonaError
from chatops.persona.model.stream import Accumulator, as_event, from_body, reply
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
    for reason in ("max_tokens", "model_context_window_exceeded"):
        assert fed(events(Say([text("long"), broken], stop_reason=reason))).reply().calls == ()


@pytest.mark.parametrize("message", [{}, {"content": "text"}, {"content": [], "stop_reason": None}])
def test_what_is_no_message_is_garbage(message: dict[str, Any]) -> None:
    with pytest.raises(PersonaError) as failed:
        reply(message)
    assert failed.value.kind == "garbage"


def test_missing_counts_are_nothing() -> None:
    got = reply({"content": [], "stop_reason": "end_turn", "usage": {"input_tokens": None}})
    assert got.usage.input_tokens == 0


@pytest.mark.parametrize("usage", [None, [], "none", {"input_tokens": "n/a", "output_tokens": -3}])
def test_counts_that_are_none_are_nothing(usage: object) -> None:
    got = reply({"content": [text("x")], "usage": usage})
    assert (got.usage.input_tokens, got.usage.output_tokens, got.stop_reason) == (0, 0, "end_turn")


def test_what_was_written_to_the_cache_is_counted_by_its_parts_too() -> None:
    parts = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 50}
    for total in ({}, {"cache_creation_input_tokens": 150}):
        got = reply({"content": [text("x")], "usage": {**total, "cache_creation": parts}})
        assert got.usage.cache_creation_input_tokens == 150


def test_the_counts_of_the_end_stand() -> None:
    whole = events(WHOLE)
    whole[-2]["usage"] = {"input_tokens": 7, "output_tokens": 8, "cache_read_input_tokens": None}
    assert fed([*whole[:-1], whole[-2], whole[-1]]).reply().usage == fed(whole).reply().usage
    assert fed(whole).reply().usage.input_tokens == 7


def test_events_that_nobody_knows_yet_change_nothing() -> None:
    new: list[dict[str, Any]] = [
        {"type": "message_hint", "hint": {}},
        {"type": "content_block_start", "index": 9, "content_block": {"type": "note", "text": "not for people"}},
        {"type": "content_block_delta", "index": 9, "delta": {"type": "note_delta", "note": "n"}},
        {},
    ]
    listed = events(WHOLE)
    got = fed([*listed[:-2], *new, *listed[-2:]]).reply()
    assert got.text == "I look."
    assert got.content[-1] == {"type": "note", "text": "not for people"}


def test_blocks_without_their_index_are_told_by_their_order() -> None:
    listed = [{name: value for name, value in event.items() if name != "index"} for event in events(WHOLE)]
    assert fed(listed).reply() == fed(events(WHOLE)).reply()


def test_an_error_in_place_of_an_answer_has_its_kind() -> None:
    told = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    with pytest.raises(PersonaError, match="overloaded: busy"):
        from_body(json.dumps(told))
    with pytest.raises(PersonaError, match="overloaded: busy"):
        fed([*events(WHOLE)[:4], told])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_body_that_came_at_once_is_the_message_or_its_events(end: str) -> None:
    message = {"content": [call("pod_logs", {"name": "cart"})], "usage": {"output_tokens": 5}}
    assert from_body(json.dumps(message, indent=1)).calls[0].input == {"name": "cart"}
    told = [f"data: {json.dumps(event)}{end}{end}" for event in events(WHOLE)]
    assert from_body("".join([f": held{end}{end}", *told, f"data: [DONE]{end}{end}"])) == fed(events(WHOLE)).reply()
    for body in ("", "<html>login</html>", "[]", "{"):
        with pytest.raises(PersonaError, match="garbage"):
            from_body(body)
    with pytest.raises(PersonaError, match="not an event"):
        as_event("[1]")
