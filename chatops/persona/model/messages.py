"""How does a conversation look on the wire and in the journal? Small builders of its blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatops.domain.ports import ToolAnswer
from chatops.persona.model.stream import Reply, ToolCall, usage

SUBMIT = "submit_diagnosis"
"""The tool by which a model answers."""


def block(text: str) -> dict[str, Any]:
    """A block of text."""
    return {"type": "text", "text": text}


def turn(role: str, content: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One message."""
    return {"role": role, "content": [dict(one) for one in content]}


def with_text(message: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The message with another block of text, where it is a person's turn."""
    if message["role"] != "user":
        return dict(message)
    return {**message, "content": [*message["content"], block(text)]}


def result(call: ToolCall, got: ToolAnswer) -> dict[str, Any]:
    """What a call brought, as the block that answers it."""
    answered: dict[str, Any] = {"type": "tool_result", "tool_use_id": call.id, "content": got.text or "(empty)"}
    return {**answered, "is_error": True} if got.is_error else answered


def sendable(reply: Reply) -> list[Mapping[str, Any]]:
    """The reply as a turn that may be followed: as it came, never empty."""
    return list(reply.content) or [block("(no text)")]


def objection(reply: Reply, submitted: ToolCall | None, problem: str) -> list[dict[str, Any]]:
    """What is said about a reply that is no answer: to every call in it, because none may stay without a result."""
    told = [
        {"type": "tool_result", "tool_use_id": call.id, "is_error": True,
         "content": problem if submitted is None or submitted.id == call.id else "Not run."}
        for call in reply.calls
    ]  # fmt: skip
    return told or [block(problem)]


def to_document(reply: Reply) -> dict[str, Any]:
    """The reply as it is written down."""
    return {
        "content": [dict(one) for one in reply.content],
        "stop_reason": reply.stop_reason,
        "usage": reply.usage.model_dump(),
        "detail": reply.detail,
    }


def from_document(entry: Mapping[str, Any]) -> Reply:
    """The reply as it was written down."""
    return Reply(
        content=tuple(entry["content"]),
        stop_reason=str(entry["stop_reason"]),
        usage=usage(entry["usage"]),
        detail=str(entry.get("detail", "")),
    )
