"""How does an answer reach the one who asked, when the request was acknowledged before it was worked off?

By the `response_url` of a command or click, which works also where the app is no member. Where there is none, or
it no longer takes anything, as a message that only they see.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from chatops.domain.conversation import Message
from chatops.render.simpler import LEVELS, simpler
from chatops.slack import modals
from chatops.slack.calls import QUIET, Calls, SlackError
from chatops.slack.desk import team_of
from chatops.slack.requests import Body
from chatops.slack.whispering import Ear, whisper

log = logging.getLogger(__name__)
_SECONDS = 2.0
_BLOCKS = "invalid_blocks"


class Responses:
    """Answers to requests that are acknowledged already; one connection pool."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._session: aiohttp.ClientSession | None = None

    async def tell(self, body: Body, answer: Mapping[str, Any]) -> None:
        """Show an answer (`text`, perhaps `blocks`) to whoever sent this; what Slack does not take is logged."""
        message = Message(text=str(answer["text"]), blocks=tuple(answer.get("blocks") or ()))
        if url := str(body.get("response_url", "")):
            for level in range(LEVELS):
                status, told = await self._responded(url, simpler(message, level))
                if status == 200:
                    return
                if _BLOCKS not in told:
                    break
                log.info("an answer's blocks were refused: sending simpler ones")
        ear = ear_of(body)
        if not ear.channel or not ear.user:
            log.info("not shown: the request names neither an address nor a channel")
            return
        try:
            await whisper(self._calls, ear, message)
        except SlackError as error:
            log.info("not shown: %s", error)

    async def _responded(self, url: str, message: Message) -> tuple[int, str]:
        said: dict[str, Any] = {"text": message.text, **({"blocks": list(message.blocks)} if message.blocks else {})}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS))
        client = AsyncWebhookClient(url, session=self._session, logger=QUIET, retry_handlers=[])
        try:
            told = await client.send_dict({"response_type": "ephemeral", "replace_original": False, **said})
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0, ""
        return told.status_code, str(told.body)

    async def aclose(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()


def ear_of(body: Body) -> Ear:
    """Who sent this, and where they are; of a form, where it says that it is told."""
    channel, user, view = body.get("channel") or {}, body.get("user") or {}, body.get("view") or {}
    to = str(body.get("channel_id") or (channel.get("id", "") if isinstance(channel, Mapping) else channel))
    who = str(body.get("user_id") or (user.get("id", "") if isinstance(user, Mapping) else user))
    return Ear(team_of(body), to or (modals.told_in(view) if view else ""), who)
