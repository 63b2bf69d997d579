"""How does an answer grow on a person's screen, and what if the stream breaks?

Slack's streams end by themselves after about five minutes, hold about 12,000 characters, want a recipient
in channels, and are not in every workspace. So: small flushes, a new message before either limit (the old
one closed, fences repaired), and from the first refusal on the same text by `chat.update`. A slot that has
a message already (a worker before this one was killed) is never streamed again but edited.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from chatops.domain.conversation import Message
from chatops.domain.incident import Incident, Thread
from chatops.domain.ports import Step
from chatops.render import blocks
from chatops.render.blocks import Part
from chatops.render.markdown import open_fence, safe_markdown
from chatops.render.mrkdwn import plain
from chatops.slack.calls import Calls, SlackError

log = logging.getLogger(__name__)

FLUSH_CHARS = 256
FLUSH_SECONDS = 0.6
EDIT_SECONDS = 2.0
ROLL_SECONDS = 240.0
ROLL_CHARS = 10_500
_PARTED = re.compile(r"(?:[<@\uff20\ufe6b]\s?\S{0,10}|!(?:\[[^\]]{0,80}\]?)?|[`~]+)\Z")
"""What may be half of a mention, an image or a fence waits for its other half: apart both would pass."""


class Poster(Protocol):
    """What a stream needs of its thread: messages that are not streams."""

    async def post(self, incident: Incident, slot: str, message: Message) -> str:
        """Post the slot's message; return its ts."""
        ...

    async def update(self, thread: Thread, ts: str, message: Message) -> None:
        """Replace the content of a message."""
        ...

    async def noted(self, incident: Incident, slot: str) -> str:
        """The ts of the slot's message, or ''."""
        ...

    async def begun(self, incident: Incident, slot: str) -> str:
        """The same, also of one that was begun and not noted down; from now on it counts as begun."""
        ...

    async def note(self, incident: Incident, slot: str, ts: str, message: Message | None = None) -> None:
        """Keep the ts of a message that a stream has begun."""
        ...

    async def ended(self, incident: Incident) -> None:
        """What was being done is done."""
        ...


class SlackStream:
    """A growing answer: `append` Markdown, `finish` with the settled message."""

    def __init__(
        self,
        poster: Poster,
        calls: Calls,
        incident: Incident,
        slot: str,
        recipient: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._poster, self._calls, self._incident, self._slot = poster, calls, incident, slot
        self._recipient = recipient
        self._clock = clock
        self._streaming = bool(recipient and incident.thread.ts)
        self._stamps: list[str] = []
        self._text = ""
        self._buffer = ""
        self._begun = self._flushed = clock()
        self._checked = False
        self._growing = False
        """Whether the last message is a stream that takes more."""

    async def append(self, markdown: str) -> None:
        """Add text; it is sent when enough of it or enough time has come together."""
        self._buffer += markdown
        quiet = FLUSH_SECONDS if self._streaming else EDIT_SECONDS
        if len(self._buffer) >= FLUSH_CHARS * (1 if self._streaming else 4) or self._clock() - self._flushed >= quiet:
            await self._flush()

    async def task(self, step: Step) -> None:
        """Tick a step of the plan beside the text; where nothing streams, Slack's status alone says it."""
        await self._resume()
        if not self._streaming:
            return
        if self._due(""):
            await self._roll()
        await self._streamed([_task(step)])

    async def finish(self, message: Message) -> None:
        """Put the final message in the place of what was streamed; raises `SlackError` where that fails."""
        if self._open:
            await self._stop()
        await self._settle(message)
        await self._poster.ended(self._incident)

    async def _settle(self, message: Message) -> None:
        thread = self._incident.thread
        first = self._stamps[0] if self._stamps else await self._poster.noted(self._incident, self._slot)
        if not first:
            await self._poster.post(self._incident, self._slot, message)
            return
        await self._poster.update(thread, first, message)
        await self._poster.note(self._incident, self._slot, first, message)
        for ts in self._stamps[1:]:
            await self._take_away(thread, ts)

    @property
    def _open(self) -> bool:
        return self._streaming and self._growing

    async def _flush(self) -> None:
        await self._resume()
        ready = _PARTED.sub("", self._buffer)
        text, self._buffer = safe_markdown(ready), self._buffer[len(ready) :]
        while text:
            if self._due(text):
                await self._roll()
            room = max(ROLL_CHARS - len(self._text), 1)
            piece = text[:room]
            piece = piece if len(text) <= room else piece.rstrip("`~") or piece
            text = text[len(piece) :]
            await self._send(piece)
        self._flushed = self._clock()

    def _due(self, text: str) -> bool:
        """Whether the next piece belongs into a new message: the old one is full or about to expire."""
        full = bool(self._text) and len(self._text) + min(len(text), FLUSH_CHARS) > ROLL_CHARS
        return bool(self._stamps) and (full or (self._streaming and self._clock() - self._begun >= ROLL_SECONDS))

    async def _resume(self) -> None:
        """Do not stream into a slot that somebody else has begun."""
        if self._checked:
            return
        self._checked = True
        await self._take_up()

    async def _take_up(self) -> None:
        """Go on as edits of the message that is there, if one is."""
        if ts := await self._poster.begun(self._incident, self._slot):
            self._streaming = self._growing = False
            self._stamps = [ts]

    async def _send(self, piece: str) -> None:
        streamed = self._streaming and await self._streamed([_chunk(piece)])
        self._text += piece
        if not streamed:
            await self._show()

    async def _streamed(self, chunks: list[dict[str, str]]) -> bool:
        """Whether the stream took it; it goes on as edits where not, of a begun one whose answer was lost too."""
        try:
            await self._chunks(chunks)
        except SlackError as error:
            log.info("streaming goes on as edits: %s", error)
            self._streaming = self._growing = False
            if error.code == "unreachable" and not self._stamps:
                await self._take_up()
            return False
        return True

    async def _chunks(self, chunks: list[dict[str, str]]) -> None:
        if self._growing:
            await self._call("chat.appendStream", ts=self._stamps[-1], chunks=chunks)
        else:
            await self._start(chunks)

    async def _start(self, chunks: list[dict[str, str]]) -> None:
        """Begin a message. In a direct message nobody has to be named; in a channel the reader has."""
        thread = self._incident.thread
        named = (
            {}
            if thread.channel.startswith("D")
            else {"recipient_user_id": self._recipient, "recipient_team_id": thread.team}
        )
        shown = {"task_display_mode": "plan", "chunks": chunks}
        answer = await self._call("chat.startStream", thread_ts=thread.ts, **shown, **named)
        self._begun, self._growing = self._clock(), True
        ts = str(answer["ts"])
        self._stamps.append(ts)
        if len(self._stamps) == 1:
            await self._poster.note(self._incident, self._slot, ts)

    async def _roll(self) -> None:
        """Close the message and go on in a new one; an open fence is closed here and opened there."""
        marks, language = open_fence(self._text)
        if marks:
            await self._send(f"\n{marks}\n")
        if self._streaming:
            await self._stop()
        self._text = ""
        if self._streaming:
            if marks:
                await self._send(f"{marks}{language}\n")
            return
        self._text = f"{marks}{language}\n" if marks else ""
        self._stamps.append("")

    async def _stop(self) -> None:
        """End the native stream; one that Slack has ended already is repaired by an edit."""
        self._growing = False
        try:
            await self._call("chat.stopStream", ts=self._stamps[-1])
        except SlackError as error:
            log.info("the stream had ended before: %s", error)
            await self._show()

    async def _show(self) -> None:
        """The text so far, by an edit (or a post where there is no message yet)."""
        message = blocks.message(self._text or "…", [Part(9, "answer", [blocks.markdown(self._text or "…")])])
        try:
            if self._stamps and self._stamps[-1]:
                await self._poster.update(self._incident.thread, self._stamps[-1], message)
                return
            extra = f":{len(self._stamps)}" if len(self._stamps) > 1 else ""
            ts = await self._poster.post(self._incident, self._slot + extra, message)
            self._stamps[-1:] = [ts]
        except SlackError as error:
            log.warning("a part of the answer was not shown yet: %s", error)

    async def _take_away(self, thread: Thread, ts: str) -> None:
        """The final message stands in the first one's place; the others would repeat it."""
        if not ts:
            return
        try:
            await self._calls.call(thread.team, "chat.delete", channel=thread.channel, ts=ts)
        except SlackError as error:
            log.info("a streamed part stays: %s", error)
            await self._poster.update(thread, ts, blocks.saying("_(see the answer above)_"))

    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        thread = self._incident.thread
        return await self._calls.call(thread.team, method, channel=thread.channel, **arguments)


def _chunk(text: str) -> dict[str, str]:
    return {"type": "markdown_text", "text": text}


def _task(step: Step) -> dict[str, str]:
    said = {"type": "task_update", "id": step.id, "title": plain(step.title, 120), "status": step.status}
    return said | ({"details": plain(step.detail, 150)} if step.detail else {})
