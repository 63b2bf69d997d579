"""What does an incident's own channel say: its topic, its bookmarks, its recent messages?

Only channels that belong to one incident are read (by their name, or because they were bound to it), never a
shared alerts channel. What was read is a turn of the conversation like any other: text by people, data and
no instruction. Where the app may not read history (the `no-history` profile), what it may read is enough.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chatops.domain.conversation import Turn
from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore
from chatops.slack.calls import Calls, SlackError
from chatops.slack.commands import unmarked

MESSAGES = 40
LONGEST = 1_500
KIND = "slack-channel"
"""Kind of the small documents that bind a channel and an incident: `<team>:<channel>` → `{"incident": id}`, and the
incident's id → `{"channel": id}`, empty for one that is known to have no channel of its own."""
KEPT = timedelta(days=30)

Put = Callable[[str, str, Mapping[str, Any], timedelta], Awaitable[None]]


async def bind(put: Put, team: str, channel: str, incident_id: str) -> None:
    """Make this the channel of that incident."""
    await put(KIND, f"{team}:{channel}", {"incident": incident_id}, KEPT)
    await put(KIND, incident_id, {"channel": channel}, KEPT)


class ChannelReader:
    """Reads the channels of incidents; `prefix` is how channels made for one incident are named."""

    def __init__(self, store: IncidentStore, calls: Calls, prefix: str = "inc-") -> None:
        self._store = store
        self._calls = calls
        self._prefix = prefix

    async def turns(self, incident: Incident, now: datetime) -> Sequence[Turn]:
        """What the incident's own channel says, for its conversation; nothing where it has no own channel.

        The first says the topic and the bookmarks, under an id that changes with them; the others are what people
        wrote, under their messages' ts: added twice they are there once.
        """
        channel = await self._own(incident)
        if not channel:
            return ()
        about, bookmarks, history = await asyncio.gather(
            self._about(incident, channel),
            self._ask(incident, "bookmarks.list", channel_id=channel),
            self._ask(incident, "conversations.history", channel=channel, limit=MESSAGES),
        )
        head = _head(about, bookmarks.get("bookmarks", ()))
        told = f"channel:{hashlib.sha256(head.encode()).hexdigest()[:8]}"
        first = [Turn(id=told, author="channel", role="person", text=head, at=now)] if head else []
        return (*first, *(_turn(one) for one in reversed(history.get("messages", ())) if _by_a_person(one)))

    async def address(self, incident: Incident) -> str:
        """The permanent link to the first message of the incident's thread, or ''."""
        where = {"channel": incident.thread.channel, "message_ts": incident.thread.ts}
        return str((await self._ask(incident, "chat.getPermalink", **where)).get("permalink", ""))

    async def _own(self, incident: Incident) -> str:
        """The incident's own channel, or '': the one that was bound to it, else where it is told, by the name."""
        kept = await self._store.take(KIND, incident.id)
        if kept is None:
            where = incident.thread.channel
            if where.startswith("D"):
                return ""
            about = await self._about(incident, where)
            named = self._prefix and str(about.get("name", "")).startswith(self._prefix)
            kept = {"channel": where if named else ""}
            if about:
                await self._store.put(KIND, incident.id, kept, KEPT)
        return str(kept["channel"])

    async def _about(self, incident: Incident, channel: str) -> Mapping[str, Any]:
        return (await self._ask(incident, "conversations.info", channel=channel)).get("channel") or {}

    async def _ask(self, incident: Incident, method: str, **arguments: Any) -> Mapping[str, Any]:
        """What Slack answers; nothing where it does not (no such scope, method or channel)."""
        try:
            return await self._calls.call(incident.thread.team, method, **arguments)
        except SlackError:
            return {}


def _head(about: Mapping[str, Any], bookmarks: Sequence[Mapping[str, Any]]) -> str:
    topic = str((about.get("topic") or {}).get("value", ""))
    purpose = str((about.get("purpose") or {}).get("value", ""))
    parts = [
        f"Topic of this channel: {unmarked(topic)}" if topic else "",
        f"Purpose of this channel: {unmarked(purpose)}" if purpose else "",
        *(f"Bookmark: {one.get('title', '')} {one.get('link', '')}" for one in bookmarks[:10]),
    ]
    return "\n".join(part for part in parts if part)[:LONGEST]


def _by_a_person(message: Mapping[str, Any]) -> bool:
    """What bots (and the app itself) wrote is no news."""
    return not (message.get("bot_id") or message.get("subtype")) and bool(message.get("text"))


def _turn(message: Mapping[str, Any]) -> Turn:
    ts, text = str(message["ts"]), unmarked(str(message["text"]))[:LONGEST]
    at = datetime.fromtimestamp(float(ts), UTC)
    return Turn(id=ts, author=str(message.get("user", "")), role="person", text=text, at=at)
