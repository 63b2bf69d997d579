"""How is an incident's page served? `GET /incidents/<id>` and its event stream, to who has a signed link or signs in.

A missing incident and a wrong signature are answered alike: the page tells nobody which incidents exist.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore, StoreUnavailable
from chatops.web.access import Readers, Verdict, verify
from chatops.web.page import content, page

LOOK_SECONDS = 1.0
"""How often a running investigation is looked at. The store has no feed; a page is open for minutes."""
HEARTBEAT = 15
_NO_PAGE = "There is no such page, or the link is not complete."
_RUNNING = frozenset({"open", "investigating"})


def _utc() -> datetime:
    return datetime.now(UTC)


def _never() -> bool:
    return False


def routes(
    store: IncidentStore,
    key: bytes,
    *,
    clock: Callable[[], datetime] = _utc,
    look: float = LOOK_SECONDS,
    stopping: Callable[[], bool] = _never,
    readers: Readers | None = None,
) -> list[Route]:
    """The page's routes for a Starlette application; `key` signs the links, `readers` have signed in.

    Streams end within `look` seconds once `stopping` says so: an open page does not hold up a shutdown.
    """
    pages = _Pages(store, key, clock, look, stopping, readers)
    return [
        Route("/incidents/{incident}", pages.show, name="incident"),
        Route("/incidents/{incident}/events", pages.events, name="incident-events"),
    ]


class Feed(StreamingResponse):
    """A stream that a shutdown may cut without that being an error."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader leaves or the server ends."""
        with contextlib.suppress(asyncio.CancelledError):
            await super().__call__(scope, receive, send)


class _Pages:
    def __init__(
        self,
        store: IncidentStore,
        key: bytes,
        clock: Callable[[], datetime],
        look: float,
        stopping: Callable[[], bool],
        readers: Readers | None,
    ) -> None:
        self._store, self._key, self._clock, self._look, self._stopping = store, key, clock, look, stopping
        self._readers = readers

    async def show(self, request: Request) -> Response:
        """The page."""
        try:
            found = await self._admitted(request)
            if isinstance(found, Response):
                return self._shown_in(request, found)
            nonce = secrets.token_urlsafe(16)
            told = await self._told(request, found, nonce)
        except StoreUnavailable:
            return _plain("The store does not answer. Try again in a moment.", 503)
        return HTMLResponse(told, headers=_headers(nonce))

    async def events(self, request: Request) -> Response:
        """The changing part of the page, sent again when it has changed (server-sent events)."""
        try:
            found = await self._admitted(request)
        except StoreUnavailable:
            return _plain("The store does not answer.", 503)
        if isinstance(found, Response):
            return found
        headers = {**_headers(""), "x-accel-buffering": "no"}
        return Feed(self._feed(request, found.id), media_type="text/event-stream", headers=headers)

    async def _admitted(self, request: Request) -> Incident | Response:
        identity, verdict = request.path_params["incident"], self._linked(request)
        if verdict == "expired" and self._readers is None:
            return _plain("This link has expired. Ask for a new one in the incident's thread.", 410)
        if verdict == "valid":
            return await self._store.get(identity) or _plain(_NO_PAGE, 404)
        if self._readers is None:
            return _plain(_NO_PAGE, 404)
        found = await self._store.get(identity)
        reason = await self._readers.refusal(request.cookies, found)
        if reason is None:
            return _plain("Sign in to read this page.", 401)
        return _plain(reason, 403) if reason or found is None else found

    def _linked(self, request: Request) -> Verdict:
        """What the link itself opens: nothing where people have to sign in."""
        if self._readers is not None and self._readers.required:
            return "invalid"
        query = request.query_params
        return verify(request.path_params["incident"], self._key, query.get("e", ""), query.get("s", ""), self._clock())

    def _shown_in(self, request: Request, refused: Response) -> Response:
        """Where nobody has signed in, the way to do so."""
        if self._readers is None or refused.status_code != 401:
            return refused
        return RedirectResponse(self._readers.door(request.path_params["incident"]), headers=_headers(""))

    def _live(self, request: Request) -> str:
        return f"{request.url.path}/events?{request.url.query}"

    async def _told(self, request: Request, incident: Incident, nonce: str) -> str:
        diagnosis = await self._store.diagnosis(incident.id)
        timeline = await self._store.timeline(incident.id)
        live = self._live(request)
        leave = self._readers.leave if self._readers is not None and self._linked(request) != "valid" else ""
        return page(diagnosis, timeline, incident=incident, nonce=nonce, live=live, leave=leave, now=self._clock())

    async def _feed(self, request: Request, identity: str) -> AsyncIterator[str]:
        last, turn, pause = "", 0, 1
        yield "retry: 2000\n\n"
        while not self._stopping() and not await request.is_disconnected():
            if turn % pause == 0:
                told, pause = await self._look_again(identity)
                mark = hashlib.sha256(told.encode()).hexdigest()
                if told and mark != last:
                    last = mark
                    yield f"id: {mark[:16]}\ndata: {json.dumps({'html': told})}\n\n"
            if turn % HEARTBEAT == HEARTBEAT - 1:
                if not await self._still_admitted(request):
                    return
                yield ": still here\n\n"
            turn += 1
            await asyncio.sleep(self._look)

    async def _still_admitted(self, request: Request) -> bool:
        """Whether the page would open now: a link expires, people leave, while it stands open."""
        try:
            return not isinstance(await self._admitted(request), Response)
        except StoreUnavailable:
            return True  # nothing is read from it meanwhile either

    async def _look_again(self, identity: str) -> tuple[str, int]:
        """The content now ('' where there is none to tell), and in how many rounds to look again.

        What is answered changes only when somebody writes in the thread: it is looked at less often.
        """
        try:
            incident = await self._store.get(identity)
            if incident is None:
                return "", 5
            return await self._changed(incident), 1 if incident.status in _RUNNING else 3
        except StoreUnavailable:
            return "", 5

    async def _changed(self, incident: Incident) -> str:
        diagnosis = await self._store.diagnosis(incident.id)
        return content(diagnosis, await self._store.timeline(incident.id), incident=incident)


def _plain(text: str, status: int) -> Response:
    return PlainTextResponse(text, status, headers=_headers(""))


def _headers(nonce: str) -> dict[str, str]:
    """No source of anything but this document's own style and script; not framed, not cached, no referrer."""
    own = f"'nonce-{nonce}'" if nonce else "'none'"
    policy = (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
