"""What would Slack's Web API answer? The methods the app calls, over the demo's workspace.

Refusals carry Slack's own codes, and the limits that decide in production are kept (blocks in a message,
characters over all blocks, streams that have ended), so that what works here works there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from chatops.demo.workspace.state import BOT, BOT_USER, CHANNELS, TEAM, USERS, Json, SlackRefused, Workspace
from chatops.demo.workspace.streams import STREAMS

Method = Callable[[Workspace, Json], Json]
MAX_BLOCKS, MAX_TOTAL, MAX_TEXT = 50, 13_200, 40_000
_STRUCTURED = ("blocks", "attachments", "metadata", "view", "chunks", "files", "prompts", "loading_messages")


def routes(workspace: Workspace, token: str, base: str) -> list[Route]:
    """`/api/<method>` and the upload address; `token` is the one bot token, `base` the workspace's own address."""

    async def call(request: Request) -> Response:
        arguments = await _arguments(request)
        given = request.headers.get("authorization", "").removeprefix("Bearer ") or arguments.pop("token", "")
        try:
            if given != token:
                raise SlackRefused("invalid_auth" if given else "not_authed")
            method = METHODS.get(request.path_params["method"])
            if method is None:
                raise SlackRefused("unknown_method", req_method=request.path_params["method"])
            arguments["_base"] = base
            return JSONResponse({"ok": True, **method(workspace, arguments)})
        except SlackRefused as refused:
            return JSONResponse({"ok": False, "error": refused.code, **refused.more})

    async def upload(request: Request) -> Response:
        workspace.files[request.path_params["file"]]["content"] = (await request.body()).decode(errors="replace")
        return PlainTextResponse("OK")

    return [
        Route("/api/{method}", call, methods=["POST", "GET"]),
        Route("/upload/{file}", upload, methods=["POST"]),
    ]


async def _arguments(request: Request) -> Json:
    if request.headers.get("content-type", "").startswith("application/json"):
        body = await request.json()
        return dict(body)
    fields = parse_qsl((await request.body()).decode(), keep_blank_values=True)
    arguments: Json = {**dict(request.query_params), **dict(fields)}
    for key in _STRUCTURED:
        if isinstance(arguments.get(key), str):
            arguments[key] = json.loads(arguments[key])
    return arguments


def texts(node: object) -> Iterator[str]:
    """Every text inside blocks: what counts towards Slack's limit over a whole message."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(value, str) and key in ("text", "title", "name", "label"):
                yield value
            else:
                yield from texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from texts(item)


def _content(a: Json) -> Json:
    """The content of a message, or the refusal that Slack would send."""
    blocks, text = a.get("blocks") or [], a.get("text", "")
    if len(blocks) > MAX_BLOCKS:
        raise SlackRefused("invalid_blocks", errors=[f"no more than {MAX_BLOCKS} items allowed"])
    if sum(map(len, texts(blocks))) > MAX_TOTAL:
        raise SlackRefused("msg_blocks_too_long")
    if len(text) > MAX_TEXT:
        raise SlackRefused("msg_too_long")
    if not text and not blocks and not a.get("attachments") and not a.get("markdown_text"):
        raise SlackRefused("no_text")
    if a.get("markdown_text"):
        blocks = [{"type": "markdown", "text": a["markdown_text"]}]
    named = [{**block, "block_id": block.get("block_id") or f"b{n}"} for n, block in enumerate(blocks)]
    return {"text": text, "blocks": named, "attachments": a.get("attachments") or []}


def _post(w: Workspace, a: Json) -> Json:
    channel = w.channel(a.get("channel", ""))["id"]
    thread = {"thread_ts": a["thread_ts"]} if a.get("thread_ts") else {}
    extra = {"metadata": a["metadata"]} if a.get("metadata") else {}
    message = w.add(channel, {"user": BOT_USER, "bot_id": BOT, **_content(a), **thread, **extra})
    return {"channel": channel, "ts": message["ts"], "message": message}


def _ephemeral(w: Workspace, a: Json) -> Json:
    channel = w.channel(a.get("channel", ""))["id"]
    thread = {"thread_ts": a["thread_ts"]} if a.get("thread_ts") else {}
    message = w.add(channel, {"user": BOT_USER, "bot_id": BOT, "ephemeral": True, **_content(a), **thread})
    return {"message_ts": message["ts"]}


def _own(w: Workspace, a: Json, code: str) -> tuple[str, str]:
    channel, ts = w.channel(a.get("channel", ""))["id"], a.get("ts", "")
    if w.message(channel, ts).get("user") != BOT_USER:
        raise SlackRefused(code)
    return channel, ts


def _update(w: Workspace, a: Json) -> Json:
    channel, ts = _own(w, a, "cant_update_message")
    extra = {"metadata": a["metadata"]} if a.get("metadata") else {}
    edited = {"user": BOT_USER, "ts": w.next_ts()}
    message = w.edit(channel, ts, **_content(a), edited=edited, **extra)
    return {"channel": channel, "ts": ts, "text": message["text"], "message": message}


def _delete(w: Workspace, a: Json) -> Json:
    channel, ts = _own(w, a, "cant_delete_message")
    w.remove(channel, ts)
    return {"channel": channel, "ts": ts}


def _permalink(w: Workspace, a: Json) -> Json:
    channel = w.channel(a.get("channel", ""))["id"]
    ts = w.message(channel, a.get("message_ts", ""))["ts"]
    return {"channel": channel, "permalink": f"{a['_base']}/#{channel}/{ts}"}


def _paged(rows: list[Json], a: Json) -> Json:
    limit, start = int(a.get("limit", 100)), int(a.get("cursor") or 0)
    more = str(start + limit) if start + limit < len(rows) else ""
    return {"messages": rows[start : start + limit], "has_more": bool(more), "response_metadata": {"next_cursor": more}}


def _since(rows: list[Json], a: Json) -> list[Json]:
    oldest, latest = float(a.get("oldest") or 0), float(a.get("latest") or 9e12)
    return [m for m in rows if oldest <= float(m["ts"]) <= latest]


def _history(w: Workspace, a: Json) -> Json:
    return _paged(_since(w.history(w.channel(a.get("channel", ""))["id"]), a), a)


def _replies(w: Workspace, a: Json) -> Json:
    channel = w.channel(a.get("channel", ""))["id"]
    rows = w.replies(channel, a.get("ts", ""))
    if not rows:
        raise SlackRefused("thread_not_found")
    return _paged(_since(rows, a), a)


def _user(_w: Workspace, a: Json) -> Json:
    if a.get("user") not in USERS:
        raise SlackRefused("user_not_found")
    return {"user": USERS[a["user"]]}


def _by_email(_w: Workspace, a: Json) -> Json:
    for user in USERS.values():
        if user["profile"].get("email") == a.get("email"):
            return {"user": user}
    raise SlackRefused("users_not_found")


def _react(w: Workspace, a: Json) -> Json:
    channel, name = w.channel(a.get("channel", ""))["id"], a.get("name", "")
    have = w.message(channel, a.get("timestamp", ""))["reactions"]
    if any(r["name"] == name for r in have):
        raise SlackRefused("already_reacted")
    w.edit(channel, a["timestamp"], reactions=[*have, {"name": name, "count": 1, "users": [BOT_USER]}])
    return {}


def _unreact(w: Workspace, a: Json) -> Json:
    channel, name = w.channel(a.get("channel", ""))["id"], a.get("name", "")
    have = w.message(channel, a.get("timestamp", ""))["reactions"]
    if not any(r["name"] == name for r in have):
        raise SlackRefused("no_reaction")
    w.edit(channel, a["timestamp"], reactions=[r for r in have if r["name"] != name])
    return {}


def _open_view(w: Workspace, a: Json) -> Json:
    if not a.get("trigger_id"):
        raise SlackRefused("invalid_trigger_id")
    view = {**a["view"], "id": w.identity("V"), "hash": w.next_ts(), "team_id": TEAM, "state": {"values": {}}}
    w.views[view["id"]] = view
    w.tell({"type": "view", "view": view})
    return {"view": view}


def _update_view(w: Workspace, a: Json) -> Json:
    if a.get("view_id") not in w.views:
        raise SlackRefused("not_found")
    view = {**w.views[a["view_id"]], **a["view"], "hash": w.next_ts()}
    w.views[view["id"]] = view
    w.tell({"type": "view", "view": view})
    return {"view": view}


def _publish(w: Workspace, a: Json) -> Json:
    w.home = {**a["view"], "id": "V0HOME", "hash": w.next_ts(), "team_id": TEAM}
    w.tell({"type": "home", "view": w.home})
    return {"view": w.home}


def _status(w: Workspace, a: Json) -> Json:
    channel = w.channel(a.get("channel_id") or a.get("channel", ""))["id"]
    key = f"{channel}/{a.get('thread_ts', '')}"
    w.statuses[key] = {**w.statuses.get(key, {}), "status": a.get("status", "")}
    w.tell({"type": "status", "key": key, "status": w.statuses[key]})
    return {}


def _session(w: Workspace, a: Json) -> Json:
    channel = w.channel(a.get("channel_id") or a.get("channel", ""))["id"]
    if a.get("status") not in ("active", "processing", "suspended", "closed"):
        raise SlackRefused("invalid_arguments")
    key = f"{channel}/{a.get('thread_ts', '')}"
    w.statuses[key] = {**w.statuses.get(key, {}), "processing": a["status"] == "processing"}
    w.tell({"type": "status", "key": key, "status": w.statuses[key]})
    return {}


def _upload_url(w: Workspace, a: Json) -> Json:
    identity = w.identity("F")
    w.files[identity] = {"id": identity, "name": a.get("filename", "file"), "content": ""}
    return {"file_id": identity, "upload_url": f"{a['_base']}/upload/{identity}"}


def _complete_upload(w: Workspace, a: Json) -> Json:
    done = []
    for row in a.get("files", ()):
        if row["id"] not in w.files:
            raise SlackRefused("file_not_found")
        w.files[row["id"]]["title"] = row.get("title") or w.files[row["id"]]["name"]
        done.append(w.files[row["id"]])
    if a.get("channel_id"):
        thread = {"thread_ts": a["thread_ts"]} if a.get("thread_ts") else {}
        text = a.get("initial_comment", "")
        w.add(w.channel(a["channel_id"])["id"], {"user": BOT_USER, "text": text, "blocks": [], "files": done, **thread})
    return {"files": [{"id": f["id"], "title": f["title"]} for f in done]}


def _auth(_w: Workspace, a: Json) -> Json:
    row = {"url": a["_base"], "team": "Demo workspace", "team_id": TEAM, "user": "chatops", "user_id": BOT_USER}
    return {**row, "bot_id": BOT, "is_enterprise_install": False}


METHODS: dict[str, Method] = {
    "api.test": lambda w, a: {},
    "auth.test": _auth,
    "team.info": lambda w, a: {"team": {"id": TEAM, "name": "Demo workspace", "domain": "demo"}},
    "bots.info": lambda w, a: {"bot": {"id": BOT, "user_id": BOT_USER, "name": "chatops"}},
    "chat.postMessage": _post,
    "chat.postEphemeral": _ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.getPermalink": _permalink,
    **STREAMS,
    "conversations.info": lambda w, a: {"channel": w.channel(a.get("channel", ""))},
    "conversations.history": _history,
    "conversations.replies": _replies,
    "conversations.list": lambda w, a: {"channels": [c for c in CHANNELS.values() if not c["is_im"]]},
    "conversations.members": lambda w, a: {"members": list(USERS)},
    "conversations.join": lambda w, a: {"channel": w.channel(a.get("channel", ""))},
    "conversations.open": lambda w, a: {"channel": CHANNELS["D0CHATOPS"]},
    "users.info": _user,
    "users.list": lambda w, a: {"members": list(USERS.values())},
    "users.conversations": lambda w, a: {"channels": [c for c in CHANNELS.values() if not c["is_im"]]},
    "users.lookupByEmail": _by_email,
    "usergroups.list": lambda w, a: {"usergroups": [{"id": "S0ONCALL", "handle": "on-call", "name": "On-call"}]},
    "usergroups.users.list": lambda w, a: {"users": ["U0YOU", "U0NOOR"]},
    "reactions.add": _react,
    "reactions.remove": _unreact,
    "bookmarks.list": lambda w, a: {"bookmarks": []},
    "pins.list": lambda w, a: {"items": []},
    "views.open": _open_view,
    "views.push": _open_view,
    "views.update": _update_view,
    "views.publish": _publish,
    "assistant.threads.setStatus": _status,
    "assistant.threads.setSuggestedPrompts": lambda w, a: {},
    "assistant.threads.setTitle": lambda w, a: {},
    "agents.sessions.setStatus": _session,
    "agents.sessions.rename": lambda w, a: {},
    "files.getUploadURLExternal": _upload_url,
    "files.completeUploadExternal": _complete_upload,
}
"""Method → what it does. What is not here is `unknown_method`, as in a workspace that does not have it."""
