"""The place where people read: Slack where a bot token is set, otherwise the app's own record only."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute

from chatops import __version__
from chatops.domain.conversation import Message
from chatops.domain.incident import Incident
from chatops.domain.ports import Step, StreamPort, ThreadPort
from chatops.ending import end
from chatops.settings import Settings, SettingsError
from chatops.store import InboxBook, RedisStore
from chatops.telemetry import Metrics
from chatops.triage.intake import Intake
from chatops.web.access import Readers

if TYPE_CHECKING:
    from chatops.slack.calls import Clients
    from chatops.slack.desk import Desk
    from chatops.slack.openid import Provider
    from chatops.slack.signin import SignIn


@dataclass(frozen=True)
class Surface:
    """The thread port, the routes people's requests come in by, and the connection that listens for them."""

    thread: ThreadPort
    routes: Sequence[BaseRoute]
    listen: Callable[[asyncio.Event], Coroutine[Any, Any, None]]
    says: str
    readers: Readers | None = None
    """People who sign in to read pages."""
    rows: dict[str, str] = field(default_factory=dict)
    """What `/triage settings` shows; changed in place when settings change."""


class Unheard:
    """The thread port of an app without a chat: incidents are read on their page."""

    async def show(self, incident: Incident, slot: str, message: Message) -> Incident:
        """Show nothing."""
        return incident

    async def address(self, incident: Incident) -> str:
        """Nowhere."""
        return ""

    async def listen(self, incident: Incident) -> None:
        """Nobody speaks."""

    async def status(self, incident: Incident, text: str) -> None:
        """Say nothing."""

    def stream(self, incident: Incident, slot: str, recipient: str) -> StreamPort:
        """A stream that nobody reads."""
        return _UnheardStream()


class _UnheardStream:
    async def append(self, markdown: str) -> None:
        """Drop it."""

    async def task(self, step: Step) -> None:
        """Drop it."""

    async def finish(self, message: Message) -> None:
        """Drop it."""


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


@contextlib.asynccontextmanager
async def open_surface(
    settings: Settings, store: RedisStore, intake: Intake, role: str, page: Callable[[Incident], str], metrics: Metrics
) -> AsyncIterator[Surface]:
    """Open Slack as the settings say: HTTP with a signing secret, Socket Mode with an app token."""
    if settings.slack.bot_token is None and not settings.slack.client_id:
        if settings.slack.sign_in == "required":
            raise SettingsError("slack.sign_in: required, and there is no Slack to sign in with (slack.bot_token)")
        yield Surface(Unheard(), (), _wait, "no Slack (CHATOPS_SLACK__BOT_TOKEN): incidents are on their pages")
        return
    if settings.slack.app_token is None and settings.slack.signing_secret is None and role != "worker":
        raise SettingsError(
            "slack.signing_secret (CHATOPS_SLACK__SIGNING_SECRET) or slack.app_token (CHATOPS_SLACK__APP_TOKEN):"
            " one of them must be set beside the bot token"
        )
    from chatops.slack.app import SocketMode, build_app, http_routes
    from chatops.slack.calls import Calls
    from chatops.slack.install import Installations
    from chatops.slack.thread import SlackThread

    installing, clients = _installing(settings, store)
    calls = Calls(clients, store, throttled=lambda method: metrics.slack_throttled.labels(method).inc())
    thread = SlackThread(store, calls, prefix=settings.slack.incident_channel_prefix, again=intake.queue.refresh)
    rows = shown_rows(settings)
    revoke = clients.revoke if isinstance(clients, Installations) else None
    environments = tuple(settings.environment_options())
    app = build_app(
        settings.slack,
        intake,
        calls,
        InboxBook(store),
        page=page,
        rows=rows,
        environments=environments,
        revoke=revoke,
    )

    async def listen(stop: asyncio.Event) -> None:
        if role == "worker":
            await stop.wait()
            return
        if settings.slack.bot_token is not None:
            await app.warm()
        left_behind, stopping = asyncio.create_task(app.inbox.watch()), asyncio.create_task(stop.wait())
        begun: list[asyncio.Task[None]] = []
        socket = SocketMode(app, settings.slack) if settings.slack.app_token else None
        try:
            if socket is not None:
                # It is tried again for as long as Slack cannot be reached: being told to end ends that too.
                begun.append(asyncio.create_task(socket.start()))
                await asyncio.wait([*begun, stopping], return_when=asyncio.FIRST_COMPLETED)
                if begun[0].done():
                    await begun[0]
            await stopping
        finally:
            await end([left_behind, stopping, *begun])
            if socket is not None:
                await socket.aclose()

    try:
        says = "Slack over Socket Mode" if settings.slack.app_token else "Slack at POST /slack/events"
        heard = http_routes(app) if settings.slack.signing_secret else []
        signing = None if role == "worker" else sign_in(settings, store, app.desk)
        ways = [*heard, *installing, *(signing.routes() if signing else ())]
        yield Surface(thread, ways, listen, says, signing, rows)
    finally:
        await thread.aclose()
        await app.aclose()
        await clients.aclose()


def _installing(settings: Settings, store: RedisStore) -> tuple[Sequence[BaseRoute], Clients]:
    """One workspace by its bot token, or many that install the app; and the routes for installing."""
    from chatops.slack.calls import OneWorkspace
    from chatops.slack.install import Installations, Installer
    from chatops.slack.manifest import scopes

    slack = settings.slack
    if slack.bot_token is not None:
        return (), OneWorkspace(slack.bot_token.get_secret_value(), slack.base_url)
    if slack.client_secret is None or not slack.token_keys or not settings.public_url:
        raise SettingsError(
            "slack.client_id: for others to install the app, set client_secret and token_keys beside it, and public_url"
        )
    keys = [key.get_secret_value() for key in slack.token_keys]
    installations = Installations(store, keys, slack.base_url, slack.team)
    installer = Installer(
        store,
        installations,
        client_id=slack.client_id,
        client_secret=slack.client_secret.get_secret_value(),
        scopes=scopes(),
        public_url=settings.public_url,
        base_url=slack.base_url,
    )
    return installer.routes(), installations


def sign_in(settings: Settings, store: RedisStore, desk: Desk) -> SignIn | None:
    """Signing in to read pages, where the settings want it. `SettingsError` where they lack something for it."""
    from chatops.slack.signin import SignIn

    slack = settings.slack
    if slack.sign_in == "off":
        return None
    provider = open_provider(settings)
    return SignIn(store, provider, desk, settings.public_url, required=slack.sign_in == "required")


def open_provider(settings: Settings) -> Provider:
    """Slack as the one who says who signs in. `SettingsError` where the settings lack something for it."""
    from chatops.slack.openid import Provider
    from chatops.slack.signin import BACK

    slack = settings.slack
    if not slack.client_id or slack.client_secret is None or not settings.public_url:
        raise SettingsError(
            "slack.sign_in: set client_id and client_secret (CHATOPS_SLACK__CLIENT_ID, CHATOPS_SLACK__CLIENT_SECRET)"
            " of the Slack app beside it, and public_url (CHATOPS_PUBLIC_URL)"
        )
    return Provider(slack.client_id, slack.client_secret.get_secret_value(), settings.public_url + BACK, slack.base_url)


def shown_rows(settings: Settings) -> dict[str, str]:
    """What `/triage settings` shows."""
    return {
        "Environments": ", ".join(settings.environment_options()),
        "Model": settings.model.provider,
        "Alerts go to": settings.slack.channel,
        "Version": __version__,
    }
