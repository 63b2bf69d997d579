"""The place where people read: Slack where a bot token is set, otherwise the app's own record only."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.routing import BaseRoute

from chatops.domain.conversation import Message
from chatops.domain.incident import Incident
from chatops.domain.ports import StreamPort, ThreadPort
from chatops.settings import Settings, SettingsError
from chatops.store import RedisStore
from chatops.triage.intake import Intake


@dataclass(frozen=True)
class Surface:
    """The thread port, the routes people's requests come in by, and the connection that listens for them."""

    thread: ThreadPort
    routes: Sequence[BaseRoute]
    listen: Callable[[asyncio.Event], Coroutine[Any, Any, None]]
    says: str


class Unheard:
    """The thread port of an app without a chat: incidents are read on their page."""

    async def show(self, incident: Incident, slot: str, message: Message) -> Incident:
        """Show nothing."""
        return incident

    async def status(self, incident: Incident, text: str) -> None:
        """Say nothing."""

    def stream(self, incident: Incident, slot: str, recipient: str) -> StreamPort:
        """A stream that nobody reads."""
        return _UnheardStream()


class _UnheardStream:
    async def append(self, markdown: str) -> None:
        """Drop it."""

    async def finish(self, message: Message) -> None:
        """Drop it."""


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


@contextlib.asynccontextmanager
async def open_surface(settings: Settings, store: RedisStore, intake: Intake, role: str) -> AsyncIterator[Surface]:
    """Open Slack as the settings say: HTTP with a signing secret, Socket Mode with an app token."""
    if settings.slack.bot_token is None:
        yield Surface(Unheard(), (), _wait, "no Slack (CHATOPS_SLACK__BOT_TOKEN): incidents are on their pages")
        return
    if settings.slack.app_token is None and settings.slack.signing_secret is None and role != "worker":
        raise SettingsError(
            "slack.signing_secret (CHATOPS_SLACK__SIGNING_SECRET) or slack.app_token (CHATOPS_SLACK__APP_TOKEN):"
            " one of them must be set beside the bot token"
        )
    from chatops.slack.open import open_slack

    async with open_slack(settings.slack, store, intake, listening=role != "worker") as slack:
        yield Surface(slack.thread, slack.routes, slack.listen, slack.says)
