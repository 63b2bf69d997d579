"""How does the app hear of what people do? Events, commands and clicks as Slack's signed HTTP requests.

Signed with the workspace's secret (`v0`, HMAC-SHA256 over `v0:<time>:<body>`), repeated as Slack repeats
them where the app does not take an event.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import aiohttp

from chatops.demo.workspace.state import APP, BOT_USER, CHANNELS, DIRECT, PERSON, TEAM, USERS, Json, Workspace

log = logging.getLogger(__name__)
WAITS = (0.0, 1.0, 5.0)
"""Seconds before each of the three attempts at an event. Slack's own are longer (up to five minutes)."""
ACK_SECONDS = 3.0


def signature(secret: str, stamp: str, body: bytes) -> str:
    """The value of X-Slack-Signature."""
    base = b"v0:" + stamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Delivery:
    """Sends to one app. `base` is the workspace's own address, for response URLs."""

    def __init__(
        self, workspace: Workspace, secret: str, endpoint: str, base: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._workspace, self._secret, self._endpoint, self._base, self._clock = (
            workspace,
            secret,
            endpoint,
            base,
            clock,
        )
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def aclose(self) -> None:
        """Stop what is still being sent."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def event(self, event: Json) -> None:
        """Deliver an event of the Events API; returns at once."""
        identity = self._workspace.identity("Ev")
        body = {
            "type": "event_callback",
            "token": "verification-is-by-signature",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "event_id": identity,
            "event_time": int(self._clock()),
            "is_ext_shared_channel": False,
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "enterprise_id": None}],
        }
        task = asyncio.create_task(self._deliver(json.dumps(body).encode()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, body: bytes) -> None:
        for attempt, wait in enumerate(WAITS):
            await asyncio.sleep(wait)
            again = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": "http_error"} if attempt else {}
            status, _ = await self._send(body, "application/json", again)
            if status == 200:
                return
        log.warning("the app did not take an event after %d attempts", len(WAITS))

    async def command(self, channel: str, command: str, text: str) -> Json:
        """Deliver a slash command; returns the app's immediate answer, or an error to show."""
        fields = {
            "token": "verification-is-by-signature",
            "team_id": TEAM,
            "team_domain": "demo",
            "channel_id": channel,
            "channel_name": CHANNELS[channel]["name"],
            "user_id": PERSON,
            "user_name": "you",
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": f"{self._base}/response/{channel}",
            "trigger_id": self._workspace.identity("trigger"),
        }
        return await self._answered(urlencode(fields).encode())

    async def interact(self, payload: Mapping[str, object]) -> Json:
        """Deliver a click or a submitted view; returns the app's immediate answer."""
        person = USERS[PERSON]
        user = {"id": PERSON, "username": person["name"], "name": person["name"], "team_id": TEAM}
        full = {
            "user": user,
            "team": {"id": TEAM, "domain": "demo"},
            "api_app_id": APP,
            "token": "verification-is-by-signature",
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self._workspace.identity("trigger"),
            **payload,
        }
        return await self._answered(urlencode({"payload": json.dumps(full)}).encode())

    def response_url(self, channel: str, thread_ts: str = "") -> str:
        """Where the app may answer later."""
        return f"{self._base}/response/{channel}" + (f"?thread_ts={thread_ts}" if thread_ts else "")

    async def _answered(self, body: bytes) -> Json:
        status, text = await self._send(body, "application/x-www-form-urlencoded", {})
        if status != 200:
            return {"error": f"the app did not take it (HTTP {status})" if status else "the app does not answer"}
        try:
            found = json.loads(text) if text else {}
        except ValueError:
            return {"text": text}
        return found if isinstance(found, dict) else {}

    async def _send(self, body: bytes, kind: str, extra: Mapping[str, str]) -> tuple[int, str]:
        stamp = str(int(self._clock()))
        headers = {
            "content-type": kind,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": signature(self._secret, stamp, body),
            **extra,
        }
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ACK_SECONDS))
        try:
            async with self._session.post(self._endpoint, data=body, headers=headers) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            log.info("not delivered: %r", error)
            return 0, ""


def channel_type(channel: str) -> str:
    """What the Events API calls the kind of a conversation."""
    return "im" if channel == DIRECT else "channel"
