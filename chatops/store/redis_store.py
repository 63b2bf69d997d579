"""The incident store on Redis: implements `chatops.domain.ports.IncidentStore`.

Values are replaced with compare-and-set, never locked: a worker that dies holds nothing.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chatops.domain.alert import Alert
from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis, Hypothesis, SeenBefore
from chatops.domain.incident import Incident, Thread, TimelineEntry
from chatops.domain.ports import StoreUnavailable
from chatops.store import memory, relations, scripts
from chatops.store.availability import available
from chatops.store.batching import Batch, Command
from chatops.store.connect import Client
from chatops.store.packing import Readings, pack, unpack, unpack_document
from connectors.evidence import Finding, Value


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


_KEPT_RECENT = 2_000
_KEPT_ALIKE = 100
"""Remembered incidents of one cause, or one alert."""
_REMEMBERED = 12
"""So many times as long as an incident its cause is kept."""
_CAS_ATTEMPTS = 50
_EVER = 1e9
"""Seconds."""


class _Findings(Value):
    findings: tuple[Finding, ...]


class RedisStore:
    """Incidents, conversations, message timestamps, budgets and small documents. `ttl` is for whole incidents."""

    def __init__(self, client: Client, prefix: str = "chatops", ttl: timedelta = timedelta(days=30)) -> None:
        self.client: Any = client
        self.batch = Batch(client)
        self.prefix = prefix
        self.ttl = int(ttl.total_seconds())
        self._read = Readings(Incident)

    def _of(self, incident_id: str, part: str) -> str:
        return f"{self.prefix}:{{{incident_id}}}:{part}"

    def _key(self, *parts: str) -> str:
        return ":".join((self.prefix, *parts))

    @available
    async def ping(self) -> bool:
        """Whether the store answers; raises `StoreUnavailable` otherwise."""
        return bool(await self.client.ping())

    # --- seen, once

    @available
    async def first_time(self, kind: str, key: str, ttl: timedelta, by: str = "") -> bool:
        """Whether this event, action or message is seen for the first time; it stays so for the same `by`."""
        own = by or secrets.token_hex(8)  # a repeat whose answer was lost finds its own mark, and is still the first
        mark = self._key("seen", kind, key)
        return bool(await self.batch.one("EVAL", scripts.FIRST, 1, mark, own, int(ttl.total_seconds())))

    @available
    async def forget(self, kind: str, key: str) -> None:
        """Take a `first_time` back."""
        await self.client.delete(self._key("seen", kind, key))

    # --- incidents

    @available
    async def add(self, incident: Incident) -> None:
        """Store a new incident and index it, in one round trip."""
        stored = ("SET", self._of(incident.id, "incident"), pack(incident), "EX", self.ttl)
        await self.batch.run(stored, *self._index(incident))

    def _index(self, incident: Incident) -> Iterator[Command]:
        score = incident.created_at.timestamp()
        for key in (self._key("recent"), self._key("recent", incident.thread.channel)):
            yield "ZADD", key, score, incident.id
            yield "ZREMRANGEBYRANK", key, 0, -_KEPT_RECENT - 1
            yield "EXPIRE", key, self.ttl
        if incident.thread.ts:
            yield "SET", self._thread_key(incident.thread), incident.id, "EX", self.ttl

    @available
    async def remove(self, incident: Incident) -> None:
        """Forget an incident that nobody was told of."""
        await self.client.delete(self._of(incident.id, "incident"))
        for key in (self._key("recent"), self._key("recent", incident.thread.channel)):
            await self.client.zrem(key, incident.id)

    def _thread_key(self, thread: Thread) -> str:
        # Without the team: an incident that an alert opened does not know it, and channel ids are Slack-wide.
        return self._key("thread", thread.channel, thread.ts)

    @available
    async def get(self, incident_id: str) -> Incident | None:
        """The incident, or None where it is gone."""
        stored = await self.batch.one("GET", self._of(incident_id, "incident"))
        return self._read.parsed(incident_id, stored) if stored else None

    @available
    async def update(self, incident_id: str, change: Callable[[Incident], Incident]) -> Incident:
        """Apply a change, again on top of what another writer stored in between."""
        key = self._of(incident_id, "incident")
        for _ in range(_CAS_ATTEMPTS):
            stored = await self.batch.one("GET", key)
            if not stored:
                raise LookupError(f"there is no incident {incident_id}")
            before = self._read.parsed(incident_id, stored)
            after = change(before)
            if after == before:
                return before
            packed = pack(after)
            if await self.batch.one("EVAL", scripts.REPLACE, 1, key, stored, packed, self.ttl):
                self._read.keep(incident_id, packed, after)
                if after.thread != before.thread:
                    await self.batch.run(*self._index(after))
                return after
        raise StoreUnavailable(f"incident {incident_id} is being written by too many at once")

    @available
    async def by_alert(self, alert: Alert) -> Incident | None:
        """The incident that owns this alert's fingerprint or group."""
        owners = await self.batch.run(*(("GET", key) for key in self._alert_keys(alert)))
        owner = next(filter(None, owners), None)
        return await self.get(owner.decode()) if owner else None

    @available
    async def claim_alerts(self, alerts: Sequence[Alert], incident_id: str, stale: str = "") -> str:
        """Bind alerts of one group to an incident unless bound; an owner named stale is replaced. Return the owner.

        The group's key decides where there is one: alerts of one group that arrive at two gateways
        at the same time must find the same owner.
        """
        *_, deciding = self._alert_keys(alerts[0])
        own = {self._alert_keys(alert)[0] for alert in alerts} - {deciding}
        claim: Command = ("EVAL", scripts.CLAIM, 1, deciding, incident_id, self.ttl, stale)
        owner: str = (await self.batch.run(claim, *self._bound(own, incident_id)))[0].decode()
        if owner != incident_id and own:
            await self.batch.run(*self._bound(own, owner))
        return owner

    def _bound(self, keys: Iterable[str], owner: str) -> Iterator[Command]:
        for key in keys:
            yield "SET", key, owner, "EX", self.ttl

    def _alert_keys(self, alert: Alert) -> list[str]:
        keys = [self._key("alert", alert.fingerprint)]
        if alert.group_key:
            keys.append(self._key("group", alert.source, alert.group_key))
        return keys

    @available
    async def by_thread(self, thread: Thread) -> Incident | None:
        """The incident that is told in this thread."""
        owner = await self.client.get(self._thread_key(thread))
        return await self.get(owner.decode()) if owner else None

    @available
    async def recent(self, limit: int = 20, channel: str = "") -> Sequence[Incident]:
        """Incidents, newest first, of one channel or of all."""
        key = self._key("recent", channel) if channel else self._key("recent")
        ids = await self.client.zrevrange(key, 0, limit - 1)
        found = [await self.get(one.decode()) for one in ids]
        return [incident for incident in found if incident is not None]

    # --- what is known of an incident

    @available
    async def save_case(self, incident_id: str, diagnosis: Diagnosis, findings: Sequence[Finding]) -> None:
        """Store the diagnosis with its evidence, the findings it was ranked from, and who depends on whom by them."""
        pipe = self.client.pipeline(transaction=False)
        self._relate(pipe, diagnosis, findings)
        pipe.set(self._of(incident_id, "diagnosis"), pack(diagnosis), ex=self.ttl)
        pipe.set(self._of(incident_id, "findings"), pack(_Findings(findings=tuple(findings))), ex=self.ttl)
        await pipe.execute()

    def _relate(self, pipe: Any, diagnosis: Diagnosis, findings: Sequence[Finding]) -> None:
        told = {relations.packed(pair): time.time() for pair in relations.pairs(findings)}
        if told:
            key = self._key("relations", diagnosis.incident.scope.environment)
            pipe.zadd(key, told)
            pipe.zremrangebyrank(key, 0, -relations.KEPT - 1)
            pipe.expire(key, self.ttl)

    @available
    async def diagnosis(self, incident_id: str) -> Diagnosis | None:
        """The latest diagnosis."""
        stored = await self.client.get(self._of(incident_id, "diagnosis"))
        return unpack(Diagnosis, stored) if stored else None

    @available
    async def findings(self, incident_id: str) -> Sequence[Finding]:
        """The findings of the last gathering."""
        stored = await self.client.get(self._of(incident_id, "findings"))
        return unpack(_Findings, stored).findings if stored else ()

    @available
    async def add_turn(self, incident_id: str, turn: Turn) -> None:
        """Append an utterance once."""
        key = self._of(incident_id, "turns")
        await self.batch.one("EVAL", scripts.APPEND_ONCE, 1, key, turn.id, pack(turn), self.ttl)

    @available
    async def turns(self, incident_id: str) -> Sequence[Turn]:
        """What was said, oldest first."""
        stored = await self.client.hvals(self._of(incident_id, "turns"))
        return sorted((unpack(Turn, one) for one in stored), key=lambda turn: turn.at)

    @available
    async def note(self, incident_id: str, entry: TimelineEntry) -> None:
        """Append to the incident's own record."""
        key = self._of(incident_id, "timeline")
        await self.batch.run(("RPUSH", key, pack(entry)), ("EXPIRE", key, self.ttl))

    @available
    async def timeline(self, incident_id: str) -> Sequence[TimelineEntry]:
        """The incident's own record, as it was written."""
        stored = await self.client.lrange(self._of(incident_id, "timeline"), 0, -1)
        return [unpack(TimelineEntry, one) for one in stored]

    # --- messages

    @available
    async def message_ts(self, incident_id: str, slot: str) -> str:
        """The ts of the message of a slot, or ''."""
        ts = await self.client.hget(self._of(incident_id, "messages"), slot)
        return ts.decode() if ts else ""

    @available
    async def set_message_ts(self, incident_id: str, slot: str, ts: str) -> None:
        """Remember where a slot's message is."""
        key = self._of(incident_id, "messages")
        pipe = self.client.pipeline(transaction=False)
        pipe.hset(key, slot, ts)
        pipe.expire(key, self.ttl)
        await pipe.execute()

    # --- jobs, documents, budgets

    @available
    async def count_attempt(self, job: str) -> int:
        """Count one more start of a job (kept for a day)."""
        pipe = self.client.pipeline(transaction=False)
        pipe.incr(self._key("attempts", job))
        pipe.expire(self._key("attempts", job), 86_400)
        return int((await pipe.execute())[0])

    @available
    async def discount_attempt(self, job: str) -> None:
        """Take back a start that ended by itself."""
        pipe = self.client.pipeline(transaction=False)
        pipe.decr(self._key("attempts", job))
        pipe.expire(self._key("attempts", job), 86_400)
        await pipe.execute()

    @available
    async def put(self, kind: str, key: str, value: Mapping[str, Any], ttl: timedelta) -> None:
        """Keep a small document."""
        await self.client.set(self._key("doc", kind, key), pack(value), ex=int(ttl.total_seconds()))

    @available
    async def take(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Read a small document."""
        stored = await self.batch.one("GET", self._key("doc", kind, key))
        return unpack_document(stored) if stored else None

    @available
    async def drop(self, kind: str, key: str) -> None:
        """Forget a small document."""
        await self.client.delete(self._key("doc", kind, key))

    @available
    async def spend(self, budget: str, amount: float, limit: float, ttl: timedelta) -> bool:
        """Take from a budget; False, and nothing taken, where it would be exceeded."""
        key = self._key("budget", budget)
        return bool(await self.batch.one("EVAL", scripts.SPEND, 1, key, amount, limit, int(ttl.total_seconds())))

    @available
    async def pace(self, bucket: str, per_second: float, burst: int = 1, within: float = math.inf) -> float:
        """Reserve the next place in a bucket that all replicas share; return the seconds to wait for it.

        A place that is further away than `within` seconds is not reserved: ask again.
        """
        key, most = self._key("pace", bucket), min(within, _EVER)
        return float(await self.batch.one("EVAL", scripts.PACE, 1, key, 1 / per_second, burst, most))

    @available
    async def hold(self, bucket: str, seconds: float) -> None:
        """Let nobody have a place of the bucket for so long."""
        await self.client.eval(scripts.HOLD, 1, self._key("pace", bucket), seconds)

    # --- memory

    @available
    async def remember(self, incident: Incident, diagnosis: Diagnosis, cause: Hypothesis, resolution: str) -> None:
        """Keep for the next one of its kind what a person confirmed to be the incident's cause, instead of another."""
        kept = memory.remembered(incident, diagnosis, cause, resolution, datetime.now(UTC))
        pipe = self.client.pipeline(transaction=False)
        for bucket in memory.buckets(incident, [cause.cause]):
            key = self._key("memory", bucket)
            pipe.zadd(key, {incident.id: time.time()})
            pipe.zremrangebyrank(key, 0, -_KEPT_ALIKE - 1)
            pipe.expire(key, self.ttl * _REMEMBERED)
        pipe.set(self._of(incident.id, "memory"), pack(kept), ex=self.ttl * _REMEMBERED)
        await pipe.execute()

    @available
    async def remember_fix(self, incident_id: str, resolution: str) -> bool:
        """Keep what fixed an incident whose cause is remembered; False where it is not."""
        key = self._of(incident_id, "memory")
        stored = await self.client.get(key)
        if not stored:
            return False
        kept = unpack(memory.Remembered, stored)
        seen = kept.seen.model_copy(update={"resolution": resolution})
        await self.client.set(key, pack(kept.model_copy(update={"seen": seen})), ex=self.ttl * _REMEMBERED)
        return True

    @available
    async def forget_cause(self, incident_id: str, cause: str) -> None:
        """Take back that this was the incident's cause."""
        key = self._of(incident_id, "memory")
        stored = await self.client.get(key)
        if stored and unpack(memory.Remembered, stored).seen.cause == cause:
            await self.client.delete(key)

    @available
    async def seen_before(self, incident: Incident, diagnosis: Diagnosis) -> Sequence[SeenBefore]:
        """Earlier incidents with a confirmed cause that this one may be again, the closest match first."""
        found = memory.buckets(incident, memory.causes(diagnosis))
        listed = await self.batch.run(*(("ZREVRANGE", self._key("memory", one), 0, _KEPT_ALIKE - 1) for one in found))
        ids = dict.fromkeys(one.decode() for some in listed for one in some)
        stored = await self.batch.run(*(("GET", self._of(one, "memory")) for one in ids if one != incident.id))
        known = [unpack(memory.Remembered, one) for one in stored if one]
        return memory.found_again(incident, diagnosis, known)[:3]
