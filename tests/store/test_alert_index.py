"""Repeats, open outages, who opens, and what waits: on a real Valkey."""

from __future__ import annotations

from datetime import timedelta

from chatops.store import AlertIndex, RedisStore
from tests.conftest import NOW
from tests.factories import alert

HOUR = timedelta(hours=1)


async def test_a_repeat_is_the_same_status_and_start(store: RedisStore) -> None:
    index = AlertIndex(store)
    one = alert()
    assert await index.seen([one]) == [""]
    await index.saw([one], "inc-1")
    resolved, later = alert(status="resolved"), alert(starts_at=NOW)
    assert await index.seen([one, resolved, later, alert(fingerprint="b")]) == ["inc-1", "", "", ""]


async def test_open_outages_of_a_place_are_found_with_members_and_times(store: RedisStore) -> None:
    index = AlertIndex(store)
    await index.place("inc-1", ["ns:shop"], {"shop/a": NOW - timedelta(minutes=9), "shop/b": NOW}, NOW, HOUR)
    await index.place("inc-2", ["ns:shop", "node:n"], {"shop/c": NOW}, NOW + timedelta(seconds=1), HOUR)
    found, crowd = await index.near(["ns:shop", "node:n"], NOW - timedelta(minutes=1))
    assert [one.incident for one in found] == ["inc-2", "inc-1"]
    assert crowd == 2
    assert found[1].members == {"shop/a", "shop/b"}
    assert (found[1].first, found[1].last) == (NOW - timedelta(minutes=9), NOW)
    await index.close("inc-2", ["ns:shop", "node:n"])
    assert [one.incident for one in (await index.near(["ns:shop", "node:n"], NOW))[0]] == ["inc-1"]


async def test_one_opens_at_a_time_and_only_the_holder_lets_go(store: RedisStore) -> None:
    index = AlertIndex(store)
    assert await index.lease("ns:shop", "a")
    assert not await index.lease("ns:shop", "b")
    await index.release("ns:shop", "b")
    assert not await index.lease("ns:shop", "b")
    await index.release("ns:shop", "a")
    assert await index.lease("ns:shop", "b")


async def test_alerts_that_an_incident_cannot_hold_are_counted_while_they_fire(store: RedisStore) -> None:
    index = AlertIndex(store)
    assert await index.overflow("inc-1", ["a", "b"], []) == 2
    assert await index.overflow("inc-1", ["b", "c"], ["a"]) == 2
    assert await index.overflow("inc-1", [], ["b", "c"]) == 0


async def test_what_waits_is_listed_in_turn_until_it_is_long_overdue(store: RedisStore) -> None:
    index = AlertIndex(store)
    await index.wait("C1", "dead", NOW - timedelta(hours=1))
    await index.wait("C1", "second", NOW + timedelta(minutes=2))
    assert await index.wait("C1", "first", NOW + timedelta(minutes=1)) == 3
    count, listed = await index.waiting("C1", NOW, 1)
    assert (count, listed) == (2, {"first": NOW + timedelta(minutes=1)})
    assert await index.waits_no_more("C1", "first")
    assert not await index.waits_no_more("C1", "first")
