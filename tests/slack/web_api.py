"""A stand-in for Slack's Web API on loopback, strict where Slack is strict.

It refuses payloads that Slack would refuse, ends streams after five minutes of its own clock, wants a
recipient for streams in channels, takes at most 12,000 characters at a time, and answers 429 with
`Retry-After` above a method's rate where `enforce_rates` is set. It is our own: what Slack really does is
known from its documentation and its SDK's issues only.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.slack.payloads import problems

STREAM_SECONDS = 300.0
STREAM_CHARS = 12_000
TIERS = {"chat.startStream": 20, "chat.stopStream": 20, "chat.appendStream": 100, "chat.update": 50}
TASKS = frozenset({"pending", "in_progress", "complete", "error"})
MODERN = frozenset({"data_visualization", "table", "plan", "markdown", "context_actions", "task_card"})


class Refused(Exception):
    """Slack's error code."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.more = more


@dataclass
class SlackApi:
    """What the workspace holds, and what was asked of it."""

    clock: Callable[[], float]
    base_url: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    messages: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    streams: dict[str, float] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """Methods this workspace does not have."""
    old: bool = False
    """An older workspace: it refuses the blocks of 2025 and 2026."""
    lacks: set[str] = field(default_factory=set)
    """Block types that this workspace does not know, and says so by name."""
    closed: set[str] = field(default_factory=set)
    """Channels the app is not in."""
    shared: set[str] = field(default_factory=set)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    scopes: str | None = None
    """What the token may do, as Slack tells it in a header; None: it does not tell."""
    absent: set[str] = field(default_factory=set)
    """Channels that the app is not a member of."""
    enforce_rates: bool = False
    present: bool = False
    """Messages have the time of the clock: for an app that looks messages up by time."""
    scripted: dict[str, deque[tuple[int, dict[str, Any], dict[str, str]]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    tokens: dict[str, str] = field(default_factory=dict)
    """Code → the signed token that `openid.connect.token` gives for it, once."""
    keys: list[dict[str, Any]] = field(default_factory=list)
    """What is published at `/openid/connect/keys`."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """Channel → who is in it."""
    private: set[str] = field(default_factory=set)
    topic: str = "cart is down <!channel>, see <https://status.example|status>"
    responses: list[dict[str, Any]] = field(default_factory=list)
    """What came to the address of a command or click."""
    lose: set[str] = field(default_factory=set)
    """Methods whose next answer is lost after they were carried out."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What was brought, by id; b"" where only a place was asked for."""
    ready: set[str] = field(default_factory=set)
    looks: int = 0
    """How many messages with a file are refused because it has not been looked at."""
    problems: list[str] = field(default_factory=list)
    _times: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _number: int = 0

    def of(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    def thread(self, channel: str) -> list[dict[str, Any]]:
        """The messages of a channel in order."""
        return [self.messages[channel][ts] for ts in sorted(self.messages[channel])]

    @property
    def response_url(self) -> str:
        """The address of a command or click; below it, `/used-up` takes nothing any more."""
        return self.base_url.replace("/api/", "/response")

    async def respond(self, request: web.Request) -> web.Response:
        answer = await request.json()
        try:
            self._check(answer.get("blocks", []), answer["text"])
        except Refused as refused:
            return web.Response(status=400, text=str(refused))
        self.responses.append(answer)
        return web.Response(text="ok")

    async def published(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": self.keys})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append((method, arguments))
        if self.scripted[method]:
            status, body, headers = self.scripted[method].popleft()
            return web.json_response(body, status=status, headers=headers)
        if self.enforce_rates and (wait := self._over(method)):
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(wait)}
            )
        answer = self._answer(method, arguments)
        if method in self.lose:
            self.lose.discard(method)
            assert request.transport is not None
            request.transport.close()
        told = {} if self.scopes is None else {"x-oauth-scopes": self.scopes}
        return web.json_response(answer, headers=told)

    def _over(self, method: str) -> int:
        times, limit = self._times[method], TIERS.get(method, 10_000)
        while times and self.clock() - times[0] >= 60:
            times.popleft()
        if len(times) >= limit:
            return max(1, round(60 - (self.clock() - times[0])))
        times.append(self.clock())
        return 0

    def _answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = getattr(self, "_do_" + method.replace(".", "_"), None)
        if answer is None or method in self.unknown:
            return {"ok": False, "error": "unknown_method", "req_method": method}
        try:
            return {"ok": True, **answer(**arguments)}
        except Refused as refused:
            return {"ok": False, "error": str(refused), **refused.more}

    def _stamp(self) -> str:
        self._number += 1
        if self.present:
            return f"{self.clock():.3f}{self._number % 1000:03d}"
        return f"{1772366400 + self._number}.{self._number:06d}"

    def _check(self, blocks: list[dict[str, Any]], text: str) -> None:
        if self.old and any(block["type"] in MODERN for block in blocks):
            raise Refused("invalid_blocks", errors=["unsupported block type"])
        if missing := next((block["type"] for block in blocks if block["type"] in self.lacks), ""):
            raise Refused("invalid_blocks", errors=[f"unsupported type: {missing} [json-pointer:/blocks/0/type]"])
        shown = [block["slack_file"]["id"] for block in blocks if block["type"] == "image"]
        if shown and (self.looks or not self.ready.issuperset(shown)):
            self.looks = max(self.looks - 1, 0)
            raise Refused("invalid_blocks", errors=["invalid slack file [json-pointer:/blocks/0/slack_file]"])
        found = problems(blocks, text)
        if found:
            self.problems += found
            raise Refused("invalid_blocks", errors=found)

    # --- the app and its surroundings

    def _do_auth_test(self, **_: Any) -> dict[str, Any]:
        return {"user_id": "UBOT", "bot_id": "BBOT", "team_id": "T1", "team": "acme", "user": "chatops"}

    def _do_oauth_v2_access(self, code: str, client_secret: str = "", **_: Any) -> dict[str, Any]:
        if code != "good" or client_secret != "client-secret":
            raise Refused("invalid_code")
        team = {"id": "T7", "name": "other"}
        return {"access_token": "-".join(("xoxb", "other")), "scope": "chat:write", "team": team, "bot_user_id": "UBOT"}

    def _do_openid_connect_token(self, code: str, client_secret: str = "", **_: Any) -> dict[str, Any]:
        if code not in self.tokens or client_secret != "client-secret":
            raise Refused("invalid_code")
        return {"access_token": "-".join(("xoxp", "person")), "token_type": "Bearer", "id_token": self.tokens.pop(code)}

    def _do_conversations_members(self, channel: str, limit: str = "100", cursor: str = "0") -> dict[str, Any]:
        if channel in self.closed:
            raise Refused("channel_not_found")
        end, found = int(cursor) + int(limit), self.members.get(channel, [])
        following = str(end) if end < len(found) else ""
        return {"members": found[int(cursor) : end], "response_metadata": {"next_cursor": following}}

    def _do_bookmarks_list(self, channel_id: str, **_: Any) -> dict[str, Any]:
        return {"bookmarks": [{"title": "Dashboard", "link": "https://grafana.example/d/1"}]}

    def _do_users_info(self, user: str, **_: Any) -> dict[str, Any]:
        if user not in self.people:
            raise Refused("user_not_found")
        return {"user": {"id": user, "team_id": "T1", **self.people[user]}}

    def _do_usergroups_list(self, **_: Any) -> dict[str, Any]:
        return {"usergroups": [{"id": f"S{handle.upper()}", "handle": handle} for handle in self.groups]}

    def _do_usergroups_users_list(self, usergroup: str, **_: Any) -> dict[str, Any]:
        return {"users": next(users for handle, users in self.groups.items() if f"S{handle.upper()}" == usergroup)}

    def _do_conversations_info(self, channel: str, **_: Any) -> dict[str, Any]:
        name = "inc-42-cart" if channel == "C42" else "incidents"
        topic = {"value": self.topic}
        return {
            "channel": {
                "id": channel,
                "name": name,
                "topic": topic,
                "is_ext_shared": channel in self.shared,
                "is_private": channel in self.private,
                "is_member": channel not in self.absent,
            }
        }

    def _do_conversations_history(self, channel: str, oldest: str = "0", **_: Any) -> dict[str, Any]:
        roots = [m for m in self.thread(channel) if m.get("thread_ts", m["ts"]) == m["ts"] and m["ts"] >= oldest]
        return {"messages": roots[::-1]}

    def _do_conversations_replies(
        self, channel: str, ts: str, limit: str = "200", cursor: str = "0", **_: Any
    ) -> dict[str, Any]:
        found = [m for m in self.thread(channel) if m.get("thread_ts", m["ts"]) == ts or m["ts"] == ts]
        end = int(cursor) + int(limit)
        following = str(end) if end < len(found) else ""
        return {"messages": found[int(cursor) : end], "response_metadata": {"next_cursor": following}}

    # --- messages

    def _do_chat_postMessage(  # noqa: N802
        self, channel: str, text: str = "", blocks: list[dict[str, Any]] | None = None, **more: Any
    ) -> dict[str, Any]:
        if channel in self.closed:
            raise Refused("not_in_channel")
        assert more["unfurl_links"] is False
        assert more["unfurl_media"] is False
        self._check(blocks or [], text)
        channel = "D" + channel[1:] if channel.startswith("U") else channel
        ts = self._stamp()
        kept = {"ts": ts, "text": text, "blocks": blocks or [], **more}
        self.messages[channel][ts] = kept
        return {"ts": ts, "channel": channel, "message": {**kept, "team": "T1"}}

    def _do_chat_update(
        self, channel: str, ts: str, text: str = "", blocks: list[dict[str, Any]] | None = None, **more: Any
    ) -> dict[str, Any]:
        if ts not in self.messages[channel]:
            raise Refused("message_not_found")
        self._check(blocks or [], text)
        self.streams.pop(ts, None)
        self.messages[channel][ts] |= {"text": text, "blocks": blocks or [], "streaming": False}
        return {"ts": ts, "channel": channel}

    def _do_chat_getPermalink(self, channel: str, message_ts: str) -> dict[str, Any]:  # noqa: N802
        if message_ts not in self.messages[channel]:
            raise Refused("message_not_found")
        return {"channel": channel, "permalink": f"https://team.slack.com/archives/{channel}/p{message_ts}"}

    def _do_chat_delete(self, channel: str, ts: str, **_: Any) -> dict[str, Any]:
        if self.messages[channel].pop(ts, None) is None:
            raise Refused("message_not_found")
        return {"ts": ts, "channel": channel}

    def _do_chat_postEphemeral(  # noqa: N802
        self, channel: str, user: str, text: str = "", blocks: list[dict[str, Any]] | None = None, **_: Any
    ) -> dict[str, Any]:
        if channel in self.closed:
            raise Refused("not_in_channel")
        self._check(blocks or [], text)
        return {"message_ts": self._stamp()}

    # --- streams

    def _chunks(self, chunks: list[dict[str, Any]] | None) -> str:
        texts = [chunk["text"] for chunk in chunks or [] if chunk["type"] == "markdown_text"]
        if any(len(text) > STREAM_CHARS or not text for text in texts):
            raise Refused("invalid_chunks")
        tasks = [chunk for chunk in chunks or [] if chunk["type"] == "task_update"]
        if any(not chunk["title"] or chunk["status"] not in TASKS for chunk in tasks):
            raise Refused("invalid_chunks")
        return "".join(texts)

    def _do_chat_startStream(  # noqa: N802
        self, channel: str, thread_ts: str, chunks: list[dict[str, Any]] | None = None, **more: Any
    ) -> dict[str, Any]:
        if not channel.startswith("D") and not more.get("recipient_team_id"):
            raise Refused("missing_recipient_team_id")
        if not channel.startswith("D") and not more.get("recipient_user_id"):
            raise Refused("missing_recipient_user_id")
        text, ts = self._chunks(chunks), self._stamp()
        kept = {"ts": ts, "user": "UBOT", "thread_ts": thread_ts, "text": text, "blocks": [], "streaming": True}
        self.messages[channel][ts] = kept
        self.streams[ts] = self.clock()
        return {"ts": ts, "channel": channel}

    def _growing(self, channel: str, ts: str) -> dict[str, Any]:
        begun = self.streams.get(ts)
        if begun is None or self.clock() - begun > STREAM_SECONDS:
            self.streams.pop(ts, None)
            raise Refused("message_not_in_streaming_state")
        return self.messages[channel][ts]

    def _do_chat_appendStream(  # noqa: N802
        self, channel: str, ts: str, chunks: list[dict[str, Any]] | None = None, **_: Any
    ) -> dict[str, Any]:
        kept, text = self._growing(channel, ts), self._chunks(chunks)
        if len(kept["text"]) + len(text) > STREAM_CHARS:
            raise Refused("msg_too_long")
        kept["text"] += text
        return {"ts": ts, "channel": channel}

    def _do_chat_stopStream(self, channel: str, ts: str, **_: Any) -> dict[str, Any]:  # noqa: N802
        self._growing(channel, ts)["streaming"] = False
        del self.streams[ts]
        return {"ts": ts, "channel": channel}

    # --- files

    def _do_files_getUploadURLExternal(self, filename: str, length: str, alt_txt: str) -> dict[str, Any]:  # noqa: N802
        assert filename.endswith(".png")
        assert int(length)
        assert len(alt_txt) <= 1_000
        file = f"F{len(self.files)}"
        self.files[file] = b""
        return {"upload_url": self.base_url.replace("/api/", f"/upload/{file}"), "file_id": file}

    async def upload(self, request: web.Request) -> web.Response:
        """The address that was given takes the bytes as they are, without a token."""
        self.files[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    def _do_files_completeUploadExternal(self, files: list[dict[str, str]], **more: Any) -> dict[str, Any]:  # noqa: N802
        assert not more, "a file that is shared with a channel is told there"
        if not all(self.files[one["id"]] for one in files):
            raise Refused("file_not_found")
        self.ready |= {one["id"] for one in files}
        return {"files": files}

    # --- the rest of the surface

    def _do_assistant_threads_setStatus(self, **_: Any) -> dict[str, Any]:  # noqa: N802
        return {}

    def _do_assistant_threads_setSuggestedPrompts(self, prompts: list[Any], **_: Any) -> dict[str, Any]:  # noqa: N802
        assert 1 <= len(prompts) <= 4
        return {}

    def _do_agents_sessions_setStatus(self, **_: Any) -> dict[str, Any]:  # noqa: N802
        return {}

    def _view(self, view: dict[str, Any]) -> dict[str, Any]:
        self.problems += problems(view["blocks"], "", limit=100)
        self.problems += ["a title too long"] if len(view.get("title", {}).get("text", "")) > 24 else []
        return {"view": {"id": "V1", **view}}

    def _do_views_open(self, trigger_id: str, view: dict[str, Any], **_: Any) -> dict[str, Any]:
        return self._view(view)

    def _do_views_publish(self, user_id: str, view: dict[str, Any], **_: Any) -> dict[str, Any]:
        return self._view(view)


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(json.loads(await request.text() or "{}"))
    return {**request.query, **{key: str(value) for key, value in (await request.post()).items()}}


@asynccontextmanager
async def serve(api: SlackApi) -> AsyncIterator[SlackApi]:
    """Serve the stand-in on a free port of loopback."""
    app = web.Application()
    app.router.add_route("*", "/api/{method}", api.handle)
    app.router.add_post("/response", api.respond)
    app.router.add_post("/upload/{file}", api.upload)
    app.router.add_get("/openid/connect/keys", api.published)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    api.base_url = f"http://127.0.0.1:{port}/api/"
    try:
        yield api
    finally:
        await runner.cleanup()
