"""Who may read an incident's page by being somebody, not by having its link? Whoever may read its thread in Slack.

People sign in with Slack; the browser then holds a random session, which the store keeps by its hash. What they may
is asked of Slack at every look (`Gate`, five minutes old at most): who left, or is no viewer any more, reads nothing.
Members of the incident's channel read its page. Of a public channel that somebody is not in they read what the policy
lets them ask in a direct message; private channels and other people's direct messages are closed to them.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chatops.domain.incident import Incident
from chatops.domain.ports import StoreUnavailable
from chatops.policy.reach import DIRECT
from chatops.slack.authz import Role
from chatops.slack.calls import SlackError
from chatops.slack.desk import Desk, Where
from chatops.slack.oauth import Documents, Errands, note
from chatops.slack.openid import NotProven, Person, Provider

log = logging.getLogger(__name__)

BEGIN, BACK, OUT = "/slack/sign_in", "/slack/sign_in/back", "/slack/sign_out"
KIND = "page-session"
SESSION = timedelta(hours=12)
_COOKIE = "chatops_reader"
_BY_LINK = "Sign in again from the incident's page."
_CLOSED = "There is no such page, or it is told where you are not."


class SignIn:
    """The three addresses of signing in, and the answer to who may read. Signed links open pages beside it, or not."""

    def __init__(self, store: Documents, provider: Provider, desk: Desk, public_url: str, *, required: bool) -> None:
        self._store, self._provider, self._desk = store, provider, desk
        self._url, self._secure = public_url, public_url.startswith("https://")
        self._errands = Errands(store, "sign_in", secure=self._secure)
        self.required = required

    def routes(self) -> list[Route]:
        """Where people begin, where Slack sends them back to, and where they leave."""
        return [
            Route(BEGIN, self.begin, methods=["GET"]),
            Route(BACK, self.back, methods=["GET"]),
            Route(OUT, self.out, methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Send the person to Slack, to come back to the incident's page."""
        nonce = secrets.token_urlsafe(32)
        kept = {"incident": request.query_params.get("incident", "")[:100], "nonce": nonce}
        try:
            return await self._errands.begin(
                self._provider.address, self._provider.asked(nonce, self._desk.settings.team), kept
            )
        except StoreUnavailable:
            return note("The store does not answer. Try again in a moment.", 503)

    async def back(self, request: Request) -> Response:
        """Take the code that Slack gave, once, from the browser that began; open the session."""
        try:
            kept = await self._errands.end(request)
            code = request.query_params.get("code", "")
            if kept is None or not code:
                return note(f"The sign-in was not finished. {_BY_LINK}", 400)
            person = await self._provider.person(code, str(kept["nonce"]))
            if not await self._ours(person):
                log.warning("sign-in refused: %s of %s, where the app is not installed", person.user, person.team)
                return note("The app is not installed in the workspace you signed in with.", 403)
            return await self._opened(person, str(kept["incident"]))
        except NotProven as error:
            log.warning("sign-in refused: %s", error)
            return note(f"Slack did not confirm who you are. {_BY_LINK}", 502)
        except (SlackError, StoreUnavailable) as error:
            log.warning("sign-in not finished: %s", error)
            return note(f"It could not be checked who you are just now. {_BY_LINK}", 503)

    async def _opened(self, person: Person, incident: str) -> Response:
        session = secrets.token_urlsafe(32)
        await self._store.put(KIND, _hashed(session), person._asdict(), SESSION)
        log.info("signed in: %s of %s", person.user, person.team)
        signed_in = note("You are signed in. Open an incident's page by its link.", 200)
        response = RedirectResponse(self._url + _page(incident)) if incident else signed_in
        lives = int(SESSION.total_seconds())
        response.set_cookie(
            _COOKIE, session, max_age=lives, httponly=True, samesite="lax", secure=self._secure, path="/"
        )
        return self._errands.forget(response)

    async def out(self, request: Request) -> Response:
        """End the session, here and in the store."""
        try:
            await self._store.drop(KIND, _hashed(request.cookies.get(_COOKIE, "")))
        except StoreUnavailable:
            return note("The store does not answer. Try again in a moment.", 503)
        response = note("You are signed out.", 200)
        response.delete_cookie(_COOKIE, path="/")
        return response

    # --- what the page asks

    def door(self, incident: str) -> str:
        """Where to sign in to read the page of this incident."""
        return f"{self._url}{BEGIN}?incident={quote(incident, safe='')}"

    @property
    def leave(self) -> str:
        """Where to end the session."""
        return self._url + OUT

    async def refusal(self, cookies: Mapping[str, str], incident: Incident | None) -> str | None:
        """Why this browser's reader may not read the page, '' where they may; None where nobody has signed in."""
        session = cookies.get(_COOKIE, "")
        kept = await self._store.take(KIND, _hashed(session)) if session else None
        if not kept:
            return None
        return await self._refusal(Person(str(kept["team"]), str(kept["user"])), incident)

    async def _refusal(self, reader: Person, incident: Incident | None) -> str:
        if incident is None:
            return _CLOSED
        channel, team = incident.thread.channel, reader.team
        decision = await self._desk.gate.decide(team=team, user=reader.user, channel=channel, needs=Role.VIEWER)
        if not decision.allowed:
            return decision.reason
        try:
            return "" if await self._sees(reader, incident) else _CLOSED
        except SlackError as error:
            log.warning("page refused to %s: %s", reader.user, error)
            return "Slack does not say whether you may read this. Try again in a moment."

    async def _sees(self, reader: Person, incident: Incident) -> bool:
        """Whether the person could read the incident in Slack, or ask about the same there."""
        clients, channel = self._desk.calls.clients, incident.thread.channel
        if await clients.installation(incident.thread.team) != await clients.installation(reader.team):
            return False
        if channel.startswith(("D", "U", "W")):
            return incident.asked_by == reader.user
        alone = not self._desk.out_of_reach(Where(reader.team, DIRECT, reader.user), incident)
        if not channel.startswith(("C", "G")):
            return alone  # a channel that is known by its name only: nothing was told there yet
        team = incident.thread.team or reader.team
        if await self._desk.gate.is_member(team, channel, reader.user):
            return True
        about = await self._desk.gate.channel(team, channel)
        return alone and bool(about) and not (about.get("is_private") or about.get("is_mpim"))

    async def _ours(self, person: Person) -> bool:
        """Whether the app is installed in the person's workspace, or their organisation."""
        try:
            told = await self._desk.calls.call(person.team, "auth.test")
        except SlackError as error:
            if error.code == "not_installed":
                return False
            raise
        if told.get("team_id") == person.team:
            return True
        about = (await self._desk.calls.call(person.team, "users.info", user=person.user)).get("user") or {}
        grid = about.get("enterprise_user") or {}
        return bool(told.get("is_enterprise_install")) and grid.get("enterprise_id") == told.get("enterprise_id")


def _page(incident: str) -> str:
    return f"/incidents/{quote(incident, safe='')}"


def _hashed(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()
