"""The demo's page in a real browser: every block type is drawn, buttons and forms work, keyboard and phone too."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chatops.demo.incidents import INCIDENTS as ALL
from chatops.demo.serving import address, listen, serving
from chatops.demo.workspace.delivery import Delivery
from chatops.demo.workspace.page import Surroundings, routes
from chatops.demo.workspace.state import BOT_USER, INCIDENTS, PERSON, Workspace
from tests.demo import every_block
from tests.web.browser import DESKTOP, PHONE, Tab, axe_source, chromium, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium]
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@dataclass
class Demo:
    workspace: Workspace
    url: str
    heard: list[str] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as opened:
        yield opened
        assert opened.problems == []


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    workspace, sock = Workspace(), listen("127.0.0.1", 0)
    made = Demo(workspace, address(sock))

    async def app(request: Request) -> Response:
        made.heard.append((await request.body()).decode())
        return JSONResponse({})

    async def fire(name: str) -> None:
        made.fired.append(name)

    slack = Starlette(routes=[Route("/slack/events", app, methods=["POST"])])
    async with serving(slack, listen("127.0.0.1", 0)) as url:
        delivery = Delivery(workspace, "secret", f"{url}/slack/events", made.url)
        around = Surroundings("No ANTHROPIC_API_KEY: diagnosis by rules alone, no model is asked", False, ALL, fire)
        page = Starlette(routes=routes(workspace, delivery, around, frozenset({made.url.removeprefix("http://")})))
        async with serving(page, sock):
            yield made
            workspace.close()
            await asyncio.sleep(0.1)
        await delivery.aclose()


def post(demo: Demo, blocks: list[dict[str, Any]], text: str = "said", **more: Any) -> str:
    named = [{**block, "block_id": f"b{number}"} for number, block in enumerate(blocks)]
    return str(demo.workspace.add(INCIDENTS, {"user": BOT_USER, "text": text, "blocks": named, **more})["ts"])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_axe_finds_nothing_and_nothing_runs_over(tab: Tab, demo: Demo, size: tuple[int, int], dark: bool) -> None:
    root = post(demo, every_block.MESSAGE)
    demo.workspace.add(INCIDENTS, {"user": PERSON, "text": "why?", "thread_ts": root})
    await tab.open(demo.url, size, dark=dark)
    await tab.until("document.querySelector('.message')")
    assert await tab.eval("document.documentElement.scrollWidth") == size[0]
    assert await tab.violations(axe_source()) == []


async def test_every_block_type_is_drawn(tab: Tab, demo: Demo) -> None:
    post(demo, every_block.MESSAGE)
    await tab.open(demo.url, PHONE)
    await tab.until("document.querySelector('.message')")
    assert await tab.eval("document.querySelectorAll('.unknown').length") == 0
    for selector, count in every_block.DRAWN.items():
        found = await tab.eval(f"document.querySelectorAll({selector!r}).length")
        assert found == count, selector


async def test_a_block_that_is_not_known_is_shown_as_what_it_is(tab: Tab, demo: Demo) -> None:
    post(demo, [{"type": "hologram", "text": HOSTILE}])
    await tab.open(demo.url)
    await tab.until("document.querySelector('.unknown')")
    assert "hologram" in await tab.eval("document.querySelector('.unknown').textContent")


async def test_hostile_text_is_only_text(tab: Tab, demo: Demo) -> None:
    for kind in ("section", "markdown", "header"):
        text = HOSTILE if kind == "markdown" else {"type": "plain_text", "text": HOSTILE}
        post(demo, [{"type": kind, "text": text}])
    post(demo, [{"type": "markdown", "text": "[x](javascript:alert(3)) <javascript:alert(4)>"}], HOSTILE)
    await tab.open(demo.url)
    await tab.until("document.querySelectorAll('#messages .message').length === 4")
    assert await tab.eval("document.querySelectorAll('img, #messages script').length") == 0
    assert await tab.eval("[...document.querySelectorAll('a')].every((a) => !a.href.startsWith('javascript'))")


async def test_a_new_incident_opens_its_thread_and_grows_in_place(tab: Tab, demo: Demo) -> None:
    await tab.open(demo.url)
    await tab.until("document.querySelector('#engine').textContent.includes('rules alone')")
    root = post(demo, [{"type": "header", "text": {"type": "plain_text", "text": "first"}}])
    await tab.until("!document.getElementById('thread').hidden")
    demo.workspace.edit(INCIDENTS, root, blocks=[{"type": "markdown", "text": "**second**"}])
    await tab.until("document.querySelector('#replies strong:not(.author)')?.textContent === 'second'")
    assert await tab.eval("document.querySelectorAll('#replies .message').length") == 1


async def test_a_button_asks_first_and_is_pressed_by_keyboard(tab: Tab, demo: Demo) -> None:
    post(demo, [every_block.CONFIRMED])
    await tab.open(demo.url, PHONE)
    await tab.until("document.querySelector('[data-action=\"chatops.stop\"]')")
    await tab.eval("document.querySelector('[data-action=\"chatops.stop\"]').focus()")
    await tab.press("Enter")
    await tab.until("document.getElementById('confirm').open")
    assert demo.heard == []
    await tab.eval("document.querySelector('#confirm .primary').click()")
    await _heard(demo, "chatops.stop")


async def test_words_and_commands_are_typed_and_sent(tab: Tab, demo: Demo) -> None:
    await tab.open(demo.url)
    await tab.until("document.querySelector('#suggestions button')")
    await tab.eval("document.getElementById('compose').focus()")
    await tab.type("/triage cart is slow")
    await tab.press("Enter")
    await _heard(demo, "command=%2Ftriage&text=cart+is+slow")
    await tab.type("@chatops hello")
    await tab.press("Enter")
    await _heard(demo, "app_mention")
    await tab.until("document.querySelector('.mention')?.textContent === '@chatops'")


async def test_a_form_is_filled_and_its_errors_are_shown(tab: Tab, demo: Demo) -> None:
    await tab.open(demo.url)
    await tab.until("document.querySelector('#suggestions button')")
    demo.workspace.views["V1"] = every_block.VIEW
    demo.workspace.tell({"type": "view", "view": every_block.VIEW})
    await tab.until("document.getElementById('view').open")
    assert await tab.violations(axe_source()) == []
    await tab.eval("document.querySelector('#view textarea').value = 'it was the cache'")
    await tab.eval("document.querySelector('#view [type=submit]').click()")
    await _heard(demo, "it+was+the+cache")
    await tab.until("!document.getElementById('view').open")


async def test_a_button_in_the_home_tab_is_heard(tab: Tab, demo: Demo) -> None:
    await tab.open(demo.url)
    await tab.until("document.querySelector('#apps li:last-child button')")
    await tab.eval("document.querySelector('#apps li:last-child button').click()")
    await _heard(demo, "app_home_opened")
    home = {
        "type": "home",
        "id": "V0HOME",
        "blocks": [{"type": "actions", "elements": [every_block.button("New", "start")]}],
    }
    demo.workspace.home = home
    demo.workspace.tell({"type": "home", "view": home})
    await tab.until("document.querySelector('#view [data-action=\"chatops.start\"]')")
    await tab.eval("document.querySelector('#view [data-action=\"chatops.start\"]').click()")
    await _heard(demo, "V0HOME")


async def test_an_incident_is_chosen_and_fired(tab: Tab, demo: Demo) -> None:
    await tab.open(demo.url)
    await tab.until("document.querySelector('#suggestions button')")
    await tab.eval("document.getElementById('fire').click()")
    await tab.until("document.getElementById('incidents').open")
    assert await tab.eval("document.querySelectorAll('#incident-list button').length") == len(ALL)
    assert await tab.violations(axe_source()) == []
    await tab.eval("document.querySelector('#incident-list button').click()")
    async with asyncio.timeout(5):
        while not demo.fired:  # noqa: ASYNC110 - told by the browser
            await asyncio.sleep(0.05)
    assert demo.fired == [ALL[0].name]


async def test_escape_closes_the_thread(tab: Tab, demo: Demo) -> None:
    post(demo, [{"type": "divider"}])
    await tab.open(demo.url)
    await tab.until("!document.getElementById('thread').hidden")
    await tab.press("Escape")
    assert await tab.eval("document.getElementById('thread').hidden")


async def _heard(demo: Demo, part: str) -> None:
    async with asyncio.timeout(5):
        while not any(part in body for body in demo.heard):  # noqa: ASYNC110 - told by the browser
            await asyncio.sleep(0.05)
