"""What `chatops doctor` says of the app's place in Slack."""

from __future__ import annotations

from typing import Any

from chatops.settings import SlackSettings
from chatops.slack.health import health
from chatops.slack.manifest import scopes
from connectors.contract import Health
from tests.slack.conftest import BOT
from tests.slack.web_api import SlackApi


async def lines(api: SlackApi, **settings: Any) -> dict[str, Health]:
    given = {"bot_token": BOT, "signing_secret": "s", "base_url": api.base_url, **settings}
    return {one.name: one for one in await health(SlackSettings.model_validate(given))}


async def test_an_app_that_has_all_it_needs(api: SlackApi) -> None:
    api.scopes = ",".join(scopes("full"))
    found = await lines(api)
    assert all(one.ok for one in found.values()), found
    assert found["scopes"].detail == "all of them"
    assert "signed" in found["events"].detail


async def test_missing_scopes_are_named_with_what_they_are_for(api: SlackApi) -> None:
    api.scopes = ",".join(one for one in scopes("full") if one != "chat:write")
    found = (await lines(api))["scopes"]
    assert not found.ok
    assert "chat:write (" in found.detail
    assert "chatops manifest" in found.remedy


async def test_without_history_it_is_another_profile_and_no_fault(api: SlackApi) -> None:
    api.scopes = ",".join(scopes("no-history"))
    found = (await lines(api))["scopes"]
    assert found.ok
    assert "without history" in found.detail


async def test_nobody_is_heard_without_a_secret_or_an_app_token(api: SlackApi) -> None:
    found = (await lines(api, signing_secret=None))["events"]
    assert not found.ok
    assert "CHATOPS_SLACK__SIGNING_SECRET" in found.remedy


async def test_a_token_that_is_refused_is_the_only_line(api: SlackApi) -> None:
    api.scripted["auth.test"].append((200, {"ok": False, "error": "invalid_auth"}, {}))
    found = await lines(api)
    assert list(found) == ["token"]
    assert found["token"].detail == "auth.test: invalid_auth"


async def test_nobody_there() -> None:
    settings = SlackSettings.model_validate({"bot_token": BOT, "base_url": "http://127.0.0.1:9/api"})
    [found] = await health(settings)
    assert (found.name, found.ok) == ("reachable", False)
