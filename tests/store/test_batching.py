"""Many who ask at once travel together, and each gets their own answer."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import RedisError, ResponseError

from chatops.store import RedisStore, connect
from chatops.store.batching import Batch


async def test_everybody_gets_their_own_answers(store: RedisStore) -> None:
    batch = Batch(store.client)
    answers = await asyncio.gather(
        *(batch.run(("SET", f"chatops:{n}", n, "EX", 60), ("GET", f"chatops:{n}")) for n in range(50))
    )
    assert [answer[1] for answer in answers] == [str(n).encode() for n in range(50)]


async def test_an_error_is_whose_command_it_is(store: RedisStore) -> None:
    batch = Batch(store.client)
    await batch.one("SET", "chatops:text", "a", "EX", 60)
    asked = [batch.one("RPUSH", "chatops:text", "b"), batch.one("GET", "chatops:text")]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[0], ResponseError)
    assert answers[1] == b"a"


async def test_who_stops_waiting_does_not_stop_the_others(store: RedisStore) -> None:
    batch = Batch(store.client)
    impatient = asyncio.create_task(batch.one("SET", "chatops:a", 1, "EX", 60))
    patient = asyncio.create_task(batch.one("SET", "chatops:b", 2, "EX", 60))
    await asyncio.sleep(0)
    impatient.cancel()
    await patient
    assert await batch.one("GET", "chatops:b") == b"2"


async def test_a_store_that_is_away_is_said_to_everybody() -> None:
    client = connect("redis://127.0.0.1:9")
    batch = Batch(client)
    answers = await asyncio.gather(*(batch.one("PING") for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, RedisError | OSError) for one in answers)
    await client.aclose()


@pytest.mark.parametrize("together", [1, 30])
async def test_those_of_one_moment_take_one_connection(store: RedisStore, together: int) -> None:
    client = connect("unix://" + store.client.connection_pool.connection_kwargs["path"])
    batch = Batch(client)
    await asyncio.gather(*(batch.one("PING") for _ in range(together)))
    pool = client.connection_pool  # type: ignore[union-attr]
    assert len(pool._available_connections) == 1
    await client.aclose()
