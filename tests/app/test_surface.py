"""Where people read, as the settings say it."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2 as httpx
import pytest

from chatops.app.application import open_application, page_url
from chatops.app.surface import Surface, Unheard, open_surface, shown_rows
from chatops.domain.conversation import Message
from chatops.settings import Settings, SettingsError
from chatops.store import RedisStore
from chatops.telemetry import Metrics
from tests.factories import incident


@contextlib.asynccontextmanager
async def opened(store: RedisStore, role: str = "both", **slack: Any) -> Any:
    settings = Settings.model_validate(slack if "slack" in slack else {"slack": slack})
    intake: Any = SimpleNamespace(queue=SimpleNamespace(refresh=None))  # nothing comes in, nothing is shown again
    async with open_surface(settings, store, intake, role, lambda incident: "", Metrics()) as surface:
        yield surface


async def test_without_slack_incidents_are_on_their_pages(store: RedisStore) -> None:
    async with opened(store) as surface:
        assert isinstance(surface, Surface)
        assert isinstance(surface.thread, Unheard)
        assert "CHATOPS_SLACK__BOT_TOKEN" in surface.says
        one = incident()
        assert await surface.thread.show(one, "root", Message(text="x")) is one
        stream = surface.thread.stream(one, "answer", "U1")
        await stream.append("x")
        await stream.finish(Message(text="x"))


async def test_it_listens_until_it_is_told_to_end(store: RedisStore) -> None:
    async with opened(store) as surface:
        stop = asyncio.Event()
        listening = asyncio.create_task(surface.listen(stop))
        await asyncio.sleep(0)
        assert not listening.done()
        stop.set()
        await listening


async def test_it_ends_while_slack_cannot_be_reached(store: RedisStore, caplog: pytest.LogCaptureFixture) -> None:
    slack = {"app_token": "xapp-1", "bot_token": "xoxb-1", "base_url": "http://127.0.0.1:1/"}
    async with opened(store, **slack) as surface:
        stop = asyncio.Event()
        listening = asyncio.create_task(surface.listen(stop))
        async with asyncio.timeout(20):
            while "Retrying" not in caplog.text:  # noqa: ASYNC110 - a log has no event for it
                await asyncio.sleep(0.01)
        assert not listening.done()
        stop.set()
        async with asyncio.timeout(30):
            await listening
    assert "Traceback" not in caplog.text


async def test_a_bot_token_alone_cannot_hear(store: RedisStore) -> None:
    with pytest.raises(SettingsError, match="SIGNING_SECRET"):
        async with opened(store, bot_token="xoxb-1"):
            pass


async def test_a_worker_needs_no_way_in(store: RedisStore) -> None:
    async with opened(store, "worker", bot_token="xoxb-1") as surface:
        assert surface.routes == []


async def test_an_app_for_others_says_what_it_lacks(store: RedisStore) -> None:
    with pytest.raises(SettingsError, match="client_secret and token_keys beside it, and public_url"):
        async with opened(store, client_id="1.2", signing_secret="s"):
            pass


async def test_signing_in_says_what_it_lacks_and_never_leaves_pages_open(store: RedisStore) -> None:
    with pytest.raises(SettingsError, match="CLIENT_SECRET"):
        async with opened(store, bot_token="xoxb-1", signing_secret="s", sign_in="offered"):
            pass
    with pytest.raises(SettingsError, match="no Slack to sign in with"):
        async with opened(store, sign_in="required"):
            pass


async def test_signing_in_has_its_addresses_where_pages_are(store: RedisStore) -> None:
    slack = {"bot_token": "xoxb-1", "app_token": "xapp-1", "client_id": "1.2", "client_secret": "s"}
    given = {"slack": {**slack, "sign_in": "required"}, "public_url": "https://pages.acme.example"}
    for role, paths in (("gateway", ["/slack/sign_in", "/slack/sign_in/back", "/slack/sign_out"]), ("worker", [])):
        async with opened(store, role, **given) as surface:
            assert [route.path for route in surface.routes] == paths
            assert (surface.readers is not None and surface.readers.required) is bool(paths)


def test_what_the_settings_command_shows_has_no_secret() -> None:
    told = shown_rows(Settings.model_validate({"slack": {"bot_token": "xoxb-hidden", "channel": "C1"}}))
    assert told["Alerts go to"] == "C1"
    assert "xoxb-hidden" not in str(told)


async def test_where_people_have_to_sign_in_a_signed_link_of_the_app_opens_nothing(
    tmp_path: Path, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    slack = {"bot_token": "xoxb-1", "app_token": "xapp-1", "client_id": "1.2", "client_secret": "s"}
    given = {"slack": slack, "public_url": "http://pages.invalid", "link_secret": "k", "redis": {"url": valkey_url}}
    statuses = {}
    for sign_in in ("off", "required"):
        settings = Settings.model_validate({**given, "slack": {**slack, "sign_in": sign_in}})
        async with open_application(settings, "gateway", model=False) as app:
            one = incident()
            await app.store.add(one)
            transport = httpx.ASGITransport(app=app.web)
            async with httpx.AsyncClient(transport=transport, base_url="http://pages.invalid") as person:
                answer = await person.get(page_url(settings, one))
        statuses[sign_in] = (answer.status_code, answer.headers.get("location"))
    assert statuses["off"] == (200, None)
    assert statuses["required"] == (307, f"http://pages.invalid/slack/sign_in?incident={one.id}")
