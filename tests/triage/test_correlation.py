"""One outage is one thread: names, who depends on whom, and time; measured on generated storms."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chatops.domain.alert import Alert
from chatops.settings import load
from chatops.triage import correlation, scope
from chatops.triage.correlation import Names, Outage, Relations
from connectors.contract import Scope
from tests.conftest import NOW
from tests.triage import storms

WINDOW = timedelta(minutes=30)
SEEDS = range(25)


def names(*about: str, on: str = "", within: str = "shop") -> Names:
    return Names(frozenset(about), frozenset({on} if on else ()), frozenset({within}))


def outage(*about: str, **more: str) -> Outage:
    return Outage("inc-1", names(*about, **more), NOW, NOW)


CALLS = Relations.of([("shop/front", "shop/checkout"), ("shop/checkout", "shop/db"), ("shop/cart", "node:n1")])


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
        (names("shop/new", on="node:n9"), outage("shop/other", on="node:n9"), correlation.SAME_NODE),
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
        names("shop/db"), NOW + timedelta(seconds=2), [later, outage("shop/db"), outage("shop/x")], CALLS, WINDOW
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


def measured(share: float) -> tuple[float, float]:
    figures = []
    for seed in SEEDS:
        rng = random.Random(seed)
        world = storms.topology(rng)
        threads = Threads(Relations.of(world.pairs(share, rng)))
        truth, told = storms.replay(storms.storm(world, 5, NOW, rng), threads)
        figures.append((storms.pairwise_f1(truth, told), storms.threads_per_outage(truth, told)))
    return sum(f for f, _ in figures) / len(figures), sum(t for _, t in figures) / len(figures)


def test_interleaved_outages_come_apart_and_each_stays_together() -> None:
    f1, threads = measured(0.95)
    assert f1 >= 0.9, f"pairwise F1 {f1:.3f}"
    assert threads <= 1.5, f"{threads:.2f} threads per outage"


def test_a_topology_that_is_half_known_costs_threads_and_does_not_mix_outages() -> None:
    known, half = measured(0.95), measured(0.5)
    assert half[1] >= known[1]
    assert half[0] >= 0.5, f"pairwise F1 {half[0]:.3f}"
