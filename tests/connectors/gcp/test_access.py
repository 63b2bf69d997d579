from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from connectors.contract import ConnectorError
from connectors.gcp.access import tokens
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request


def answer(request: Request) -> Any:
    if request.path == "/token":
        return {"access_token": "minted", "expires_in": 3600, "token_type": "Bearer"}
    return {} if request.path.startswith("/v3/") else None


@pytest.fixture(scope="module")
def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


Keep = Callable[..., Path]


@pytest.fixture
def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: HttpStandIn, pem: str) -> Keep:
    """Write a service account's key file, or something else, where google-auth looks for it."""
    file = tmp_path / "key.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    account = {
        "type": "service_account", "project_id": "acme-shop", "private_key_id": "1", "private_key": pem,
        "client_email": "reader@acme-shop.example", "client_id": "1", "token_uri": f"{server.url}/token",
    }  # fmt: skip

    def kept(whole: Mapping[str, Any] = account, **other: Any) -> Path:
        file.write_text(json.dumps({**whole, **other}))
        return file

    return kept


async def refused(kind: str) -> str:
    authorise = tokens({})
    assert authorise is not None
    with pytest.raises(ConnectorError) as caught:
        await authorise()
    assert (caught.value.kind, caught.value.query) == (kind, "application default credentials")
    return caught.value.detail


def test_a_token_of_the_settings_goes_by_itself() -> None:
    assert tokens({"token": SecretStr("given")}) is None
    assert tokens({"token": ""}) is not None


async def test_a_key_file_is_exchanged_for_a_token_once(keep: Keep, server: HttpStandIn) -> None:
    keep()
    async with o.opened("gcp", {"url": server.url, "project": "acme-shop"}) as connector:
        await o.run(connector, "open_alerts")
        await o.run(connector, "open_alerts")
    assert len(server.asked("/token")) == 1
    assert {one.headers["Authorization"] for one in server.asked("/v3/")} == {"Bearer minted"}


async def test_credentials_that_are_not_there_or_are_none_are_forbidden(keep: Keep, server: HttpStandIn) -> None:
    file = keep({})
    assert "type" in await refused("forbidden")
    file.unlink()
    assert "key.json was not found" in await refused("forbidden")
    assert server.requests == []


async def test_credentials_that_are_refused_are_told_from_a_host_that_is_away(keep: Keep, server: HttpStandIn) -> None:
    keep()
    server.answer = lambda _: None
    assert "RefreshError" in await refused("forbidden")
    keep(token_uri="http://127.0.0.1:1/token")
    assert "TransportError" in await refused("unreachable")
