"""How does a person go to Slack in the browser and come back, so that nobody else can end what they began?

A random state that lives for ten minutes, is bound to the browser by a cookie, and works once. Installing the app
and signing in both begin with one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chatops.slack.calls import QUIET

LIVES = timedelta(minutes=10)


class Documents(Protocol):
    """The part of the store that is needed."""

    async def put(self, kind: str, key: str, value: Mapping[str, Any], ttl: timedelta) -> None:
        """Keep a small document."""
        ...

    async def take(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Read a small document."""
        ...

    async def drop(self, kind: str, key: str) -> None:
        """Forget a small document."""
        ...

    async def first_time(self, kind: str, key: str, ttl: timedelta) -> bool:
        """Whether this is seen for the first time."""
        ...


class Errands:
    """People on their way to Slack and back; `purpose` keeps apart what they went for."""

    def __init__(self, store: Documents, purpose: str, *, secure: bool) -> None:
        self._store, self._secure = store, secure
        self._kind, self._used, self._cookie = f"slack-{purpose}-state", f"slack-{purpose}-used", f"chatops_{purpose}"

    async def begin(self, address: str, asked: Mapping[str, str], kept: Mapping[str, Any]) -> Response:
        """Send the browser to `address` with what is `asked` there and a state; `kept` is returned when it is back."""
        state = secrets.token_urlsafe(32)
        await self._store.put(self._kind, state, {"begun": True, **kept}, LIVES)
        response = RedirectResponse(f"{address}?{urlencode({**asked, 'state': state})}")
        lives = int(LIVES.total_seconds())
        response.set_cookie(
            self._cookie, state, max_age=lives, httponly=True, samesite="lax", secure=self._secure, path="/slack"
        )
        return response

    async def end(self, request: Request) -> Mapping[str, Any] | None:
        """What was kept at the beginning, once, and only in the browser that began; else None."""
        state, cookie = request.query_params.get("state", ""), request.cookies.get(self._cookie, "")
        if not state or not secrets.compare_digest(state.encode(), cookie.encode()):
            return None
        kept = await self._store.take(self._kind, state)
        return kept if kept and await self._store.first_time(self._used, state, LIVES) else None

    def forget(self, response: Response) -> Response:
        """Take the cookie away."""
        response.delete_cookie(self._cookie, path="/slack")
        return response


async def exchanged(base_url: str, method: str, given: Mapping[str, str]) -> Mapping[str, Any]:
    """What Slack gives for a code. Raises `SlackApiError`, or what the HTTP client raises.

    Not by the SDK's methods for it: they authenticate in a way that aiohttp is about to remove.
    """
    answer = await AsyncWebClient(base_url=base_url, logger=QUIET, retry_handlers=[]).api_call(method, data=dict(given))
    return dict(answer.data) if isinstance(answer.data, dict) else {}


def note(text: str, status: int) -> HTMLResponse:
    """A page that says one thing."""
    safe = "".join(char for char in text if char.isalnum() or char in " .,:'")
    policy = {"content-security-policy": "default-src 'none'", "cache-control": "no-store"}
    return HTMLResponse(f"<!doctype html><title>chatops</title><p>{safe}</p>", status, headers=policy)


def site(base_url: str) -> str:
    """The address that people's browsers reach Slack at, of its API's: `https://slack.com`, `https://slack-gov.com`."""
    return base_url.rstrip("/").removesuffix("/api")
