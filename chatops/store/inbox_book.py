"""Which of Slack's requests were acknowledged and are not worked off yet? Kept in the round trip that marks them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from chatops.store import scripts
from chatops.store.availability import available
from chatops.store.redis_store import RedisStore

SEEN_FOR = timedelta(hours=1)
"""Slack's last redelivery was seen after six minutes; an hour is safe."""
_KEPT = timedelta(days=1)


class Entry(NamedTuple):
    """A request as it was kept; `attempt` counts from 1."""

    id: str
    attempt: int
    body: bytes


class InboxBook:
    """On the same Redis as the store. All keys have one hash tag, so that a step is atomic on a cluster too."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._kept = f"{store.prefix}:{{inbox}}:requests"
        self._due = f"{store.prefix}:{{inbox}}:due"

    @available
    async def add(self, key: str, request: str, body: bytes, lease: timedelta) -> bool:
        """Mark a key as seen and keep the request under its id, at once; False for what was seen before.

        Whoever adds it has it for the time of the lease. Added again with the same id it is still the first.
        """
        seen, kept = int(SEEN_FOR.total_seconds()), int(_KEPT.total_seconds())
        keys = (f"{self._store.prefix}:{{inbox}}:seen:{key}", self._kept, self._due)
        given = (request, body, seen, kept, lease.total_seconds())
        return bool(await self._store.batch.one("EVAL", scripts.TAKE_IN, len(keys), *keys, *given))

    @available
    async def done(self, request: str) -> None:
        """Forget a request; that it was seen stays."""
        drop = ("HDEL", self._kept, request, request + scripts.TRIES)
        await self._store.batch.run(drop, ("ZREM", self._due, request))

    @available
    async def overdue(self, lease: timedelta, limit: int) -> Sequence[Entry]:
        """Requests that nobody has, the oldest first: whoever asks has them now, five times as long at each attempt."""
        given = (lease.total_seconds(), limit, int(_KEPT.total_seconds()))
        rows = await self._store.batch.one("EVAL", scripts.OVERDUE, 2, self._kept, self._due, *given)
        return [Entry(request.decode(), int(attempt), body) for request, attempt, body in rows]
