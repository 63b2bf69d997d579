"""The scenarios of `test_emulator.py`; they run inside a network of their own.

The product's own listeners, intake, store, thread and stream; the worker is played by `Performer`, because
what is diagnosed is not the matter here.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
from pydantic import SecretStr
from slack_bolt.async_app import AsyncBoltRequest
from starlette.applications import Starlette

from chatops.domain.incident import Incident
from chatops.render import card, detail
from chatops.settings import Settings, SlackSettings
from chatops.slack.app import PATH, SlackApp, SocketMode, build_app, http_routes
from chatops.slack.calls import Calls, OneWorkspace
from chatops.slack.thread import SlackThread
from chatops.store import InboxBook, RedisStore
from chatops.triage.intake import Intake
from tests.render import cases
from tests.slack.conftest import Shelf, signed
from tests.slack.local_slack import ANA, APP_TOKEN, BOT_TOKEN, BOT_USER, SECRET, TEAM, LocalSlack, serve
from tests.slack.payloads import broadcasts, problems

pytestmark = pytest.mark.emulator


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Performer:
    """A queue whose jobs are done at once, with the recorded diagnosis."""

    store: RedisStore
    thread: SlackThread
    jobs: list[tuple[str, ...]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def _do(self, work: Any, *job: str) -> None:
        self.jobs.append(job)
        task = asyncio.create_task(work)
        self.tasks.add(task)

    async def triage(self, incident_id: str, *, wait: float = 0.0, first: bool = False, hurry: bool = False) -> None:
        self._do(self._triage(incident_id), "triage", incident_id)

    async def refresh(self, incident_id: str, *, wait: float = 0.0, first: bool = False) -> None:
        self._do(self._show(incident_id), "refresh", incident_id)

    async def board(self, channel: str) -> None:
        raise AssertionError("nothing waits here")

    async def answer(self, incident_id: str, turn_id: str) -> None:
        self._do(self._answer(incident_id, turn_id), "answer", incident_id, turn_id)

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        self._do(self._check(incident_id, user), "act", incident_id, action, argument, user)

    async def _incident(self, incident_id: str) -> Incident:
        incident = await self.store.get(incident_id)
        assert incident is not None
        return incident

    async def _triage(self, incident_id: str) -> None:
        incident = await self._incident(incident_id)
        incident = await self.thread.show(incident, "root", card.root_card(incident, now=now(), doing="Gathering"))
        await self.thread.status(incident, "Gathering")
        diagnosis = cases.diagnosis()
        await self.store.save_case(incident_id, diagnosis, ())
        await self.store.update(incident_id, lambda one: one.model_copy(update={"status": "answered"}))
        await self._show(incident_id)
        await self.thread.show(incident, "evidence", detail.evidence_card(incident, diagnosis))

    async def _show(self, incident_id: str) -> None:
        incident, diagnosis = await self._incident(incident_id), await self.store.diagnosis(incident_id)
        await self.thread.show(incident, "root", card.root_card(incident, diagnosis, now=now()))

    async def _answer(self, incident_id: str, turn_id: str) -> None:
        incident = await self._incident(incident_id)
        stream = self.thread.stream(incident, f"answer:{turn_id}", ANA)
        for _ in range(200):
            await stream.append("The working set grew. ")
        await stream.finish(detail.answer(incident, "Yes: **1.4.2** at 11:48 (E3).", f"answer:{turn_id}")[0])

    async def _check(self, incident_id: str, user: str) -> None:
        incident = await self._incident(incident_id)
        step = cases.diagnosis().next_steps[0]
        message = detail.check_result(incident, step, cases.evidence()[:2], (), by=user)
        await self.thread.show(incident, f"check:{step.id}", message)


@dataclass
class World:
    """Everything, connected."""

    slack: LocalSlack
    performer: Performer
    store: RedisStore
    app: SlackApp
    address: str
    over_http: bool


def free_port() -> int:
    with socket.socket() as any_socket:
        any_socket.bind(("127.0.0.1", 0))
        return int(any_socket.getsockname()[1])


@pytest.fixture(params=["socket", "http"])
async def world(request: pytest.FixtureRequest, tmp_path: Path, store: RedisStore) -> AsyncIterator[World]:
    mode, port = str(request.param), free_port()
    address = f"http://127.0.0.1:{port}"
    async with serve(tmp_path, mode, free_port(), address + PATH) as slack:
        settings = SlackSettings(
            bot_token=SecretStr(BOT_TOKEN),
            app_token=SecretStr(APP_TOKEN),
            signing_secret=SecretStr(SECRET) if mode == "http" else None,
            base_url=slack.url + "/api/",
        )
        workspace = OneWorkspace(BOT_TOKEN, settings.base_url)
        calls = Calls(workspace, store)
        thread = SlackThread(store, calls)
        performer = Performer(store, thread)
        app = build_app(settings, Intake(Settings(), store, performer, Shelf(), now), calls, InboxBook(store))
        async with Connected(mode, app, settings, port):
            yield World(slack, performer, store, app, address, mode == "http")
        await asyncio.gather(*performer.tasks)
        await thread.aclose()
        await app.aclose()
        await workspace.aclose()
        await _every_payload_is_valid(slack)


class Connected:
    """Socket Mode over a real websocket, or a real HTTP server."""

    def __init__(self, mode: str, app: SlackApp, settings: SlackSettings, port: int) -> None:
        self.socket = SocketMode(app, settings) if mode == "socket" else None
        web = uvicorn.Config(Starlette(routes=http_routes(app)), port=port, log_level="warning", lifespan="off")
        self.server = uvicorn.Server(web)
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        if self.socket is not None:
            await self.socket.start()
            return
        self.task = asyncio.create_task(self.server.serve())
        while not self.server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.02)

    async def __aexit__(self, *_: object) -> None:
        if self.socket is not None:
            await self.socket.aclose()
        if self.task is not None:
            self.server.should_exit = True
            await self.task


async def _every_payload_is_valid(slack: LocalSlack) -> None:
    """Everything that stands in the channel was a message that Slack would take and that mentions nobody else."""
    shown = [one for one in await slack.messages() if one["user"] == BOT_USER]
    assert shown
    for one in shown:
        assert problems(one.get("blocks", []), one["text"]) == []
        assert broadcasts(one, allowed=(ANA, BOT_USER)) == []


def root_with(text: str) -> Any:
    def wanted(messages: list[dict[str, Any]]) -> Any:
        return next(
            (m for m in messages if text in m["text"] and not m.get("ephemeral_to") and not m.get("thread_ts")), None
        )

    return wanted


def reply_with(text: str) -> Any:
    def wanted(messages: list[dict[str, Any]]) -> Any:
        return next((m for m in messages if text in m["text"] and m.get("thread_ts") and m["user"] == BOT_USER), None)

    return wanted


async def test_command_card_reply_answer(world: World) -> None:
    await world.slack.command("cart is slow")
    root = await world.slack.until(root_with("killed for memory"))
    whispers = [one for one in await world.slack.messages() if one.get("ephemeral_to") == ANA]
    assert "Looking into it: cart is slow" in whispers[0]["text"]
    evidence = await world.slack.until(reply_with("Evidence:"))
    assert evidence["thread_ts"] == root["ts"]

    await world.slack.say("was there a deploy?", root["ts"])
    answer = await world.slack.until(reply_with("**1.4.2** at 11:48"))
    assert answer["thread_ts"] == root["ts"]
    (incident,) = await world.store.recent()
    assert [turn.text for turn in await world.store.turns(incident.id)] == ["was there a deploy?"]
    assert len([one for one in await world.slack.messages() if "killed for memory" in one["text"]]) == 1


async def test_a_click_runs_the_check_and_shows_the_evidence(world: World) -> None:
    await world.slack.command("cart is slow")
    root = await world.slack.until(root_with("killed for memory"))
    buttons = [block["accessory"] for block in root["blocks"] if "accessory" in block]
    await world.slack.click(root, buttons[0])
    result = await world.slack.until(reply_with("kubectl top pods"))
    assert result["thread_ts"] == root["ts"]
    (incident,) = await world.store.recent()
    assert ("act", incident.id, "run_check", "S1", ANA) in world.performer.jobs


async def test_a_resolved_incident_turns_green(world: World) -> None:
    await world.slack.command("cart is slow")
    await world.slack.until(root_with("killed for memory"))
    await world.slack.command("resolve rolled back")
    await world.slack.until(root_with("🟢 Resolved: rolled back"))


def delivery(world: World, payload: dict[str, Any]) -> AsyncBoltRequest:
    if world.over_http:
        return signed(json.dumps(payload), "application/json", secret=SECRET)
    return AsyncBoltRequest(mode="socket_mode", body=payload)


async def test_a_mention_is_answered_in_its_thread(world: World) -> None:
    envelope = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1"}
    ts = await world.slack.say("hello there")
    mention = {"type": "app_mention", "user": ANA, "channel": "C01INC", "ts": ts, "text": f"<@{BOT_USER}> cart is slow"}
    for _ in range(3):  # the emulator sends each event once and no mentions: Slack's three deliveries are ours
        answer = await world.app.bolt.async_dispatch(delivery(world, envelope | {"event": mention}))
        assert answer.status == 200
    root = await world.slack.until(reply_with("killed for memory"))
    assert root["thread_ts"] == ts
    assert [job[0] for job in world.performer.jobs] == ["triage"]


async def test_what_is_not_signed_is_refused(world: World) -> None:
    body = json.dumps({"type": "event_callback", "team_id": TEAM, "event_id": "Ev2", "event": {"type": "app_mention"}})
    stale = signed(body, "application/json", secret=SECRET, at=1_700_000_000).headers
    tampered = {**signed(body + " ", "application/json", secret=SECRET).headers}
    malformed = {"content-type": ["application/json"], "x-slack-request-timestamp": ["soon"]}
    async with aiohttp.ClientSession() as http:
        for headers in (stale, tampered, malformed) if world.over_http else ():
            sent = {name: values[0] for name, values in headers.items()}
            async with http.post(world.address + PATH, data=body, headers=sent) as answer:
                assert answer.status == 401
    await world.slack.command("help")
    await world.slack.until(lambda messages: any("How to use" in one["text"] for one in messages))
