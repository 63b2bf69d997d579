"""What has the model said so far? Puts a message together from the events of its stream.

The SDK's own accumulator parses tool arguments leniently while they arrive, so a call that was cut in
half looks complete. Here a message is complete when `message_stop` has been seen, and a call when its
arguments are whole JSON; everything else is a cut.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from chatops.domain.diagnosis import Usage
from chatops.persona.errors import PersonaError, kind_of

CUT = frozenset({"max_tokens", "model_context_window_exceeded"})
"""Reasons to stop that leave an answer unfinished."""
_DELTAS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


@dataclass(frozen=True)
class ToolCall:
    """One call the model asks for."""

    id: str
    name: str
    input: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """One complete answer of the model; `content` is what has to be sent back as its turn."""

    content: tuple[Mapping[str, Any], ...]
    stop_reason: str
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    detail: str = ""
    """What the vendor says about a refusal."""

    @property
    def text(self) -> str:
        """All its text."""
        return "\n".join(block["text"] for block in self.content if block.get("type") == "text" and block.get("text"))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls it asks for, in its order."""
        return tuple(
            ToolCall(str(block.get("id", "")), str(block.get("name", "")), _arguments(block.get("input")))
            for block in self.content
            if block.get("type") == "tool_use"
        )


def _arguments(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def usage(counts: object) -> Usage:
    """The vendor's counts; a field that a gateway leaves out, or does not send as a number, is 0."""
    told = counts if isinstance(counts, Mapping) else {}
    counted = {name: _count(told.get(name)) for name in Usage.model_fields if name != "cost_usd"}
    if isinstance(parts := told.get("cache_creation"), Mapping):  # by how long it is kept
        written = sum(map(_count, parts.values()))
        counted["cache_creation_input_tokens"] = max(counted["cache_creation_input_tokens"], written)
    return Usage(**counted)


def _count(given: object) -> int:
    try:
        return max(int(float(str(given or 0))), 0)
    except (ValueError, OverflowError):
        return 0


def reply(message: Mapping[str, Any]) -> Reply:
    """A whole message, as it comes without streaming; where no reason to stop is told, what is in it is the reason."""
    if message.get("type") == "error":
        raise failure(message)
    content = message.get("content")
    if not isinstance(content, list) or not (message.get("stop_reason") or content):
        raise PersonaError("garbage", f"not a message: {str(dict(message))[:300]}")
    details = message.get("stop_details")
    return Reply(
        content=tuple(_kept(block) for block in content if isinstance(block, Mapping)),
        stop_reason=str(message.get("stop_reason") or "end_turn"),
        usage=usage(message.get("usage")),
        model=str(message.get("model") or ""),
        detail=str(details.get("explanation") or "") if isinstance(details, Mapping) else "",
    )


def failure(told: Mapping[str, Any]) -> PersonaError:
    """What an error says that came in place of a message, or within its stream."""
    error = told.get("error")
    error = error if isinstance(error, Mapping) else {"message": error}
    return PersonaError(kind_of(str(error.get("type"))), str(error.get("message") or dict(told))[:600])


def as_event(data: str) -> Mapping[str, Any]:
    """One event from its data; empty for what holds none (a gateway's own end mark)."""
    if not data.strip() or data.strip() == "[DONE]":
        return {}
    event = json.loads(data)
    if not isinstance(event, Mapping):
        raise PersonaError("garbage", f"not an event: {data[:300]}")
    return event


def from_body(body: str) -> Reply:
    """The message of a body that came at once: as it is, or as the events that somebody held back."""
    if body.lstrip().startswith(("event:", "data:", ":")):
        parts = Accumulator()
        for line in body.split("\n"):
            if line.startswith("data:"):
                parts.feed(as_event(line.removeprefix("data:")))
        return parts.reply()
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, Mapping):
        raise PersonaError("garbage", f"not a message: {body[:300]}")
    return reply(message)


def _kept(block: Mapping[str, Any]) -> Mapping[str, Any]:
    """A block as it may be sent back: without the nulls that a response has and a request refuses."""
    return {key: value for key, value in block.items() if value is not None}


@dataclass
class Accumulator:
    """Collects events (as plain mappings) into a message. Grows while it is fed, therefore not frozen."""

    message: dict[str, Any] = field(default_factory=dict)
    blocks: dict[int, dict[str, Any]] = field(default_factory=dict)
    arguments: dict[int, str] = field(default_factory=dict)
    complete: bool = False

    def feed(self, event: Mapping[str, Any]) -> str:
        """Take one event; return the text for people that it adds, or ''."""
        match event.get("type"):
            case "message_start":
                self.message = dict(_object(event, "message"))
            case "content_block_start":
                block = dict(_object(event, "content_block"))
                self.blocks[_index(event, len(self.blocks))] = block
                return str(block.get("text") or "") if block.get("type") == "text" else ""
            case "content_block_delta":
                return self._delta(_index(event, max(self.blocks, default=0)), _object(event, "delta"))
            case "message_delta":
                self._close(event)
            case "message_stop":
                self.complete = True
            case "error":
                raise failure(event)
        return ""

    def _delta(self, index: int, delta: Mapping[str, Any]) -> str:
        block = self.blocks.setdefault(index, {"type": "text", "text": ""})
        kind = str(delta.get("type"))
        if kind == "input_json_delta":
            self.arguments[index] = self.arguments.get(index, "") + str(delta.get("partial_json") or "")
        elif name := _DELTAS.get(kind):
            block[name] = str(block.get(name) or "") + str(delta.get(name) or "")
        return str(delta.get("text") or "") if kind == "text_delta" else ""

    def _close(self, event: Mapping[str, Any]) -> None:
        told = {name: value for name, value in _object(event, "delta").items() if value is not None}
        counts = {name: count for name, count in _object(event, "usage").items() if count is not None}
        self.message = {**self.message, **told, "usage": {**_object(self.message, "usage"), **counts}}

    def said(self, tool: str, name: str) -> str:
        """The words so far of one text argument of a call that is still being written."""
        for index, block in self.blocks.items():
            if block.get("name") == tool and self.arguments.get(index):
                try:
                    partial = from_json(self.arguments[index], allow_partial="trailing-strings")
                except ValueError:
                    return ""
                return str(partial.get(name) or "") if isinstance(partial, dict) else ""
        return ""

    def reply(self) -> Reply:
        """The whole message; `PersonaError("cut")` where it has not arrived."""
        if not self.complete:
            raise PersonaError("cut", f"the stream ended early, after {len(self.blocks)} blocks")
        content = [self._whole(index) for index in sorted(self.blocks)]
        return reply({**self.message, "content": [block for block in content if block]})

    def _whole(self, index: int) -> dict[str, Any]:
        block = self.blocks[index]
        if block.get("type") != "tool_use":
            return block if block.get("type") != "text" or block.get("text") else {}
        try:
            return {**block, "input": json.loads(self.arguments.get(index) or "null") or block.get("input") or {}}
        except (ValueError, RecursionError) as error:
            if self.message.get("stop_reason") in CUT:
                return {}  # the call was cut at the length limit: there is no such call
            raise PersonaError("garbage", f"arguments of {block.get('name')} are not JSON: {error}") from error


def _object(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    told = event.get(name)
    return told if isinstance(told, Mapping) else {}


def _index(event: Mapping[str, Any], otherwise: int) -> int:
    told = event.get("index")
    return told if isinstance(told, int) else otherwise
