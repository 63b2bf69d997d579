"""Who signed in reads what they could read in Slack; nobody ends a sign-in that somebody else began."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
from starlette.applications import Starlette

from chatops.domain.incident import Incident
from chatops.settings import ChannelReach
from chatops.slack.app import SlackApp, build_app
from chatops.slack.calls import Calls
from chatops.slack.openid import Provider
from chatops.slack.signin import BACK, BEGIN, KIND, OUT, SignIn
from chatops.store import InboxBook, RedisStore
from chatops.triage.intake import Intake
from chatops.web.access import signed_path
from chatops.web.routes import routes
from tests import factories
from tests.conftest import NOW
from tests.slack.conftest import Clock, slack_settings
from tests.slack.identity import CLIENT, Signer
from tests.slack.web_api import SlackApi

KEY = b"k" * 32
SITE = "http://app.invalid"
Browser = Callable[[], httpx.AsyncClient]


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


def site(app: SlackApp, api: SlackApi, store: RedisStore, *, required: bool = False) -> Starlette:
    provider = Provider(CLIENT, "client-secret", SITE + BACK, api.base_url)
    signing = SignIn(store, provider, app.desk, SITE, required=required)
    return Starlette(routes=[*signing.routes(), *routes(store, KEY, clock=lambda: NOW, readers=signing)])


@pytest.fixture
async def told(store: RedisStore) -> Incident:
    incident = factories.incident()
    await store.add(incident)
    await store.save_case(incident.id, factories.diagnosis(incident), [])
    return incident


@pytest.fixture
async def browser(app: SlackApp, api: SlackApi, store: RedisStore, signer: Signer) -> AsyncIterator[Browser]:
    api.keys = [signer.published()]
    web, opened = site(app, api, store), []

    def another() -> httpx.AsyncClient:
        made = httpx.AsyncClient(transport=httpx.ASGITransport(app=web), base_url=SITE)
        opened.append(made)
        return made

    yield another
    for one in opened:
        await one.aclose()


def page_of(incident: Incident) -> str:
    return f"/incidents/{incident.id}"


async def sign_in(
    person: httpx.AsyncClient, api: SlackApi, signer: Signer, page: str, *, code: str = "good", **claims: Any
) -> httpx.Response:
    """Open a page, be sent to Slack, and come back from there."""
    door = await person.get(page)
    assert door.status_code == 307
    begun = await person.get(door.headers["location"])
    address, query = urlsplit(begun.headers["location"]), parse_qs(urlsplit(begun.headers["location"]).query)
    assert (f"{address.scheme}://{address.netloc}/api/", address.path) == (api.base_url, "/openid/connect/authorize")
    assert query["scope"] == ["openid"]
    assert query["redirect_uri"] == [SITE + BACK]
    api.tokens[code] = signer.token(api.base_url.removesuffix("/api/"), query["nonce"][0], **claims)
    return await person.get(BACK, params={"code": code, "state": query["state"][0]})


async def test_who_signs_in_comes_back_to_the_page(
    browser: Browser, api: SlackApi, signer: Signer, told: Incident, store: RedisStore
) -> None:
    api.members[told.thread.channel] = ["U1"]
    person = browser()
    back = await sign_in(person, api, signer, page_of(told))
    assert back.headers["location"] == SITE + page_of(told)
    assert all(flag in back.headers["set-cookie"] for flag in ("HttpOnly", "SameSite=lax"))
    answer = await person.get(back.headers["location"])
    assert answer.status_code == 200
    assert "checkout is killed for memory." in answer.text
    assert "Sign out" in answer.text
    session = person.cookies["chatops_reader"]
    assert not [key async for key in store.client.scan_iter() if session.encode() in key], "kept by its hash only"
    assert await store.take(KIND, session) is None
    await person.get(OUT)
    assert (await person.get(page_of(told))).status_code == 307


async def test_a_signed_link_goes_on_opening_its_page_unless_signing_in_is_required(
    browser: Browser, app: SlackApp, api: SlackApi, store: RedisStore, told: Incident
) -> None:
    link = signed_path(told.id, KEY, NOW + timedelta(hours=1))
    answer = await browser().get(link)
    assert answer.status_code == 200
    assert "Sign out" not in answer.text
    strict = httpx.ASGITransport(app=site(app, api, store, required=True))
    async with httpx.AsyncClient(transport=strict, base_url=SITE) as person:
        assert (await person.get(link)).status_code == 307
        assert (await person.get(link.replace("?", "/events?"))).status_code == 401
    expired = await browser().get(signed_path(told.id, KEY, NOW - timedelta(hours=1)))
    assert expired.status_code == 307, "who has an old link signs in"


async def test_a_sign_in_ends_once_and_where_it_began(
    browser: Browser, api: SlackApi, signer: Signer, told: Incident
) -> None:
    victim, attacker = browser(), browser()
    begun = await attacker.get(BEGIN, params={"incident": told.id})
    query = parse_qs(urlsplit(begun.headers["location"]).query)
    state, nonce = query["state"][0], query["nonce"][0]
    api.tokens["good"] = signer.token(api.base_url.removesuffix("/api/"), nonce)
    assert (await victim.get(BACK, params={"code": "good", "state": state})).status_code == 400
    assert (await attacker.get(BACK, params={"state": state, "error": "access_denied"})).status_code == 400
    assert (await attacker.get(BACK, params={"code": "good", "state": state})).status_code == 400, "it is used up"
    assert "good" in api.tokens, "Slack was not even asked"
    for one in (victim, attacker):
        assert "chatops_reader" not in one.cookies


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"aud": "3.4"}, 502),
        ({"nonce": "another"}, 502),
        ({"https://slack.com/team_id": "T2", "https://slack.com/user_id": "U2"}, 403),
    ],
)
async def test_who_is_not_proven_or_not_from_here_gets_no_session(
    browser: Browser, api: SlackApi, signer: Signer, told: Incident, claims: dict[str, Any], status: int
) -> None:
    api.people["U2"] = {"team_id": "T2"}
    person = browser()
    assert (await sign_in(person, api, signer, page_of(told), **claims)).status_code == status
    assert "chatops_reader" not in person.cookies


async def test_the_way_back_leads_nowhere_else(browser: Browser, api: SlackApi, signer: Signer) -> None:
    person = browser()
    begun = await person.get(BEGIN, params={"incident": "//evil.invalid/x"})
    query = parse_qs(urlsplit(begun.headers["location"]).query)
    api.tokens["good"] = signer.token(api.base_url.removesuffix("/api/"), query["nonce"][0])
    back = await person.get(BACK, params={"code": "good", "state": query["state"][0]})
    assert back.headers["location"] == SITE + "/incidents/%2F%2Fevil.invalid%2Fx"


async def test_members_of_a_private_channel_read_and_others_do_not(
    browser: Browser, api: SlackApi, signer: Signer, told: Incident, clock: Clock
) -> None:
    api.private.add(told.thread.channel)
    api.members[told.thread.channel] = [f"U{n}" for n in range(1_000, 2_500)]
    person = browser()
    await sign_in(person, api, signer, page_of(told))
    refused, missing = await person.get(page_of(told)), await person.get("/incidents/inc-nowhere")
    assert (refused.status_code, missing.status_code) == (403, 403)
    assert refused.text == missing.text, "which incidents exist is told to nobody"
    assert (await person.get(page_of(told) + "/events")).status_code == 403
    api.people["U2400"] = {}
    member = browser()
    claims = {"https://slack.com/user_id": "U2400"}
    await sign_in(member, api, signer, page_of(told), code="member", **claims)
    assert (await member.get(page_of(told))).status_code == 200, "also on the second page of its members"


@pytest.mark.parametrize(("asked_by", "status"), [("U1", 200), ("U9", 403)])
async def test_a_direct_message_is_read_by_the_one_who_wrote_it(
    browser: Browser, api: SlackApi, signer: Signer, store: RedisStore, asked_by: str, status: int
) -> None:
    incident = factories.incident()
    thread = incident.thread.model_copy(update={"channel": "D1"})
    incident = incident.model_copy(update={"thread": thread, "asked_by": asked_by})
    await store.add(incident)
    person = browser()
    await sign_in(person, api, signer, page_of(incident))
    assert (await person.get(page_of(incident))).status_code == status


@pytest.mark.parametrize("person", [{"is_restricted": True}, {"deleted": True}, {"is_stranger": True}])
async def test_guests_and_who_left_read_nothing(
    browser: Browser, api: SlackApi, signer: Signer, told: Incident, person: dict[str, Any]
) -> None:
    api.members[told.thread.channel] = ["U1"]
    api.people["U1"] = person
    reader = browser()
    await sign_in(reader, api, signer, page_of(told))
    assert (await reader.get(page_of(told))).status_code == 403


@pytest.mark.parametrize(("namespaces", "status"), [((), 200), (("payments",), 403)])
async def test_of_public_channels_people_read_what_they_may_ask_about(
    api: SlackApi,
    intake: Intake,
    calls: Calls,
    store: RedisStore,
    signer: Signer,
    told: Incident,
    namespaces: tuple[str, ...],
    status: int,
) -> None:
    api.keys = [signer.published()]
    settings = slack_settings(api, channels={"direct": ChannelReach(namespaces=namespaces)})
    made = build_app(settings, intake, calls, InboxBook(store), clock=lambda: NOW)
    transport = httpx.ASGITransport(app=site(made, api, store))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as person:
        await sign_in(person, api, signer, page_of(told))
        assert (await person.get(page_of(told))).status_code == status
    await made.aclose()


async def test_only_viewers_read(
    api: SlackApi, intake: Intake, calls: Calls, store: RedisStore, signer: Signer, told: Incident
) -> None:
    api.keys = [signer.published()]
    api.members[told.thread.channel] = ["U1"]
    made = build_app(slack_settings(api, viewers=("U9",), operators=("U9",)), intake, calls, InboxBook(store))
    transport = httpx.ASGITransport(app=site(made, api, store))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as person:
        await sign_in(person, api, signer, page_of(told))
        answer = await person.get(page_of(told))
    assert (answer.status_code, "Only the people named" in answer.text) == (403, True)
    await made.aclose()
