"""Installing: one state, one browser, one use; tokens sealed at rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
from cryptography.fernet import Fernet
from starlette.applications import Starlette

from chatops.slack.calls import Calls, SlackError
from chatops.slack.install import INSTALL, KIND, REDIRECT, Installations, Installer
from chatops.slack.manifest import scopes
from chatops.store import RedisStore
from tests.slack.conftest import Buckets, Clock
from tests.slack.web_api import SlackApi

ORG: dict[str, object] = {"enterprise": {"id": "E7"}, "team": None, "is_enterprise_install": True}
KEY = Fernet.generate_key().decode()


@pytest.fixture
async def installations(store: RedisStore, api: SlackApi) -> AsyncIterator[Installations]:
    made = Installations(store, [KEY], api.base_url)
    yield made
    await made.aclose()


def browser(store: RedisStore, installations: Installations, api: SlackApi) -> httpx.AsyncClient:
    installer = Installer(
        store,
        installations,
        client_id="1.2",
        client_secret="client-secret",
        scopes=scopes(),
        public_url="http://app.invalid",
        base_url=api.base_url,
    )
    transport = httpx.ASGITransport(app=Starlette(routes=installer.routes()))
    return httpx.AsyncClient(transport=transport, base_url="http://app.invalid")


async def begin(person: httpx.AsyncClient) -> str:
    answer = await person.get(INSTALL)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == ["http://app.invalid" + REDIRECT]
    assert "chat:write" in asked["scope"][0].split(",")
    return asked["state"][0]


async def test_the_whole_flow_and_nothing_readable_at_rest(
    store: RedisStore, installations: Installations, api: SlackApi, clock: Clock
) -> None:
    async with browser(store, installations, api) as person:
        state = await begin(person)
        done = await person.get(REDIRECT, params={"code": "good", "state": state})
    assert (done.status_code, "T7" in done.text) == (200, True)
    assert "xoxb" not in str(await store.take(KIND, "T7"))
    told = await Calls(installations, Buckets(clock), sleep=clock.sleep).call("T7", "auth.test")
    assert told["user_id"] == "UBOT"
    assert (await installations.client("T7")).token == "-".join(("xoxb", "other"))


async def test_a_state_works_once_and_in_its_browser(
    store: RedisStore, installations: Installations, api: SlackApi
) -> None:
    async with browser(store, installations, api) as person, browser(store, installations, api) as other:
        state = await begin(person)
        await begin(other)
        assert (await other.get(REDIRECT, params={"code": "good", "state": state})).status_code == 400
        assert (await person.get(REDIRECT, params={"code": "good", "state": "guess"})).status_code == 400
        assert (await person.get(REDIRECT, params={"state": state})).status_code == 400
        cookie = {"chatops_oauth": state}
        assert (await person.get(REDIRECT, params={"code": "good", "state": state})).status_code == 200
        person.cookies.update(cookie)
        assert (await person.get(REDIRECT, params={"code": "good", "state": state})).status_code == 400


async def test_a_code_that_slack_refuses(store: RedisStore, installations: Installations, api: SlackApi) -> None:
    async with browser(store, installations, api) as person:
        answer = await person.get(REDIRECT, params={"code": "bad<script>", "state": await begin(person)})
    assert answer.status_code == 502
    assert "<script" not in answer.text


async def test_workspaces_that_are_not_installed(installations: Installations, clock: Clock) -> None:
    with pytest.raises(SlackError, match="not_installed"):
        await Calls(installations, Buckets(clock), sleep=clock.sleep).call("T404", "auth.test")


async def test_keys_can_be_changed(store: RedisStore, installations: Installations, api: SlackApi) -> None:
    await installations.save({"access_token": "token", "team": {"id": "T7"}})
    newer = Installations(store, [Fernet.generate_key().decode(), KEY], api.base_url)
    assert (await newer.client("T7")).token == "token"
    await newer.aclose()
    with pytest.raises(LookupError, match="another key"):
        await Installations(store, [Fernet.generate_key().decode()], api.base_url).client("T7")


async def test_a_revoked_token_is_forgotten(installations: Installations) -> None:
    await installations.save({**ORG, "access_token": "token"})
    await installations.client("E7")
    await installations.revoke("E7")
    with pytest.raises(LookupError, match="not installed"):
        await installations.client("E7")


async def test_one_installation_of_an_organisation_serves_its_workspaces_in_every_process(
    store: RedisStore, installations: Installations, api: SlackApi, clock: Clock
) -> None:
    await installations.save({**ORG, "access_token": "token"})
    await installations.belongs("T8", "E7")
    other = Installations(store, [KEY], api.base_url)
    assert [await other.installation(team) for team in ("T8", "T9")] == ["E7", "T9"]
    assert (await Calls(other, Buckets(clock), sleep=clock.sleep).call("T8", "auth.test"))["user_id"] == "UBOT"
    await other.belongs("T9", "E7")
    assert await other.installation("T9") == "E7"
    await other.aclose()


async def test_a_workspace_with_a_token_of_its_own_uses_it(installations: Installations) -> None:
    await installations.save({**ORG, "access_token": "token"})
    await installations.save({"access_token": "own", "team": {"id": "T8"}, "enterprise": {"id": "E7"}})
    await installations.belongs("T9", "E7")
    assert [await installations.installation(team) for team in ("T8", "T9")] == ["T8", "E7"]


async def test_an_alert_is_told_in_the_workspace_that_is_set(store: RedisStore, api: SlackApi, clock: Clock) -> None:
    made = Installations(store, [KEY], api.base_url, team="T7")
    await made.save({"access_token": "token", "team": {"id": "T7"}})
    assert (await Calls(made, Buckets(clock), sleep=clock.sleep).call("", "auth.test"))["team_id"] == "T1"
    await made.aclose()
    unset = Installations(store, [KEY], api.base_url)
    with pytest.raises(SlackError, match="CHATOPS_SLACK__TEAM"):
        await Calls(unset, Buckets(clock), sleep=clock.sleep).call("", "auth.test")


async def test_a_token_that_another_process_renewed_is_taken_up(
    store: RedisStore, installations: Installations, api: SlackApi, clock: Clock
) -> None:
    await installations.save({"access_token": "old", "team": {"id": "T7"}})
    other = Installations(store, [KEY], api.base_url)
    assert (await other.client("T7")).token == "old"
    await installations.save({"access_token": "new", "team": {"id": "T7"}})
    api.scripted["auth.test"].append((200, {"ok": False, "error": "token_revoked"}, {}))
    with pytest.raises(SlackError, match="token_revoked"):
        await Calls(other, Buckets(clock), sleep=clock.sleep).call("T7", "auth.test")
    assert (await other.client("T7")).token == "new"
    await other.aclose()
