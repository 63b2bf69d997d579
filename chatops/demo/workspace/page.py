"""What does the browser ask of the demo's workspace? The page itself, a live feed, and what a person does on it.

Only this machine's own page may act: another site that a browser visits cannot, because every request
must name the workspace's own host and every action carries a header that foreign pages cannot set.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from chatops.demo.incidents import Incident
from chatops.demo.workspace.delivery import Delivery, channel_type
from chatops.demo.workspace.state import BOT_USER, CHANNELS, DIRECT, PERSON, TEAM, USERS, Json, SlackRefused, Workspace
from chatops.web.routes import Feed

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_ASSETS = resources.files("chatops.demo.workspace") / "static"
HEARTBEAT = 15.0


@dataclass(frozen=True)
class Surroundings:
    """What the page says and offers beside the channel: who diagnoses, and the incidents to fire."""

    engine: str
    model: bool
    incidents: Sequence[Incident]
    fire: Callable[[str], Awaitable[None]]
    command: str = "/triage"
    current: Callable[[], str] = str
    """The name of the incident that is on; empty before the first."""


def routes(workspace: Workspace, delivery: Delivery, around: Surroundings, hosts: frozenset[str]) -> list[Route]:
    """The page's routes; `hosts` are the Host headers under which it may be asked."""
    page = _Page(workspace, delivery, around, hosts)
    return [
        Route("/", page.index),
        Route("/static/{name}", page.asset),
        Route("/files/{file}", page.file),
        Route("/workspace/state", page.state),
        Route("/workspace/events", page.events),
        *(
            Route(f"/workspace/{name}", page.action(handler), methods=["POST"])
            for name, handler in page.actions().items()
        ),
        Route("/response/{channel}", page.response_url, methods=["POST"]),
    ]


class _Page:
    def __init__(self, workspace: Workspace, delivery: Delivery, around: Surroundings, hosts: frozenset[str]) -> None:
        self._workspace, self._delivery, self._around, self._hosts = workspace, delivery, around, hosts

    def actions(self) -> Mapping[str, Callable[[Json], Awaitable[Json]]]:
        """What a person can do: name → handler of the page's JSON."""
        return {
            "say": self._say,
            "click": self._click,
            "press": self._press,
            "submit": self._submit,
            "stop": self._stop,
            "home": self._open_home,
            "incident": self._fire,
        }

    def _stranger(self, request: Request) -> bool:
        return request.headers.get("host", "") not in self._hosts

    async def index(self, request: Request) -> Response:
        """The page."""
        return self._asset(request, "index.html")

    async def asset(self, request: Request) -> Response:
        """Scripts and styles."""
        return self._asset(request, request.path_params["name"])

    def _asset(self, request: Request, name: str) -> Response:
        kind = _KINDS.get(name.rpartition(".")[2])
        path = _ASSETS / name
        if self._stranger(request) or kind is None or "/" in name or not path.is_file():
            return PlainTextResponse("not found", 404)
        return Response(path.read_bytes(), media_type=f"{kind}; charset=utf-8", headers=HEADERS)

    async def file(self, request: Request) -> Response:
        """A file that the app uploaded, as text."""
        file = self._workspace.files.get(request.path_params["file"])
        if self._stranger(request) or file is None:
            return PlainTextResponse("not found", 404)
        return PlainTextResponse(file["content"], headers=HEADERS)

    async def state(self, request: Request) -> Response:
        """Everything, once."""
        if self._stranger(request):
            return PlainTextResponse("not found", 404)
        around = self._around
        rows = [{"name": i.name, "title": i.title, "story": i.story, "question": i.question} for i in around.incidents]
        extra = {
            "engine": around.engine,
            "model": around.model,
            "incidents": rows,
            "command": around.command,
            "current": around.current(),
        }
        return JSONResponse({**self._workspace.snapshot(), **extra}, headers=HEADERS)

    async def events(self, request: Request) -> Response:
        """All changes as they happen (server-sent events)."""
        if self._stranger(request):
            return PlainTextResponse("not found", 404)
        headers = {**HEADERS, "x-accel-buffering": "no"}
        return Feed(self._feed(request), media_type="text/event-stream", headers=headers)

    async def _feed(self, request: Request) -> AsyncIterator[str]:
        with self._workspace.watching() as changes:
            yield "retry: 1000\n\n"
            while not await request.is_disconnected():
                try:
                    change = await asyncio.wait_for(changes.get(), HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if change["type"] == "end":
                    return
                yield f"data: {json.dumps(change)}\n\n"

    def action(self, handler: Callable[[Json], Awaitable[Json]]) -> Callable[[Request], Awaitable[Response]]:
        """Wrap what a person does: only from our own page, refusals as text."""

        async def endpoint(request: Request) -> Response:
            if self._stranger(request) or request.headers.get("x-workspace") != "demo":
                return PlainTextResponse("not found", 404)
            try:
                return JSONResponse(await handler(await request.json()))
            except SlackRefused as refused:
                return JSONResponse({"error": refused.code}, 400)

        return endpoint

    async def _say(self, a: Json) -> Json:
        channel, text, thread = (
            self._workspace.channel(a["channel"])["id"],
            str(a["text"]).strip(),
            a.get("thread_ts", ""),
        )
        if text.startswith("/"):
            return await self._command(channel, text, thread)
        message: Json = {"user": PERSON, "text": _mentioned(text), "blocks": []}
        if thread:
            message["thread_ts"] = thread
        stored = self._workspace.add(channel, message)
        self._announce(channel, stored)
        return {"ts": stored["ts"]}

    async def _command(self, channel: str, text: str, thread: str) -> Json:
        name, _, rest = text.partition(" ")
        if thread:
            return {"error": f"{name} does not work in threads. Write to the app in words, or use it in the channel."}
        if name != self._around.command:
            return {"error": f"{name} is not a command here. Try {self._around.command}."}
        answer = await self._delivery.command(channel, name, rest.strip())
        self._show_answer(channel, answer, "")
        return {"error": answer["error"]} if "error" in answer else {}

    def _show_answer(self, channel: str, answer: Mapping[str, Any], thread: str) -> None:
        """What an app answers to a command or at a response URL: a message for all, or for one person."""
        if not answer.get("text") and not answer.get("blocks"):
            return
        named = [{**b, "block_id": b.get("block_id") or f"b{n}"} for n, b in enumerate(answer.get("blocks") or [])]
        message: Json = {"user": BOT_USER, "text": answer.get("text", ""), "blocks": named}
        if answer.get("response_type") != "in_channel":
            message["ephemeral"] = True
        if thread:
            message["thread_ts"] = thread
        self._workspace.add(channel, message)

    def _announce(self, channel: str, stored: Mapping[str, Any]) -> None:
        """Tell the app what was said: always as a message, and as a mention where it is named."""
        keys = ("type", "user", "text", "ts", "thread_ts", "team")
        event = {key: stored[key] for key in keys if key in stored}
        event |= {"channel": channel, "channel_type": channel_type(channel), "event_ts": stored["ts"]}
        if channel != DIRECT and f"<@{BOT_USER}>" in stored["text"]:
            self._delivery.event({**event, "type": "app_mention"})
        self._delivery.event(event)

    async def _click(self, a: Json) -> Json:
        channel, ts = self._workspace.channel(a["channel"])["id"], a["ts"]
        message = self._workspace.message(channel, ts)
        thread = message.get("thread_ts", "")
        answer = await self._delivery.interact(
            {
                "type": "block_actions",
                "container": {
                    "type": "message",
                    "message_ts": ts,
                    "channel_id": channel,
                    "is_ephemeral": bool(message.get("ephemeral")),
                    **({"thread_ts": thread} if thread else {}),
                },
                "channel": {"id": channel, "name": CHANNELS[channel]["name"]},
                "message": message,
                "state": {"values": {}},
                "response_url": self._delivery.response_url(channel, thread),
                "actions": [{**a["action"], "action_ts": self._workspace.next_ts()}],
            }
        )
        return {"error": answer["error"]} if "error" in answer else {}

    async def _press(self, a: Json) -> Json:
        """A click inside a view: the home tab or a form."""
        home = self._workspace.home
        view = home if home and home["id"] == a["view_id"] else self._workspace.views.get(a["view_id"])
        if view is None:
            raise SlackRefused("not_found")
        answer = await self._delivery.interact(
            {
                "type": "block_actions",
                "container": {"type": "view", "view_id": view["id"]},
                "view": view,
                "actions": [{**a["action"], "action_ts": self._workspace.next_ts()}],
            }
        )
        return {"error": answer["error"]} if "error" in answer else {}

    async def _submit(self, a: Json) -> Json:
        view = self._workspace.views.get(a["view_id"])
        if view is None:
            raise SlackRefused("not_found")
        state = {**view, "state": {"values": a["values"]}, "app_id": "A0DEMO", "bot_id": BOT_USER}
        answer = await self._delivery.interact({"type": "view_submission", "view": state, "response_urls": []})
        if answer.get("response_action") == "errors":
            return {"errors": answer["errors"]}
        if answer.get("response_action") in ("update", "push"):
            self._workspace.views[view["id"]] = {**view, **answer["view"]}
            return {"view": self._workspace.views[view["id"]]}
        return {"error": answer["error"]} if "error" in answer else {}

    async def _stop(self, a: Json) -> Json:
        channel, thread = self._workspace.channel(a["channel"])["id"], a["thread_ts"]
        rows = self._workspace.replies(channel, thread)
        streaming = [m["ts"] for m in rows if m.get("streaming")]
        event = {"type": "agent_session_stopped", "channel": channel, "thread_ts": thread, "user": PERSON}
        self._delivery.event({**event, "streaming_message_ts": streaming, "event_ts": self._workspace.next_ts()})
        return {}

    async def _open_home(self, _a: Json) -> Json:
        event = {"type": "app_home_opened", "user": PERSON, "channel": DIRECT, "tab": "home"}
        self._delivery.event({**event, "event_ts": self._workspace.next_ts()})
        return {}

    async def _fire(self, a: Json) -> Json:
        names = {i.name for i in self._around.incidents}
        if a["name"] not in names:
            raise SlackRefused("unknown_incident")
        await self._around.fire(a["name"])
        return {}

    async def response_url(self, request: Request) -> Response:
        """Where the app answers a command or a click later."""
        body, thread = await request.json(), request.query_params.get("thread_ts", "")
        channel = request.path_params["channel"]
        if channel not in CHANNELS:
            return PlainTextResponse("invalid_url", 404)
        self._show_answer(channel, body, thread)
        return PlainTextResponse("ok")


def _mentioned(text: str) -> str:
    """What a person typed as Slack sends it: special characters escaped, `@name` as a mention."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for user in USERS.values():
        safe = safe.replace(f"@{user['name']}", f"<@{user['id']}>")
    return safe


__all__ = ["CSP", "TEAM", "Surroundings", "routes"]
