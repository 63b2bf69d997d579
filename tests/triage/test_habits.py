"""What began to fail together before is one outage where nothing else is known, and what never did is two."""

from __future__ import annotations

from datetime import datetime, timedelta

from chatops.settings import load
from chatops.store import RedisStore
from chatops.triage import correlation, habits
from chatops.triage.correlation import Habits, Names, Outage, Relations
from chatops.triage.habits import Onset, learned
from tests import factories
from tests.conftest import NOW
from tests.triage.test_grouping import gateway, of, relate, threads
from tests.triage.test_intake import Noted


def at(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def test_what_begins_within_minutes_is_together_and_a_new_start_within_the_half_hour_is_no_new_episode() -> None:
    found = learned([(at(50), "a"), (at(49.95), "b"), (at(49.7), "a"), (at(20), "a"), (at(19), "b")])
    assert found.fired == {"a": 2, "b": 2}
    assert found.together == {"a": {"b": 1}, "b": {"a": 1}}


def test_a_storm_teaches_nothing_of_who_belongs_together() -> None:
    crowd: list[Onset] = [(at(5 - 0.001 * number), f"svc{number}") for number in range(60)]
    found = learned(crowd)
    assert len(found.fired) == 60
    assert "svc50" not in found.together


def test_what_a_broken_node_explains_is_no_habit() -> None:
    needs = {"a": {"node:n1"}, "b": {"node:n1"}}
    broken: list[Onset] = [(at(5), "node:n1"), (at(4.99), "a"), (at(4.98), "b")]
    assert learned(broken, needs).together["a"] == {"node:n1": 1}
    assert learned(broken[1:], needs).together["a"] == {"b": 1}


def related(before: Habits, *calls: tuple[str, str]) -> float:
    def names(about: str) -> Names:
        return Names(frozenset({about}), within=frozenset({"shop"}))

    outage = Outage("inc-1", names("shop/b"), NOW, NOW)
    return correlation.relatedness(names("shop/a"), outage, Relations.of(calls, before))


def test_a_habit_decides_where_calls_are_not_known_and_takes_more_against_them() -> None:
    calls = (("shop/a", "shop/x"), ("shop/b", "shop/y"))
    fired = {"shop/a": 6, "shop/b": 5}
    twice, thrice = (Habits.of(fired, [("shop/a", "shop/b", times)]) for times in (2, 3))
    assert related(twice) == related(thrice, *calls) == correlation.HABIT
    assert related(twice, *calls) == related(Habits.of(fired, ())) == correlation.STRANGERS
    assert related(Habits.of({"shop/a": 6, "shop/b": 3}, ())) == correlation.NEIGHBOURS, "too seldom to tell"


async def test_earlier_incidents_group_the_next_outage_across_namespaces(store: RedisStore) -> None:
    await relate(store, {("shop/checkout", "shop/orders"), ("web/front", "web/cache")})
    front = {"labels": {"namespace": "web", "deployment": "front"}}
    for number in range(3):
        began = NOW - timedelta(days=number + 1)
        # In two threads: that they were told apart teaches nothing.
        for alert in (of("checkout", starts_at=began), of("front", starts_at=began + timedelta(minutes=1), **front)):
            await store.add(factories.incident(alerts=(alert,), id=f"inc-{number}-{alert.fingerprint}"))
    elsewhere = {"labels": {"namespace": "ads", "deployment": "front"}}
    await habits.read(load(), store)
    first, second, other = await threads(
        gateway(store, Noted()), of("checkout"), of("front", **front), of("front", name="Ads", **elsewhere)
    )
    assert first == second != other
    assert (await habits.known("default", store)).together["shop/checkout"] == {"web/front": 3}
    assert await store.client.ttl("chatops:doc:habits:default") > 0
