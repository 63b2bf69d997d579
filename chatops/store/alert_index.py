"""By what an alert finds its incident in a few round trips: what was seen last, which outages are open where.

Beside `RedisStore`, which keeps the incidents themselves. Every key has a time to live; what is read for one
alert is bounded (the newest outages of its namespace, node or account), however many are open.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chatops.domain.alert import Alert
from chatops.store import relations, scripts
from chatops.store.availability import available
from chatops.store.batching import Batch, Command
from chatops.store.redis_store import RedisStore

_OPEN_PER_PLACE = 30
_OVERFLOW = 20_000
_SEEN_SECONDS = 3_600
_WAITING = timedelta(days=1)
_OVERDUE = timedelta(minutes=30)
_CAUSE = "cause"
"""The field beside an open incident's members; these have a colon."""


@dataclass(frozen=True)
class Open:
    """An open incident: its members (a name with what it means) and the time from the first to the last alert."""

    incident: str
    members: frozenset[str]
    first: datetime
    last: datetime
    cause: str = ""
    """What rules identified as its cause, `<name> <code>`."""


def state_of(alert: Alert) -> str:
    """What must be equal for an alert to be a repeat."""
    return f"{alert.status} {alert.starts_at.timestamp():.3f}"


class AlertIndex:
    """Indexes over alerts and open incidents, on the same Redis as the store."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    @property
    def _client(self) -> Any:
        return self._store.client

    @property
    def _batch(self) -> Batch:
        return self._store.batch

    def _key(self, *parts: str) -> str:
        return ":".join((self._store.prefix, *parts))

    # --- repeats

    @available
    async def seen(self, alerts: Sequence[Alert]) -> list[str]:
        """For each alert the incident that was told exactly this of it last, or ''."""
        kept = await self._batch.run(*(("GET", self._key("last", alert.fingerprint)) for alert in alerts))
        found = []
        for alert, stored in zip(alerts, kept, strict=True):
            state, _, incident = (stored or b"").decode().rpartition(" ")
            found.append(incident if state == state_of(alert) else "")
        return found

    @available
    async def saw(self, alerts: Sequence[Alert], incident_id: str) -> None:
        """What was stored, queued and will be told of these alerts."""
        await self._batch.run(
            *(
                ("SET", self._key("last", alert.fingerprint), f"{state_of(alert)} {incident_id}", "EX", _SEEN_SECONDS)
                for alert in alerts
            )
        )

    # --- open outages

    @available
    async def near(self, places: Sequence[str], since: datetime) -> tuple[list[Open], int]:
        """The newest open incidents of the places, and how many there are in the fullest of them since then."""
        asked: list[Command] = []
        for place in places:
            asked.append(("ZREVRANGE", self._key("open", place), 0, _OPEN_PER_PLACE - 1))
            asked.append(("ZCOUNT", self._key("open", place), since.timestamp(), "+inf"))
        answers = await self._batch.run(*asked)
        ids = list(dict.fromkeys(one.decode() for found in answers[::2] for one in found))
        return await self._members(ids), max(answers[1::2], default=0)

    async def _members(self, ids: Sequence[str]) -> list[Open]:
        if not ids:
            return []
        pipe = self._client.pipeline(transaction=False)
        for one in ids:
            pipe.hgetall(self._members_key(one))
        found = zip(ids, await pipe.execute(), strict=True)
        return [_open(one, members) for one, members in found if members]

    def _members_key(self, incident_id: str) -> str:
        return f"{self._store.prefix}:{{{incident_id}}}:members"

    @available
    async def place(
        self,
        incident_id: str,
        places: Sequence[str],
        members: Mapping[str, datetime],
        now: datetime,
        ttl: timedelta,
        cause: str | None = None,
    ) -> None:
        """Index the incident under the places of its newest alerts, with their names and starts, and its cause."""
        seconds = int(ttl.total_seconds())
        told: list[Command] = []
        for place in places:
            key = self._key("open", place)
            told.append(("ZADD", key, now.timestamp(), incident_id))
            told.append(("ZREMRANGEBYSCORE", key, "-inf", (now - ttl).timestamp()))
            told.append(("EXPIRE", key, seconds))
        key = self._members_key(incident_id)
        started = {name: f"{at.timestamp():.3f}" for name, at in members.items()}
        started[""] = f"{max(members.values(), default=now).timestamp():.3f}"
        told.append(("HSET", key, *itertools.chain.from_iterable(started.items())))
        if cause is not None:
            told.append(("HSET", key, _CAUSE, cause))
        await self._batch.run(*told, ("EXPIRE", key, seconds))

    @available
    async def close(self, incident_id: str, places: Sequence[str]) -> None:
        """Take an incident that is over out of the index."""
        pipe = self._client.pipeline(transaction=False)
        for place in places:
            pipe.zrem(self._key("open", place), incident_id)
        pipe.delete(self._members_key(incident_id))
        await pipe.execute()

    # --- who opens, one at a time

    @available
    async def lease(self, place: str, holder: str, milliseconds: int = 3_000) -> bool:
        """Be the one who opens incidents in this place for a moment; False where somebody else is."""
        return bool(await self._batch.one("SET", self._key("opening", place), holder, "NX", "PX", milliseconds))

    @available
    async def release(self, place: str, holder: str) -> None:
        """Let the next one open, where the lease is still one's own."""
        await self._batch.one("EVAL", scripts.RELEASE, 1, self._key("opening", place), holder)

    # --- what an incident cannot hold

    @available
    async def overflow(self, incident_id: str, firing: Sequence[str], resolved: Sequence[str]) -> int:
        """Count alerts beyond those that the incident keeps; return how many of them fire."""
        key = self._overflow_key(incident_id)
        pipe = self._client.pipeline(transaction=False)
        if firing:
            pipe.sadd(key, *firing[:_OVERFLOW])
        if resolved:
            pipe.srem(key, *resolved)
        pipe.expire(key, self._store.ttl)
        pipe.scard(key)
        return int((await pipe.execute())[-1])

    @available
    async def counted(self, incident_id: str) -> list[str]:
        """The alerts that fire beyond those that the incident keeps."""
        return [one.decode() for one in await self._client.smembers(self._overflow_key(incident_id))]

    def _overflow_key(self, incident_id: str) -> str:
        return f"{self._store.prefix}:{{{incident_id}}}:overflow"

    # --- what waits for its turn

    @available
    async def wait(self, channel: str, incident_id: str, due: datetime) -> int:
        """Note an incident whose investigation begins later; return how many wait in the channel."""
        key = self._key("waiting", channel)
        pipe = self._client.pipeline(transaction=False)
        pipe.zadd(key, {incident_id: due.timestamp()})
        pipe.expire(key, int(_WAITING.total_seconds()))
        pipe.zcard(key)
        return int((await pipe.execute())[-1])

    @available
    async def waits_no_more(self, channel: str, incident_id: str) -> bool:
        """Its turn has come; False where it did not wait."""
        return bool(await self._client.zrem(self._key("waiting", channel), incident_id))

    @available
    async def waiting(self, channel: str, now: datetime, first: int) -> tuple[int, dict[str, datetime]]:
        """How many wait in the channel, and the first of them with when their turn comes.

        What should have begun long ago has died, or was put off by an outage: it is no longer counted.
        """
        key = self._key("waiting", channel)
        pipe = self._client.pipeline(transaction=False)
        pipe.zremrangebyscore(key, "-inf", (now - _OVERDUE).timestamp())
        pipe.zcard(key)
        pipe.zrange(key, 0, first - 1, withscores=True)
        _, count, found = await pipe.execute()
        return int(count), {one.decode(): datetime.fromtimestamp(due, UTC) for one, due in found}

    # --- who depends on whom

    @available
    async def relations(self, environment: str) -> set[tuple[str, str]]:
        """Who depends on whom in the environment, as far as earlier findings told."""
        return relations.unpacked(await self._client.zrange(self._key("relations", environment), 0, -1))


def _open(incident_id: str, members: Mapping[bytes, bytes]) -> Open:
    names = {name.decode(): value for name, value in members.items()}
    cause = names.pop(_CAUSE, b"").decode()
    at = [datetime.fromtimestamp(float(value), UTC) for value in names.values()]
    return Open(incident_id, frozenset(filter(None, names)), min(at), max(at), cause)
