"""The atomic steps, run by a real Valkey."""

from __future__ import annotations

from typing import Any

from chatops.store import RedisStore, scripts


async def run(store: RedisStore, script: str, *arguments: Any) -> Any:
    return await store.client.eval(script, 1, f"{store.prefix}:key", *arguments)


async def test_a_mark_is_its_makers_who_may_ask_again(store: RedisStore) -> None:
    assert [await run(store, scripts.FIRST, by, 60) for by in ("a", "b", "a")] == [1, 0, 1]


async def test_a_value_is_replaced_only_where_it_is_what_was_read(store: RedisStore) -> None:
    await store.client.set(f"{store.prefix}:key", "read", ex=60)
    assert await run(store, scripts.REPLACE, "other", "new", 60) == 0
    assert await run(store, scripts.REPLACE, "read", "new", 60) == 1
    assert await store.client.get(f"{store.prefix}:key") == b"new"


async def test_a_claim_stays_unless_its_owner_is_stale(store: RedisStore) -> None:
    assert await run(store, scripts.CLAIM, "one", 60, "") == b"one"
    assert await run(store, scripts.CLAIM, "two", 60, "") == b"one"
    assert await run(store, scripts.CLAIM, "two", 60, "one") == b"two"


async def test_a_budget_is_not_exceeded_and_not_renewed_by_spending(store: RedisStore) -> None:
    spent = [await run(store, scripts.SPEND, amount, 1.0, 60) for amount in (0.6, 0.6, 0.4)]
    assert spent == [1, 0, 1]
    await store.client.expire(f"{store.prefix}:key", 5)
    await run(store, scripts.SPEND, -0.5, 1.0, 60)
    assert await store.client.ttl(f"{store.prefix}:key") <= 5


async def test_places_come_one_gap_apart_and_a_far_one_is_not_taken(store: RedisStore) -> None:
    waits = [float(await run(store, scripts.PACE, 10, 2, 1_000)) for _ in range(3)]
    assert waits[:2] == [0, 0]
    assert 9 < waits[2] <= 10
    assert float(await run(store, scripts.PACE, 10, 2, 5)) > 19
    assert 19 < float(await run(store, scripts.PACE, 10, 2, 1_000)) <= 20


async def test_a_bucket_that_is_held_has_no_place_before(store: RedisStore) -> None:
    await run(store, scripts.HOLD, 100)
    assert 99 < float(await run(store, scripts.PACE, 1, 5, 1_000)) <= 100
