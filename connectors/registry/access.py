"""With which token is a registry asked? Registries say where to get one: `WWW-Authenticate: Bearer realm="…"`.

The token server is asked with the settings' user and password, and only where it speaks TLS or is the registry itself:
else anybody on the way could name a server of his own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp

from connectors.address import Options
from connectors.contract import ConnectorError
from connectors.http import tls, unreached
from connectors.tokens import Token, Tokens

_FIELD = re.compile(r'(realm|service)="([^"]*)"')
_SECONDS = 5.0
_DEFAULT = 60
"""Seconds that a token is good for where the server does not say."""


def challenge(header: str) -> Mapping[str, str]:
    """Realm and service of a `Bearer` challenge; empty for another kind."""
    return dict(_FIELD.findall(header)) if header.lower().startswith("bearer ") else {}


def tokens(options: Options, repository: str) -> Tokens:
    """What authorises pulling from a repository; no header where the registry asks for none or takes the password."""

    async def fetch() -> Token:
        query = f"GET {options.url}/v2/"
        try:
            async with aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_SECONDS),
                connector=aiohttp.TCPConnector(ssl=tls(options.verify)),
                trust_env=True,
            ) as session:
                return await _fetched(session, options, repository)
        except (aiohttp.ClientError, OSError) as error:
            raise unreached(error, query) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ConnectorError("garbage", query, f"no token in the answer: {error!r}") from error

    return Tokens(fetch)


async def _fetched(session: aiohttp.ClientSession, options: Options, repository: str) -> Token:
    async with session.get(f"{options.url}/v2/", allow_redirects=False) as asked:
        wanted = challenge(asked.headers.get("WWW-Authenticate", ""))
    if asked.status != 401 or not wanted:
        return Token("", _DEFAULT)
    realm, own = wanted["realm"], urlsplit(options.url)
    if urlsplit(realm).scheme != "https" and urlsplit(realm).netloc != own.netloc:
        raise ConnectorError("rejected", f"GET {realm}", "the token server speaks no TLS and is not the registry")
    params = {"service": wanted.get("service", ""), "scope": f"repository:{repository}:pull"}
    headers = {"Authorization": aiohttp.encode_basic_auth(*options.auth)} if options.auth else {}
    async with session.get(realm, params=params, headers=headers, allow_redirects=False) as answer:
        if answer.status != 200:
            raise ConnectorError("forbidden", f"GET {realm}", f"HTTP {answer.status} from the token server")
        body = await answer.json(content_type=None)
    return Token(str(body.get("token") or body["access_token"]), float(body.get("expires_in") or _DEFAULT))
