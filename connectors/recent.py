"""What was asked a moment ago, or is being asked: for who needs the same within seconds.

First the names of what exists are asked for, to match a question to them, then everything is read. The lists read for
the names are handed on, those too that have not come yet: the same list is never asked for twice in one investigation.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio

from connectors.contract import ConnectorError

T = TypeVar("T")


@dataclass
class _Asked(Generic[T]):
    at: float
    ended: anyio.Event = field(default_factory=anyio.Event)
    outcome: T | ConnectorError | None = None
    """None while it is asked, and where nobody waited for the answer."""


@dataclass
class Recent(Generic[T]):
    """Answers by key. Each is handed on once, so that nothing is kept in memory for long."""

    seconds: float = 15.0
    """How old an answer may be: the picture is still of one moment."""
    clock: Callable[[], float] = time.monotonic
    _kept: dict[Hashable, _Asked[T]] = field(default_factory=dict)

    async def first(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, and keep the answer, or the error, for whoever comes next; drop those that nobody came for."""
        self._kept = {known: asked for known, asked in self._kept.items() if self._fresh(asked)}
        asked = self._kept[key] = _Asked(self.clock())
        try:
            answer = await ask()
        except ConnectorError as error:
            asked.outcome = error
            raise
        else:
            asked.outcome = answer
            return answer
        finally:
            asked.ended.set()

    async def take(self, key: Hashable) -> T | None:
        """The answer, waited for where it is being asked; None where there is none that is fresh.

        Raises the `ConnectorError` that asking ended in.
        """
        asked = self._kept.pop(key, None)
        if asked is None or not self._fresh(asked):
            return None
        await asked.ended.wait()
        if isinstance(asked.outcome, ConnectorError):
            raise asked.outcome
        return asked.outcome

    def _fresh(self, asked: _Asked[T]) -> bool:
        return self.clock() - asked.at <= self.seconds
