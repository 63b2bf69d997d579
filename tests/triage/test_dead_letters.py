"""Jobs that were given up: how often they were tried, and how they run again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from chatops.domain.ports import StoreUnavailable
from chatops.store import RedisStore
from chatops.triage.dead_letters import MAX_ATTEMPTS, OUTAGE_ATTEMPTS, DeadLetter, attempts, retry
from tests.conftest import NOW
from tests.factories import incident


class Refused(Exception):
    def __init__(self, code: str) -> None:
        self.code = code


class Queue:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.dropped: list[str] = []

    async def triage(self, incident_id: str, *, wait: float = 0.0, first: bool = False, hurry: bool = False) -> None:
        self.begun.append(incident_id)

    async def again(self, letter: DeadLetter) -> None:
        self.begun.append(letter.key)

    async def drop(self, keys: Sequence[str]) -> int:
        self.dropped += keys
        return len(keys)


def letter(task: str, *arguments: str) -> DeadLetter:
    return DeadLetter(key=f"{task}:1", task=task, arguments=arguments, reason="broke", at=NOW)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StoreUnavailable("away"), OUTAGE_ATTEMPTS),
        (Refused("ratelimited"), OUTAGE_ATTEMPTS),
        (Refused("channel_not_found"), MAX_ATTEMPTS),
        (ValueError("ours"), MAX_ATTEMPTS),
    ],
)
def test_an_outage_is_waited_for_and_a_fault_is_not(error: Exception, expected: int) -> None:
    assert attempts(error) == expected


async def test_a_triage_runs_again_with_a_window_of_now(store: RedisStore) -> None:
    one, queue = incident(status="failed", held="broke"), Queue()
    await store.add(one)
    later = NOW + timedelta(hours=1)
    assert "queued again" in await retry(letter("triage", one.id), store, queue, later)
    kept = await store.get(one.id)
    assert kept is not None
    assert (kept.status, kept.held, kept.window.end) == ("open", "", later)
    assert (queue.begun, queue.dropped) == ([one.id], ["triage:1"])


async def test_what_is_resolved_stays_so(store: RedisStore) -> None:
    one = incident(status="resolved")
    await store.add(one)
    await retry(letter("triage", one.id), store, Queue(), NOW)
    kept = await store.get(one.id)
    assert kept is not None
    assert kept.status == "resolved"


async def test_of_an_incident_that_is_gone_the_letter_is_dropped(store: RedisStore) -> None:
    queue = Queue()
    assert "no longer kept" in await retry(letter("triage", "inc-gone"), store, queue, NOW)
    assert (queue.begun, queue.dropped) == ([], ["triage:1"])


async def test_an_answer_has_all_its_attempts_again(store: RedisStore) -> None:
    for _ in range(MAX_ATTEMPTS):
        await store.count_attempt("answer:t1:inc-1")
    await retry(letter("answer", "inc-1", "t1"), store, Queue(), NOW)
    assert await store.count_attempt("answer:t1:inc-1") == 1
