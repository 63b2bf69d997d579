"""What does an incident's own channel say: its topic, its bookmarks, its recent messages?

Only channels that belong to one incident are read (by their name, or because somebody bound them), never a
shared alerts channel. What was read is a turn of the conversation like any other: text by people, data and
no instruction. Where the app may not read history (the `no-history` profile), what it may read is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chatops.domain.conversation import Turn
from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore
from chatops.slack.calls import Calls, SlackError
from chatops.slack.commands import unmarked
from chatops.slack.intake import CHANNEL_KIND

MESSAGES = 40
LONGEST = 6_000


class ChannelReader:
    """Reads the channels of incidents; `prefix` is how channels made for one incident are named."""

    def __init__(self, store: IncidentStore, calls: Calls, prefix: str = "inc-") -> None:
        self._store = store
        self._calls = calls
        self._prefix = prefix

    async def turn(self, incident: Incident, now: datetime) -> Turn | None:
        """What the incident's own channel says, to be added to its conversation; None where it has no own channel."""
        about = (await self._ask(incident, "conversations.info", channel=incident.thread.channel)).get("channel") or {}
        if not await self._own(incident, str(about.get("name", ""))):
            return None
        bookmarks, history = await asyncio.gather(
            self._ask(incident, "bookmarks.list", channel_id=incident.thread.channel),
            self._ask(incident, "conversations.history", channel=incident.thread.channel, limit=MESSAGES),
        )
        text = _told(about, bookmarks.get("bookmarks", ()), history.get("messages", ()))
        return Turn(id="channel", author="channel", role="person", text=text, at=now) if text else None

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


def _told(
    about: Mapping[str, Any], bookmarks: Sequence[Mapping[str, Any]], messages: Sequence[Mapping[str, Any]]
) -> str:
    topic = str((about.get("topic") or {}).get("value", ""))
    purpose = str((about.get("purpose") or {}).get("value", ""))
    parts = [
        f"Topic of this channel: {unmarked(topic)}" if topic else "",
        f"Purpose of this channel: {unmarked(purpose)}" if purpose else "",
        *(f"Bookmark: {one.get('title', '')} {one.get('link', '')}" for one in bookmarks[:10]),
        *(line for one in reversed(messages) if (line := _line(one))),
    ]
    told = "\n".join(part for part in parts if part)
    return told if len(told) <= LONGEST else told[:2_000] + "\n…\n" + told[2_000 - LONGEST :]


def _line(message: Mapping[str, Any]) -> str:
    """A message by a person; what bots (and the app itself) wrote is no news."""
    if message.get("bot_id") or message.get("subtype") or not message.get("text"):
        return ""
    return f"{message.get('user', '')}: {unmarked(str(message['text']))[:600]}"
