"""Who is it that signs in with Slack? OpenID Connect as Slack documents it: a signed token for a code.

Checked are the signature by Slack's published keys, issuer, audience, times and nonce (PyJWT); the access token that
comes along is dropped. https://docs.slack.dev/authentication/sign-in-with-slack
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp
import anyio.to_thread
import jwt
from slack_sdk.errors import SlackApiError

from chatops.slack.oauth import exchanged, site

_ALGORITHMS = ("RS256",)
_LEEWAY = 60
"""Seconds that clocks may differ."""
_SECONDS = 5.0
_TEAM, _USER = "https://slack.com/team_id", "https://slack.com/user_id"
"""Slack's own claims."""
_DEMANDED = ("iss", "sub", "aud", "exp", "iat", "nonce", _TEAM, _USER)


class NotProven(Exception):
    """Slack did not say who it is, or not in a way that can be believed; the text is for the log."""


class Person(NamedTuple):
    """Who signed in: workspace and user, by Slack's ids."""

    team: str
    user: str


class Provider:
    """Slack as the one who says who people are. `base_url` is its API's; it sends people back to `redirect`."""

    def __init__(self, client_id: str, client_secret: str, redirect: str, base_url: str) -> None:
        self._client_id, self._client_secret, self._redirect, self._base_url = (
            client_id,
            client_secret,
            redirect,
            base_url,
        )
        self._issuer = site(base_url)
        self._keys = jwt.PyJWKClient(f"{self._issuer}/openid/connect/keys", timeout=_SECONDS)

    @property
    def address(self) -> str:
        """Where people sign in."""
        return f"{self._issuer}/openid/connect/authorize"

    def asked(self, nonce: str, team: str = "") -> Mapping[str, str]:
        """What to ask there, beside the state; `team` saves people the choice of a workspace."""
        asked = {"response_type": "code", "scope": "openid", "client_id": self._client_id, "nonce": nonce}
        return {**asked, "redirect_uri": self._redirect, **({"team": team} if team else {})}

    async def person(self, code: str, nonce: str) -> Person:
        """Who it is that came back with this code. Raises `NotProven`."""
        given = {"client_id": self._client_id, "client_secret": self._client_secret, "code": code}
        given |= {"grant_type": "authorization_code", "redirect_uri": self._redirect}
        try:
            told = await exchanged(self._base_url, "openid.connect.token", given)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotProven(f"openid.connect.token: {error}") from error
        return await self._proven(str(told.get("id_token", "")), nonce)

    async def keys(self) -> int:
        """How many keys Slack publishes. Raises `NotProven` where they cannot be had."""
        try:
            return len(await anyio.to_thread.run_sync(self._keys.get_signing_keys, True, abandon_on_cancel=True))
        except (jwt.PyJWTError, ValueError) as error:
            raise NotProven(f"{self._keys.uri}: {error}") from error

    async def _proven(self, token: str, nonce: str) -> Person:
        try:
            # its client of the keys blocks, for seconds at most
            key = await anyio.to_thread.run_sync(self._keys.get_signing_key_from_jwt, token, abandon_on_cancel=True)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._client_id,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options={"require": list(_DEMANDED), "strict_aud": True},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise NotProven(f"the token is not believed: {error}") from error
        if not secrets.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise NotProven("the token belongs to another sign-in")
        return Person(str(claims[_TEAM]), str(claims[_USER]))
