import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chatops.demo.serving import listen, serving
from chatops.demo.workspace.delivery import Delivery, channel_type
from chatops.demo.workspace.state import DIRECT, INCIDENTS, Workspace

SECRET = "s" * 32


class App:
    """Takes what is delivered; answers with the statuses it is told to."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.seen: list[tuple[bytes, dict[str, str]]] = []
        self.arrived = asyncio.Event()

    async def take(self, request: Request) -> Response:
        self.seen.append((await request.body(), dict(request.headers)))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.arrived.set()
        return JSONResponse({"text": "queued"}, status)


@pytest.fixture
async def app() -> App:
    return App()


@pytest.fixture
async def delivery(app: App) -> AsyncIterator[Delivery]:
    routes = [Route("/slack/events", app.take, methods=["POST"])]
    async with serving(Starlette(routes=routes), listen("127.0.0.1", 0)) as url:
        made = Delivery(Workspace(), SECRET, f"{url}/slack/events", "http://127.0.0.1:1")
        yield made
        await made.aclose()


async def test_everything_is_signed_as_slack_signs(app: App, delivery: Delivery) -> None:
    delivery.event({"type": "message", "text": "hi"})
    await asyncio.wait_for(app.arrived.wait(), 5)
    body, headers = app.seen[0]
    assert SignatureVerifier(SECRET).is_valid_request(body, headers)
    assert not SignatureVerifier("other").is_valid_request(body, headers)
    assert json.loads(body)["event"]["text"] == "hi"


async def test_an_event_that_is_not_taken_comes_again_as_the_same_event(app: App, delivery: Delivery) -> None:
    app.statuses = [500]
    delivery.event({"type": "message"})
    await asyncio.wait_for(app.arrived.wait(), 10)
    first, second = app.seen
    assert json.loads(first[0])["event_id"] == json.loads(second[0])["event_id"]
    assert "x-slack-retry-num" not in first[1]
    assert second[1]["x-slack-retry-num"] == "1"


async def test_a_command_is_answered_at_once(app: App, delivery: Delivery) -> None:
    assert await delivery.command(INCIDENTS, "/triage", "cart is slow") == {"text": "queued"}
    fields = parse_qs(app.seen[0][0].decode())
    assert fields["command"] == ["/triage"]
    assert fields["text"] == ["cart is slow"]
    assert fields["response_url"] == [f"http://127.0.0.1:1/response/{INCIDENTS}"]


async def test_an_app_that_fails_or_is_gone_is_said(app: App, delivery: Delivery) -> None:
    app.statuses = [500]
    assert "HTTP 500" in (await delivery.interact({"type": "block_actions"}))["error"]
    gone = Delivery(Workspace(), SECRET, "http://127.0.0.1:1/slack/events", "x")
    assert "does not answer" in (await gone.command(INCIDENTS, "/triage", ""))["error"]
    await gone.aclose()


def test_kinds_of_conversations() -> None:
    assert (channel_type(DIRECT), channel_type(INCIDENTS)) == ("im", "channel")
