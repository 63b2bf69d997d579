"""What many tests need: a real Valkey, emptied between tests, and a clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatops.embedded import embedded_valkey
from chatops.store import RedisStore, connect

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real Valkey that lives as long as the tests."""
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[RedisStore]:
    """An empty store; fails the test that leaves a key without a time to live."""
    client = connect(valkey_url)
    await client.flushall()
    yield RedisStore(client)
    eternal = [key async for key in client.scan_iter() if await client.ttl(key) == -1]
    await client.aclose()
    assert not eternal, f"keys without a time to live: {eternal}"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A private state directory."""
    return tmp_path / "state"
