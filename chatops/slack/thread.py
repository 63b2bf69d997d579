"""How does a message get into its thread exactly once, and stay right while it is edited?

`SlackThread` is the `ThreadPort`. A slot's ts is kept in the store. Before a first post the attempt is
marked, and every post carries `{incident, slot}` as metadata: who finds the mark but no ts (a worker that
was killed between Slack's answer and the store) looks the message up in the thread before posting again.

Edits: what is not final (an incident that is still open) is coalesced: the latest wins, at most one call
per message every `QUIET_SECONDS`, and `show` does not wait for it. What is final waits until Slack has it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from chatops.domain.conversation import Message
from chatops.domain.incident import Incident, Thread
from chatops.domain.ports import IncidentStore, StoreUnavailable, StreamPort
from chatops.render import blocks
from chatops.render.mrkdwn import link
from chatops.slack.calls import NO_ENTRY, Calls, SlackError
from chatops.slack.channels import ChannelReader
from chatops.slack.ends import FINAL, Ends
from chatops.slack.fitting import Call, Fitting
from chatops.slack.pictures import Pictures
from chatops.slack.search import EVENT_TYPE, Search
from chatops.slack.stream import SlackStream

log = logging.getLogger(__name__)

QUIET_SECONDS = 1.5
_MARKED = timedelta(days=2)
_REMEMBERED = 2_000
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "message_not_editable"})


class SlackThread:
    """Posts, edits and streams the messages of incidents; `prefix` is how channels made for one are named."""

    def __init__(
        self,
        store: IncidentStore,
        calls: Calls,
        *,
        prefix: str = "inc-",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        again: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """`again` is told of an incident that ended elsewhere while an edit was on its way: it shows the end again."""
        self._store = store
        self._calls = calls
        self._reader = ChannelReader(store, calls, prefix)
        self._sleep = sleep
        self._clock = clock
        self._ends = Ends(store, again)
        self._search = Search(store, calls)
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._shown: OrderedDict[tuple[str, str], Message] = OrderedDict()
        self._fitting = Fitting(Pictures(store, calls, clock), clock, sleep)
        self._sessions: set[str] = set()
        self._working: set[str] = set()
        self._waiting: dict[tuple[str, str], tuple[Incident, Message]] = {}
        self._flushing: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def show(self, incident: Incident, slot: str, message: Message) -> Incident:
        """Post or edit the slot's message; return the incident with the thread it is told in.

        Raises `SlackError` where Slack does not take it, after falling back to simpler forms of it. What is being
        done is a nicety: an investigation does not fail for it.
        """
        try:
            shown = await self._show(incident, slot, message)
        except SlackError as error:
            if slot != "progress":
                raise
            log.info("progress not shown: %s", error)
            return incident
        final = incident.status in FINAL
        if slot == "root" and not final:
            self._working.add(incident.id)
        elif slot.startswith("answer:") or (slot == "root" and incident.id in self._working):
            self._working.discard(incident.id)
            await self.ended(shown)
        return shown

    async def listen(self, incident: Incident) -> None:
        """Add what the incident's own channel says by now to its conversation."""
        for turn in await self._reader.turns(incident, self._clock()):
            await self._store.add_turn(incident.id, turn)

    async def _show(self, incident: Incident, slot: str, message: Message) -> Incident:
        key = (incident.id, slot)
        async with self._lock(key):
            ts = await self._store.message_ts(incident.id, slot) or await self._lost(incident, slot)
            if not ts:
                return await self._post(incident, slot, message)
            if not incident.thread.ts:  # found again after a crash, or posted by another replica just now
                incident = await self._moved_in(incident, incident.thread.channel, ts)
            if self._shown.get(key) == message and key not in self._waiting and not await self._ends.replaced(incident):
                return incident
            if incident.status in FINAL:
                self._waiting.pop(key, None)
                return await self._edit(incident, slot, ts, message)
            self._later(incident, slot, message)
        return incident

    async def address(self, incident: Incident) -> str:
        """The permanent link to the thread, or ''."""
        return await self._reader.address(incident) if incident.thread.ts else ""

    async def status(self, incident: Incident, text: str) -> None:
        """Show what is being done beside the thread, with Slack's own Stop button; empty clears it."""
        thread = incident.thread
        if not thread.channel or not thread.ts:
            return
        await self._quietly("assistant.threads.setStatus", thread, status=text[:100])
        if bool(text) != (incident.id in self._sessions):
            (self._sessions.add if text else self._sessions.discard)(incident.id)
            doing = {"status": "processing", "title": incident.title[:200]} if text else {"status": "active"}
            await self._quietly("agents.sessions.setStatus", thread, **doing)

    async def ended(self, incident: Incident) -> None:
        """What was being done is done: Slack's own status and Stop button go away."""
        if incident.id in self._sessions:
            await self.status(incident, "")

    async def _quietly(self, method: str, thread: Thread, **arguments: str) -> None:
        """A nicety: where the workspace does not have it, nothing is said."""
        try:
            await self._calls.call(thread.team, method, channel_id=thread.channel, thread_ts=thread.ts, **arguments)
        except SlackError as error:
            log.debug("no status shown: %s", error)

    def stream(self, incident: Incident, slot: str, recipient: str) -> StreamPort:
        """A growing answer to a person; without a recipient or a thread it is posted and edited instead."""
        return SlackStream(self, self._calls, incident, slot, recipient)

    async def aclose(self) -> None:
        """Bring out what still waits to be shown."""
        await asyncio.gather(*self._flushing.values(), return_exceptions=True)

    # --- posting

    async def _post(self, incident: Incident, slot: str, message: Message) -> Incident:
        try:
            answer = await self._send(incident, slot, message)
        except SlackError as error:
            if error.code != "unreachable":  # it was refused, so there is no message to be looked for
                await self._store.forget("slack-post", f"{incident.id}:{slot}")
            if error.code not in NO_ENTRY or not incident.asked_by.startswith(("U", "W")):
                raise
            return await self._turned_away(incident, slot, message)
        return await self._posted(incident, slot, message, answer)

    async def _posted(self, incident: Incident, slot: str, message: Message, answer: Mapping[str, Any]) -> Incident:
        ts, channel = str(answer["ts"]), str(answer.get("channel") or incident.thread.channel)
        await self.note(incident, slot, ts, message)
        team = str((answer.get("message") or {}).get("team") or "")
        return await self._moved_in(incident, channel, incident.thread.ts or ts, team)

    async def _send(self, incident: Incident, slot: str, message: Message) -> Mapping[str, Any]:
        thread = incident.thread
        return await self._fitting.send(
            self._call(incident, slot),
            "chat.postMessage",
            message,
            team=thread.team,
            channel=thread.channel,
            thread_ts=thread.ts or None,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"incident": incident.id, "slot": slot}},
            unfurl_links=False,
            unfurl_media=False,
        )

    def _call(self, incident: Incident, slot: str) -> Call:
        """How the message is brought: it stands aside where no person waits for it, and nothing severe is told."""
        asked = incident.origin != "alert" or incident.attended or slot.startswith("answer:")
        return self._calls.call if asked or incident.severity == "critical" else self._calls.patiently

    async def _turned_away(self, incident: Incident, slot: str, message: Message) -> Incident:
        """Where the app may not post, the one who asked is told in a direct message, and it goes on there."""
        channel = incident.thread.channel
        where = f"<#{channel}>" if channel.startswith(("C", "G")) else link("", channel)
        why = f"I cannot post in {where}, so I answer here. To have it there: `/invite` me, then ask again."
        thread = Thread(team=incident.thread.team, channel=incident.asked_by)
        incident = incident.model_copy(update={"thread": thread})
        incident = await self._posted(incident, slot, message, await self._send(incident, slot, message))
        return await self._post(incident, "turned-away", blocks.saying(why))

    async def _moved_in(self, incident: Incident, channel: str, ts: str, team: str = "") -> Incident:
        """Keep where the thread is, in the store and in what is returned; an alert does not know its workspace."""
        thread = Thread(team=incident.thread.team or team, channel=channel, ts=ts)
        if thread == incident.thread:
            return incident
        try:
            await self._store.update(incident.id, lambda stored: stored.model_copy(update={"thread": thread}))
        except LookupError:
            log.warning("the incident %s is no longer in the store", incident.id)
        return incident.model_copy(update={"thread": thread})

    async def _lost(self, incident: Incident, slot: str) -> str:
        """The ts of a message that was posted but not noted down, or ''."""
        if await self._store.first_time("slack-post", f"{incident.id}:{slot}", _MARKED):
            return ""
        for _ in range(4):  # another worker may be posting right now
            if ts := await self._store.message_ts(incident.id, slot):
                return ts
            await self._sleep(0.5)
        ts = await self._found(incident, slot)
        if ts:
            await self._store.set_message_ts(incident.id, slot, ts)
        return ts

    async def _found(self, incident: Incident, slot: str) -> str:
        """Look the message up in Slack; '' where it is not there or the app may not look."""
        try:
            return await self._search.find(incident, slot)
        except SlackError as error:
            log.info("cannot look for a lost message: %s", error)
            return ""

    # --- editing

    def _lock(self, key: tuple[str, str]) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    def _later(self, incident: Incident, slot: str, message: Message) -> None:
        key = (incident.id, slot)
        self._waiting[key] = (incident, message)
        if key not in self._flushing:
            self._flushing[key] = asyncio.create_task(self._flush(key), name=f"slack-edit:{slot}")

    async def _flush(self, key: tuple[str, str]) -> None:
        """Send the latest of what waits, until nothing does."""
        try:
            while key in self._waiting:
                incident, _ = self._waiting[key]
                async with self._lock(key):
                    await self._bring_out(key)
                shown = self._shown.get(key)
                await self._sleep(QUIET_SECONDS)
                last = self._shown.get(key) is shown and key not in self._waiting
                if last and key[1] == "root":  # how it ended stands there and nowhere else
                    await self._ends.look(incident)
        finally:
            # no await between the last look and this: whatever comes later starts a new flush
            del self._flushing[key]

    async def _bring_out(self, key: tuple[str, str]) -> None:
        if key not in self._waiting:
            return
        incident, message = self._waiting.pop(key)
        try:
            ts = await self._store.message_ts(incident.id, key[1])
            await self._edit(incident, key[1], ts, message)
        except (SlackError, StoreUnavailable) as error:
            log.warning("an edit of %s was not shown: %s", key[1], error)

    async def _edit(self, incident: Incident, slot: str, ts: str, message: Message) -> Incident:
        thread = incident.thread
        try:
            await self._replace(self._call(incident, slot), thread, ts, message)
        except SlackError as error:
            if error.code not in _GONE:
                raise
            return await self._post(incident, slot, message)
        self._remember((incident.id, slot), message)
        return incident

    def _remember(self, key: tuple[str, str], message: Message) -> None:
        self._shown[key] = message
        self._shown.move_to_end(key)
        while len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)

    async def update(self, thread: Thread, ts: str, message: Message) -> None:
        """Replace the content of a message, as rich as the workspace takes it."""
        await self._replace(self._calls.call, thread, ts, message)

    async def _replace(self, call: Call, thread: Thread, ts: str, message: Message) -> None:
        await self._fitting.send(call, "chat.update", message, team=thread.team, channel=thread.channel, ts=ts)

    async def post(self, incident: Incident, slot: str, message: Message) -> str:
        """Post the slot's message and return its ts (for streams that cannot stream)."""
        await self._post(incident, slot, message)
        return await self._store.message_ts(incident.id, slot)

    async def begun(self, incident: Incident, slot: str) -> str:
        """The ts of the slot's message, also of one that was begun and not noted down; from now on it is begun."""
        return await self._store.message_ts(incident.id, slot) or await self._lost(incident, slot)

    async def noted(self, incident: Incident, slot: str) -> str:
        """The ts of the slot's message, or ''."""
        return await self._store.message_ts(incident.id, slot)

    async def note(self, incident: Incident, slot: str, ts: str, message: Message | None = None) -> None:
        """Keep the ts of a message that a stream has begun."""
        await self._store.set_message_ts(incident.id, slot, ts)
        if message is not None:
            self._remember((incident.id, slot), message)
