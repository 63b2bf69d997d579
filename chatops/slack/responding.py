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
from chatops.slack.calls import QUIET, Calls, SlackError
from chatops.slack.desk import team_of
from chatops.slack.requests import Body

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
        for level in range(LEVELS):
            if not await self._refused(body, simpler(message, level)):
                return
            log.info("an answer's blocks were refused: sending simpler ones")

    async def _refused(self, body: Body, message: Message) -> bool:
        """Whether the blocks are refused: a simpler form may be taken. Whatever else fails ends it."""
        said: dict[str, Any] = {"text": message.text, **({"blocks": list(message.blocks)} if message.blocks else {})}
        url = str(body.get("response_url", ""))
        status, told = await self._responded(url, said) if url else (0, "")
        if status == 200:
            return False
        return _BLOCKS in told or await self._whispered(body, said)

    async def _whispered(self, body: Body, said: Mapping[str, Any]) -> bool:
        channel, user = body.get("channel") or {}, body.get("user") or {}
        to = str(body.get("channel_id") or (channel.get("id", "") if isinstance(channel, Mapping) else channel))
        who = str(body.get("user_id") or (user.get("id", "") if isinstance(user, Mapping) else user))
        if not to or not who:
            log.info("not shown: the request names neither an address nor a channel")
            return False
        try:
            await self._calls.call(team_of(body), "chat.postEphemeral", channel=to, user=who, **said)
        except SlackError as error:
            log.info("not shown: %s", error)
            return _BLOCKS in error.code
        return False

    async def _responded(self, url: str, said: Mapping[str, Any]) -> tuple[int, str]:
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
