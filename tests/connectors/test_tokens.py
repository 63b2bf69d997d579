from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from connectors.contract import ConnectorError
from connectors.tokens import Token, Tokens


class Issuer:
    def __init__(self, seconds: float = 3600) -> None:
        self.seconds = seconds
        self.given = 0
        self.now = 0.0
        self.down = False

    async def __call__(self) -> Token:
        if self.down:
            raise ConnectorError("unreachable", "token", "down")
        await anyio.lowlevel.checkpoint()
        self.given += 1
        return Token(f"t{self.given}", self.seconds)


async def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    issuer = Issuer()
    tokens = Tokens(issuer, lambda: issuer.now)
    assert await tokens() == {"Authorization": "Bearer t1"}
    issuer.now = 3400
    assert await tokens() == {"Authorization": "Bearer t1"}
    issuer.now = 3500
    assert await tokens() == {"Authorization": "Bearer t2"}


async def test_all_who_wait_share_one() -> None:
    issuer = Issuer()
    tokens = Tokens(issuer, lambda: issuer.now)
    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(tokens)
    assert issuer.given == 1


async def test_a_short_token_is_used_for_half_its_time() -> None:
    issuer = Issuer(seconds=60)
    tokens = Tokens(issuer, lambda: issuer.now)
    await tokens()
    issuer.now = 29
    await tokens()
    assert issuer.given == 1
    issuer.now = 31
    await tokens()
    assert issuer.given == 2


async def test_a_failure_is_not_kept() -> None:
    issuer = Issuer()
    issuer.down = True
    tokens = Tokens(issuer, lambda: issuer.now)
    with pytest.raises(ConnectorError):
        await tokens()
    issuer.down = False
    assert await tokens() == {"Authorization": "Bearer t1"}
    assert "t1" not in repr(tokens)
