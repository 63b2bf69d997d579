"""How is a plain HTTP API with JSON answers asked? Its address, authentication and TLS, and what errors mean.

For connectors without an SDK of their own: their `client.py` knows the paths, this module knows HTTP. Limiting,
retrying and giving up is `connectors.calls`. Redirects are not followed: behind them stands a login page, or
another host that would be given the token.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp

from connectors.address import Options
from connectors.calls import Caller, Throttled, innermost
from connectors.contract import ConnectorError, ConnectorSettings, ErrorKind, Health

MOST_BYTES = 16 * 1024 * 1024
"""An answer larger than this is refused: it would cost more memory than it can explain."""
_KINDS: dict[int, ErrorKind] = {
    401: "forbidden",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    429: "throttled",
    504: "timeout",
}
_SAYING = ("message", "error", "reason", "msg", "detail")
"""Fields in which APIs say what is wrong."""

Params = Mapping[str, str | int] | list[tuple[str, str]]
Sign = Callable[[], Awaitable[Mapping[str, str]]]
"""Gives the headers that authorise the next call, where they do not stay the same: short-lived tokens."""
_NONE: Mapping[str, str] = {}
T = TypeVar("T")
_OTHER_SHAPE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def shaped(answer: Any, query: str, read: Callable[[Any], T]) -> T:
    """What `read` makes of an answer; `ConnectorError` (garbage) where the answer is not of the shape it expects."""
    try:
        return read(answer)
    except _OTHER_SHAPE as wrong:
        raise ConnectorError("garbage", query, f"an answer of another shape: {wrong!r}") from wrong


class HttpApi:
    """Read-only calls to one API. All raise `ConnectorError` with the `query` they are given, and nothing else."""

    def __init__(self, source: str, options: Options, caller: Caller | None = None, sign: Sign | None = None) -> None:
        self.source = source
        self.options = options
        self._sign = sign
        self._caller = caller or Caller(source, explain, limit=options.parallel)
        self._session: aiohttp.ClientSession | None = None

    async def get(
        self, path: str, params: Params = _NONE, *, query: str = "", headers: Mapping[str, str] = _NONE
    ) -> Any:
        """The JSON of a GET; `query` is what the error shall name, the path where it is empty."""
        return await self._ask("GET", path, params, None, query or path, headers)

    async def read(self, path: str, params: Params, read: Callable[[Any], T]) -> tuple[T, str]:
        """What `read` makes of the answer to a GET, and the query that repeats it."""
        query = f"GET {path}?{urlencode(params)}" if params else f"GET {path}"
        return shaped(await self.get(path, params, query=query), query, read), query

    async def post(self, path: str, body: Mapping[str, Any], params: Params = _NONE, *, query: str = "") -> Any:
        """The JSON of a POST of JSON, for APIs that take their questions in a body."""
        return await self._ask("POST", path, params, body, query or path, {})

    async def health(self, what: str, path: str, setting: str, params: Params = _NONE) -> Health:
        """One line of `doctor`: whether this path answers, and which `setting` to look at if not. Never raises."""
        try:
            await self.get(path, params)
        except ConnectorError as error:
            return Health(what, False, error.brief, _remedy(error.kind, setting))
        return Health(what, True, f"{self.options.url} answers")

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask(
        self, method: str, path: str, params: Params, body: Any, query: str, headers: Mapping[str, str]
    ) -> Any:
        async def call() -> Any:
            signed = {**headers, **(await self._sign() if self._sign else {})}
            content = await self._fetch(method, path, params, body, signed)
            try:
                return json.loads(content)
            except (ValueError, RecursionError) as wrong:
                raise ConnectorError("garbage", query, f"not JSON: {_said(content)!r}") from wrong

        key = f"{method} {path} {json.dumps([params, body], sort_keys=True)}"
        return await self._caller.call(query, call, self.options.timeout, key)

    async def _fetch(self, method: str, path: str, params: Params, body: Any, headers: Mapping[str, str]) -> bytes:
        request = self._opened().request(
            method,
            self.options.url + path,
            params=params or None,
            json=body,
            headers=headers,
            allow_redirects=False,
        )
        async with request as response:
            content = await _limited(response)
            if response.status >= 300:
                moved = response.headers.get("Location", "")
                said = f"redirected to {moved}" if 300 <= response.status < 400 and moved else _said(content)
                raise _Refusal(response.status, said, response.headers.get("Retry-After", ""))
            return content

    def _opened(self) -> aiohttp.ClientSession:
        # Made late: a session belongs to the event loop that is running.
        if self._session is None:
            options = self.options
            headers = {"Accept": "application/json", **options.headers}
            if options.auth:
                headers["Authorization"] = aiohttp.encode_basic_auth(*options.auth, encoding="utf-8")
            self._session = aiohttp.ClientSession(
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(2.0, options.timeout)),
                connector=aiohttp.TCPConnector(limit=options.parallel, ssl=tls(options.verify)),
                trust_env=True,
            )
        return self._session


def open_api(
    source: str,
    settings: ConnectorSettings,
    keep: Sequence[str] = (),
    *,
    url: str = "",
    headers: Mapping[str, str] = _NONE,
    sign: Sign | None = None,
) -> HttpApi | None:
    """The API that a connector's section of the settings names; None without a `url`, there or as the usual one here.

    `keep` names the connector's own options (no secrets) that its answers depend on, for recordings. `headers` and
    `sign` are the connector's own way to authorise its calls; nothing that they give is recorded.
    """
    options = Options.read(settings.options, url)
    if options is None:
        return None
    if settings.tape is not None:
        own = {name: settings.options[name] for name in keep if name in settings.options}
        settings.tape.opened(source, {"url": options.url, "external_url": options.external_url, **own})
    options = replace(options, headers={**headers, **options.headers})
    return HttpApi(source, options, Caller(source, explain, limit=options.parallel, tape=settings.tape), sign)


class _Refusal(Exception):
    """A status other than 2xx."""

    def __init__(self, status: int, said: str, retry_after: str) -> None:
        super().__init__(f"HTTP {status}: {said}")
        self.status = status
        self.retry_after = retry_after


def explain(error: Exception, query: str) -> ConnectorError | Throttled:
    """What an exception of the session means; one that is none of its is raised again."""
    if isinstance(error, _Refusal):
        kind = _KINDS.get(error.status, "unreachable" if error.status >= 500 else "rejected")
        known = ConnectorError(kind, query, str(error))
        waits = error.retry_after.strip()
        return Throttled(known, float(waits)) if kind == "throttled" and waits.isdigit() else known
    if isinstance(error, aiohttp.InvalidURL):
        return ConnectorError("rejected", query, f"{error} is no address")
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return unreached(error, query)
    raise error


def unreached(error: aiohttp.ClientError | OSError, query: str) -> ConnectorError:
    """What it means that no answer came."""
    if isinstance(error, TimeoutError):
        return ConnectorError("timeout", query, f"no answer in time ({type(error).__name__})")
    return ConnectorError("unreachable", query, innermost(error))


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise _Refusal(413, f"the answer is larger than {MOST_BYTES // 2**20} MB", "")
    return bytes(body)


def _said(body: bytes) -> str:
    """The error text of a body: the API's own field, or its beginning."""
    try:
        answer = json.loads(body)
        while isinstance(answer, dict):
            answer = next(answer[name] for name in _SAYING if answer.get(name))
        return str(answer)[:300]
    except (ValueError, StopIteration, RecursionError):
        return " ".join(body[:300].decode("utf-8", "replace").split())


def tls(verify: bool | str) -> ssl.SSLContext | bool:
    """What aiohttp is told of certificates: the usual authorities, none, or those of a file."""
    return ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify


def _remedy(kind: ErrorKind, setting: str) -> str:
    remedies: dict[ErrorKind, str] = {
        "forbidden": f"set a token, or username and password, that may read ({setting})",
        "garbage": f"another service answers there: check the path of {setting}",
        "not_found": f"check the path of {setting}",
        "timeout": f"check that {setting} answers, or raise its timeout",
    }
    return remedies.get(kind, f"check {setting} and the way to it")
