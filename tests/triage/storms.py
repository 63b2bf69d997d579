"""Generated topologies and the storms that outages in them cause: seeded, bounded, with the truth beside.

An outage breaks a service or a node; callers suffer after their callees, the farther the later. What the app
knows of the topology is what earlier findings told: a share of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

from chatops.domain.alert import Alert

Storm = list[tuple[Alert, int]]
"""Alerts in the order they arrive, each with the number of its outage."""


@dataclass
class Topology:
    """Services by name (`shop/checkout`), whom each calls, and where each runs."""

    calls: dict[str, set[str]] = field(default_factory=dict)
    node: dict[str, str] = field(default_factory=dict)

    def callers(self, of: str) -> list[str]:
        return sorted(one for one, callees in self.calls.items() if of in callees)

    def pairs(self, share: float, rng: random.Random) -> set[tuple[str, str]]:
        """What earlier findings told: a share of the calls and of the placement."""
        known = [(one, other) for one in sorted(self.calls) for other in sorted(self.calls[one])]
        known += [(one, f"node:{where}") for one, where in sorted(self.node.items())]
        return {pair for pair in known if rng.random() < share}


def topology(rng: random.Random, namespaces: int = 4, services: int = 14, nodes: int = 9) -> Topology:
    """Layered services: each calls one to three of a deeper layer, mostly of its own namespace."""
    found = Topology()
    layers: list[list[str]] = [[], [], [], []]
    for namespace in range(namespaces):
        for number in range(services):
            name = f"ns{namespace}/svc{number}"
            layers[number % 4].append(name)
            found.node[name] = f"node-{rng.randrange(nodes)}"
            found.calls[name] = set()
    for depth, layer in enumerate(layers[:-1]):
        for name in layer:
            own = [one for one in layers[depth + 1] if one.split("/")[0] == name.split("/")[0]]
            found.calls[name] = set(rng.sample(own, min(len(own), rng.randint(1, 2))))
            if rng.random() < 0.15:
                found.calls[name].add(rng.choice(layers[depth + 1]))
    return found


def _victims(world: Topology, root: str, rng: random.Random) -> dict[str, float]:
    """What suffers, and after how many seconds: callers after their callees, not every one of them."""
    hit = {root: 0.0}
    edge = [root]
    while edge and len(hit) < 10:
        name = edge.pop(0)
        for caller in world.callers(name):
            if caller not in hit and rng.random() < 0.8:
                hit[caller] = hit[name] + rng.uniform(10, 90)
                edge.append(caller)
    return hit


def _alert(name: str, kind: str, at: datetime, node: str, rng: random.Random) -> Alert:
    labels = {"alertname": kind, "severity": rng.choice(["critical", "warning"])}
    if name.startswith("node:"):
        labels["node"] = name[5:]
    else:
        namespace, workload = name.split("/")
        labels |= {"namespace": namespace, rng.choice(["deployment", "service", "app"]): workload}
        if rng.random() < 0.3:
            labels |= {"pod": f"{workload}-7d4b9c6f5d-x2x9z", "node": node}
    identity = f"{kind}:{name}"
    return Alert(
        fingerprint=f"generated:{identity}", source="generated", name=kind, labels=labels, starts_at=at,
        severity="critical" if labels["severity"] == "critical" else "warning", group_key=identity,
    )  # fmt: skip


def storm(world: Topology, outages: int, begin: datetime, rng: random.Random) -> Storm:
    """Interleaved outages within ten minutes; what is hit by two belongs to the first."""
    taken: set[str] = set()
    found: Storm = []
    roots = rng.sample(sorted(world.calls), len(world.calls))
    number = 0
    for root in roots:
        if number == outages:
            break
        node = rng.random() < 0.2
        hit = _victims(world, root, rng)
        if node:
            where = world.node[root]
            hit = {one: rng.uniform(20, 120) for one in world.node if world.node[one] == where}
            hit[f"node:{where}"] = 0.0
        if set(hit) & taken:
            continue
        taken |= set(hit)
        start = begin + timedelta(seconds=rng.uniform(0, 600))
        for name, after in hit.items():
            if after and rng.random() < 0.1:
                continue  # it suffers, and nobody wrote an alert for it
            at = start + timedelta(seconds=after)
            for kind in rng.sample(["HighErrorRate", "Slow", "PodCrashLooping"], rng.randint(1, 2)):
                alert = _alert(name, kind, at, world.node.get(name, ""), rng)
                found.append((alert, number))
        number += 1
    return sorted(found, key=lambda pair: pair[0].starts_at + timedelta(seconds=rng.uniform(0, 20)))


def pairwise_f1(truth: Sequence[int], told: Sequence[str]) -> float:
    """The F1 of "both in one thread" over all pairs of alerts."""
    both = [(truth[a] == truth[b], told[a] == told[b]) for a, b in combinations(range(len(truth)), 2)]
    right = sum(one and other for one, other in both)
    return 2 * right / max(1, sum(one for one, _ in both) + sum(other for _, other in both))


def threads_per_outage(truth: Sequence[int], told: Sequence[str]) -> float:
    """Over how many threads an outage is spread, on average."""
    spread: Mapping[int, set[str]] = {one: set() for one in truth}
    for one, thread in zip(truth, told, strict=True):
        spread[one].add(thread)
    return sum(len(threads) for threads in spread.values()) / max(1, len(spread))


def replay(found: Storm, assign: Callable[[Alert], str]) -> tuple[list[int], list[str]]:
    """Let something assign each alert to a thread; return the truth and what it told."""
    return [outage for _, outage in found], [assign(alert) for alert, _ in found]
