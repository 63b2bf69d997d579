"""The demo end to end: the real app finds the cause of each incident by rules, through real protocols."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest

from chatops.demo.incidents import INCIDENTS
from chatops.demo.run import Demo, incidents, open_demo, run
from chatops.demo.serving import serving
from chatops.demo.workspace.state import INCIDENTS as CHANNEL
from chatops.demo.workspace.state import PERSON, TEAM
from chatops.store import InboxBook
from tests.persona import messages_api

pytestmark = pytest.mark.timeout(180)


def unsaid(_: str) -> None:
    """Nobody is at the terminal."""


@contextlib.asynccontextmanager
async def opened(environment: Mapping[str, str]) -> AsyncIterator[Demo]:
    async with (
        open_demo("127.0.0.1", 0, unsaid, environment=environment) as made,
        serving(made.app.web, made.listener),
    ):
        work = asyncio.create_task(made.work())
        yield made
        made.app.stop.set()
        await work


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with opened({}) as made:
        yield made


async def test_any_port_is_none_that_others_have(demo: Demo) -> None:
    assert demo.app.settings.port > 1023


async def state(http: aiohttp.ClientSession, demo: Demo) -> dict[str, Any]:
    async with http.get(f"{demo.url}/workspace/state") as answer:
        told: dict[str, Any] = await answer.json()
        return told


async def until(http: aiohttp.ClientSession, demo: Demo, test: Callable[[list[dict[str, Any]]], bool]) -> list[Any]:
    """The channel's messages once they pass a test."""
    async with asyncio.timeout(60):
        while True:
            found: list[dict[str, Any]] = (await state(http, demo))["messages"].get(CHANNEL, [])
            if test(found):
                return found
            await asyncio.sleep(0.2)


def told(message: dict[str, Any]) -> str:
    return str(message["text"]) + str(message["blocks"])


def roots(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The incidents' cards, oldest first."""
    return [m for m in found if m.get("thread_ts", m["ts"]) == m["ts"]]


async def test_rules_alone_find_the_cause_of_each(
    demo: Demo, http: aiohttp.ClientSession, subtests: pytest.Subtests
) -> None:
    for number, incident in enumerate(INCIDENTS, 1):
        with subtests.test(incident.name):
            await demo.fire(incident.name)
            wanted = incident.cause or "Nothing is wrong"
            answered = partial(_answered, number, "By rules, no model")
            card = roots(await until(http, demo, answered))[number - 1]
            assert wanted in told(card)


def _answered(number: int, wanted: str, found: list[dict[str, Any]]) -> bool:
    return len(roots(found)) >= number and wanted in told(roots(found)[number - 1])


async def test_a_reply_is_answered_and_firing_another_resolves_the_first(
    demo: Demo, http: aiohttp.ClientSession
) -> None:
    await demo.fire("cart-selector")
    (root, *_) = await until(http, demo, lambda found: any("ServiceSelectorMismatch" in told(m) for m in found[:1]))
    body = {"channel": CHANNEL, "text": "what changed?", "thread_ts": root["ts"]}
    async with http.post(f"{demo.url}/workspace/say", json=body, headers={"x-workspace": "demo"}) as answer:
        asked = (await answer.json())["ts"]
    await until(http, demo, lambda found: any(m["user"] != "U0YOU" and m["ts"] > asked for m in found))
    await demo.fire("quiet-alarm")
    await until(http, demo, lambda found: any(m["ts"] == root["ts"] and "Resolved" in m["text"] for m in found))


async def test_what_a_busy_moment_left_behind_is_answered(demo: Demo, http: aiohttp.ClientSession) -> None:
    form = {"command": "/triage", "text": "help", "trigger_id": "1.2.3", "channel_id": CHANNEL, "user_id": PERSON}
    body = json.dumps({**form, "team_id": TEAM}).encode()
    await InboxBook(demo.app.store).add("left", "inc-1ngmevt1hh8htwkq", body, timedelta(0))
    await until(http, demo, lambda found: any("How to use" in m["text"] for m in found))


async def test_the_page_that_slack_links_to_opens(demo: Demo, http: aiohttp.ClientSession) -> None:
    await demo.fire("quiet-alarm")
    (root, *_) = await until(http, demo, lambda found: any("/incidents/" in told(m) for m in found[:1]))
    links = [e["url"] for b in root["blocks"] for e in b.get("elements", ()) if isinstance(e, dict) and "url" in e]
    async with http.get(links[0]) as answer:
        assert answer.status == 200
        assert "CatalogRequestSpike" in await answer.text()


async def test_it_says_that_there_is_no_model(demo: Demo, http: aiohttp.ClientSession) -> None:
    found = await state(http, demo)
    assert found["engine"].startswith("No ANTHROPIC_API_KEY")
    assert found["model"] is False


async def test_with_a_key_the_same_demo_asks_the_model(http: aiohttp.ClientSession) -> None:
    cart = {"kind": "Service", "namespace": "shop", "name": "cart"}
    claim = {**messages_api.ANSWER["hypotheses"][0], "cause": "ServiceSelectorMismatch", "subject": cart}
    said = messages_api.submit(summary="The selector of cart is wrong, says the model.", hypotheses=[claim])
    key = "-".join(("sk", "demo"))
    async with messages_api.serving(lambda number, request: messages_api.Say([said])) as api:
        given = {"ANTHROPIC_API_KEY": key, "ANTHROPIC_BASE_URL": api.url}
        async with opened(given) as demo:
            assert (await state(http, demo))["model"] is True
            await demo.fire("cart-selector")
            (root, *_) = await until(http, demo, lambda found: any("says the model" in told(m) for m in found[:1]))
    assert "By rules, no model" not in told(root)
    assert "ServiceSelectorMismatch" in str(api.requests[0])


async def test_it_ends_when_told_to_and_says_where_it_was() -> None:
    said: list[str] = []
    stop = asyncio.Event()
    running = asyncio.create_task(run("127.0.0.1", 0, "quiet-alarm", said=said.append, stop=stop))
    while not any("alert is on its way" in line for line in said):  # noqa: ASYNC110 - said to a terminal
        await asyncio.sleep(0.1)
    stop.set()
    await asyncio.wait_for(running, 30)
    assert any("http://127.0.0.1:" in line for line in said)
    assert said[-1] == "ended; nothing is left running"


def test_incidents_are_listed_by_name() -> None:
    assert incidents()["checkout-oom"] == "Checkout fails after a release"
