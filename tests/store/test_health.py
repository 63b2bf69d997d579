"""What `chatops doctor` says of a Redis: tried on a real one, set as it should not be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from chatops.store import RedisStore, connect
from chatops.store.health import health
from connectors.contract import Health

GOOD = {"appendonly": "yes", "maxmemory-policy": "noeviction", "maxmemory": "0"}


async def lines(store: RedisStore) -> Mapping[str, Health]:
    return {one.name: one for one in await health(store)}


@pytest.fixture
async def setting(store: RedisStore) -> AsyncIterator[RedisStore]:
    before = {name: (await store.client.config_get(name))[name] for name in GOOD}
    yield store
    for name, value in before.items():
        await store.client.config_set(name, value)


async def test_all_is_well(setting: RedisStore) -> None:
    for name, value in GOOD.items():
        await setting.client.config_set(name, value)
    found = await lines(setting)
    assert list(found) == ["reachable", "writable", "persistence", "eviction", "memory"]
    assert all(one.ok for one in found.values()), found


@pytest.mark.parametrize(
    ("name", "value", "line", "said"),
    [
        ("maxmemory-policy", "volatile-lru", "eviction", "drops incidents silently"),
        ("appendonly", "no", "persistence", "a crash of Redis loses alerts"),
        ("maxmemory", "1mb", "memory", "MB used of 1 MB"),
    ],
)
async def test_a_fault_is_named_with_what_to_do(
    setting: RedisStore, name: str, value: str, line: str, said: str
) -> None:
    if name == "maxmemory":
        await setting.client.config_set("maxmemory-policy", "allkeys-lru")
    await setting.client.config_set(name, value)
    found = (await lines(setting))[line]
    assert not found.ok
    assert said in found.detail
    assert found.remedy


async def test_nobody_there_is_one_line() -> None:
    client = connect("redis://127.0.0.1:1")
    [found] = await health(RedisStore(client))
    await client.aclose()
    assert (found.name, found.ok) == ("reachable", False)
    assert "CHATOPS_REDIS__URL" in found.remedy
