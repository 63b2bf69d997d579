"""Durable jobs: an incident's triage, answers and actions, run by any worker, again after a crash.

Thin on purpose: what is done is in `service`. Arguments are ids and short words only, because the job library
pickles them. A job that kills its worker is counted in the store and given up after three attempts.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from docket import Docket, ExponentialRetry, TaskKey

from chatops.domain.ports import StoreUnavailable
from chatops.store import UNAVAILABLE
from chatops.telemetry import log
from chatops.triage.dead_letters import MAX_ATTEMPTS, OUTAGE_ATTEMPTS, DeadLetter, attempts
from chatops.triage.lanes import Lanes, open_lanes, taken_out

__all__ = ["MAX_ATTEMPTS", "Jobs", "Work", "open_jobs"]

_DEAD_KEPT = timedelta(days=30)
_GATHERED = 2.0
"""Seconds in which changes are gathered: of the waiting list, and of an incident that was shown just now."""


class Work(Protocol):
    """What the jobs do; implemented by `chatops.triage.service.Service`."""

    async def triage(self, incident_id: str) -> str:
        """Gather, diagnose and show; return why it was given up, or ''."""
        ...

    async def refresh(self, incident_id: str) -> None:
        """Show the incident as it is."""
        ...

    async def board(self, channel: str) -> None:
        """Show what waits for its turn in a channel."""
        ...

    async def answer(self, incident_id: str, turn_id: str) -> None:
        """Answer what a person said."""
        ...

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        """Do what a button or a command asked for."""
        ...

    async def give_up(self, incident_id: str, why: str) -> None:
        """Tell what is known, and that the investigation failed."""
        ...


@dataclass(frozen=True)
class Jobs:
    """Implements `chatops.triage.queue.Queue` on dockets."""

    lanes: Lanes
    keys_live: int
    """Seconds after which an unused queue is forgotten."""

    async def triage(self, incident_id: str, *, wait: float = 0.0, first: bool = False, hurry: bool = False) -> None:
        """Enqueue a triage in so many seconds; nothing where one waits or runs, unless to bring it forward.

        With `first` no usual one stands before it. `hurry` brings one forward that waits, and nothing where it runs.
        """
        key = f"triage:{incident_id}"
        if not hurry:
            await self._add("triage", key, incident_id, wait=wait, first=first)
        elif await self._taken_out(key):
            await self._add("triage", key, incident_id, first=True, instead=True)

    async def refresh(self, incident_id: str, *, wait: float = 0.0, first: bool = False) -> None:
        """Enqueue showing the incident as it is; many at once become one or two. With `wait`, once more by then.

        Two keys, because a job that already runs may have read the incident before the change. So what goes `first`
        is shown in its turn, too: an edit that was read before and is still on its way would otherwise stay.
        """
        if first:
            await self._twice("refresh", incident_id, first=True)
        if wait:
            await self._add("refresh", f"refresh-later:{incident_id}", incident_id, wait=wait)
        else:
            await self._twice("refresh", incident_id)

    async def board(self, channel: str) -> None:
        """Enqueue showing what waits in a channel; many at once become one or two."""
        await self._twice("board", channel, wait=_GATHERED)

    async def _twice(self, task: str, what: str, wait: float = 0.0, first: bool = False) -> None:
        if not await self._add(task, f"{task}:{what}", what, wait=wait, first=first):
            await self._add(task, f"{task}-again:{what}", what, wait=_GATHERED, first=first)

    async def answer(self, incident_id: str, turn_id: str) -> None:
        """Enqueue the answer to an utterance, once."""
        await self._add("answer", f"answer:{incident_id}:{turn_id}", incident_id, turn_id)

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        """Enqueue an action; the same one twice while it runs is one."""
        await self._add("act", f"act:{incident_id}:{action}:{argument}", incident_id, action, argument, user)

    async def _add(
        self, task: str, key: str, *ids: str, wait: float = 0.0, first: bool = False, instead: bool = False
    ) -> bool:
        now, lane = datetime.now(UTC), self.lanes.of(task, first=first)
        enqueue = lane.replace(task, now, key) if instead else lane.add(task, _when(now, wait), key)
        try:
            execution = await enqueue(*ids)
        except UNAVAILABLE as error:
            raise StoreUnavailable(f"the job could not be queued: {error}") from error
        return execution.disposition.value != "already_scheduled"

    async def _taken_out(self, key: str) -> bool:
        try:
            return await taken_out(self.lanes.usual, key)
        except UNAVAILABLE as error:
            raise StoreUnavailable(f"the job could not be brought forward: {error}") from error

    async def again(self, letter: DeadLetter) -> None:
        """Run a dead letter's job once more."""
        await self._add(letter.task, letter.key, *letter.arguments)

    # --- dead letters

    async def bury(self, letter: DeadLetter) -> None:
        """Keep a job that was given up."""
        async with self._redis() as redis:
            await redis.hset(self._dead, letter.key, letter.model_dump_json())
            await redis.expire(self._dead, int(_DEAD_KEPT.total_seconds()))

    async def dead(self) -> list[DeadLetter]:
        """The jobs that were given up, the latest first."""
        async with self._redis() as redis:
            letters = [DeadLetter.model_validate_json(one, extra="ignore") for one in await redis.hvals(self._dead)]
        return sorted(letters, key=lambda letter: letter.at, reverse=True)

    async def drop(self, keys: Sequence[str]) -> int:
        """Forget dead letters."""
        async with self._redis() as redis:
            return int(await redis.hdel(self._dead, *keys)) if keys else 0

    @property
    def _dead(self) -> str:
        return f"{self.lanes.usual.prefix}:dead"

    @contextlib.asynccontextmanager
    async def _redis(self) -> AsyncIterator[Any]:
        try:
            async with self.lanes.usual.redis() as redis:
                yield redis
        except UNAVAILABLE as error:
            raise StoreUnavailable(f"the queue does not answer: {error}") from error

    # --- what waits

    async def attended(self) -> bool:
        """Whether a worker runs: one has said so in the last ten seconds."""
        try:
            return bool(await self.lanes.usual.workers())
        except UNAVAILABLE as error:
            raise StoreUnavailable(f"the queue does not answer: {error}") from error

    async def waiting(self) -> list[tuple[str, datetime, str]]:
        """Every job that runs or waits: its key, when it is due, and which of both; the first due first."""
        rows: list[tuple[str, datetime, str]] = []
        for lane in self.lanes:
            snapshot = await lane.snapshot()
            rows += [(job.key, job.when, "runs") for job in snapshot.running]
            rows += [(job.key, job.when, "waits") for job in snapshot.future]
        return sorted(rows, key=lambda row: row[1])

    async def backlog(self, now: datetime) -> tuple[int, float]:
        """How many jobs are due or run, and for how many seconds the first of those that are due has waited.

        By counting, not by reading the jobs: a scrape asks this of a queue of any length. What is due later
        (a triage that waits for its turn) is no backlog.
        """
        async with self._redis() as redis:
            found = [await _backlog(redis, lane, now.timestamp()) for lane in self.lanes]
        return sum(count for count, _ in found), max(age for _, age in found)

    async def keep_alive(self) -> None:
        """Renew the time to live of the queue's own keys, which the library leaves without one."""
        async with self.lanes.usual.redis() as redis:
            client: Any = redis
            for lane in self.lanes:
                async for key in client.scan_iter(match=f"{lane.prefix}:*", count=500):
                    if await client.ttl(key) == -1:
                        await client.expire(key, self.keys_live)


async def _backlog(redis: Any, lane: Docket, moment: float) -> tuple[int, float]:
    stream, later = lane.stream_key, lane.queue_key
    handed_out = await redis.xlen(stream)
    due = await redis.zcount(later, "-inf", moment)
    first_due = await redis.zrange(later, 0, 0, withscores=True)
    groups = await redis.xinfo_groups(stream) if handed_out else []
    after = _text(groups[0]["last-delivered-id"]) if groups else "0-0"
    next_up = await redis.xrange(stream, f"({after}", "+", count=1)
    since = [float(score) for _, score in first_due] + [int(_text(one[0]).split("-")[0]) / 1000 for one in next_up]
    return handed_out + due, max(0.0, moment - min(since, default=moment))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _when(now: datetime, wait: float) -> datetime | None:
    return now + timedelta(seconds=wait) if wait > 0 else None


@contextlib.asynccontextmanager
async def open_jobs(url: str, name: str, keys_live: timedelta, work: Callable[[], Work | None]) -> AsyncIterator[Jobs]:
    """Connect the queue and register its tasks; `work` is asked when a job runs (a gateway has none)."""
    async with open_lanes(url, name) as lanes:
        jobs = Jobs(lanes, int(keys_live.total_seconds()))
        for task in _tasks(work, jobs):
            for lane in lanes:
                lane.register(task)
        yield jobs


@dataclass(frozen=True)
class _Edge:
    """Where a job's error ends: it is tried again, or told, kept and done."""

    work: Callable[[], Work | None]
    jobs: Jobs

    def at_work(self) -> Work:
        found = self.work()
        if found is None:
            raise RuntimeError("this process takes jobs in and does not run them")
        return found

    async def run(self, retry: ExponentialRetry, key: str, task: str, *ids: str) -> None:
        try:
            why = await getattr(self.at_work(), task)(*ids)
        except Exception as error:
            if retry.attempt < attempts(error):
                raise
            why = f"failed {retry.attempt} times: {type(error).__name__}: {error}"[:1_000]
            await self._bury(key, task, ids, why)
            if task == "triage":
                with contextlib.suppress(Exception):  # told as far as the surface takes it: the letter is kept
                    await self.at_work().give_up(ids[0], why)
            return
        if why:
            await self._bury(key, task, ids, why)

    async def _bury(self, key: str, task: str, ids: tuple[str, ...], why: str) -> None:
        log.error("job given up", job=key, why=why)
        await self.jobs.bury(DeadLetter(key=key, task=task, arguments=ids, reason=why, at=datetime.now(UTC)))


def _tasks(work: Callable[[], Work | None], jobs: Jobs) -> list[Callable[..., Awaitable[None]]]:
    edge = _Edge(work, jobs)
    # Retried for what they raise (the store or Slack is away); a death of the worker is counted by the work itself.
    again = ExponentialRetry(OUTAGE_ATTEMPTS, timedelta(seconds=1), timedelta(seconds=60))

    async def triage(incident_id: str, retry: ExponentialRetry = again, key: str = TaskKey()) -> None:
        await edge.run(retry, key, "triage", incident_id)

    async def refresh(incident_id: str, retry: ExponentialRetry = again, key: str = TaskKey()) -> None:
        await edge.run(retry, key, "refresh", incident_id)

    async def board(channel: str, retry: ExponentialRetry = again, key: str = TaskKey()) -> None:
        await edge.run(retry, key, "board", channel)

    async def answer(incident_id: str, turn_id: str, retry: ExponentialRetry = again, key: str = TaskKey()) -> None:
        await edge.run(retry, key, "answer", incident_id, turn_id)

    async def act(
        incident_id: str, action: str, argument: str, user: str, retry: ExponentialRetry = again, key: str = TaskKey()
    ) -> None:
        await edge.run(retry, key, "act", incident_id, action, argument, user)

    return [triage, refresh, board, answer, act]
