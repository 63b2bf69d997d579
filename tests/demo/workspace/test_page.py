import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chatops.demo.incidents import INCIDENTS as ALL
from chatops.demo.serving import address, listen, serving
from chatops.demo.workspace.delivery import Delivery
from chatops.demo.workspace.page import Surroundings, routes
from chatops.demo.workspace.state import BOT_USER, INCIDENTS, Workspace

OWN = {"x-workspace": "demo"}


@dataclass
class Site:
    workspace: Workspace
    url: str
    http: aiohttp.ClientSession
    fired: list[str] = field(default_factory=list)
    heard: list[Any] = field(default_factory=list)

    async def do(self, name: str, /, headers: dict[str, str] = OWN, **body: Any) -> tuple[int, Any]:
        async with self.http.post(f"{self.url}/workspace/{name}", json=body, headers=headers) as answer:
            return answer.status, json.loads(await answer.text()) if answer.content_type.endswith("json") else None


@pytest.fixture
async def site(http: aiohttp.ClientSession) -> AsyncIterator[Site]:
    workspace, sock = Workspace(), listen("127.0.0.1", 0)
    made = Site(workspace, address(sock), http)

    async def app(request: Request) -> Response:
        made.heard.append((await request.body()).decode())
        return JSONResponse({"text": "queued"})

    async def fire(name: str) -> None:
        made.fired.append(name)

    async with serving(
        Starlette(routes=[Route("/slack/events", app, methods=["POST"])]), listen("127.0.0.1", 0)
    ) as url:
        delivery = Delivery(workspace, "secret", f"{url}/slack/events", made.url)
        around = Surroundings("rules alone", False, ALL, fire)
        host = made.url.removeprefix("http://")
        async with serving(Starlette(routes=routes(workspace, delivery, around, frozenset({host}))), sock):
            yield made
        await delivery.aclose()


async def test_the_page_loads_only_its_own_assets(site: Site) -> None:
    async with site.http.get(site.url) as answer:
        assert answer.status == 200
        assert "unsafe" not in answer.headers["content-security-policy"]
        text = await answer.text()
    assert "http://" not in text
    assert "https://" not in text
    for name in ("page.js", "blocks.js", "text.js", "charts.js", "view.js", "page.css", "icon.svg"):
        async with site.http.get(f"{site.url}/static/{name}") as answer:
            assert answer.status == 200
            assert "http" not in (await answer.text()).replace("http://www.w3.org", "").replace("https?", "")


@pytest.mark.parametrize("name", ["..%2Frun.py", "nope.js", "__init__.py"])
async def test_nothing_else_is_served(site: Site, name: str) -> None:
    async with site.http.get(f"{site.url}/static/{name}") as answer:
        assert answer.status == 404


async def test_the_state_says_who_diagnoses_and_what_can_be_fired(site: Site) -> None:
    async with site.http.get(f"{site.url}/workspace/state") as answer:
        told = await answer.json()
    assert told["engine"] == "rules alone"
    assert {row["name"] for row in told["incidents"]} == {incident.name for incident in ALL}
    assert "cause" not in told["incidents"][0]


async def test_another_site_in_the_browser_can_do_nothing(site: Site) -> None:
    assert (await site.do("incident", {}, name="node-down"))[0] == 404
    stranger = {**OWN, "host": "evil.example"}
    assert (await site.do("incident", stranger, name="node-down"))[0] == 404
    async with site.http.get(f"{site.url}/workspace/state", headers={"host": "evil.example"}) as answer:
        assert answer.status == 404
    assert site.fired == []


async def test_a_word_in_the_channel_reaches_the_app_as_a_message_and_a_mention(site: Site) -> None:
    _, answer = await site.do("say", channel=INCIDENTS, text="@chatops is <cart> ok?")
    stored = site.workspace.message(INCIDENTS, answer["ts"])
    assert stored["text"] == f"<@{BOT_USER}> is &lt;cart&gt; ok?"
    while len(site.heard) < 2:
        await site.do("say", channel="nope", text="")
    kinds = sorted(json.loads(body)["event"]["type"] for body in site.heard)
    assert kinds == ["app_mention", "message"]


async def test_a_command_shows_what_the_app_answers_to_one_person(site: Site) -> None:
    assert await site.do("say", channel=INCIDENTS, text="/triage cart") == (200, {})
    (message,) = site.workspace.messages[INCIDENTS].values()
    assert (message["text"], message["ephemeral"]) == ("queued", True)


async def test_commands_that_slack_would_not_take_are_refused_as_slack_does(site: Site) -> None:
    _, answer = await site.do("say", channel=INCIDENTS, text="/nope x")
    assert "not a command" in answer["error"]
    _, answer = await site.do("say", channel=INCIDENTS, text="/triage x", thread_ts="1.0")
    assert "does not work in threads" in answer["error"]


async def test_a_click_carries_its_message_and_a_fire_its_name(site: Site) -> None:
    ts = site.workspace.add(INCIDENTS, {"user": BOT_USER, "text": "root", "blocks": []})["ts"]
    action = {"type": "button", "action_id": "chatops.x", "value": "v", "block_id": "b0"}
    assert await site.do("click", channel=INCIDENTS, ts=ts, action=action) == (200, {})
    assert ts in site.heard[0]
    assert (await site.do("click", channel=INCIDENTS, ts="0", action=action))[0] == 400
    await site.do("incident", name="node-down")
    assert (await site.do("incident", name="nope"))[0] == 400
    assert site.fired == ["node-down"]


async def test_the_feed_tells_of_changes_and_ends_with_the_demo(site: Site) -> None:
    async with site.http.get(f"{site.url}/workspace/events") as answer:
        await answer.content.readline()
        site.workspace.add(INCIDENTS, {"user": BOT_USER, "text": "new"})
        while not (line := await answer.content.readline()).startswith(b"data: "):
            pass
        assert json.loads(line[6:])["message"]["text"] == "new"
        site.workspace.close()
        assert b"end" not in await answer.content.read()


async def test_a_response_url_adds_a_message(site: Site) -> None:
    async with site.http.post(f"{site.url}/response/{INCIDENTS}", json={"text": "later"}) as answer:
        assert answer.status == 200
    (message,) = site.workspace.messages[INCIDENTS].values()
    assert message["ephemeral"]
