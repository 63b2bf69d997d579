"""A request is kept in the step that marks it, is had by one at a time, and comes up again where nobody has it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chatops.store import InboxBook, RedisStore

LONG, NOW = timedelta(minutes=1), timedelta(0)


@pytest.fixture
def book(store: RedisStore) -> InboxBook:
    return InboxBook(store)


async def test_it_is_taken_in_once(book: InboxBook) -> None:
    assert await book.add("event:Ev1", "inc-1", b"{}", LONG)
    assert await book.add("event:Ev1", "inc-1", b"{}", LONG), "an answer that was lost is asked for again"
    assert not await book.add("event:Ev1", "inc-2", b"{}", LONG)
    assert await book.add("event:Ev2", "inc-2", b"{}", LONG)


async def test_what_was_done_does_not_come_up_and_is_still_seen(book: InboxBook, store: RedisStore) -> None:
    assert await book.add("event:Ev1", "inc-1", b"{}", NOW)
    await book.done("inc-1")
    assert await book.overdue(LONG, 10) == []
    assert not await book.add("event:Ev1", "inc-2", b"{}", LONG)
    assert [key async for key in store.client.scan_iter("*{inbox}:requests")] == []


async def test_what_somebody_has_is_left_alone(book: InboxBook) -> None:
    assert await book.add("event:Ev1", "inc-1", b"{}", LONG)
    assert await book.overdue(LONG, 10) == []


async def test_what_is_left_behind_is_had_by_one(book: InboxBook) -> None:
    for number in range(4):
        assert await book.add(f"event:Ev{number}", f"inc-{number}", b"%d" % number, NOW)
    first, second = await asyncio.gather(book.overdue(LONG, 3), book.overdue(LONG, 3))
    assert sorted(entry.id for entry in (*first, *second)) == ["inc-0", "inc-1", "inc-2", "inc-3"]
    assert {entry.id: entry.body for entry in first}["inc-0"] == b"0"
    assert {entry.attempt for entry in first} == {2}


async def test_attempts_are_counted_and_last_longer(book: InboxBook, store: RedisStore) -> None:
    assert await book.add("event:Ev1", "inc-1", b"{}", NOW)
    (second,) = await book.overdue(NOW, 10)
    (third,) = await book.overdue(timedelta(seconds=1), 10)
    assert (second.attempt, third.attempt) == (2, 3)
    (due,) = await store.client.zrange(f"{store.prefix}:{{inbox}}:due", 0, -1, withscores=True)
    now = (await store.client.time())[0]
    assert 23 <= due[1] - now <= 26, "five times as long at each attempt"


async def test_what_expired_is_forgotten(book: InboxBook, store: RedisStore) -> None:
    assert await book.add("event:Ev1", "inc-1", b"{}", NOW)
    await store.client.delete(f"{store.prefix}:{{inbox}}:requests")
    assert await book.overdue(LONG, 10) == []
    assert await store.client.zcard(f"{store.prefix}:{{inbox}}:due") == 0
