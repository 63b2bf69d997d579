"""How is Slack connected: the Bolt app with its listeners, over HTTP with signatures or over Socket Mode?

Both ways lead through `acknowledged`: what Slack sent is kept in the inbox, then Slack has its 200, and Bolt's
listeners run right after. Only what is answered in the response itself goes to Bolt at once: a form to be looked
through, before it is kept like everything else. What could not be
kept is answered 500 (in Socket Mode: not at all) where Slack sends it again, and said where it does not.
`process_before_response=True`: Bolt would otherwise answer before a listener has run, and hide that it failed.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chatops.domain.incident import Incident, new_id
from chatops.domain.ports import StoreUnavailable
from chatops.settings import SlackSettings
from chatops.slack import modals, requests
from chatops.slack.authz import Access, Gate
from chatops.slack.calls import QUIET, Calls, SlackError, close_client, open_client, said
from chatops.slack.desk import NOT_DONE, NOT_STORED, REQUEST, Desk
from chatops.slack.failing import failed
from chatops.slack.flights import Flights
from chatops.slack.inbox import Book, Inbox
from chatops.slack.intake import Intake
from chatops.slack.listeners import actions, commands, events, shortcuts, views
from chatops.slack.requests import Body
from chatops.slack.responding import Responses

log = logging.getLogger(__name__)

PATH = "/slack/events"
MAX_BYTES = 1_000_000
_NOT_OURS = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type"})
_LISTENERS = (commands, events, actions, shortcuts, views)


class Identities:
    """Who the app is in each workspace: `auth.test` once, not with every request."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._known: dict[str, AuthorizeResult] = {}
        self._flights: Flights[AuthorizeResult] = Flights()

    async def identity(
        self, enterprise_id: str | None = None, team_id: str | None = None, *, org_wide: bool = False
    ) -> AuthorizeResult:
        """Who the app is there. A `SlackError` here becomes a 500, so that the event comes again."""
        team, clients = team_id or enterprise_id or "", self._calls.clients
        if org_wide and enterprise_id:
            await clients.belongs(team, enterprise_id)
        owner = await clients.installation(team)
        if owner not in self._known:
            self._known[owner] = await self._flights.ask(owner, lambda: self._learn(enterprise_id, team, owner))
        return self._known[owner]

    async def _learn(self, enterprise_id: str | None, team: str, owner: str) -> AuthorizeResult:
        told = await self._calls.call(team, "auth.test")
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team or None,
            bot_user_id=told.get("user_id"),
            bot_id=told.get("bot_id"),
            bot_token=(await self._calls.clients.client(owner)).token,
        )

    def forget(self) -> None:
        """The app was taken out somewhere, or put in anew: everybody is asked again."""
        self._known.clear()


class SlackApp:
    """The Bolt app and what belongs to it; `aclose` lets what was begun end."""

    def __init__(
        self, bolt: AsyncApp, desk: Desk, identities: Identities, verifier: SignatureVerifier | None, book: Book
    ) -> None:
        self.bolt = bolt
        self.verifier = verifier
        self.desk = desk
        self.identities = identities
        self._responses = Responses(desk.calls)
        self.inbox = Inbox(book, self._heard, self._given_up, lambda: new_id(desk.clock()))

    async def warm(self) -> None:
        """Ask who the app is, so that the first command need not; a Slack that does not answer is asked then."""
        try:
            await self.identities.identity()
        except SlackError as error:
            log.warning("Slack does not say who the app is: %s", error)

    async def acknowledged(self, body: Body) -> BoltResponse:
        """What to answer Slack: at once from Bolt where the response says something, else that it was kept."""
        if requests.wants_answer(body):
            answer = await self._listened(body)
            if not requests.is_form(body) or answer.status != 200 or answer.body:
                return answer
        key = requests.key_of(body, self.desk.settings.alert_channels)
        try:
            if key:
                await self.inbox.take(key, body)
        except StoreUnavailable:
            return self._not_kept(body)
        return BoltResponse(status=200)

    def _not_kept(self, body: Body) -> BoltResponse:
        if requests.is_repeated(body):
            return BoltResponse(status=500)
        if requests.is_form(body):
            return BoltResponse(status=200, body=modals.mistaken(body["view"], NOT_STORED))
        if "command" in body:
            return BoltResponse(status=200, body={"response_type": "ephemeral", "text": NOT_STORED})
        self.desk.later(self._responses.tell(body, {"text": NOT_STORED}))
        return BoltResponse(status=200)

    async def _listened(self, body: Body) -> BoltResponse:
        """Let the listeners have it. It was verified when it came in, which may be a while ago."""
        return await self.bolt.async_dispatch(AsyncBoltRequest(body=dict(body), mode="socket_mode"))

    async def _heard(self, request: str, body: Body) -> None:
        answer = await self._listened({**body, REQUEST: request})
        if answer.status >= 500:
            raise NotDone(f"HTTP {answer.status}")
        if answer.body and answer.status == 200:
            await self._responses.tell(body, json.loads(answer.body))

    async def _given_up(self, request: str, body: Body) -> None:
        await self._responses.tell(body, {"text": NOT_DONE})

    async def aclose(self) -> None:
        """Wait for what is done in the background."""
        await self.inbox.aclose()
        await self.desk.aclose()
        await self._responses.aclose()


class NotDone(Exception):
    """The listeners could not do what a request asks for."""


def build_app(
    settings: SlackSettings,
    intake: Intake,
    calls: Calls,
    book: Book,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    page: Callable[[Incident], str] = lambda _: "",
    rows: Mapping[str, str] | None = None,
    environments: Sequence[str] = (),
    revoke: Callable[[str], Awaitable[None]] | None = None,
) -> SlackApp:
    """Return the app. What Slack sends is kept in `book`; `page` makes the address of an incident's page; `rows`
    are shown by `settings`, and the form asks which of several `environments` is meant.

    With several workspaces `calls` is made of `install.Installations`, and `revoke` is its `revoke`.
    """
    access = Access(settings.operators, settings.viewers, settings.allow_external)
    identities = Identities(calls)

    async def forget(team: str) -> None:
        identities.forget()
        if revoke is not None:
            await revoke(team)

    desk = Desk(settings, intake, Gate(calls, access), calls, clock, page, rows or {}, environments, forget)

    async def authorize(enterprise_id: str | None, team_id: str | None, context: AsyncBoltContext) -> AuthorizeResult:
        return await identities.identity(enterprise_id, team_id, org_wide=bool(context.is_enterprise_install))

    secret = settings.signing_secret.get_secret_value() if settings.signing_secret else ""
    bolt = AsyncApp(
        name=QUIET.name,  # Bolt gives the logger of this name the level of the next one: not the whole app's
        logger=QUIET,
        client=AsyncWebClient(base_url=_base(settings.base_url), logger=QUIET, retry_handlers=[]),
        signing_secret=secret,
        authorize=authorize,
        process_before_response=True,
    )
    bolt.error(failed)
    for listeners in _LISTENERS:
        listeners.register(bolt, desk)
    return SlackApp(bolt, desk, identities, SignatureVerifier(secret) if secret else None, book)


def _base(url: str) -> str:
    return url if url.endswith("/") else url + "/"


def http_routes(app: SlackApp) -> list[Route]:
    """The one address Slack is given for events, commands and interactions."""

    async def events_endpoint(request: Request) -> Response:
        return await receive(app, request)

    return [Route(PATH, events_endpoint, methods=["POST"])]


async def receive(app: SlackApp, request: Request) -> Response:
    """Answer one request. What is not signed, too old or malformed is 401; too large is 413."""
    stamp = request.headers.get("x-slack-request-timestamp", "")
    if not stamp.isascii() or not stamp.isdigit():
        return JSONResponse({"error": "invalid request"}, status_code=401)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return JSONResponse({"error": "too large"}, status_code=413)
    if not _signed(app, body, stamp, request.headers.get("x-slack-signature", "")):
        return JSONResponse({"error": "invalid request"}, status_code=401)
    try:
        asked = requests.read(body, request.headers.get("content-type", ""))
    except (ValueError, RecursionError):
        return JSONResponse({"error": "not understood"}, status_code=400)
    return to_starlette_response(await app.acknowledged(asked))


def _signed(app: SlackApp, body: bytes, stamp: str, signature: str) -> bool:
    """Whether Slack signed it: what is not signed is not parsed."""
    if app.verifier is None:
        return False  # only Socket Mode was set up: whatever comes over HTTP is nobody's
    try:
        return app.verifier.is_valid(body, stamp, signature)
    except UnicodeDecodeError:
        return False


class SocketMode:
    """The websocket to Slack; it reconnects by itself."""

    def __init__(self, app: SlackApp, settings: SlackSettings) -> None:
        self._app = app
        self._token = settings.app_token.get_secret_value() if settings.app_token else ""
        self._base_url = _base(settings.base_url)
        self._client: AsyncWebClient | None = None
        self._socket: SocketModeClient | None = None

    async def start(self) -> None:
        """Connect, and return when connected.

        Raises `SlackError` for a token that Slack does not take: the SDK would try it again for ever. A Slack
        that cannot be reached is tried again.
        """
        self._client = open_client(self._token, self._base_url)
        self._socket = SocketModeClient(app_token=self._token, logger=QUIET, web_client=self._client, ping_interval=10)
        self._socket.socket_mode_request_listeners.append(self._heard)
        self._socket.wss_uri = await self._address(self._client)
        await self._socket.connect()  # type: ignore[no-untyped-call]

    async def _heard(self, client: AsyncBaseSocketModeClient, sent: SocketModeRequest) -> None:
        await send_async_response(client, sent, await self._app.acknowledged(sent.payload), time.time())

    async def _address(self, client: AsyncWebClient) -> str | None:
        try:
            told = await client.apps_connections_open(app_token=self._token)
        except SlackApiError as error:
            refusal = said("apps.connections.open", error)
            if refusal.code in _NOT_OURS:
                raise refusal from error
            return None
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None
        return str(told["url"])

    async def aclose(self) -> None:
        """Disconnect: what is not acknowledged yet goes to another replica."""
        if self._socket is not None:
            await self._socket.close()  # type: ignore[no-untyped-call]
        if self._client is not None:
            await close_client(self._client)
