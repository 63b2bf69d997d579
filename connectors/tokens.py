"""How is a short-lived token got, kept and renewed? For APIs that want OAuth and not a key that lasts."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import anyio

_EARLY = 120.0
"""Seconds before its end at which a token is renewed: a call that takes a while must not outlive it."""


class Token(NamedTuple):
    """A token and how many seconds it is good for."""

    value: str
    seconds: float


@dataclass
class Tokens:
    """Gets a token when one is needed, once for all who wait for it. `fetch` raises `ConnectorError`."""

    fetch: Callable[[], Awaitable[Token]]
    clock: Callable[[], float] = time.monotonic
    _value: str = field(default="", repr=False)
    _until: float = 0.0
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    async def __call__(self) -> Mapping[str, str]:
        """The header that authorises a call."""
        async with self._lock:
            if not self._value or self.clock() >= self._until:
                token = await self.fetch()
                self._value, self._until = token.value, self.clock() + max(token.seconds - _EARLY, token.seconds / 2)
        return {"Authorization": f"Bearer {self._value}"}
