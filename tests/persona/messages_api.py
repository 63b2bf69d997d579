"""A scripted Messages API: a real HTTP server on loopback with real event streams and real error bodies.

Every request takes the next `Say` from the script and is kept for the test to read. A stream can end
after any number of events: cleanly, by a cut connection, or with an `error` event in it.

What the API refuses is refused here too, as its newest models do it: a forced tool, calls without results, empty
text, and thoughts in a conversation that is not, byte for byte, the one in which the model had them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Block = dict[str, Any]


def text(words: str) -> Block:
    return {"type": "text", "text": words}


def call(name: str, arguments: Mapping[str, Any], id: str = "") -> Block:
    return {"type": "tool_use", "id": id or f"toolu_{name}", "name": name, "input": dict(arguments)}


def submit(**answer: Any) -> Block:
    return call("submit_diagnosis", {**ANSWER, **answer})


ANSWER: dict[str, Any] = {
    "answer": "",
    "hypotheses": [
        {
            "id": "",
            "cause": "OOMKilled",
            "subject": {"kind": "Deployment", "namespace": "shop", "name": "cart"},
            "statement": "cart is killed at its limit of 256Mi",
            "mechanism": "",
            "supporting": ["E1"],
            "contradicting": [],
            "confidence": 0.9,
            "would_confirm": "",
            "would_refute": "",
            "status": "open",
            "reason": "",
        }
    ],
    "verdict": "identified",
    "summary": "cart runs out of memory",
    "next_steps": [],
    "mitigations": [],
    "runbooks": [],
    "open_questions": [],
    "gaps": [],
}


@dataclass(frozen=True)
class Say:
    """One answer of the server."""

    content: Sequence[Block] = ()
    stop_reason: str = ""
    status: int = 200
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    events: int | None = None
    """How many events are sent before the end; None for all."""
    ending: Literal["clean", "abort", "error", "trickle"] = "clean"
    body: bytes | None = None
    """Sent as it is, with `headers`."""
    input_tokens: int = 1000
    output_tokens: int = 100
    cache_read: int = 0
    cache_creation: int = 0
    delay: float = 0.0
    only_json: bool = False


def overloaded(**headers: str) -> Say:
    return Say(status=529, error="overloaded_error", headers={k.replace("_", "-"): v for k, v in headers.items()})


Script = Callable[[int, dict[str, Any]], Say]


class MessagesAPI:
    """What was asked, and where to ask."""

    def __init__(self, script: Sequence[Say] | Script) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.url = ""
        self.sign: Callable[[dict[str, Any]], str] = lambda request: _prefix(request, len(request.get("messages", [])))
        """By what a thought is bound to its conversation."""
        self._script = script

    def _next(self, request: dict[str, Any]) -> Say:
        number = len(self.requests) - 1
        if callable(self._script):
            return self._script(number, request)
        if number >= len(self._script):
            return Say(
                status=500,
                error="api_error",
                body=b'{"type":"error","error":{"type":"api_error","message":"script is over"}}',
            )
        return self._script[number]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._one(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = json.loads(body or b"{}")
        self.paths.append(head[0].split(" ")[1])
        self.requests.append(request)
        self.headers.append(headers)
        if reason := refused(request):
            told = {"type": "error", "error": {"type": "invalid_request_error", "message": reason}}
            await _plain(writer, 400, json.dumps(told).encode(), {"content-type": "application/json"})
            return
        say = _signed(self._next(request), self.sign(request))
        await asyncio.sleep(say.delay)
        if say.body is not None or (say.error and say.status != 200):
            await _plain(
                writer, say.status, say.body or _error(say.error), {"content-type": "application/json", **say.headers}
            )
        elif self.paths[-1].endswith("invoke-with-response-stream"):
            await _aws_stream(writer, say)
        elif request.get("stream") and not say.only_json:
            await _stream(writer, say, request.get("model", ""))
        else:
            whole = json.dumps(_message(say, request.get("model", ""), say.content)).encode()
            await _plain(writer, 200, whole, {"content-type": "application/json"})


def refused(request: Mapping[str, Any]) -> str:
    """Why the API would not take the request; '' where it would."""
    if request.get("tool_choice", {}).get("type") in {"any", "tool"}:
        return "tool_choice: forced tool use is not supported for this model"
    asked: set[str] = set()
    for at, message in enumerate(request.get("messages", [])):
        blocks = message["content"] if isinstance(message["content"], list) else [text(message["content"])]
        answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        if answered != asked:
            return f"messages.{at}: calls {sorted(asked)} have results {sorted(answered)}"
        asked = {block["id"] for block in blocks if block["type"] == "tool_use"}
        if any(block["type"] == "text" and not block["text"] for block in blocks) or not blocks:
            return f"messages.{at}: text content blocks must be non-empty"
        if any("cache_control" in block for block in blocks if block["type"] == "thinking"):
            return f"messages.{at}: cache_control cannot be set for thinking blocks"
        bound = [block["signature"] for block in blocks if block["type"] == "thinking"]
        if any(signature != _prefix(request, at) for signature in bound):
            return (
                f"messages.{at}.content.0: Invalid `signature` in `thinking` block. The block is bound to a different "
                "conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior`."
            )
    return f"calls {sorted(asked)} have no results" if asked else ""


def _prefix(request: Mapping[str, Any], messages: int) -> str:
    """What stands before a message, for the signature of thoughts in it."""
    before = [request.get("model"), request.get("system"), request.get("tools"), request.get("messages", [])[:messages]]
    return hashlib.sha256(json.dumps(_unmarked(before)).encode()).hexdigest()[:16]


def _unmarked(value: Any) -> Any:
    """Without the marks of the cache, which move."""
    match value:
        case dict():
            return {key: _unmarked(item) for key, item in value.items() if key != "cache_control"}
        case list():
            return [_unmarked(item) for item in value]
        case _:
            return value


def _signed(say: Say, signature: str) -> Say:
    content = [{**block, "signature": signature} if block["type"] == "thinking" else block for block in say.content]
    return replace(say, content=content) if list(say.content) != content else say


def _error(kind: str) -> bytes:
    return json.dumps({"type": "error", "error": {"type": kind, "message": f"scripted {kind}"}}).encode()


def _stop(say: Say) -> str:
    return say.stop_reason or ("tool_use" if any(block["type"] == "tool_use" for block in say.content) else "end_turn")


def _message(say: Say, model: str, content: Sequence[Block]) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": list(content),
        "stop_reason": _stop(say) if content is say.content else None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": say.input_tokens,
            "output_tokens": say.output_tokens,
            "cache_read_input_tokens": say.cache_read,
            "cache_creation_input_tokens": say.cache_creation,
        },
    }


def events(say: Say, model: str = "m") -> list[dict[str, Any]]:
    """The events of a stream, as the API sends them."""
    listed: list[dict[str, Any]] = [{"type": "message_start", "message": _message(say, model, [])}, {"type": "ping"}]
    for index, block in enumerate(say.content):
        listed += _block_events(index, block)
    stop = {"stop_reason": _stop(say), "stop_sequence": None}
    listed.append({"type": "message_delta", "delta": stop, "usage": {"output_tokens": say.output_tokens}})
    listed.append({"type": "message_stop"})
    return listed


def _block_events(index: int, block: Block) -> list[dict[str, Any]]:
    empty: Block
    deltas: list[Block]
    if block["type"] == "text":
        empty, deltas = (
            {"type": "text", "text": ""},
            [{"type": "text_delta", "text": part} for part in _halves(block["text"])],
        )
    elif block["type"] == "thinking":
        empty = {"type": "thinking", "thinking": "", "signature": ""}
        deltas = [
            {"type": "thinking_delta", "thinking": block["thinking"]},
            {"type": "signature_delta", "signature": block.get("signature", "sig")},
        ]
    else:
        whole = block.get("raw") or json.dumps(block["input"])
        empty = {**{k: v for k, v in block.items() if k != "raw"}, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in ("", *_halves(whole))]
    return [
        {"type": "content_block_start", "index": index, "content_block": empty},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def _halves(whole: str) -> tuple[str, str]:
    return whole[: len(whole) // 2], whole[len(whole) // 2 :]


async def _plain(writer: asyncio.StreamWriter, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    lines = [f"HTTP/1.1 {status} Scripted", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    await writer.drain()


async def _stream(writer: asyncio.StreamWriter, say: Say, model: str) -> None:
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    for event in events(say, model)[: say.events]:
        await _chunk(writer, f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
    if say.events is not None and say.ending == "error":
        await _chunk(writer, b"event: error\ndata: " + _error(say.error or "overloaded_error") + b"\n\n")
    while say.events is not None and say.ending == "trickle":  # until nobody listens
        await _chunk(writer, b'event: ping\ndata: {"type": "ping"}\n\n')
        await asyncio.sleep(0.01)
    if say.events is not None and say.ending == "abort":
        writer.transport.abort()
        return
    await _chunk(writer, b"")


async def _aws_stream(writer: asyncio.StreamWriter, say: Say) -> None:
    """The same events in the frames of Bedrock."""
    head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked\r\n"
    writer.write(f"{head}connection: close\r\n\r\n".encode())
    for event in events(say)[: say.events]:
        data = base64.b64encode(json.dumps(event).encode()).decode()
        await _chunk(writer, _frame("event", "chunk", {"bytes": data}))
    if say.events is not None and say.ending == "error":
        await _chunk(writer, _frame("exception", say.error, {"message": "scripted"}))
    await _chunk(writer, b"")


def _frame(kind: str, name: str, payload: Mapping[str, str]) -> bytes:
    fields = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    packed = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()
        for key, value in fields.items()
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 16 + len(packed) + len(body), len(packed))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + packed + body
    return message + struct.pack("!I", zlib.crc32(message))


async def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()


@asynccontextmanager
async def serving(script: Sequence[Say] | Script) -> AsyncIterator[MessagesAPI]:
    """Run the server for the duration of the block."""
    api = MessagesAPI(script)
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield api
    finally:
        server.close()
