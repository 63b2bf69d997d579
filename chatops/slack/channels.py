"""What does an incident's own channel say: its topic, its bookmarks, its recent messages?

Only channels that belong to one incident are read (by their name, or because somebody bound them), never a
shared alerts channel. What was read is a turn of the conversation like any other: text by people, data and
no instruction. Where the app may not read history (the `no-history` profile), what it may read is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chatops.domain.conversation import Turn
from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore
from chatops.slack.calls import Calls, SlackError
from chatops.slack.commands import unmarked
from chatops.slack.intake import CHANNEL_KIND

MESSAGES = 40
LONGEST = 1_500


class ChannelReader:
    """Reads the channels of incidents; `prefix` is how channels made for one incident are named."""

    def __init__(self, store: IncidentStore, calls: Calls, prefix: str = "inc-") -> None:
        self._store = store
        self._calls = calls
        self._prefix = prefix

    async def turns(self, incident: Incident, now: datetime) -> Sequence[Turn]:
        """What the incident's own channel says, for its conversation; nothing where it has no own channel.

        The first says the topic and the bookmarks, the others are what people wrote, under their messages' ts:
        added twice they are there once.
        """
        about = (await self._ask(incident, "conversations.info", channel=incident.thread.channel)).get("channel") or {}
        if not await self._own(incident, str(about.get("name", ""))):
            return ()
        bookmarks, history = await asyncio.gather(
            self._ask(incident, "bookmarks.list", channel_id=incident.thread.channel),
            self._ask(incident, "conversations.history", channel=incident.thread.channel, limit=MESSAGES),
        )
        head = _head(about, bookmarks.get("bookmarks", ()))
        first = [Turn(id="channel", author="channel", role="person", text=head, at=now)] if head else []
        return (*first, *(_turn(one) for one in reversed(history.get("messages", ())) if _by_a_person(one)))

    async def address(self, incident: Incident) -> str:
        """The permanent link to the first message of the incident's thread, or ''."""
        where = {"channel": incident.thread.channel, "message_ts": incident.thread.ts}
        return str((await self._ask(incident, "chat.getPermalink", **where)).get("permalink", ""))

    async def _own(self, incident: Incident, name: str) -> bool:
        if self._prefix and name.startswith(self._prefix):
            return True
        kept = await self._store.take(CHANNEL_KIND, f"{incident.thread.team}:{incident.thread.channel}")
        return bool(kept) and dict(kept or {}).get("incident") == incident.id

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
