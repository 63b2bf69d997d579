"""One outage is one thread: names, who depends on whom, and time; measured on generated storms."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from chatops.domain.alert import Alert
from chatops.settings import load
from chatops.triage import correlation, habits, scope
from chatops.triage.correlation import Habits, Names, Outage, Relations
from connectors.contract import Scope
from tests.conftest import NOW
from tests.triage import storms, storms_elsewhere
from tests.triage.storms import Plan, Storm, Topology
from tests.triage.storms_elsewhere import Elsewhere

WINDOW = timedelta(minutes=30)
SEEDS = range(500, 506)
"""Other topologies than those that the scores were chosen on."""


def names(*about: str, on: str = "", within: str = "shop") -> Names:
    return Names(frozenset(about), frozenset({on} if on else ()), frozenset({within}))


def outage(*about: str, **more: str) -> Outage:
    return Outage("inc-1", names(*about, **more), NOW, NOW)


ONLY_PLACED = Relations.of([("shop/checkout", "node:n1"), ("shop/db", "node:n2")])


def test_knowing_the_nodes_alone_does_not_make_strangers() -> None:
    assert correlation.relatedness(names("shop/checkout"), outage("shop/db"), ONLY_PLACED) == correlation.NEIGHBOURS


CALLS = Relations.of(
    [
        ("shop/front", "shop/checkout"),
        ("shop/checkout", "shop/db"),
        ("shop/cart", "shop/queue"),
        ("shop/cart", "node:n1"),
    ]
)


@pytest.mark.parametrize(
    ("alert", "known", "expected"),
    [
        (names("shop/db"), outage("shop/db"), correlation.SAME),
        (names("shop/checkout"), outage("shop/db"), correlation.STEPS[1]),
        (names("shop/front"), outage("shop/db"), correlation.STEPS[2]),
        (names("shop/db"), outage("shop/checkout"), correlation.STEPS[1]),
        (names("node:n1"), outage("shop/cart"), correlation.STEPS[1]),
        (names("shop/new", on="node:n9"), outage("node:n9"), correlation.ON_BROKEN_NODE),
        (names("node:n9"), outage("shop/new", on="node:n9"), correlation.ON_BROKEN_NODE),
        (names("shop/new", on="node:n9"), outage("pay/other", on="node:n9", within="pay"), correlation.SAME_NODE),
        (names("shop/new"), outage("shop/other"), correlation.NEIGHBOURS),
        (names("shop/cart"), outage("shop/db"), correlation.STRANGERS),
        (names(), outage("shop/db"), correlation.NAMESPACE_ITSELF),
        (names("pay/db", within="pay"), outage("shop/db"), 0.0),
    ],
)
def test_names_and_relations_decide(alert: Names, known: Outage, expected: float) -> None:
    assert correlation.relatedness(alert, known, CALLS) == expected


def test_a_callee_of_what_is_explained_already_is_another_outage() -> None:
    relations = Relations.of([("shop/front", "shop/checkout"), ("shop/front", "shop/cart")])
    explained = outage("shop/front", "shop/checkout")
    assert correlation.relatedness(names("shop/cart"), explained, relations) == correlation.STRANGERS
    assert correlation.relatedness(names("shop/cart"), outage("shop/front"), relations) == correlation.STEPS[1]


def test_time_counts_from_the_first_to_the_last_alert() -> None:
    grown = Outage("inc-1", names("shop/db"), NOW, NOW + timedelta(hours=1))
    assert correlation.closeness(NOW + timedelta(minutes=40), grown, WINDOW) == 1.0
    assert correlation.closeness(NOW + timedelta(minutes=90), grown, WINDOW) == 0.5
    assert correlation.closeness(NOW - timedelta(minutes=31), grown, WINDOW) == 0.0


def test_the_surest_comes_first_and_of_equals_the_earliest() -> None:
    later = Outage("inc-0", names("shop/db"), NOW + timedelta(seconds=1), NOW + timedelta(seconds=1))
    found = correlation.best(
        names("shop/db"),
        NOW + timedelta(seconds=2),
        [later, outage("shop/db"), outage("pay/x", within="pay")],
        CALLS,
        WINDOW,
    )
    assert [one.incident for one in found] == ["inc-1", "inc-0"]


def test_names_come_from_labels_only() -> None:
    where = Scope(namespace="shop", workload="checkout", service="checkout", node="n1", dimensions={"ClusterName": "c"})
    assert correlation.names(where) == names("shop/checkout", on="node:n1")
    assert correlation.names(Scope(node="n1")).about == {"node:n1"}
    database = Scope(dimensions={"DBInstanceIdentifier": "orders"})
    assert correlation.names(database).about == {"resource:DBInstanceIdentifier=orders"}


@dataclass
class Threads:
    """Assigns alerts as the app does, in memory."""

    relations: Relations
    outages: list[Outage] = field(default_factory=list)

    def __call__(self, alert: Alert) -> str:
        about, at = correlation.names(scope.from_alerts(load(), [alert])), alert.starts_at
        fitting = correlation.best(about, at, self.outages, self.relations, WINDOW)
        if not fitting:
            self.outages.append(Outage(f"inc-{len(self.outages)}", about, at, at))
            return self.outages[-1].incident
        known = fitting[0]
        grown = Outage(known.incident, known.names.union(about), min(known.first, at), max(known.last, at))
        self.outages[self.outages.index(known)] = grown
        return grown.incident


PLANS = {
    "several namespaces": Plan(),
    "one namespace": Plan(namespaces=1, services=24, outages=3),
    "many within three minutes": Plan(namespaces=8, outages=8, within=180),
    "labels missing": Plan(unlabelled=0.3),
    "the same callers hit": Plan(overlap=True),
}


def stormed(world: Topology, begin: datetime, rng: random.Random, plan: Plan | Elsewhere) -> Storm:
    """A storm of the plan's family."""
    if isinstance(plan, Elsewhere):
        return storms_elsewhere.storm(world, begin, rng, plan)
    return storms.storm(world, begin, rng, plan)


def generated(rng: random.Random, plan: Plan | Elsewhere) -> tuple[Topology, Storm]:
    """A topology of the plan's family, and its storm."""
    world = storms_elsewhere.topology(rng, plan) if isinstance(plan, Elsewhere) else storms.topology(rng, plan)
    return world, stormed(world, NOW, rng, plan)


def lived(world: Topology, plan: Plan | Elsewhere, outages: int, rng: random.Random, known: Relations) -> Habits:
    """What so many earlier outages taught, one every six hours on average: some of them at the same time."""
    at, alone, onsets, settings = NOW - timedelta(days=90), replace(plan, outages=1), [], load()
    for _ in range(outages):
        at += timedelta(hours=rng.expovariate(1 / 6))
        for alert, _ in stormed(world, at, rng, alone):
            onsets += [(alert.starts_at, n) for n in correlation.names(scope.from_alerts(settings, [alert])).about]
    return habits.learned(onsets, known.needs)


def measured(
    share: float,
    plans: Iterable[Plan | Elsewhere],
    seeds: Iterable[int] = SEEDS,
    *,
    placed: bool = False,
    past: int = 0,
) -> tuple[float, float]:
    """Mean pairwise F1, and mean threads per outage, with so much of the topology known.

    `placed`: and every node; `past`: and after so many earlier outages.
    """
    f1, threads = [], []
    for plan, seed in itertools.product(plans, seeds):
        rng = random.Random(f"{seed} {plan}")
        world, storm = generated(rng, plan)
        known = Relations.of(world.pairs(share, rng) | (world.placed() if placed else set()))
        known = replace(known, habits=lived(world, plan, past, rng, known))
        truth, told = storms.replay(storm, Threads(known))
        f1.append(storms.pairwise_f1(truth, told))
        threads.append(storms.threads_per_outage(truth, told))
    return sum(f1) / len(f1), sum(threads) / len(threads)


def test_interleaved_outages_come_apart_and_each_stays_together() -> None:
    """As where workloads are read from Kubernetes: every call and every node is known.

    What is missing is an outage that begins at a caller of what another one has just broken: nobody can tell.
    """
    by_shape = {
        shape: measured(1.0, [replace(plan, shape=shape) for plan in PLANS.values()]) for shape in storms.SHAPES
    }
    assert sum(f1 for f1, _ in by_shape.values()) / len(by_shape) >= 0.9, by_shape
    assert min(f1 for f1, _ in by_shape.values()) >= 0.85, by_shape
    assert max(threads for _, threads in by_shape.values()) <= 1.5, by_shape


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0.95, 0.87, 1.3), (0.8, 0.78, 1.5), (0.5, 0.65, 1.7), (0, 0.5, 1.7)]
)
def test_less_knowledge_costs_precision_and_not_a_thread_for_each_alert(
    share: float, least: float, most: float
) -> None:
    f1, threads = measured(share, [replace(plan, shape=s) for s in storms.SHAPES for plan in PLANS.values()], SEEDS[:3])
    assert f1 >= least, f"pairwise F1 {f1:.3f}"
    assert threads <= most, f"{threads:.2f} threads per outage"


@pytest.mark.parametrize(("share", "least"), [(1.0, 0.86), (0.95, 0.84), (0.8, 0.77), (0.5, 0.65), (0, 0.67)])
def test_topologies_that_no_score_was_chosen_on(share: float, least: float) -> None:
    f1, threads = measured(share, storms_elsewhere.PLANS.values(), range(900, 915), placed=True)
    assert f1 >= least, f"pairwise F1 {f1:.3f}"
    assert threads <= 1.5, f"{threads:.2f} threads per outage"


@pytest.mark.parametrize("family", [PLANS, storms_elsewhere.PLANS])
def test_earlier_outages_help_where_half_of_the_calls_is_known(family: Mapping[str, Plan | Elsewhere]) -> None:
    before, _ = measured(0.5, family.values(), range(940, 943), placed=True)
    after, threads = measured(0.5, family.values(), range(940, 943), placed=True, past=60)
    assert after > before, f"pairwise F1 {before:.3f}, and {after:.3f} with what 60 outages taught"
    assert threads <= 1.5
