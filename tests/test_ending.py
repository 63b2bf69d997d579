"""What is told to end ends, also where the first cancellation is lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import anyio
import pytest

from chatops.ending import end


async def _fails_when_cancelled() -> None:
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        raise ValueError("the connection was closed") from None


async def _lost() -> None:
    with suppress(ExceptionGroup):
        async with anyio.create_task_group() as group:
            group.start_soon(_fails_when_cancelled)
    await asyncio.sleep(3600)


async def test_a_task_that_lost_its_cancellation_is_cancelled_again() -> None:
    task = asyncio.create_task(_lost())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0.05)
    assert not task.done(), "once is not enough: else this test shows nothing"
    await end([task])
    assert task.cancelled()


async def test_what_a_task_failed_by_is_logged_and_holds_nothing_up(capsys: pytest.CaptureFixture[str]) -> None:
    async def fails() -> None:
        raise KeyError("x")

    failing, waiting = asyncio.create_task(fails()), asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    await end([failing, waiting])
    assert waiting.cancelled()
    assert "KeyError" in capsys.readouterr().out


async def test_nothing_to_end_is_no_error() -> None:
    await end([])
