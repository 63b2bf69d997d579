"""How is Slack's Web API called: with whose token, how often, and what becomes of an error?

Every call goes through `Calls.call`. Places are reserved in buckets that all replicas share (the store's
`pace`), a 429 holds its method's bucket for everybody, and one exception comes out: `SlackError` with
Slack's own error code. Retries: a 429 always (it was not processed); a lost connection or a 5xx only where
the method may be repeated, because a `chat.postMessage` may have arrived.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from chatops import tracing
from chatops.domain.ports import StoreUnavailable

QUIET = logging.getLogger("chatops.slack.sdk")
"""The logger given to Slack's packages: they write request and response bodies below WARNING."""
QUIET.setLevel(logging.ERROR)


def _one_line(record: logging.LogRecord) -> bool:
    """Slack's packages try again and say why; the traceback through their HTTP client says no more."""
    record.exc_info = None
    return True


QUIET.addFilter(_one_line)

_MINUTE = 60.0
RATES: Mapping[str, tuple[float, int]] = {
    # per minute (Slack's tier), how many at once
    "chat.update": (50, 8),
    "chat.delete": (50, 8),
    "chat.postMessage": (300, 20),
    "chat.postEphemeral": (100, 20),
    "chat.startStream": (20, 5),
    "chat.stopStream": (20, 5),
    "chat.appendStream": (100, 15),
    "assistant.threads.setStatus": (60, 10),
    "agents.sessions.setStatus": (60, 10),
    "conversations.history": (50, 10),
    "conversations.replies": (50, 10),
    "usergroups.list": (20, 10),
    "usergroups.users.list": (20, 10),
    # who somebody is decides before anything is acknowledged: a crowd at once is let through
    "users.info": (100, 100),
    "conversations.info": (50, 50),
    "conversations.members": (100, 50),
}
"""A method that is not named here is paced like tier 3. The post to one channel has its own bucket: 1 a second."""
_OTHERS = (50.0, 20)
_PER_CHANNEL = frozenset({"chat.postMessage", "chat.startStream"})
_ONCE = frozenset({"chat.postMessage", "chat.startStream", "chat.appendStream", "chat.postEphemeral"})
TOO_RICH = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_attachments"}
)
"""Codes after which a simpler form of the same message may be taken."""
NO_ENTRY = frozenset(
    {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "no_permission", "user_not_in_channel"}
)
"""Codes of channels in which the app, or the person, cannot be told anything."""
_REFUSED = frozenset({"invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed"})
_ATTEMPTS = 5
_LONGEST_WAIT = 120.0
_ASIDE = 1.2
"""Seconds that patient calls reserve ahead: for so long, at most, they stand before one that is not."""


class SlackError(Exception):
    """The one exception of this boundary: which method, Slack's error code, and its full answer."""

    def __init__(self, method: str, code: str, detail: str = "") -> None:
        super().__init__(f"{method}: {code}" + (f" ({detail})" if detail else ""))
        self.method = method
        self.code = code
        self.detail = detail


class Pacer(Protocol):
    """Buckets shared by all replicas; `RedisStore` is one."""

    async def pace(self, bucket: str, per_second: float, burst: int = 1, within: float = math.inf) -> float:
        """Reserve the next place; return the seconds to wait for it. One further than `within` is not reserved."""
        ...

    async def hold(self, bucket: str, seconds: float) -> None:
        """Let nobody have a place for so long."""
        ...


class Clients(Protocol):
    """The Web API client of a workspace."""

    async def installation(self, team: str) -> str:
        """Whose token is used in this workspace: what is paced together. An organisation's serves all of its own."""
        ...

    async def client(self, installation: str) -> AsyncWebClient:
        """The client with the installation's token; LookupError where there is none."""
        ...

    async def belongs(self, team: str, enterprise: str) -> None:
        """Keep that the app came into this workspace with its organisation's installation."""
        ...

    async def renew(self, installation: str) -> None:
        """The token was refused: take it anew from where tokens are kept."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...


class OneWorkspace:
    """A single bot token, for whatever workspace asks; one connection pool."""

    def __init__(self, token: str, base_url: str = "https://slack.com/api/", timeout: float = 15.0) -> None:
        self._token = token
        self._base_url = base_url if base_url.endswith("/") else base_url + "/"
        self._timeout = timeout
        self._client: AsyncWebClient | None = None
        self._closed = False

    async def installation(self, team: str) -> str:
        """There is one; incidents that an alert opened do not know their workspace."""
        return ""

    async def belongs(self, team: str, enterprise: str) -> None:
        """The one token is that of the organisation, then."""

    async def renew(self, installation: str) -> None:
        """It was set when the process began, and stays."""

    async def client(self, installation: str) -> AsyncWebClient:
        """The one client, made when it is first asked for (its pool belongs to the running loop)."""
        if self._closed:
            raise LookupError("the connection to Slack is closed")
        if self._client is None:
            self._client = open_client(self._token, self._base_url, self._timeout)
        return self._client

    async def aclose(self) -> None:
        """Close its connections."""
        if self._client is not None:
            await close_client(self._client)
            self._client = None
        self._closed = True


def open_client(token: str, base_url: str, timeout: float = 15.0) -> AsyncWebClient:
    """Return a client with a pool of its own, without the SDK's retries (they would post twice)."""
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout))
    return AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[], logger=QUIET)


async def close_client(client: AsyncWebClient) -> None:
    """Close the client's pool."""
    if client.session is not None:
        await client.session.close()


class Calls:
    """The Web API, paced and with one kind of error."""

    def __init__(
        self,
        clients: Clients,
        pacer: Pacer,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        throttled: Callable[[str], None] = lambda method: None,
    ) -> None:
        self.clients = clients
        self._throttled = throttled
        self._pacer = pacer
        self._sleep = sleep

    async def call(self, team: str, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method of the Web API with JSON arguments; waits for its turn first. Raises `SlackError`."""
        return await self._told(team, method, arguments, patient=False)

    async def patiently(self, team: str, method: str, **arguments: Any) -> Mapping[str, Any]:
        """The same for what can wait: others that call meanwhile go before it."""
        return await self._told(team, method, arguments, patient=True)

    async def upload(self, team: str, address: str, data: bytes) -> None:
        """Send a file's content where `files.getUploadURLExternal` said. Raises `SlackError`."""
        try:
            client = await self.clients.client(await self.clients.installation(team))
            assert client.session is not None  # noqa: S101  # `open_client` gives every client one
            async with client.session.post(address, data=data) as answer:
                if answer.status != 200:
                    raise SlackError("upload", "refused", f"HTTP {answer.status}")
        except (aiohttp.ClientError, TimeoutError, OSError, LookupError) as error:
            raise SlackError("upload", "unreachable", type(error).__name__) from error

    async def _told(self, team: str, method: str, arguments: Mapping[str, Any], patient: bool) -> Mapping[str, Any]:
        with tracing.span(f"slack {method}", method=method) as step:
            try:
                return await self._insist(team, method, arguments, patient)
            except SlackError as error:
                tracing.note(step, code=error.code)
                raise

    async def _insist(self, team: str, method: str, arguments: Mapping[str, Any], patient: bool) -> Mapping[str, Any]:
        owner = await self.clients.installation(team)
        for attempt in range(_ATTEMPTS):
            await self._turn(owner, method, str(arguments.get("channel", "")), patient)
            try:
                return await self._once(owner, method, arguments)
            except SlackApiError as error:
                wait = _retry_after(error)
                if wait is not None:
                    self._throttled(method)
                if _code(error) in _REFUSED:
                    await self.clients.renew(owner)
                if wait is None or attempt == _ATTEMPTS - 1:
                    raise said(method, error) from error
                await self._hold(_bucket(owner, method), wait)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if method in _ONCE or attempt >= 2:
                    raise SlackError(method, "unreachable", f"{type(error).__name__}: {error}") from error
                await self._sleep(0.5 * 2**attempt)
        raise SlackError(method, "ratelimited", "no turn after several waits")

    async def _once(self, owner: str, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            client = await self.clients.client(owner)
        except LookupError as error:
            raise SlackError(method, "not_installed", str(error)) from error
        given = {name: value for name, value in arguments.items() if value is not None}
        if method in _FORM:
            response = await client.api_call(method, params=given)
        else:
            response = await client.api_call(method, json=given)
        data = response.data
        return data if isinstance(data, dict) else {}

    async def _turn(self, owner: str, method: str, channel: str, patient: bool) -> None:
        """Wait for a place: of the channel where it posts, and of the method. Without a store nobody is paced."""
        rate, burst = RATES.get(method, _OTHERS)
        buckets = [(_bucket(owner, method), rate / _MINUTE, burst)]
        if method in _PER_CHANNEL and channel:
            buckets.insert(0, (f"slack:{owner}:post:{channel}", 1.0, 3))
        waited = 0.0
        for bucket in buckets:
            waited += await self._place(method, bucket, patient, _LONGEST_WAIT - waited)

    async def _place(self, method: str, bucket: tuple[str, float, int], patient: bool, most: float) -> float:
        """Wait for a place in a bucket, and return for how long that was; `SlackError` where it is too long."""
        waited, within = 0.0, _ASIDE if patient else most
        while True:
            try:
                wait = await self._pacer.pace(*bucket, within=within)
            except StoreUnavailable:
                return waited
            if wait <= within:
                if wait > 0:
                    await self._sleep(wait)
                return waited + wait
            if waited + wait > most:
                raise SlackError(method, "ratelimited", f"the next turn is in {wait:.0f} s")
            aside = wait - within + random.uniform(0, _ASIDE)  # not all at the same moment
            await self._sleep(aside)
            waited += aside

    async def _hold(self, bucket: str, seconds: float) -> None:
        try:
            await self._pacer.hold(bucket, seconds)
        except StoreUnavailable:
            await self._sleep(seconds)


_FORM = frozenset(
    {
        # reads take their arguments in the query: Slack ignores a JSON body for some of them
        "auth.test",
        "bookmarks.list",
        "conversations.history",
        "conversations.info",
        "conversations.members",
        "conversations.replies",
        "files.getUploadURLExternal",
        "usergroups.list",
        "usergroups.users.list",
        "users.info",
    }
)


def _bucket(owner: str, method: str) -> str:
    return f"slack:{owner}:{method}"


def _retry_after(error: SlackApiError) -> float | None:
    """Seconds to wait where the call was refused for its rate; None for any other error."""
    response = error.response
    if getattr(response, "status_code", 0) != 429 and _code(error) not in ("ratelimited", "rate_limited"):
        return None
    headers = getattr(response, "headers", None) or {}
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    try:
        return min(max(float(given), 0.0), _LONGEST_WAIT)
    except ValueError:
        return 1.0


def _code(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def said(method: str, error: SlackApiError) -> SlackError:
    """What Slack said, as this boundary's exception."""
    data = getattr(error.response, "data", None)
    if not isinstance(data, dict):
        status = getattr(error.response, "status_code", "") or getattr(error.response, "status", "")
        return SlackError(method, "garbage", f"HTTP {status}")
    told = {name: data[name] for name in ("needed", "errors", "response_metadata") if data.get(name)}
    return SlackError(method, str(data.get("error", "unknown")), str(told) if told else "")
