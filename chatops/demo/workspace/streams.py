"""How does a streamed message grow? Slack's three stream methods and their chunks.

A stream outside a direct message wants to know its reader; one that has ended takes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chatops.demo.workspace.state import BOT, BOT_USER, Json, SlackRefused, Workspace

MAX_CHUNK = 12_000


def _start(w: Workspace, a: Json) -> Json:
    channel = w.channel(a.get("channel", ""))
    if not channel["is_im"]:
        for name in ("recipient_team_id", "recipient_user_id"):
            if not a.get(name):
                raise SlackRefused(f"missing_{name}")
    if not a.get("thread_ts"):
        raise SlackRefused("missing_thread_ts")
    row: Json = {
        "user": BOT_USER,
        "bot_id": BOT,
        "thread_ts": a["thread_ts"],
        "streaming": True,
        "text": "",
        "blocks": [],
    }
    message = w.add(channel["id"], _grown(row, a))
    return {"channel": channel["id"], "ts": message["ts"]}


def _append(w: Workspace, a: Json) -> Json:
    channel, message = _streaming(w, a)
    w.edit(channel, message["ts"], **_grown(message, a))
    return {"channel": channel, "ts": message["ts"]}


def _stop(w: Workspace, a: Json) -> Json:
    channel, message = _streaming(w, a)
    grown = _grown(message, a)
    blocks = [*grown["blocks"], *(a.get("blocks") or [])]
    w.edit(channel, message["ts"], **{**grown, "blocks": blocks, "streaming": False})
    return {"channel": channel, "ts": message["ts"], "message": message}


def _streaming(w: Workspace, a: Json) -> tuple[str, Json]:
    channel = w.channel(a.get("channel", ""))["id"]
    message = w.message(channel, a.get("ts", ""))
    if not message.get("streaming"):
        raise SlackRefused("message_not_in_streaming_state")
    return channel, message


def _grown(message: Json, a: Json) -> Json:
    """The message with what a call adds to it: text is one growing markdown block, tasks are one plan."""
    text, blocks = message["text"], list(message["blocks"])
    chunks: Sequence[Json] = a.get("chunks") or []
    if a.get("markdown_text"):
        chunks = [*chunks, {"type": "markdown_text", "text": a["markdown_text"]}]
    for chunk in chunks:
        if len(chunk.get("text", "")) > MAX_CHUNK:
            raise SlackRefused("invalid_chunks")
        apply = _CHUNKS.get(chunk.get("type", ""))
        if apply is None:
            raise SlackRefused("invalid_chunks")
        blocks, added = apply(blocks, chunk)
        text += added
    return {**message, "text": text, "blocks": blocks}


def _markdown(blocks: list[Json], chunk: Json) -> tuple[list[Json], str]:
    if blocks and blocks[-1]["type"] == "markdown":
        return [*blocks[:-1], {**blocks[-1], "text": blocks[-1]["text"] + chunk["text"]}], str(chunk["text"])
    return [*blocks, {"type": "markdown", "text": chunk["text"]}], str(chunk["text"])


def _plan_of(blocks: Sequence[Json]) -> Json:
    found = next((b for b in blocks if b["type"] == "plan"), None)
    return dict(found) if found else {"type": "plan", "title": "Working on it", "tasks": []}


def _with_plan(blocks: Sequence[Json], plan: Json) -> list[Json]:
    return [plan, *(b for b in blocks if b["type"] != "plan")]


def _task(blocks: list[Json], chunk: Json) -> tuple[list[Json], str]:
    plan = _plan_of(blocks)
    task = {
        "type": "task_card",
        "task_id": chunk["id"],
        "title": chunk["title"],
        "status": chunk.get("status", "pending"),
    }
    rest: list[Any] = [t for t in plan["tasks"] if t["task_id"] != chunk["id"]]
    return _with_plan(blocks, {**plan, "tasks": [*rest, task]}), ""


def _title(blocks: list[Json], chunk: Json) -> tuple[list[Json], str]:
    return _with_plan(blocks, {**_plan_of(blocks), "title": chunk["title"]}), ""


def _blocks(blocks: list[Json], chunk: Json) -> tuple[list[Json], str]:
    return [*blocks, *chunk.get("blocks", ())], ""


_CHUNKS: dict[str, Callable[[list[Json], Json], tuple[list[Json], str]]] = {
    "markdown_text": _markdown,
    "task_update": _task,
    "plan_update": _title,
    "blocks": _blocks,
}
STREAMS: dict[str, Callable[[Workspace, Json], Json]] = {
    "chat.startStream": _start,
    "chat.appendStream": _append,
    "chat.stopStream": _stop,
}
