from __future__ import annotations

import pytest

from connectors.address import Options
from connectors.contract import ConnectorError
from connectors.registry.access import challenge, tokens
from tests.connectors.registry.stand_in import Registry


def test_challenges() -> None:
    said = 'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a:pull"'
    assert challenge(said) == {"realm": "https://auth.example/token", "service": "registry.example"}
    assert challenge('Basic realm="x"') == {}


async def test_a_token_is_for_pulling_from_one_repository(server: Registry) -> None:
    held = tokens(Options(server.url, auth=("robot", "s3")), "shop/cart")
    assert await held() == {"Authorization": "Bearer repository:shop/cart:pull"}
    await held()
    assert len(server.asked("/token")) == 1


async def test_a_wrong_password_is_forbidden(server: Registry) -> None:
    with pytest.raises(ConnectorError) as caught:
        await tokens(Options(server.url, auth=("robot", "old")), "shop/cart")()
    assert caught.value.kind == "forbidden"
