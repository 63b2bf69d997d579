"""A workspace without the app is told so once, in one line of the log; a mistake of ours keeps its traceback."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import pytest
from cryptography.fernet import Fernet

from chatops.slack import modals
from chatops.slack.app import SlackApp, build_app
from chatops.slack.calls import Calls
from chatops.slack.failing import NOT_INSTALLED, failed
from chatops.slack.install import Installations
from chatops.store import InboxBook, RedisStore
from chatops.triage.intake import Intake
from tests.conftest import NOW
from tests.slack.conftest import Buckets, Clock, form, settled, slack_settings
from tests.slack.web_api import SlackApi


@pytest.fixture
async def several(api: SlackApi, intake: Intake, store: RedisStore, clock: Clock) -> AsyncIterator[SlackApp]:
    """The app for workspaces that install it; none has."""
    clients = Installations(store, [Fernet.generate_key().decode()], api.base_url)
    calls = Calls(clients, Buckets(clock), sleep=clock.sleep)
    made = build_app(slack_settings(api, bot_token=None), intake, calls, InboxBook(store), clock=lambda: NOW)
    yield made
    await made.aclose()
    await clients.aclose()


def asked(api: SlackApi) -> dict[str, str]:
    return {
        "command": "/triage",
        "text": "cart is slow",
        "team_id": "T404",
        "channel_id": "C1",
        "user_id": "U1",
        "trigger_id": "1.1",
        "response_url": api.response_url,
    }


async def test_a_workspace_that_has_not_installed_it_is_told_so_and_the_log_says_what_to_do(
    several: SlackApp, api: SlackApi, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "chatops.slack.failing"):
        assert (await several.acknowledged(asked(api))).status == 200
        await settled(several)
    assert [told["text"] for told in api.responses] == [NOT_INSTALLED]
    (line,) = caplog.records
    assert line.exc_info is None
    said = "T404 asks for something: the app is not installed in T404: open /slack/install"
    assert line.getMessage().startswith(said)
    assert await several.inbox.left_behind() == 0, "nobody tries it again"


async def test_a_form_of_such_a_workspace_shows_it(several: SlackApp) -> None:
    view = {**modals.start_view("C1"), "id": "V1", "state": {"values": {}}}
    answer = await several.acknowledged(form(view))
    assert json.loads(answer.body)["errors"] == {"question": NOT_INSTALLED}


async def test_a_mistake_of_ours_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    assert (await failed(KeyError("what"), {})).status == 500
    assert caplog.records[0].exc_info
