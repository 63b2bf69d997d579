"""A promised investigation is queued, whatever becomes of the process that promised it."""

from __future__ import annotations

from datetime import datetime, timedelta

from chatops.domain.ports import StoreUnavailable
from chatops.store import PromiseBook, RedisStore
from chatops.triage.promises import OVERDUE, Promises
from tests import factories
from tests.conftest import NOW


class Noted:
    def __init__(self) -> None:
        self.away = False
        self.queued: list[str] = []

    async def triage(self, incident_id: str, *, first: bool = False) -> None:
        if self.away:
            raise StoreUnavailable("the queue does not answer")
        self.queued.append(incident_id)


class Times:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def promises(store: RedisStore, queue: Noted, times: Times) -> Promises:
    return Promises(PromiseBook(store), store, queue, times)


async def test_it_is_queued_soon_and_then_no_longer_owed(store: RedisStore) -> None:
    queue, times = Noted(), Times()
    made = promises(store, queue, times)
    await made.make("inc-1")
    made.keep_soon("inc-1")
    await made.aclose()
    times.now += OVERDUE * 2
    assert (queue.queued, await made.overdue()) == (["inc-1"], 0)


async def test_what_a_dead_process_owed_is_queued_by_another(store: RedisStore) -> None:
    incident = factories.incident(status="open")
    times = Times()
    await store.add(incident)
    await promises(store, Noted(), times).make(incident.id)
    queue = Noted()
    other = promises(store, queue, times)
    assert await other.overdue() == 0, "whoever promised it may be about to queue it"
    times.now += OVERDUE + timedelta(seconds=1)
    assert (await other.overdue(), queue.queued) == (1, [incident.id])
    assert await other.overdue() == 0


async def test_a_queue_that_is_away_is_asked_again(store: RedisStore) -> None:
    incident = factories.incident(status="open")
    queue, times = Noted(), Times()
    made = promises(store, queue, times)
    await store.add(incident)
    await made.make(incident.id)
    queue.away = True
    made.keep_soon(incident.id)
    await made.aclose()
    queue.away = False
    times.now += OVERDUE * 2
    assert (await made.overdue(), queue.queued) == (1, [incident.id])


async def test_what_was_looked_into_already_is_not_begun_again(store: RedisStore) -> None:
    incident = factories.incident(status="answered")
    queue, times = Noted(), Times()
    made = promises(store, queue, times)
    await store.add(incident)
    await made.make(incident.id)
    times.now += OVERDUE * 2
    assert (await made.overdue(), queue.queued, await made.overdue()) == (1, [], 0)
