"""A crowd's question is asked once."""

from __future__ import annotations

import asyncio

import pytest

from chatops.slack.flights import Flights


class Question:
    """Answers when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked, self.free, self.error = 0, asyncio.Event(), error

    async def __call__(self) -> int:
        self.asked += 1
        await self.free.wait()
        if self.error:
            raise self.error
        return self.asked


async def test_who_comes_later_has_the_first_ones_answer() -> None:
    flights, question = Flights[int](), Question()
    crowd = [asyncio.create_task(flights.ask("k", question)) for _ in range(5)]
    await asyncio.sleep(0)
    question.free.set()
    assert await asyncio.gather(*crowd) == [1] * 5


async def test_afterwards_and_for_another_key_it_is_asked_anew() -> None:
    flights, question = Flights[int](), Question()
    question.free.set()
    assert [await flights.ask(key, question) for key in ("k", "k", "other")] == [1, 2, 3]


async def test_who_stops_waiting_does_not_end_it_for_the_others() -> None:
    flights, question = Flights[int](), Question()
    first, second = (asyncio.create_task(flights.ask("k", question)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    question.free.set()
    assert await second == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_error_is_everybodys() -> None:
    flights, question = Flights[int](), Question(LookupError("gone"))
    question.free.set()
    found = await asyncio.gather(*(flights.ask("k", question) for _ in range(2)), return_exceptions=True)
    assert [str(one) for one in found] == ["gone", "gone"]
