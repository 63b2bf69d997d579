"""Incidents that turn out to be one outage are told in one thread, and a person can split them again."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from chatops.domain.alert import Alert
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident
from chatops.settings import load
from chatops.store import AlertIndex, RedisStore
from chatops.triage import joining, merging
from chatops.triage.correlation import Relations
from chatops.triage.grouping import Grouping
from chatops.triage.intake import Intake
from chatops.triage.merging import Merging
from connectors.evidence import Subject
from tests import factories
from tests.conftest import NOW
from tests.triage import storms, storms_elsewhere
from tests.triage.storms import Plan
from tests.triage.storms_elsewhere import Elsewhere
from tests.triage.test_correlation import PLANS, SEEDS, Threads, generated
from tests.triage.test_grouping import of, relate
from tests.triage.test_intake import NoPages, Noted

DB = Subject(kind="StatefulSet", namespace="shop", name="db")
NODE = Subject(kind="Node", name="worker-1")


def found(subject: Subject, cause: str = "OOMKilled", verdict: str = "identified") -> Diagnosis:
    hypothesis = factories.hypothesis(subject=subject, cause=cause)
    return factories.diagnosis(hypotheses=(hypothesis,), verdict=verdict, summary=f"{subject}: it is {cause} (E1).")


@dataclass
class World:
    """A gateway and what a worker joins and splits by, on one store; each alert comes a second after the last."""

    store: RedisStore
    queue: Noted = field(default_factory=Noted)
    now: datetime = NOW

    def __post_init__(self) -> None:
        index, settings = AlertIndex(self.store), load()
        self.gateway = Intake(settings, self.store, self.queue, NoPages(), self.clock, None, index)
        self.merging = Merging(Grouping(settings, self.store, index, self.clock))

    def clock(self) -> datetime:
        return self.now

    async def open(self, workload: str, **changes: object) -> Incident:
        self.now += timedelta(seconds=1)
        (accepted,) = await self.gateway.alerts([of(workload, **changes)])
        return accepted.incident

    async def look(self, incident: Incident, diagnosis: Diagnosis) -> Incident:
        return await self.merging.look(await self.stored(incident), diagnosis)

    async def stored(self, incident: Incident) -> Incident:
        stored = await self.store.get(incident.id)
        assert stored is not None
        return stored


@pytest.fixture
async def world(store: RedisStore) -> World:
    await relate(store, {("shop/checkout", "shop/orders"), ("shop/search", "shop/index"), ("shop/db", "shop/disk")})
    return World(store)


async def test_an_incident_whose_cause_another_one_is_about_is_told_in_the_older_ones_thread(world: World) -> None:
    checkout, db, search = await world.open("checkout"), await world.open("db"), await world.open("search")
    assert len({checkout.id, db.id, search.id}) == 3
    main = await world.look(checkout, found(DB))
    one = await world.stored(db)
    assert (one.joined_to, main.joined) == (checkout.id, (db.id,))
    assert {alert.labels["deployment"] for alert in main.alerts} == {"checkout", "db"}
    assert one.joined_for == "StatefulSet shop/db: it is OOMKilled (E1)."
    assert not (await world.stored(search)).joined_to
    assert db.id in (await world.store.timeline(checkout.id))[-1].text
    again = await world.look(checkout, found(DB))
    assert again == main, "a run that is continued joins nothing twice"


async def test_the_same_cause_joins_whoever_looks_last(world: World) -> None:
    checkout, search = await world.open("checkout"), await world.open("search")
    assert not (await world.look(checkout, found(NODE, "NodeDiskPressure"))).joined
    assert (await world.look(search, found(NODE, "NodeDiskPressure"))).joined_to == checkout.id


@pytest.mark.parametrize("labels", [{}, {"InstanceId": "i-1"}, {"service": "Payments API"}])
async def test_an_alert_that_names_no_place_is_not_joined_by_what_is_found_everywhere(
    world: World, labels: dict[str, str]
) -> None:
    await world.look(await world.open("checkout"), found(DB))
    unnamed, other = await world.open("disk", labels=labels), await world.open("other", labels={"service": "Billing"})
    assert not (await world.look(unnamed, found(DB))).joined_to
    assert not (await world.look(other, found(DB))).joined_to


async def test_what_opens_later_is_joined_when_it_is_looked_into(world: World) -> None:
    checkout = await world.open("checkout")
    await world.look(checkout, found(DB))
    db = await world.open("db")
    assert (await world.look(db, found(DB, verdict="inconclusive"))).joined_to == checkout.id


@pytest.mark.parametrize("verdict", ["probable", "inconclusive", "healthy", "blocked"])
async def test_what_rules_are_not_sure_of_joins_nothing(world: World, verdict: str) -> None:
    checkout, db = await world.open("checkout"), await world.open("db")
    await world.look(checkout, found(DB, verdict=verdict))
    assert not (await world.stored(db)).joined_to


async def test_another_cause_of_the_same_thing_or_another_channel_is_another_outage(world: World) -> None:
    checkout, search = await world.open("checkout"), await world.open("search")
    elsewhere = await world.open("ads", labels={"namespace": "shop", "deployment": "ads", "cluster": "other"})
    await world.look(checkout, found(NODE, "NodeDiskPressure"))
    await world.look(search, found(NODE, "NodeMemoryPressure"))
    await world.look(elsewhere, found(NODE, "NodeDiskPressure"))
    assert not any([(await world.stored(one)).joined_to for one in (checkout, search, elsewhere)])


async def test_alerts_that_follow_go_to_the_main_one_which_ends_both(world: World) -> None:
    checkout, db = await world.open("checkout"), await world.open("db")
    await world.look(checkout, found(DB))
    joined = await world.gateway.alerts([of("db", fingerprint="alertmanager:db:2", name="", group_key="db:")])
    assert [one.incident.id for one in joined] == [checkout.id]
    for alert in (await world.stored(checkout)).alerts:
        await world.gateway.alerts([alert.model_copy(update={"status": "resolved"})])
    main = await world.stored(checkout)
    assert main.status == "resolved"
    ((one, changed),) = await world.merging.following(main)
    assert (one.id, one.status, one.resolved_at, changed) == (db.id, "resolved", main.resolved_at, True)
    world.now += timedelta(minutes=5)
    (again,) = await world.gateway.alerts([of("db", starts_at=world.now)])
    assert (again.incident.id, again.incident.status) == (checkout.id, "open"), "a re-fire re-opens the main one"
    world.now += timedelta(hours=30)
    (later,) = await world.gateway.alerts([of("db", starts_at=world.now)])
    assert later.incident.id not in (checkout.id, db.id)


async def test_whoever_comes_by_finishes_what_a_killed_worker_began(world: World) -> None:
    checkout, db = await world.open("checkout"), await world.open("db")

    def pointed(one: Incident) -> Incident:
        return one.model_copy(update={"joined_to": checkout.id})

    await world.store.update(db.id, pointed)  # and there it was killed
    resolved = of("db").model_copy(update={"status": "resolved", "ends_at": NOW})
    (taken,) = await world.gateway.alerts([resolved])
    assert taken.incident.id == checkout.id
    main = await world.stored(checkout)
    assert main.joined == (db.id,)
    assert {alert.labels["deployment"]: alert.status for alert in main.alerts} == {
        "checkout": "firing",
        "db": "resolved",
    }


async def test_a_split_gives_alerts_back_and_lasts(world: World) -> None:
    checkout, db = await world.open("checkout"), await world.open("db")
    await world.look(checkout, found(DB))
    await world.gateway.alerts([of("db", fingerprint="alertmanager:db:2", group_key="db:")])
    one = await world.merging.split(db.id)
    main = await world.stored(checkout)
    assert one is not None
    assert (one.status, one.joined_to, len(one.alerts)) == ("open", "", 2), "with what its group sent meanwhile"
    assert (main.joined, [alert.labels["deployment"] for alert in main.alerts]) == ((), ["checkout"])
    assert await world.merging.split(db.id) == one, "a run that is continued"
    for incident, diagnosis in ((checkout, found(DB)), (db, found(DB))):
        assert not (await world.look(incident, diagnosis)).joined_to
    (known,) = await world.gateway.alerts([of("db").model_copy(update={"status": "resolved"})])
    assert known.incident.id == db.id


async def test_what_was_joined_to_the_joined_one_comes_along_and_back(world: World) -> None:
    checkout, db, search = await world.open("checkout"), await world.open("db"), await world.open("search")
    await world.look(search, found(DB))
    assert (await world.stored(search)).joined_to == db.id
    await world.look(checkout, found(DB))
    assert len((await world.stored(checkout)).alerts) == 3
    assert (await world.merging.told_in(await world.stored(search))).id == checkout.id
    await world.merging.split(search.id)
    assert len((await world.stored(checkout)).alerts) == 2
    assert len((await world.stored(db)).alerts) == 1


async def test_alerts_that_are_only_counted_are_counted_there(world: World) -> None:
    checkout = await world.open("checkout")
    many: list[Alert] = [
        of("db", fingerprint=f"alertmanager:db:{number}", group_key="db") for number in range(joining.KEPT + 3)
    ]
    world.now += timedelta(seconds=1)  # who is older would be drawn by lot else
    (accepted,) = await world.gateway.alerts(many)
    assert accepted.incident.more_alerts == 3
    await world.look(checkout, found(DB))
    assert (await world.stored(checkout)).more_alerts == 3
    (last,) = await world.gateway.alerts([many[-1].model_copy(update={"status": "resolved"})])
    assert (last.incident.id, last.incident.more_alerts) == (checkout.id, 2)
    one = await world.merging.split(accepted.incident.id)
    assert one is not None
    assert (one.more_alerts, (await world.stored(checkout)).more_alerts) == (2, 0)


@pytest.mark.parametrize(
    ("change", "joined"),
    [(lambda one: one, True), (lambda one: one.model_copy(update={"status": "resolved"}), False)],
)
async def test_what_is_over_is_not_joined(world: World, change: Callable[[Incident], Incident], joined: bool) -> None:
    checkout, db = await world.open("checkout"), await world.open("db")
    await world.store.update(checkout.id, change)
    await world.look(db, found(DB))
    await world.look(checkout, found(DB))
    assert bool((await world.stored(db)).joined_to) is joined


@dataclass
class Investigated(Threads):
    """Threads of which rules find the cause, as often as they do on generated faults, and which are joined by it."""

    truth: dict[str, str] = field(default_factory=dict)
    """Fingerprint → what broke."""
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    causes: dict[str, str] = field(default_factory=dict)
    main: dict[str, str] = field(default_factory=dict)

    def __call__(self, alert: Alert) -> str:
        thread = super().__call__(alert)
        if thread not in self.causes:
            right = self.rng.random() < 0.9
            self.causes[thread] = f"{self.truth[alert.fingerprint] if right else self.rng.choice(self.others)} Cause"
        for one, other in itertools.combinations(self.outages, 2):
            causes = self.causes[one.incident], self.causes[other.incident]
            older, younger = sorted((self.told_in(one.incident), self.told_in(other.incident)), key=self.order)
            if older != younger and merging.one_outage(causes[0], one.names.about, causes[1], other.names.about):
                self.main[younger] = older
        return thread

    @property
    def others(self) -> list[str]:
        return sorted(set(self.relations.needs))

    def order(self, thread: str) -> int:
        return int(thread.partition("-")[2])

    def told_in(self, thread: str) -> str:
        while thread in self.main:
            thread = self.main[thread]
        return thread


@pytest.mark.parametrize(("share", "least"), [(0.8, 0.89), (0.5, 0.84), (0, 0.8)])
def test_joining_late_brings_together_what_names_alone_did_not(share: float, least: float) -> None:
    """Both families of generated storms, every node known, and nine diagnoses of ten right."""
    f1, threads, alone = [], [], []
    plans: list[tuple[Plan | Elsewhere, int]] = [
        (plan, seed) for plan in storms_elsewhere.PLANS.values() for seed in range(900, 910)
    ]
    plans += [(replace(PLANS["several namespaces"], shape=shape), seed) for shape in storms.SHAPES for seed in SEEDS]
    for plan, seed in plans:
        rng = random.Random(f"{seed} {plan}")
        world, storm = generated(rng, plan)
        broke: dict[int, str] = {}
        for alert, number in sorted(storm, key=lambda pair: pair[0].starts_at):
            broke.setdefault(number, alert.fingerprint.split(":", 2)[2])
        known = Relations.of(world.pairs(share, rng) | world.placed())
        own = {alert.fingerprint: broke[number] for alert, number in storm}
        joined = Investigated(known, truth=own, rng=random.Random(seed))
        truth, told = storms.replay(storm, joined)
        alone.append(storms.pairwise_f1(truth, told))
        told = [joined.told_in(thread) for thread in told]
        f1.append(storms.pairwise_f1(truth, told))
        threads.append(storms.threads_per_outage(truth, told))
    figures = f"F1 {sum(alone) / len(alone):.3f} → {sum(f1) / len(f1):.3f}, {sum(threads) / len(threads):.2f} threads"
    print(share, figures)
    assert sum(f1) / len(f1) >= least, figures
    assert sum(f1) > sum(alone), figures
    assert sum(threads) / len(threads) <= 1.1, figures


def test_a_cause_is_named_as_alerts_name_things() -> None:
    assert merging.cause_of(found(DB)) == "shop/db OOMKilled"
    assert merging.cause_of(found(NODE, "NodeDiskPressure")) == "node:worker-1 NodeDiskPressure"
    assert merging.cause_of(found(Subject(kind="DBInstance", name="orders"))) == "DBInstance:orders OOMKilled"
