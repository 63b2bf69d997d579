"""The message shortcut "Investigate this alert", on anybody's message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from chatops.render.blocks import saying
from chatops.slack.commands import parse, unmarked
from chatops.slack.desk import Desk, Where, request_of, team_of
from chatops.slack.orders import obey

CALLBACK = "chatops_investigate"
_TEXT_KEYS = ("pretext", "title", "text", "fallback", "footer")


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the shortcut."""

    async def investigate(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await on_shortcut(desk, body)
        await ack()

    app.shortcut(CALLBACK)(investigate)


async def on_shortcut(desk: Desk, body: Mapping[str, Any]) -> None:
    """Open an incident for a message, answered in that message's thread."""
    message = body["message"]
    stamp = str(body.get("message_ts") or message["ts"])
    where = Where(
        team=team_of(body),
        channel=str(body["channel"]["id"]),
        user=str(body["user"]["id"]),
        thread_ts=str(message.get("thread_ts") or stamp),
        message_ts=stamp,
        request=request_of(body),
    )
    text = unmarked("\n".join(dict.fromkeys(said(message))))[:6_000]
    asked = parse("")._replace(command=parse("a question").command, words=text[:300])
    if not text:
        desk.whisper(where, saying("That message has no text that I can read. Say what is wrong, or mention me there."))
        return
    async with desk.once("slack-shortcut", f"{where.channel}:{stamp}:{body.get('action_ts', '')}", where) as here:
        if here is not None:
            desk.whisper(here, await obey(desk, here, asked, "shortcut", {"alert": text}))


def said(message: Mapping[str, Any]) -> Iterator[str]:
    """Every text of a message: its own, its attachments' with their fields, its blocks'."""
    yield str(message.get("text", ""))
    for attachment in message.get("attachments") or ():
        yield from (str(attachment[key]) for key in _TEXT_KEYS if attachment.get(key))
        for row in attachment.get("fields") or ():
            yield f"{row.get('title', '')}: {row.get('value', '')}"
        yield from _in_blocks(attachment.get("blocks") or ())
    yield from _in_blocks(message.get("blocks") or ())


def _in_blocks(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        text = node.get("text")
        if isinstance(text, str):
            yield text
        for value in node.values():
            yield from _in_blocks(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _in_blocks(item)
