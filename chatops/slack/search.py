"""Where in Slack is a message that was posted and not noted down, because the process died in between?

Every post carries `{incident, slot}` as metadata. A stream cannot: it is the app's own message without metadata, below
the question that it answers, and no other answer's. A question that came by a command has no place of its own in the
thread: what came after it is below it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from chatops.domain.conversation import Turn
from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore
from chatops.slack.calls import Calls

EVENT_TYPE = "chatops_message"
_SKEW = 2.0
"""Seconds by which our clock may be ahead of Slack's."""
_PAGES = 5
"""Of two hundred messages each: further back nothing is looked for."""


class Search:
    """Reads the thread, or the channel since the incident was opened."""

    def __init__(self, store: IncidentStore, calls: Calls) -> None:
        self._store, self._calls = store, calls

    async def find(self, incident: Incident, slot: str) -> str:
        """The ts of the slot's message, or ''. Raises `SlackError` where the app may not look."""
        wanted, bare = {"incident": incident.id, "slot": slot}, []
        async for one in self._messages(incident):
            payload = (one.get("metadata") or {}).get("event_payload")
            if payload == wanted:
                return str(one["ts"])
            if not payload and not one.get("files"):
                bare.append(one)
        return await self._streamed(incident, slot.removeprefix("answer:"), bare) if slot.startswith("answer:") else ""

    async def _messages(self, incident: Incident) -> AsyncIterator[Mapping[str, Any]]:
        thread = incident.thread
        place: dict[str, Any] = {"channel": thread.channel, "limit": 200, "include_all_metadata": True}
        if thread.ts:
            method, place = "conversations.replies", place | {"ts": thread.ts}
        else:
            method, place = "conversations.history", place | {"oldest": f"{incident.created_at.timestamp():.6f}"}
        for _ in range(_PAGES):
            answer = await self._calls.call(thread.team, method, **place)
            for one in answer.get("messages", ()):
                yield one
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            place |= {"cursor": cursor}

    async def _streamed(self, incident: Incident, question: str, bare: list[Mapping[str, Any]]) -> str:
        """The first message of ours without metadata that answers this question and no other."""
        turns = await self._store.turns(incident.id)
        asked = next((_place(turn) for turn in turns if turn.id == question), None)
        if asked is None:
            return ""
        ours = (await self._calls.call(incident.thread.team, "auth.test")).get("user_id")
        taken = {await self._store.message_ts(incident.id, f"answer:{turn.id}") for turn in turns}
        below = [str(one["ts"]) for one in bare if one.get("user") == ours and float(one["ts"]) > asked]
        return next((ts for ts in sorted(below) if ts not in taken), "")


def _place(turn: Turn) -> float:
    """Since when there can be an answer, in Slack's time."""
    return float(turn.id) if turn.id.replace(".", "", 1).isdigit() else turn.at.timestamp() - _SKEW
