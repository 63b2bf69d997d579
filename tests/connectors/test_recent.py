from __future__ import annotations

import anyio
import pytest

from connectors.contract import ConnectorError
from connectors.recent import Recent


class Hand:
    """A clock that is moved by hand."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


async def one() -> str:
    return "one"


async def never() -> str:
    await anyio.sleep_forever()
    return "never"


async def refused() -> str:
    raise ConnectorError("forbidden", "GET /pods", "not allowed")


async def test_an_answer_is_handed_on_once() -> None:
    recent = Recent[str]()
    assert await recent.first("a", one) == "one"
    assert await recent.take("b") is None
    assert await recent.take("a") == "one"
    assert await recent.take("a") is None


async def test_what_is_still_asked_is_waited_for() -> None:
    recent, may = Recent[str](), anyio.Event()
    taken: list[str | None] = []

    async def late() -> str:
        await may.wait()
        return "late"

    async def take() -> None:
        taken.append(await recent.take("a"))

    async with anyio.create_task_group() as group:
        group.start_soon(recent.first, "a", late)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(take)
        await anyio.wait_all_tasks_blocked()
        assert taken == []
        may.set()
    assert taken == ["late"]


async def test_an_error_is_handed_on_too() -> None:
    recent = Recent[str]()
    for ask in (recent.first("a", refused), recent.take("a")):
        with pytest.raises(ConnectorError, match="not allowed"):
            await ask
    assert await recent.take("a") is None


async def test_who_was_cancelled_has_nothing_to_hand_on() -> None:
    recent = Recent[str]()
    async with anyio.create_task_group() as group:
        group.start_soon(recent.first, "a", never)
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    assert await recent.take("a") is None


async def test_what_is_old_is_asked_again() -> None:
    clock = Hand()
    recent = Recent[str](5.0, clock)
    await recent.first("a", one)
    await recent.first("b", one)
    clock.at = 5.1
    assert await recent.take("a") is None
    await recent.first("c", one)
    assert await recent.take("b") is None
