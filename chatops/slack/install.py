"""How do other workspaces install the app, and where are their tokens?

OAuth v2, the smallest flow that is safe (`chatops.slack.oauth`). Tokens are encrypted (Fernet) before they reach
the store; the first key encrypts, every key decrypts, so that keys can be changed. `Installations` is the `Clients`
of an app for several workspaces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatops.slack.calls import close_client, open_client
from chatops.slack.oauth import Documents, Errands, exchanged, note, site

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
KIND = "slack-installation"
GRID = "slack-grid"
"""Workspace → the organisation with whose installation the app came into it."""
KEPT = timedelta(days=400)
"""Renewed whenever the workspace is used; a workspace silent for longer installs again."""


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
            raise LookupError(
                f"the app is not installed in {installation}: open {INSTALL} at its public address (CHATOPS_PUBLIC_URL)"
            )
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise LookupError(f"the token of {installation} was sealed with another key") from error

    async def aclose(self) -> None:
        """Close all connections."""
        for installation in list(self._clients):
            await self.renew(installation)


class Installer:
    """The two addresses of the flow. `base_url` is Slack's."""

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
    ) -> None:
        self._errands = Errands(store, "oauth", secure=public_url.startswith("https://"))
        self._installations = installations
        self._client_id, self._client_secret = client_id, client_secret
        self._scopes, self._redirect = scopes, public_url.rstrip("/") + REDIRECT
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """Where people begin, and where Slack sends them back to."""
        return [Route(INSTALL, self.begin, methods=["GET"]), Route(REDIRECT, self.end, methods=["GET"])]

    async def begin(self, request: Request) -> Response:
        """Send the person to Slack with a state of their own."""
        asked = {"client_id": self._client_id, "scope": ",".join(self._scopes), "redirect_uri": self._redirect}
        return await self._errands.begin(f"{site(self._base_url)}/oauth/v2/authorize", asked, {})

    async def end(self, request: Request) -> Response:
        """Take the code that Slack gave, once, from the browser that began."""
        code = request.query_params.get("code", "")
        if not code or await self._errands.end(request) is None:
            return note("The installation was not finished. Begin again.", 400)
        given = {"client_id": self._client_id, "client_secret": self._client_secret, "code": code}
        try:
            told = await exchanged(self._base_url, "oauth.v2.access", {**given, "redirect_uri": self._redirect})
            team = await self._installations.save(told)
        except (SlackApiError, LookupError):
            return note("Slack did not accept the installation. Begin again.", 502)
        return self._errands.forget(note(f"Installed in {team}. You can close this window.", 200))
