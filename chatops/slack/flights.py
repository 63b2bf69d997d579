"""How does a crowd that asks the same thing at once ask it once? Who comes later waits for the first one's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """Questions on their way, by key; nothing is kept once it is answered."""

    def __init__(self) -> None:
        self._on_their_way: dict[Hashable, asyncio.Task[T]] = {}

    async def ask(self, key: Hashable, question: Callable[[], Awaitable[T]]) -> T:
        """Return (or raise) what the question brings; whoever stops waiting does not end it for the others."""
        task = self._on_their_way.get(key)
        if task is None:
            task = self._on_their_way[key] = asyncio.create_task(self._asked(question))
            task.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(task)

    async def _asked(self, question: Callable[[], Awaitable[T]]) -> T:
        return await question()

    def _landed(self, key: Hashable, task: asyncio.Task[T]) -> None:
        del self._on_their_way[key]
        if not task.cancelled():
            task.exception()  # looked at, also where nobody waits for it any more
