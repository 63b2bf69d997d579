"""A token is believed when Slack signed it, now, for this app and this sign-in; else it says nothing."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from chatops.slack.openid import NotProven, Person, Provider
from tests.slack.identity import CLIENT, Signer
from tests.slack.web_api import SlackApi


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def provider(api: SlackApi, signer: Signer) -> Provider:
    api.keys = [signer.published()]
    return Provider(CLIENT, "client-secret", "https://app.invalid/back", api.base_url)


def issuer(api: SlackApi) -> str:
    return api.base_url.removesuffix("/api/")


async def test_who_signed_in_is_known_by_slacks_ids(api: SlackApi, provider: Provider, signer: Signer) -> None:
    claims = {"https://slack.com/team_id": "T7", "https://slack.com/user_id": "U7"}
    api.tokens["good"] = signer.token(issuer(api), "n", **claims)
    assert await provider.person("good", "n") == Person("T7", "U7")
    (asked,) = api.of("openid.connect.token")
    assert asked["redirect_uri"] == "https://app.invalid/back"
    assert asked["grant_type"] == "authorization_code"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "3.4"},
        {"aud": [CLIENT, "3.4"]},
        {"iss": "https://elsewhere.invalid"},
        {"exp": int(time.time()) - 3_600, "iat": int(time.time()) - 7_200},
        {"iat": int(time.time()) + 3_600},
        {"nonce": "of another sign-in"},
        *({claim: None} for claim in ("aud", "iss", "exp", "iat", "nonce", "sub")),
        {"https://slack.com/team_id": None},
        {"https://slack.com/user_id": None},
    ],
    ids=lambda claims: ",".join(claims),
)
async def test_what_is_not_for_this_sign_in_is_not_believed(
    api: SlackApi, provider: Provider, signer: Signer, claims: dict[str, Any]
) -> None:
    api.tokens["good"] = signer.token(issuer(api), "n", **claims)
    with pytest.raises(NotProven):
        await provider.person("good", "n")


async def test_another_key_signs_nothing(api: SlackApi, provider: Provider) -> None:
    api.tokens["good"] = Signer().token(issuer(api), "n")
    with pytest.raises(NotProven, match="ignature"):
        await provider.person("good", "n")


async def test_a_token_signed_with_the_published_key_as_a_secret_is_none(
    api: SlackApi, provider: Provider, signer: Signer
) -> None:
    claims = jwt.decode(signer.token(issuer(api), "n"), options={"verify_signature": False})
    secret = signer.published()["n"].encode()
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": signer.kid})
    for token in (jwt.encode(claims, secret, algorithm="HS256", headers={"kid": signer.kid}), unsigned):
        api.tokens["good"] = token
        with pytest.raises(NotProven):
            await provider.person("good", "n")


@pytest.mark.parametrize("token", ["", "a.b.c", "{}", "é"])
async def test_what_is_no_token(api: SlackApi, provider: Provider, token: str) -> None:
    api.tokens["good"] = token
    with pytest.raises(NotProven):
        await provider.person("good", "n")


async def test_a_code_that_slack_does_not_know_and_a_slack_that_is_away(api: SlackApi, provider: Provider) -> None:
    with pytest.raises(NotProven, match="invalid_code"):
        await provider.person("stolen", "n")
    away = Provider(CLIENT, "client-secret", "https://app.invalid/back", "http://127.0.0.1:1/api/")
    with pytest.raises(NotProven):
        await away.person("good", "n")
    with pytest.raises(NotProven):
        await away.keys()


async def test_a_key_that_slack_has_changed_is_taken_up(api: SlackApi, provider: Provider, signer: Signer) -> None:
    assert await provider.keys() == 1
    newer = Signer("k2")
    api.keys.append(newer.published())
    assert await provider.keys() == 2
    api.tokens["good"] = newer.token(issuer(api), "n")
    assert (await provider.person("good", "n")).user == "U1"
