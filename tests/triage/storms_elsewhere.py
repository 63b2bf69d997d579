"""A second family of topologies and storms, which no score was chosen on: only measured, never tuned for.

Domains with an edge, services that share a broker with their consumers, a store for each service; outages come at
uneven times, spread with long tails (an alert's own `for` is part of the delay), and a third of what suffers has no
alert. Alerts carry other labels than those of `storms`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatops.domain.alert import Alert
from tests.triage.storms import Storm, Topology

_KINDS = {"SLOBurn": 0.0, "LatencyHigh": 60.0, "Unavailable": 120.0, "Restarting": 30.0}
"""Alerts and their `for` in seconds."""


@dataclass(frozen=True)
class Elsewhere:
    """How many domains there are, and how many outages begin in about how many seconds."""

    domains: int = 5
    outages: int = 4
    within: float = 1200.0


PLANS = {
    "usual": Elsewhere(),
    "two domains": Elsewhere(domains=2, outages=3),
    "many": Elsewhere(domains=10, outages=8, within=600.0),
}


def topology(rng: random.Random, plan: Elsewhere) -> Topology:
    """Domains `d0`, `d1` …: an edge, five to nine services with a store each, a broker with two consumers."""
    found = Topology()
    for domain in range(plan.domains):
        names = [f"api-{number}" for number in range(rng.randint(5, 9))]
        edge, broker, consumers = "edge", "broker", ["mailer", "indexer"]
        for name in (edge, *names, broker, *consumers):
            found.calls[f"d{domain}/{name}"] = set()
        for name in names:
            store = f"d{domain}/{name}-store"
            found.calls[store] = set()
            found.calls[f"d{domain}/{name}"].add(store)
            if rng.random() < 0.4:
                found.calls[f"d{domain}/{name}"].add(f"d{domain}/{broker}")
            if rng.random() < 0.35:
                found.calls[f"d{domain}/{name}"].add(f"d{domain}/{rng.choice(names)}")
            if rng.random() < 0.1 and domain:
                found.calls[f"d{domain}/{name}"].add(f"d{rng.randrange(domain)}/{edge}")
        found.calls[f"d{domain}/{edge}"] |= {f"d{domain}/{name}" for name in rng.sample(names, 4)}
        for name in consumers:
            found.calls[f"d{domain}/{name}"].add(f"d{domain}/{broker}")
    for name in found.calls:
        found.calls[name].discard(name)
        found.node[name] = f"worker-{rng.randrange(4 * plan.domains)}"
    return found


def _suffers(world: Topology, root: str, rng: random.Random) -> dict[str, float]:
    hit, edge = {root: 0.0}, [root]
    while edge and len(hit) < 14:
        name = edge.pop(0)
        for caller in world.callers(name):
            if caller not in hit and rng.random() < 0.7:
                hit[caller] = hit[name] + rng.lognormvariate(3.4, 0.9)
                edge.append(caller)
    return hit


def _alert(name: str, kind: str, at: datetime, node: str, rng: random.Random) -> Alert:
    namespace, workload = name.split("/")
    pod = f"{workload}-6f9c5d7b8c-k4x2p"
    labels = rng.choice(
        [
            {"namespace": namespace, "deployment": workload},
            {"namespace": namespace, "pod": pod, "node": node},
            {"namespace": namespace, "service": workload, "job": workload},
            {"destination_service_namespace": namespace, "destination_service_name": workload},
            {"k8s_namespace_name": namespace, "k8s_deployment_name": workload},
        ]
    )
    identity = f"{kind}:{name}"
    return Alert(
        fingerprint=f"elsewhere:{identity}", source="elsewhere", name=kind, labels={"alertname": kind, **labels},
        starts_at=at, group_key=identity,
    )  # fmt: skip


def storm(world: Topology, begin: datetime, rng: random.Random, plan: Elsewhere) -> Storm:
    """Outages, each with the alerts of what it breaks, in the order they arrive."""
    found: Storm = []
    taken: set[str] = set()
    start, number = begin, 0
    for root in rng.sample(sorted(world.calls), len(world.calls)):
        hit = {name: after for name, after in _suffers(world, root, rng).items() if name not in taken}
        if number == plan.outages:
            break
        if root in taken:
            continue
        taken |= set(hit)
        for name, after in hit.items():
            if after and rng.random() < 0.33:
                continue
            for kind in rng.sample(sorted(_KINDS), rng.choice([1, 1, 2])):
                at = start + timedelta(seconds=after + _KINDS[kind] * rng.uniform(0.5, 1))
                found.append((_alert(name, kind, at, world.node[name], rng), number))
        start += timedelta(seconds=rng.expovariate(plan.outages / plan.within))
        number += 1
    return sorted(found, key=lambda pair: pair[0].starts_at)
