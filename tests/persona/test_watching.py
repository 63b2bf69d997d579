"""The clock of an investigation: what runs is ended by whoever may end it, and cleaned up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chatops.domain.ports import Watcher
from chatops.persona.watching import Ended, Watch
from tests.persona.cases import NOW


async def done() -> int:
    return 7


async def test_what_is_done_in_time_is_returned() -> None:
    assert await Watch(Watcher(), 10, lambda: 0.0, lambda: NOW).guarded(done) == 7


async def test_nothing_is_begun_after_the_deadline() -> None:
    with pytest.raises(Ended, match="deadline"):
        await Watch(Watcher(deadline=NOW - timedelta(seconds=1)), 10, lambda: 0.0, lambda: NOW).guarded(done)


async def test_what_takes_too_long_is_cancelled() -> None:
    cancelled = asyncio.Event()
    ticks = iter([0.0, 0.0, 5.0, 11.0, 11.0])

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(Ended, match="10 seconds"):
        await Watch(Watcher(), 10, lambda: next(ticks), lambda: NOW).guarded(hangs)
    assert cancelled.is_set()
