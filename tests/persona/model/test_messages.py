"""Turns as they are sent, and written down."""

from __future__ import annotations

import json

import pytest

from chatops.domain.diagnosis import Usage
from chatops.domain.ports import ToolAnswer
from chatops.persona.model import messages
from chatops.persona.model.stream import Reply

TEXT = {"type": "text", "text": "I look."}
CALLS = tuple({"type": "tool_use", "id": f"t{n}", "name": "logs", "input": {"n": n}} for n in (1, 2))
REPLY = Reply((TEXT, *CALLS), "tool_use", Usage(input_tokens=5, output_tokens=2), "claude-x")


def test_words_are_added_to_a_persons_turn_only() -> None:
    person, model = messages.turn("user", [TEXT]), messages.turn("assistant", [TEXT])
    assert messages.with_text(person, "last turn")["content"] == [TEXT, messages.block("last turn")]
    assert messages.with_text(model, "last turn") == model
    assert person["content"] == [TEXT], "what was sent stays as it was"


@pytest.mark.parametrize(
    ("got", "expected"),
    [(ToolAnswer("5 lines"), {"content": "5 lines"}), (ToolAnswer(""), {"content": "(empty)"}),
     (ToolAnswer("no such pod", is_error=True), {"content": "no such pod", "is_error": True})],
)  # fmt: skip
def test_a_call_is_answered_by_its_id(got: ToolAnswer, expected: dict[str, object]) -> None:
    assert messages.result(REPLY.calls[0], got) == {"type": "tool_result", "tool_use_id": "t1", **expected}


def test_a_turn_is_never_empty() -> None:
    assert messages.sendable(Reply((), "end_turn")) == [messages.block("(no text)")]
    assert messages.sendable(REPLY) == [TEXT, *CALLS]


def test_an_objection_answers_every_call() -> None:
    told = messages.objection(REPLY, REPLY.calls[1], "field missing")
    assert [(one["tool_use_id"], one["content"]) for one in told] == [("t1", "Not run."), ("t2", "field missing")]
    assert messages.objection(Reply((TEXT,), "end_turn"), None, "no call") == [messages.block("no call")]


def test_a_reply_is_read_back_as_it_was_written_down() -> None:
    written = json.loads(json.dumps(messages.to_document(REPLY)))
    assert messages.from_document(written) == Reply(REPLY.content, REPLY.stop_reason, REPLY.usage)
