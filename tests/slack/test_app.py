"""Requests: what is not Slack's is refused, what could not be stored comes again, nothing runs twice."""

from __future__ import annotations

import hmac
import json
import logging
import time
from typing import Any

import httpx2 as httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from chatops.domain.ports import StoreUnavailable
from chatops.slack.app import PATH, SlackApp, SocketMode, build_app, http_routes
from chatops.slack.calls import Calls, SlackError
from chatops.slack.intake import Intake as IntakeProtocol
from chatops.store import InboxBook, RedisStore
from chatops.triage.intake import Intake
from tests.slack.conftest import SIGNING, Waiting, event, settled, signed, slack_settings
from tests.slack.web_api import SlackApi

MENTION = {
    "type": "app_mention",
    "user": "U1",
    "channel": "C1",
    "ts": "1772366500.000100",
    "text": "<@UBOT> cart is slow",
}


def client(app: SlackApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=Starlette(routes=http_routes(app)))
    return httpx.AsyncClient(transport=transport, base_url="http://app.invalid")


def headers_of(body: str, late: float = 0.0, **more: Any) -> dict[str, str]:
    if late:
        more["at"] = time.time() + late
    return {name: values[0] for name, values in signed(body, "application/json", **more).headers.items()}


def test_the_triage_layer_satisfies_the_protocol(intake: Intake) -> None:
    assert isinstance(intake, IntakeProtocol)


async def test_a_signed_request_is_taken(app: SlackApp, queue: Waiting) -> None:
    body = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": MENTION})
    async with client(app) as http:
        answer = await http.post(PATH, content=body, headers=headers_of(body))
    assert (answer.status_code, answer.content) == (200, b"")
    await settled(app)
    assert [job[0] for job in queue.jobs] == ["triage"]


@pytest.mark.parametrize(
    ("changes", "tamper"),
    [
        ({}, True),
        ({"secret": SIGNING + "x"}, False),
        ({"late": -600.0}, False),
        ({"late": 600.0}, False),
    ],
    ids=["tampered body", "another secret", "stale", "from the future"],
)
async def test_a_forged_request_is_refused(
    app: SlackApp, queue: Waiting, changes: dict[str, Any], tamper: bool
) -> None:
    body = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": MENTION})
    async with client(app) as http:
        answer = await http.post(PATH, content=body + " " * tamper, headers=headers_of(body, **changes))
    assert answer.status_code == 401
    assert queue.jobs == []


@pytest.mark.parametrize("stamp", [b"", b"soon", b"1e9", b"-1", "١٧٧٢٣٦٦٤٠٠".encode()])
async def test_a_timestamp_that_is_no_number_is_refused(app: SlackApp, stamp: bytes) -> None:
    async with client(app) as http:
        headers = [(b"x-slack-signature", b"v0=0"), (b"content-type", b"application/json")]
        headers += [(b"x-slack-request-timestamp", stamp)] if stamp else []
        answer = await http.post(PATH, content="{}", headers=headers)
    assert answer.status_code == 401


async def test_without_a_secret_nothing_is_taken(
    api: SlackApi, intake: Intake, calls: Calls, store: RedisStore
) -> None:
    app = build_app(slack_settings(api, signing_secret=None), intake, calls, InboxBook(store))
    stamp, body = str(int(time.time())), "{}"
    forged = "v0=" + hmac.new(b"", f"v0:{stamp}:{body}".encode(), "sha256").hexdigest()
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": forged, "content-type": "application/json"}
    async with client(app) as http:
        assert (await http.post(PATH, content=body, headers=headers)).status_code == 401


async def test_a_body_that_is_too_large_is_not_read(app: SlackApp) -> None:
    body = json.dumps({"x": "x" * 1_100_000})
    async with client(app) as http:
        answer = await http.post(PATH, content=body, headers=headers_of(body))
    assert answer.status_code == 413


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "[" * 1000, b"\xff\xfe"], ids=repr)
async def test_a_body_that_is_no_request_is_refused(app: SlackApp, body: str | bytes) -> None:
    async with client(app) as http:
        answer = await http.post(PATH, content=body, headers=headers_of("{}"))
    assert answer.status_code == 401


async def test_a_refused_body_is_not_logged(app: SlackApp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps({"type": "event_callback", "event_id": "Ev1", "event": {"text": "password=hunter2"}})
    async with client(app) as http:
        await http.post(PATH, content=body, headers=headers_of(body, secret="wrong"))
        await http.post(PATH, content=body, headers=headers_of(body))
    assert "hunter2" not in caplog.text


def test_what_bolt_must_not_say_is_quiet_and_we_are_not(app: SlackApp) -> None:
    assert app.bolt.logger.level == logging.ERROR
    assert logging.getLogger("chatops").level == logging.NOTSET


async def test_an_event_that_nobody_listens_to_is_acknowledged(app: SlackApp, caplog: pytest.LogCaptureFixture) -> None:
    answer = await event(app, {"type": "reaction_added", "user": "U1", "reaction": "eyes", "text": "hunter2"})
    assert answer.status in (200, 404)
    assert "hunter2" not in caplog.text


async def test_an_app_token_that_slack_does_not_take_is_said_at_once(app: SlackApp, api: SlackApi) -> None:
    refusal = {"ok": False, "error": "invalid_auth"}
    api.scripted["apps.connections.open"].append((200, refusal, {}))
    socket = SocketMode(app, slack_settings(api, app_token=SecretStr("-".join(("xapp", "wrong")))))
    with pytest.raises(SlackError, match=r"apps.connections.open: invalid_auth"):
        await socket.start()
    await socket.aclose()


async def test_three_deliveries_of_one_event_are_one_run(app: SlackApp, queue: Waiting, store: RedisStore) -> None:
    for attempt in range(3):
        assert (await event(app, MENTION, event_id="Ev7")).status == 200, attempt
    assert len(queue.jobs) == 1
    assert len(await store.recent()) == 1


async def test_an_event_that_nobody_could_do_is_not_done(app: SlackApp, queue: Waiting) -> None:
    broken = Broken(app, "ask")
    assert (await event(app, MENTION)).status == 500
    broken.repair()
    assert (await event(app, MENTION)).status == 200
    assert len(queue.jobs) == 1


class Broken:
    """The intake, with one method that the store does not take."""

    def __init__(self, app: SlackApp, method: str) -> None:
        self._desk, self._sound = app.desk, app.desk.intake
        self._method = method
        app.desk.intake = self

    def repair(self) -> None:
        self._desk.intake = self._sound

    def __getattr__(self, name: str) -> Any:
        if name == self._method:
            return self._refuse
        return getattr(self._sound, name)

    async def _refuse(self, *_: Any, **__: Any) -> None:
        raise StoreUnavailable("down")
