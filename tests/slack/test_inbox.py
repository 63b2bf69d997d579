"""What is acknowledged is done once, also where the process dies in between; what is not kept is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2 as httpx
import pytest
from starlette.applications import Starlette

from chatops.domain.ports import StoreUnavailable
from chatops.slack.app import PATH, SlackApp, http_routes
from chatops.slack.desk import NOT_DONE, NOT_STORED
from chatops.slack.inbox import ATTEMPTS, Inbox
from chatops.slack.requests import Body
from chatops.store import InboxBook, RedisStore
from chatops.triage.intake import Intake
from tests import factories
from tests.slack.conftest import Waiting, click, settled, signed
from tests.slack.test_app import MENTION, Broken
from tests.slack.web_api import SlackApi

FORM = "application/x-www-form-urlencoded"


async def post(app: SlackApp | Starlette, body: str, kind: str = FORM) -> httpx.Response:
    headers = {name: values[0] for name, values in signed(body, kind).headers.items()}
    web = app if isinstance(app, Starlette) else Starlette(routes=http_routes(app))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=web), base_url="http://app.invalid") as http:
        return await http.post(PATH, content=body, headers=headers)


def command(text: str, response_url: str, trigger: str = "1.1") -> str:
    told = {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "trigger_id": trigger, "response_url": response_url}
    return urlencode({"command": "/triage", "text": text, **told})


def mention(event_id: str = "Ev1") -> str:
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": event_id, "event": MENTION})


def interaction(payload: dict[str, Any]) -> str:
    return urlencode({"payload": json.dumps({"team": {"id": "T1"}, **payload})})


async def test_a_command_is_acknowledged_and_answered_at_its_address(
    app: SlackApp, api: SlackApi, queue: Waiting
) -> None:
    answer = await post(app, command("cart is slow", api.response_url))
    assert (answer.status_code, answer.content) == (200, b"")
    await settled(app)
    assert "Looking into it: cart is slow" in api.responses[0]["text"]
    assert [job[0] for job in queue.jobs] == ["triage"]


async def test_three_deliveries_are_one_run(app: SlackApp, queue: Waiting, store: RedisStore) -> None:
    for _ in range(3):
        assert (await post(app, mention(), "application/json")).status_code == 200
    await settled(app)
    assert len(queue.jobs) == len(await store.recent()) == 1


async def test_a_challenge_and_a_form_are_answered_in_the_response(app: SlackApp) -> None:
    challenge = await post(app, json.dumps({"type": "url_verification", "challenge": "abc"}), "application/json")
    assert "abc" in challenge.text
    assert (await post(app, "ssl_check=1&token=x")).status_code == 200
    view = {"id": "V1", "type": "modal", "callback_id": "chatops_start", "state": {"values": {}}}
    errors = await post(app, interaction({"type": "view_submission", "user": {"id": "U1"}, "view": view}))
    assert errors.json() == {"response_action": "errors", "errors": {"question": "Say what is wrong."}}


class Gone:
    """A book that the store does not take anything into."""

    async def add(self, key: str, request: str, body: bytes, lease: timedelta) -> bool:
        raise StoreUnavailable("down")

    async def done(self, request: str) -> None:
        raise StoreUnavailable("down")

    async def overdue(self, lease: timedelta, limit: int) -> Sequence[Any]:
        raise StoreUnavailable("down")


async def test_what_could_not_be_kept_comes_again_or_is_said(app: SlackApp, api: SlackApi, queue: Waiting) -> None:
    sound, app.inbox._book = app.inbox._book, Gone()
    assert (await post(app, mention(), "application/json")).status_code == 500
    said = (await post(app, command("cart is slow", api.response_url))).json()
    assert said == {"response_type": "ephemeral", "text": NOT_STORED}
    clicked = {**click("chatops.retry", "inc-x"), "response_url": api.response_url}
    assert (await post(app, interaction(clicked))).status_code == 200
    await settled(app)
    assert [one["text"] for one in api.responses] == [NOT_STORED]
    app.inbox._book = sound
    assert (await post(app, mention(), "application/json")).status_code == 200
    await settled(app)
    assert len(queue.jobs) == 1


async def test_what_could_not_be_done_is_done_when_it_can(
    app: SlackApp, api: SlackApi, store: RedisStore, queue: Waiting
) -> None:
    incident = factories.incident()
    await store.add(incident)
    broken = Broken(app, "act")
    await post(app, interaction(click("chatops.retry", incident.id)))
    await settled(app)
    assert queue.jobs == []
    broken.repair()
    await all_due(store)
    assert await app.inbox.left_behind() == 1
    await settled(app)
    assert queue.jobs == [("triage", incident.id)]
    await all_due(store)
    assert await app.inbox.left_behind() == 0


async def all_due(store: RedisStore) -> None:
    """As if every lease had ended."""
    key = f"{store.prefix}:{{inbox}}:due"
    for request in await store.client.zrange(key, 0, -1):
        await store.client.zadd(key, {request: 0})


class Dies(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", ["first_time", "triage", "ask", "done"])
async def test_wherever_the_process_dies_a_request_is_done_once(
    app: SlackApp, intake: Intake, store: RedisStore, queue: Waiting, at: str
) -> None:
    heir = app.inbox._work
    dying = Dying(app, intake, at)

    async def until_death(request: str, body: Body) -> None:
        try:
            await heir(request, body)
            if at == "done":
                raise Dies
        except Dies as death:
            dying.died = True
            raise asyncio.CancelledError from death  # nothing after this point happens

    app.inbox._work = until_death
    await post(app, mention(), "application/json")
    await asyncio.gather(*app.inbox._tasks, return_exceptions=True)
    assert dying.died
    dying.end()
    app.inbox._work = heir
    await post(app, mention(), "application/json")  # Slack's redelivery meanwhile
    await all_due(store)
    assert await app.inbox.left_behind() == 1
    await settled(app)
    (incident,) = await store.recent()
    assert set(queue.jobs) == {("triage", incident.id)}
    assert [turn.text for turn in await store.turns(incident.id)] == ["cart is slow"]


class Dying:
    """The intake in a process that dies right after one of its steps, or right before it queues (`triage`)."""

    def __init__(self, app: SlackApp, intake: Intake, at: str) -> None:
        self.died = False
        self._app, self._intake, self._queue, self._at = app, intake, intake.queue, at
        app.desk.intake = self
        if at == "triage":
            intake.queue = self

    def end(self) -> None:
        self._app.desk.intake, self._intake.queue = self._intake, self._queue

    async def triage(self, *_: Any, **__: Any) -> None:
        raise Dies

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._intake, name)
        if name != self._at:
            return found

        async def last(*given: Any, **named: Any) -> None:
            await found(*given, **named)
            raise Dies

        return last


async def test_what_fails_again_and_again_is_given_up_and_said(app: SlackApp, api: SlackApi, store: RedisStore) -> None:
    Broken(app, "recent")
    await post(app, command("list", api.response_url))
    for _ in range(ATTEMPTS):
        await settled(app)
        await all_due(store)
        assert await app.inbox.left_behind() == 1
    await settled(app)
    assert [one["text"] for one in api.responses] == [NOT_DONE]
    await all_due(store)
    assert await app.inbox.left_behind() == 0


async def test_what_waited_too_long_is_left_to_be_leased_anew(store: RedisStore) -> None:
    worked: list[str] = []

    async def work(request: str, body: Body) -> None:
        worked.append(request)

    inbox = Inbox(InboxBook(store), work, work, lambda: "inc-1")
    inbox._begin("inc-1", {}, until=0.0)
    await inbox.aclose()
    assert worked == []


async def test_acknowledgements_go_before_what_is_worked_off(store: RedisStore) -> None:
    order: list[str] = []
    held = asyncio.Event()

    class Slow(InboxBook):
        async def add(self, key: str, request: str, body: bytes, lease: timedelta) -> bool:
            if key == "slow":
                await held.wait()
            return await super().add(key, request, body, lease)

    async def work(request: str, body: Body) -> None:
        order.append(f"worked off {body['n']}")

    numbers = iter(range(100))
    inbox = Inbox(Slow(store), work, work, lambda: f"inc-{next(numbers)}")

    async def acknowledged(key: str, n: int) -> None:
        await inbox.take(key, {"n": n})
        order.append(f"acknowledged {n}")

    slow = asyncio.create_task(acknowledged("slow", 2))
    await asyncio.sleep(0)
    await acknowledged("quick", 1)
    await asyncio.sleep(0.05)
    held.set()
    await slow
    await inbox.aclose()
    assert order[:2] == ["acknowledged 1", "acknowledged 2"]
    assert sorted(order[2:]) == ["worked off 1", "worked off 2"]


async def test_a_store_that_is_away_does_not_end_the_watch() -> None:
    async def work(request: str, body: Body) -> None:
        raise AssertionError

    watching = asyncio.create_task(Inbox(Gone(), work, work, lambda: "inc-1").watch())
    await asyncio.sleep(0.05)
    assert not watching.done()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
