"""Going to Slack and coming back: one state, one browser, one purpose, one use."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.requests import Request

from chatops.slack.oauth import Errands, note, site
from chatops.store import RedisStore


async def begun(errands: Errands) -> tuple[str, str]:
    """The state, and the cookie as the browser sends it."""
    response = await errands.begin("https://slack.invalid/authorize", {"scope": "openid"}, {"incident": "inc-1"})
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query["scope"] == ["openid"]
    return query["state"][0], response.headers["set-cookie"].partition(";")[0]


def back(state: str, cookie: str) -> Request:
    headers = [(b"cookie", cookie.encode())]
    return Request({"type": "http", "headers": headers, "query_string": f"code=c&state={state}".encode()})


async def test_what_was_kept_is_there_once(store: RedisStore) -> None:
    errands = Errands(store, "sign_in", secure=True)
    state, cookie = await begun(errands)
    assert dict(await errands.end(back(state, cookie)) or {}) == {"begun": True, "incident": "inc-1"}
    assert await errands.end(back(state, cookie)) is None


async def test_neither_another_browser_nor_another_purpose_ends_it(store: RedisStore) -> None:
    errands = Errands(store, "sign_in", secure=True)
    state, cookie = await begun(errands)
    other, another = await begun(errands)
    assert await errands.end(back(state, another)) is None
    assert await errands.end(back(other, cookie)) is None
    assert await errands.end(back("", "chatops_sign_in=")) is None
    assert await Errands(store, "oauth", secure=True).end(back(state, cookie.replace("sign_in", "oauth"))) is None
    assert await errands.end(back(state, cookie)) is not None


@pytest.mark.parametrize(("secure", "told"), [(True, True), (False, False)])
async def test_the_cookie_is_the_browsers_alone(store: RedisStore, secure: bool, told: bool) -> None:
    cookie = (await Errands(store, "oauth", secure=secure).begin("https://x.invalid", {}, {})).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert ("Secure" in cookie) is told


def test_a_note_is_text_and_nothing_else() -> None:
    page = note("<script>alert(1)</script> Slack said: no", 400)
    assert b"<script" not in page.body
    assert b"Slack said: no" in page.body


@pytest.mark.parametrize("base", ["https://slack-gov.com/api/", "https://slack-gov.com/api"])
def test_where_people_go_follows_from_the_api(base: str) -> None:
    assert site(base) == "https://slack-gov.com"
