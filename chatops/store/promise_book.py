"""Which investigations were promised to people and are not queued yet? One sorted set, written with the incident."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chatops.store.availability import available
from chatops.store.redis_store import RedisStore

_AT_ONCE = 100


class PromiseBook:
    """On the same Redis as the store; what is added in the same moment as an incident travels with it."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._key = f"{store.prefix}:promised"

    @available
    async def add(self, incident_id: str, at: datetime) -> None:
        """Write a promise down."""
        ttl = self._store.ttl
        await self._store.batch.run(("ZADD", self._key, at.timestamp(), incident_id), ("EXPIRE", self._key, ttl))

    @available
    async def remove(self, incident_id: str) -> None:
        """The investigation is queued."""
        await self._store.batch.one("ZREM", self._key, incident_id)

    @available
    async def before(self, at: datetime) -> Sequence[str]:
        """The incidents whose investigation was promised before that time, the oldest first."""
        found = await self._store.client.zrangebyscore(self._key, 0, at.timestamp(), start=0, num=_AT_ONCE)
        return [one.decode() for one in found]
