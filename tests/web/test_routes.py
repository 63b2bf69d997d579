import json
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from starlette.applications import Starlette

from chatops.demo.serving import listen, serving
from chatops.domain.incident import Incident, TimelineEntry
from chatops.store import RedisStore, connect
from chatops.web.access import signed_path
from chatops.web.routes import routes
from tests import factories
from tests.conftest import NOW

KEY = b"k" * 32
UNTIL = NOW + timedelta(hours=1)


@pytest.fixture
async def site(store: RedisStore) -> AsyncIterator[str]:
    app = Starlette(routes=routes(store, KEY, clock=lambda: NOW, look=0.02))
    async with serving(app, listen("127.0.0.1", 0)) as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def told(store: RedisStore) -> Incident:
    incident = factories.incident()
    await store.add(incident)
    await store.save_case(incident.id, factories.diagnosis(incident), [])
    await store.note(incident.id, TimelineEntry(at=NOW, kind="opened", text="opened by alert"))
    return incident


async def test_a_signed_link_shows_the_page(site: str, http: aiohttp.ClientSession, told: Incident) -> None:
    async with http.get(site + signed_path(told.id, KEY, UNTIL)) as answer:
        text = await answer.text()
        assert answer.status == 200
        assert "checkout is killed for memory." in text
        assert "opened by alert" in text
        policy = answer.headers["content-security-policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert f'nonce="{nonce}"' in text
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


async def test_nonces_are_never_used_twice(site: str, http: aiohttp.ClientSession, told: Incident) -> None:
    policies = set()
    for _ in range(2):
        async with http.get(site + signed_path(told.id, KEY, UNTIL)) as answer:
            policies.add(answer.headers["content-security-policy"])
    assert len(policies) == 2


@pytest.mark.parametrize("path", ["", "/events"])
async def test_a_wrong_link_and_a_missing_incident_are_answered_alike(
    site: str, http: aiohttp.ClientSession, told: Incident, path: str
) -> None:
    wrong = f"{site}/incidents/{told.id}{path}?e=9999999999&s=AAAA"
    missing = site + signed_path("inc-none", KEY, UNTIL).replace("?", f"{path}?")
    bare = f"{site}/incidents/{told.id}{path}"
    bodies = set()
    for url in (wrong, missing, bare):
        async with http.get(url) as answer:
            assert answer.status == 404
            bodies.add(await answer.text())
    assert len(bodies) == 1


async def test_an_expired_link_says_so(site: str, http: aiohttp.ClientSession, told: Incident) -> None:
    async with http.get(site + signed_path(told.id, KEY, NOW - timedelta(seconds=1))) as answer:
        assert answer.status == 410
        assert "expired" in await answer.text()


async def test_the_stream_sends_the_page_when_it_changes(
    site: str, http: aiohttp.ClientSession, told: Incident, store: RedisStore
) -> None:
    url = site + signed_path(told.id, KEY, UNTIL).replace("?", "/events?")
    async with http.get(url) as answer:
        assert answer.content_type == "text/event-stream"
        first = await _next(answer)
        assert "checkout is killed for memory." in first
        await store.note(told.id, TimelineEntry(at=NOW, kind="statement", text="we rolled back"))
        second = await _next(answer)
    assert "we rolled back" in second
    assert "we rolled back" not in first


async def _next(answer: aiohttp.ClientResponse) -> str:
    async for line in answer.content:
        if line.startswith(b"data: "):
            html: str = json.loads(line[6:])["html"]
            return html
    raise AssertionError("the stream ended")


async def test_a_store_that_does_not_answer_is_said_plainly(http: aiohttp.ClientSession) -> None:
    client = connect("redis://127.0.0.1:1/0")
    app = Starlette(routes=routes(RedisStore(client), KEY, clock=lambda: NOW))
    path = signed_path("inc-1", KEY, UNTIL)
    async with serving(app, listen("127.0.0.1", 0)) as url, http.get(url + path) as answer:
        assert answer.status == 503
        assert "store" in await answer.text()
    await client.aclose()
