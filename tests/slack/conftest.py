"""A workspace on loopback, the app before it, and requests signed as Slack signs them."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from chatops.domain.alert import Alert
from chatops.domain.diagnosis import RunbookLink
from chatops.domain.ports import RunbookHit
from chatops.settings import ChannelReach, Settings, SlackSettings
from chatops.slack.app import SlackApp, build_app
from chatops.slack.calls import Calls, OneWorkspace
from chatops.slack.thread import SlackThread
from chatops.store import InboxBook, RedisStore
from chatops.triage.intake import Intake
from chatops.webhooks.posted import alerts_in
from tests.conftest import NOW
from tests.slack.web_api import SlackApi, serve

SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"[::-1]
BOT = "-".join(("xoxb", "0", "test"))


@dataclass
class Clock:
    """A clock that moves when told, or by sleeping."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class Buckets:
    """The store's `pace` and `hold` in the time of the test's clock."""

    clock: Callable[[], float]
    free: dict[str, float] = field(default_factory=dict)

    async def pace(self, bucket: str, per_second: float, burst: int = 1, within: float = math.inf) -> float:
        gap = 1 / per_second
        at = max(self.clock() - gap * (burst - 1), self.free.get(bucket, 0.0))
        if at - self.clock() > within:
            return at - self.clock()
        self.free[bucket] = at + gap
        return max(0.0, at - self.clock())

    async def hold(self, bucket: str, seconds: float) -> None:
        self.free[bucket] = max(self.free.get(bucket, 0.0), self.clock() + seconds)


@dataclass
class Waiting:
    """A queue that remembers."""

    jobs: list[tuple[str, ...]] = field(default_factory=list)

    async def triage(self, incident_id: str, *, wait: float = 0.0, first: bool = False, hurry: bool = False) -> None:
        self.jobs.append(("triage", incident_id))

    async def refresh(self, incident_id: str, *, wait: float = 0.0, first: bool = False) -> None:
        self.jobs.append(("refresh", incident_id))

    async def board(self, channel: str) -> None:
        self.jobs.append(("board", channel))

    async def answer(self, incident_id: str, turn_id: str) -> None:
        self.jobs.append(("answer", incident_id, turn_id))

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        self.jobs.append(("act", incident_id, action, argument, user))


class Shelf:
    """A library of one page."""

    def search(self, text: str, limit: int = 5) -> Sequence[RunbookHit]:
        link = RunbookLink(title="Out of memory", href="https://runbooks.example/oom", section="Find the growth")
        return [RunbookHit(link, "oom-killed", 0.9, "text", "Look at the limit.")] if "OOM" in text else []

    def for_incident(
        self, alerts: Sequence[Alert], causes: Sequence[str], text: str, limit: int = 3
    ) -> Sequence[RunbookHit]:
        return []

    def checks_for(self, code: str) -> None:
        return None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(clock: Clock) -> AsyncIterator[SlackApi]:
    """The workspace. A payload that Slack would refuse fails the test that sent it."""
    people: dict[str, dict[str, Any]] = {
        "U1": {"profile": {"email": "ana@acme.example"}},
        "U2": {},
        "UGUEST": {"is_restricted": True},
    }
    async with serve(SlackApi(clock=clock, people=people)) as served:
        yield served
        assert not served.problems


@pytest.fixture
async def calls(api: SlackApi, clock: Clock) -> AsyncIterator[Calls]:
    workspace = OneWorkspace(BOT, api.base_url)
    yield Calls(workspace, Buckets(clock), sleep=clock.sleep)
    await workspace.aclose()


@pytest.fixture
async def thread(store: RedisStore, calls: Calls, clock: Clock) -> AsyncIterator[SlackThread]:
    made = SlackThread(store, calls, sleep=clock.sleep)
    yield made
    await made.aclose()


@pytest.fixture
def queue() -> Waiting:
    return Waiting()


@pytest.fixture
def intake(store: RedisStore, queue: Waiting) -> Intake:
    return Intake(Settings(), store, queue, Shelf(), lambda: NOW, reading=alerts_in)


def slack_settings(api: SlackApi, **changes: Any) -> SlackSettings:
    fields = {"bot_token": SecretStr(BOT), "signing_secret": SecretStr(SIGNING), "base_url": api.base_url}
    return SlackSettings(**{**fields, **changes})


@pytest.fixture
async def app(api: SlackApi, intake: Intake, calls: Calls, store: RedisStore) -> AsyncIterator[SlackApp]:
    made = build_app(slack_settings(api), intake, calls, InboxBook(store), clock=lambda: NOW)
    yield made
    await made.aclose()


LIMITS = {"C1": ChannelReach(namespaces=("shop", "cart")), "C2": ChannelReach(namespaces=("payments",))}


@pytest.fixture
async def limited(api: SlackApi, store: RedisStore, queue: Waiting, calls: Calls) -> AsyncIterator[SlackApp]:
    """The app in a workspace whose channels may ask about different namespaces."""
    settings = slack_settings(api, channels=LIMITS)
    taken_in = Intake(Settings(slack=settings), store, queue, Shelf(), lambda: NOW, reading=alerts_in)
    made = build_app(settings, taken_in, calls, InboxBook(store), clock=lambda: NOW)
    yield made
    await made.aclose()


def signed(
    body: str, content: str, *, secret: str = SIGNING, at: float | None = None, **headers: str
) -> AsyncBoltRequest:
    """A request as Slack would send it."""
    stamp = str(int(at if at is not None else time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
    sent = {"content-type": content, "x-slack-request-timestamp": stamp, "x-slack-signature": signature}
    return AsyncBoltRequest(body=body, headers={name: [value] for name, value in sent.items()})


async def command(app: SlackApp, text: str, **changes: str) -> BoltResponse:
    body = {
        "command": "/triage",
        "text": text,
        "team_id": "T1",
        "channel_id": "C1",
        "channel_name": "incidents",
        "user_id": "U1",
        "trigger_id": "1.1",
        "response_url": "https://slack.invalid/respond",
        **changes,
    }
    return await app.bolt.async_dispatch(signed(urlencode(body), "application/x-www-form-urlencoded"))


async def event(app: SlackApp, event_: dict[str, Any], *, event_id: str = "Ev1", **more: Any) -> BoltResponse:
    body = {
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A1",
        "event_id": event_id,
        "event": event_,
        **more,
    }
    return await app.bolt.async_dispatch(signed(json.dumps(body), "application/json"))


async def interact(app: SlackApp, payload: dict[str, Any]) -> BoltResponse:
    payload = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, **payload}
    return await app.bolt.async_dispatch(
        signed(urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded")
    )


def form(view: dict[str, Any], user: str = "U1") -> dict[str, Any]:
    """What Slack sends for a submitted form."""
    return {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": user, "team_id": "T1"}, "view": view}


async def submit(app: SlackApp, view: dict[str, Any], user: str = "U1") -> BoltResponse:
    """A form as Slack sends it: looked through in the response, and worked off after it."""
    answer = await app.acknowledged(form(view, user))
    await settled(app)
    return answer


def click(
    action_id: str, value: str, *, at: str = "5.5", user: str = "U1", ts: str = "1772366401.000001"
) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": "T1"},
        "trigger_id": f"t.{at}",
        "container": {"type": "message", "message_ts": ts, "channel_id": "C1", "thread_ts": ts},
        "channel": {"id": "C1", "name": "incidents"},
        "message": {"ts": ts, "thread_ts": ts},
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": at}],
    }


async def settled(app: SlackApp) -> None:
    """Let what was begun in the background end."""
    await app.inbox.aclose()
    await app.desk.aclose()
