"""How do other workspaces install the app, and where are their tokens?

OAuth v2, the smallest flow that is safe: a random state that is kept for ten minutes, is bound to the
browser by a cookie and works once. Tokens are encrypted (Fernet) before they reach the store; the first key
encrypts, every key decrypts, so that keys can be changed. `Installations` is the `Clients` of an app for
several workspaces.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from chatops.slack.calls import QUIET, close_client, open_client

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
KIND, STATE, USED = "slack-installation", "slack-oauth-state", "slack-oauth-used"
GRID = "slack-grid"
"""Workspace → the organisation with whose installation the app came into it."""
KEPT = timedelta(days=400)
"""Renewed whenever the workspace is used; a workspace silent for longer installs again."""
STATE_LIVES = timedelta(minutes=10)
_COOKIE = "chatops_oauth"


class Documents(Protocol):
    """The part of the store that is needed."""

    async def put(self, kind: str, key: str, value: Mapping[str, Any], ttl: timedelta) -> None:
        """Keep a small document."""
        ...

    async def take(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Read a small document."""
        ...

    async def first_time(self, kind: str, key: str, ttl: timedelta) -> bool:
        """Whether this is seen for the first time."""
        ...


class Installations:
    """The workspaces and organisations that installed the app, and a client for each.

    `team` is the workspace of what knows none: incidents that an alert opened.
    """

    def __init__(
        self, store: Documents, keys: Sequence[str], base_url: str = "https://slack.com/api/", team: str = ""
    ) -> None:
        self._store = store
        self._box = MultiFernet([Fernet(key) for key in keys])
        self._base_url = base_url
        self._team = team
        self._clients: dict[str, AsyncWebClient] = {}
        self._owners: dict[str, str] = {}

    async def save(self, answer: Mapping[str, Any]) -> str:
        """Keep what `oauth.v2.access` answered; return the workspace's id (the organisation's where it is org-wide)."""
        owner = "enterprise" if answer.get("is_enterprise_install") else "team"
        key = str((answer.get(owner) or {}).get("id", ""))
        if not key:
            raise LookupError("the answer names neither a workspace nor an organisation")
        sealed = self._box.encrypt(str(answer["access_token"]).encode()).decode()
        await self._store.put(KIND, key, {"token": sealed, "scope": str(answer.get("scope", ""))}, KEPT)
        await self.renew(key)
        return key

    async def revoke(self, installation: str) -> None:
        """Forget the token of a workspace or organisation that uninstalled the app."""
        await self._store.put(KIND, installation, {"token": ""}, timedelta(days=1))
        await self.renew(installation)

    async def belongs(self, team: str, enterprise: str) -> None:
        """Keep, for every process, that the app came into this workspace with its organisation's installation."""
        if self._owners.get(team) != enterprise:
            await self._store.put(GRID, team, {"enterprise": enterprise}, KEPT)
            self._owners[team] = enterprise

    async def installation(self, team: str) -> str:
        """The workspace itself where it installed the app, else its organisation."""
        team = team or self._team
        if team not in self._owners:
            own = await self._store.take(KIND, team)
            grid = {} if (own or {}).get("token") else await self._store.take(GRID, team) or {}
            if not own and not grid:
                return team  # not installed yet: looked up again the next time
            self._owners[team] = str(grid.get("enterprise") or team)
        return self._owners[team]

    async def client(self, installation: str) -> AsyncWebClient:
        """The client of an installation; LookupError where there is none."""
        if installation not in self._clients:
            kept = await self._store.take(KIND, installation)
            token = self._open(str((kept or {}).get("token", "")), installation)
            await self._store.put(KIND, installation, dict(kept or {}), KEPT)
            self._clients[installation] = open_client(token, self._base_url)
        return self._clients[installation]

    async def renew(self, installation: str) -> None:
        """Take the token anew from the store: it was refused, or another one was given."""
        self._owners.clear()
        if client := self._clients.pop(installation, None):
            await close_client(client)

    def _open(self, sealed: str, installation: str) -> str:
        if not installation:
            raise LookupError(
                "an alert names no workspace: set slack.team (CHATOPS_SLACK__TEAM) to the one it is told in"
            )
        if not sealed:
            raise LookupError(f"the app is not installed in {installation}")
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise LookupError(f"the token of {installation} was sealed with another key") from error

    async def aclose(self) -> None:
        """Close all connections."""
        for installation in list(self._clients):
            await self.renew(installation)


class Installer:
    """The two addresses of the flow. `authorize_url` and `base_url` are Slack's."""

    def __init__(
        self,
        store: Documents,
        installations: Installations,
        *,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str],
        public_url: str,
        base_url: str = "https://slack.com/api/",
        authorize_url: str = "https://slack.com/oauth/v2/authorize",
    ) -> None:
        self._store, self._installations = store, installations
        self._client_id, self._client_secret = client_id, client_secret
        self._scopes, self._redirect = scopes, public_url.rstrip("/") + REDIRECT
        self._base_url, self._authorize_url = base_url, authorize_url

    def routes(self) -> list[Route]:
        """Where people begin, and where Slack sends them back to."""
        return [Route(INSTALL, self.begin, methods=["GET"]), Route(REDIRECT, self.end, methods=["GET"])]

    async def begin(self, request: Request) -> Response:
        """Send the person to Slack with a state of their own."""
        state = secrets.token_urlsafe(32)
        await self._store.put(STATE, state, {"begun": True}, STATE_LIVES)
        asked = {"client_id": self._client_id, "scope": ",".join(self._scopes), "state": state}
        response = RedirectResponse(f"{self._authorize_url}?{urlencode(asked | {'redirect_uri': self._redirect})}")
        lives = int(STATE_LIVES.total_seconds())
        secure = self._redirect.startswith("https://")
        response.set_cookie(_COOKIE, state, max_age=lives, httponly=True, samesite="lax", secure=secure, path="/slack")
        return response

    async def end(self, request: Request) -> Response:
        """Take the code that Slack gave, once, from the browser that began."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not code or not await self._begun_here(state, request.cookies.get(_COOKIE, "")):
            return _page("The installation was not finished. Begin again.", 400)
        try:
            team = await self._installations.save(await self._exchange(code))
        except (SlackApiError, LookupError):
            return _page("Slack did not accept the installation. Begin again.", 502)
        response = _page(f"Installed in {team}. You can close this window.", 200)
        response.delete_cookie(_COOKIE, path="/slack")
        return response

    async def _begun_here(self, state: str, cookie: str) -> bool:
        if not state or not secrets.compare_digest(state.encode(), cookie.encode()):
            return False
        return bool(await self._store.take(STATE, state)) and await self._store.first_time(USED, state, STATE_LIVES)

    async def _exchange(self, code: str) -> Mapping[str, Any]:
        client = AsyncWebClient(base_url=self._base_url, logger=QUIET, retry_handlers=[])
        # not `oauth_v2_access`: it authenticates in a way that aiohttp is about to remove
        given = {"client_id": self._client_id, "client_secret": self._client_secret, "code": code}
        answer = await client.api_call("oauth.v2.access", data=given | {"redirect_uri": self._redirect})
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def _page(text: str, status: int) -> HTMLResponse:
    safe = "".join(char for char in text if char.isalnum() or char in " .")
    policy = {"content-security-policy": "default-src 'none'"}
    return HTMLResponse(f"<!doctype html><title>chatops</title><p>{safe}</p>", status, headers=policy)
