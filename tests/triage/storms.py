"""Generated topologies and the storms that outages in them cause: seeded, bounded, with the truth beside.

An outage breaks a service, a database or a node; callers suffer after their callees, the farther the later. What
the app knows of the topology is a share of it. Five shapes, because a rule that fits one of them proves little.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations, pairwise

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

    def placed(self) -> set[tuple[str, str]]:
        """What runs on which node: known entirely wherever pods are listed."""
        return {(one, f"node:{where}") for one, where in self.node.items()}

    def pairs(self, share: float, rng: random.Random) -> set[tuple[str, str]]:
        """What is known of who depends on whom: a share of the calls and of the placement."""
        known = [(one, other) for one in sorted(self.calls) for other in sorted(self.calls[one])]
        known += [(one, f"node:{where}") for one, where in sorted(self.node.items())]
        return {pair for pair in known if rng.random() < share}


@dataclass(frozen=True)
class Plan:
    """How a topology and its storm are made."""

    namespaces: int = 4
    services: int = 14
    """In each namespace."""
    nodes: int = 9
    shape: str = "layers"
    outages: int = 5
    within: float = 600.0
    """Seconds in which the outages begin."""
    unlabelled: float = 0.0
    """The share of alerts that name no workload, or only the pod, as cluster-wide rules do."""
    overlap: bool = False
    """Whether outages may hit the same services; what two hit belongs to the first."""


def topology(rng: random.Random, plan: Plan = Plan()) -> Topology:
    """The services of the plan, in the plan's shape."""
    found = Topology()
    for namespace in range(plan.namespaces):
        for number in range(plan.services):
            name = f"ns{namespace}/svc{number}"
            found.node[name] = f"node-{rng.randrange(plan.nodes)}"
            found.calls[name] = set()
    SHAPES[plan.shape](found, plan, rng)
    return found


def _own(found: Topology, namespace: int) -> list[str]:
    return [name for name in found.calls if name.startswith(f"ns{namespace}/")]


def _layers(found: Topology, plan: Plan, rng: random.Random) -> None:
    """Four layers: each service calls one or two of the next, mostly of its own namespace."""
    layers = [[name for name in found.calls if int(name.rpartition("svc")[2]) % 4 == depth] for depth in range(4)]
    for depth, layer in enumerate(layers[:-1]):
        for name in layer:
            own = [one for one in layers[depth + 1] if one.split("/")[0] == name.split("/")[0]]
            found.calls[name] = set(rng.sample(own, min(len(own), rng.randint(1, 2))))
            if rng.random() < 0.15:
                found.calls[name].add(rng.choice(layers[depth + 1]))


def _chains(found: Topology, plan: Plan, rng: random.Random) -> None:
    """Chains of four: gateway, service, worker, store."""
    for namespace in range(plan.namespaces):
        own = _own(found, namespace)
        for first in range(0, len(own) - 3, 4):
            for caller, callee in zip(own[first : first + 3], own[first + 1 : first + 4], strict=True):
                found.calls[caller].add(callee)


def _hubs(found: Topology, plan: Plan, rng: random.Random) -> None:
    """Every third service is a store that some of its namespace share; a front calls a few of the others."""
    for namespace in range(plan.namespaces):
        front, *own = _own(found, namespace)
        stores, users = own[::3], [name for name in own if name not in own[::3]]
        for user in users:
            found.calls[user].add(rng.choice(stores))
        found.calls[front] |= set(rng.sample(users, min(3, len(users))))


def _mesh(found: Topology, plan: Plan, rng: random.Random) -> None:
    """Anyone calls up to two of those that come after it, of any namespace."""
    names = list(found.calls)
    rng.shuffle(names)
    for index, name in enumerate(names):
        later = names[index + 1 : index + 15]
        found.calls[name] = set(rng.sample(later, min(len(later), rng.choice([0, 1, 1, 2]))))


def _teams(found: Topology, plan: Plan, rng: random.Random) -> None:
    """A tree for each namespace: one entry, everything below it; the entries call each other."""
    entries = []
    for namespace in range(plan.namespaces):
        own = _own(found, namespace)
        entries.append(own[0])
        for index, name in enumerate(own[1:], 1):
            found.calls[own[(index - 1) // 2]].add(name)
    for caller, callee in pairwise(entries):
        if rng.random() < 0.3:
            found.calls[caller].add(callee)


SHAPES: Mapping[str, Callable[[Topology, Plan, random.Random], None]] = {
    "layers": _layers, "chains": _chains, "hubs": _hubs, "mesh": _mesh, "teams": _teams,
}  # fmt: skip


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


def _alert(name: str, kind: str, at: datetime, node: str, rng: random.Random, unlabelled: float) -> Alert:
    labels = {"alertname": kind, "severity": rng.choice(["critical", "warning"])}
    if name.startswith("node:"):
        labels["node"] = name[5:]
    else:
        namespace, workload = name.split("/")
        pod = {"pod": f"{workload}-7d4b9c6f5d-x2x9z", "node": node}
        labels["namespace"] = namespace
        if rng.random() < unlabelled:
            labels |= rng.choice([{}, pod, {"pod": pod["pod"]}])
        else:
            labels[rng.choice(["deployment", "service", "app"])] = workload
            labels |= pod if rng.random() < 0.3 else {}
    identity = f"{kind}:{name}"
    return Alert(
        fingerprint=f"generated:{identity}", source="generated", name=kind, labels=labels, starts_at=at,
        severity="critical" if labels["severity"] == "critical" else "warning", group_key=identity,
    )  # fmt: skip


def storm(world: Topology, begin: datetime, rng: random.Random, plan: Plan = Plan()) -> Storm:
    """Interleaved outages, in the order their alerts arrive."""
    taken: set[str] = set()
    found: Storm = []
    number = 0
    for root in rng.sample(sorted(world.calls), len(world.calls)):
        if number == plan.outages:
            break
        hit = _victims(world, root, rng)
        if rng.random() < 0.2:
            where = world.node[root]
            hit = {one: rng.uniform(20, 120) for one in world.node if world.node[one] == where}
            hit[f"node:{where}"] = 0.0
        if set(hit) & taken and (not plan.overlap or root in taken):
            continue
        hit = {name: after for name, after in hit.items() if name not in taken}
        taken |= set(hit)
        start = begin + timedelta(seconds=rng.uniform(0, plan.within))
        for name, after in hit.items():
            if after and rng.random() < 0.1:
                continue  # it suffers, and nobody wrote an alert for it
            at = start + timedelta(seconds=after)
            for kind in rng.sample(["HighErrorRate", "Slow", "PodCrashLooping"], rng.randint(1, 2)):
                found.append((_alert(name, kind, at, world.node.get(name, ""), rng, plan.unlabelled), number))
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
