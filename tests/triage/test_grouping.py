"""Alerts of different groups find the thread of their outage in the store, whichever gateway takes them."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import anyio

from chatops.domain.alert import Alert
from chatops.settings import StormSettings, load
from chatops.store import AlertIndex, RedisStore
from chatops.store import relations as stored_relations
from chatops.triage.intake import Intake
from connectors.evidence import Subject
from tests import factories
from tests.conftest import NOW
from tests.triage import storms
from tests.triage.test_intake import NoPages, Noted


def gateway(store: RedisStore, queue: Noted, **storm: Any) -> Intake:
    settings = load(storm=StormSettings(**storm))
    return Intake(settings, store, queue, NoPages(), lambda: NOW, None, AlertIndex(store))


def of(workload: str, **changes: Any) -> Alert:
    fields = {
        "fingerprint": f"alertmanager:{workload}:{changes.get('name', '')}",
        "group_key": f"{workload}:{changes.get('name', '')}",
        "labels": {"namespace": "shop", "deployment": workload},
        "starts_at": NOW - timedelta(minutes=1),
    }
    return factories.alert(**{**fields, **changes})


async def threads(intake: Intake, *alerts: Alert) -> list[str]:
    return [one.incident.id for alert in alerts for one in await intake.alerts([alert])]


async def relate(store: RedisStore, pairs: set[tuple[str, str]]) -> None:
    await store.client.zadd("chatops:relations:default", {stored_relations.packed(pair): 1.0 for pair in pairs})
    await store.client.expire("chatops:relations:default", 60)


async def test_two_alerts_of_one_workload_are_one_thread_and_a_strangers_is_another(store: RedisStore) -> None:
    await relate(store, {("shop/checkout", "shop/orders"), ("shop/search", "shop/index")})
    intake = gateway(store, Noted())
    first, second, other = await threads(intake, of("checkout"), of("checkout", name="Slow"), of("search"))
    assert first == second
    assert other != first


async def test_where_nothing_is_known_the_same_minute_in_one_namespace_is_one_outage(store: RedisStore) -> None:
    intake = gateway(store, Noted())
    early, late = NOW - timedelta(minutes=9), NOW - timedelta(minutes=1)
    first, second, elsewhere, later = await threads(
        intake,
        of("checkout", starts_at=early),
        of("search", starts_at=early + timedelta(minutes=1)),
        of("ads", starts_at=early, labels={"namespace": "ads", "deployment": "ads"}),
        of("cart", starts_at=late),
    )
    assert first == second
    assert len({first, elsewhere, later}) == 3


async def test_an_alert_of_the_whole_namespace_does_not_draw_strangers_in(store: RedisStore) -> None:
    await relate(store, {("shop/checkout", "shop/orders"), ("shop/search", "shop/index")})
    whole = of("", labels={"namespace": "shop"}, name="NamespaceErrors")
    first, joined, other = await threads(gateway(store, Noted()), of("checkout"), whole, of("search"))
    assert joined == first
    assert other != first


async def test_what_findings_told_of_the_topology_groups_the_next_outage(store: RedisStore) -> None:
    incident = factories.incident()
    caller = Subject(kind="Deployment", namespace="web", name="front")
    await store.save_case(incident.id, factories.diagnosis(incident), [factories.finding(explains=(caller,))])
    front = of("front", labels={"namespace": "web", "deployment": "front"})
    first, second = await threads(gateway(store, Noted()), of("checkout"), front)
    assert first == second, "across namespaces"


async def test_the_catalogue_says_who_depends_on_whom(store: RedisStore) -> None:
    rows = {"front": {"namespace": "shop", "depends_on": ["search"]}, "search": {"namespace": "shop"}}
    intake = Intake(load(services=rows), store, Noted(), NoPages(), lambda: NOW, None, AlertIndex(store))
    first, second = await threads(intake, of("search"), of("front"))
    assert first == second


async def test_two_gateways_with_alerts_of_one_outage_open_one_thread(store: RedisStore) -> None:
    intakes = [gateway(store, Noted()) for _ in range(4)]

    async with anyio.create_task_group() as group:
        for number, intake in enumerate(intakes):
            group.start_soon(threads, intake, of("checkout", name=f"Alert{number}"))
    assert len(await store.recent()) == 1
    (incident,) = await store.recent()
    assert len(incident.alerts) == 4


async def test_a_resolved_outage_takes_nothing_more(store: RedisStore) -> None:
    intake = gateway(store, Noted())
    (first,) = await threads(intake, of("checkout"))
    await intake.alerts([of("checkout", status="resolved", ends_at=NOW)])
    (second,) = await threads(intake, of("checkout", name="Slow"))
    assert second != first


async def test_in_a_crowded_namespace_being_near_is_enough(store: RedisStore) -> None:
    intake = gateway(store, Noted(), crowded=5)
    begun = [NOW - timedelta(minutes=59 - 3 * number) for number in range(15)]
    found = await threads(intake, *(of(f"svc{number}", starts_at=at) for number, at in enumerate(begun)))
    assert len(set(found)) == 5, "three minutes apart is not enough until there are many"


async def test_correlation_can_be_switched_off(store: RedisStore) -> None:
    first, second = await threads(
        gateway(store, Noted(), correlate_minutes=0), of("checkout"), of("checkout", name="Slow")
    )
    assert first != second


async def test_a_generated_storm_through_the_store(store: RedisStore) -> None:
    rng = random.Random(7)
    world = storms.topology(rng)
    await relate(store, world.pairs(0.95, rng))
    found = storms.storm(world, NOW, rng)
    intake = gateway(store, Noted())
    told = await threads(intake, *(alert for alert, _ in found))
    truth = [outage for _, outage in found]
    # One storm, and ties fall by random ids: the figure over many storms is test_correlation's.
    assert storms.pairwise_f1(truth, told) >= 0.6
    assert storms.threads_per_outage(truth, told) <= 2
