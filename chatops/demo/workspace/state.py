"""What does the demo's workspace know? Its people, channels and messages, and who is watching.

The state of a very small Slack: the Web API stand-in writes it for the app, the page writes it for the
person, and every change is told to whoever looks at the page.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
TEAM = "T0DEMO"
APP = "A0DEMO"
BOT_USER = "U0CHATOPS"
BOT = "B0CHATOPS"
PERSON = "U0YOU"
INCIDENTS = "C0INCIDENTS"
DIRECT = "D0CHATOPS"
KEPT_CHANGES = 1_000


def _person(user: str, name: str, real_name: str, *, bot: bool = False) -> Json:
    profile = {"display_name": name, "real_name": real_name}
    if not bot:
        profile["email"] = f"{name}@shop.example.com"
    flags = dict.fromkeys(("deleted", "is_restricted", "is_ultra_restricted", "is_stranger", "is_app_user"), False)
    row = {"id": user, "team_id": TEAM, "name": name, "real_name": real_name, "tz": "UTC", "is_bot": bot}
    return {**row, **flags, "profile": profile}


def _channel(channel: str, name: str, topic: str) -> Json:
    row = {"id": channel, "name": name, "name_normalized": name, "is_channel": True, "is_member": True}
    flags = dict.fromkeys(("is_archived", "is_private", "is_shared", "is_ext_shared", "is_im", "is_org_shared"), False)
    return {**row, **flags, "topic": {"value": topic}, "purpose": {"value": topic}, "context_team_id": TEAM}


USERS: dict[str, Json] = {
    PERSON: _person(PERSON, "you", "You"),
    BOT_USER: _person(BOT_USER, "chatops", "chatops", bot=True),
    "U0NOOR": _person("U0NOOR", "on-call", "On-call engineer"),
}
CHANNELS: dict[str, Json] = {
    INCIDENTS: _channel(INCIDENTS, "incidents", "What is broken, and what we know about it"),
    "C0SHOP": _channel("C0SHOP", "shop", "The shop's team"),
    DIRECT: {"id": DIRECT, "is_im": True, "user": PERSON, "is_member": True, "is_ext_shared": False, "name": "chatops"},
}


class SlackRefused(Exception):
    """An answer that is `ok: false`, with Slack's error code."""

    def __init__(self, code: str, **more: object) -> None:
        super().__init__(code)
        self.code, self.more = code, more


@dataclass
class Workspace:
    """The state. All of it lives in memory and ends with the demo."""

    clock: Callable[[], float] = time.time
    messages: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Channel → ts → message."""
    views: dict[str, Json] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    home: Json | None = None
    statuses: dict[str, Json] = field(default_factory=dict)
    """`channel/thread_ts` → what the app says it is doing."""
    _last: int = 0
    """Microseconds of the newest ts."""
    _watchers: list[asyncio.Queue[Json]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def next_ts(self) -> str:
        """A message's ts: unique, in order."""
        self._last = max(int(self.clock() * 1e6), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def identity(self, prefix: str) -> str:
        """A new id of a kind."""
        return f"{prefix}0DEMO{next(self._numbers):05d}"

    def channel(self, named: str) -> Json:
        """A channel by id or name, a direct message by its person; `channel_not_found` otherwise."""
        if named in (PERSON, DIRECT):
            return CHANNELS[DIRECT]
        for channel in CHANNELS.values():
            if named in (channel["id"], channel["name"], f"#{channel['name']}"):
                return channel
        raise SlackRefused("channel_not_found")

    def add(self, channel: str, message: Json) -> Json:
        """Put a message into a channel and tell the watchers; the parent of a reply counts it."""
        ts = message.setdefault("ts", self.next_ts())
        stored = {"type": "message", "team": TEAM, "reactions": [], **message}
        self.messages.setdefault(channel, {})[ts] = stored
        self.tell({"type": "message", "channel": channel, "message": stored})
        self._count_reply(channel, stored)
        return stored

    def _count_reply(self, channel: str, message: Mapping[str, Any]) -> None:
        parent = self.messages[channel].get(message.get("thread_ts", ""))
        if parent is None or parent["ts"] == message["ts"] or message.get("ephemeral"):
            return
        parent["reply_count"] = parent.get("reply_count", 0) + 1
        parent["latest_reply"] = message["ts"]
        parent.setdefault("thread_ts", parent["ts"])
        self.tell({"type": "message", "channel": channel, "message": parent})

    def message(self, channel: str, ts: str) -> Json:
        """A message; `message_not_found` otherwise."""
        found = self.messages.get(channel, {}).get(ts)
        if found is None:
            raise SlackRefused("message_not_found")
        return found

    def edit(self, channel: str, ts: str, /, **changes: Any) -> Json:
        """Change a message and tell the watchers."""
        message = self.message(channel, ts)
        message.update(changes)
        self.tell({"type": "message", "channel": channel, "message": message})
        return message

    def remove(self, channel: str, ts: str) -> None:
        """Delete a message."""
        self.message(channel, ts)
        del self.messages[channel][ts]
        self.tell({"type": "deleted", "channel": channel, "ts": ts})

    def replies(self, channel: str, thread_ts: str) -> list[Json]:
        """A thread, its root first."""
        rows = self.messages.get(channel, {}).values()
        found = [m for m in rows if thread_ts in (m["ts"], m.get("thread_ts")) and not m.get("ephemeral")]
        return sorted(found, key=lambda m: float(m["ts"]))

    def history(self, channel: str) -> list[Json]:
        """A channel without its replies, newest first."""
        rows = self.messages.get(channel, {}).values()
        found = [m for m in rows if m.get("thread_ts", m["ts"]) == m["ts"] and not m.get("ephemeral")]
        return sorted(found, key=lambda m: float(m["ts"]), reverse=True)

    def snapshot(self) -> Json:
        """Everything the page needs to begin with."""
        return {
            "team": TEAM,
            "person": PERSON,
            "bot": BOT_USER,
            "users": list(USERS.values()),
            "channels": list(CHANNELS.values()),
            "messages": {c: sorted(rows.values(), key=lambda m: float(m["ts"])) for c, rows in self.messages.items()},
            "statuses": self.statuses,
            "home": self.home,
        }

    def tell(self, change: Json) -> None:
        """Hand a change to every watcher; one that does not keep up is dropped and starts over."""
        for queue in list(self._watchers):
            try:
                queue.put_nowait(change)
            except asyncio.QueueFull:
                self._watchers.remove(queue)

    def close(self) -> None:
        """Tell every watcher that it is over."""
        self.tell({"type": "end"})

    @contextmanager
    def watching(self) -> Iterator[asyncio.Queue[Json]]:
        """A queue of all changes from now on."""
        queue: asyncio.Queue[Json] = asyncio.Queue(KEPT_CHANGES)
        self._watchers.append(queue)
        try:
            yield queue
        finally:
            if queue in self._watchers:
                self._watchers.remove(queue)
