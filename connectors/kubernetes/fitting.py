"""Why does a pod fit no node? Every constraint of its spec held against every node, as the scheduler would.

Selectors and affinity say where somebody wants the pod: where some node satisfies them, only those nodes count,
and what eliminates *them* is the reason. Where none does, the selector or the affinity itself is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.kubernetes import objects as o
from connectors.kubernetes import spreading
from connectors.kubernetes.objects import Json

_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master", "kubernetes.io/role")
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"


@dataclass(frozen=True)
class Usage:
    """What the pods of a node request."""

    pods: int = 0
    requested: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Fit:
    """What eliminates each node: node → (code, words), empty where the pod fits."""

    reasons: dict[str, tuple[tuple[str, str], ...]]
    wanted: frozenset[str]
    """Nodes that the pod's selectors and affinity ask for."""

    @property
    def possible(self) -> list[str]:
        """Nodes on which the pod could run."""
        return [node for node, why in self.reasons.items() if not why]

    def causes(self) -> Counter[str]:
        """Codes by how many of the wanted nodes they eliminate alone; by all where none does alone."""
        nodes = [node for node in self.reasons if node in self.wanted] or list(self.reasons)
        alone = Counter(
            self.reasons[node][0][0] for node in nodes if len({code for code, _ in self.reasons[node]}) == 1
        )
        every = Counter(code for node in nodes for code in {code for code, _ in self.reasons[node]})
        return alone or every


def requests(spec: Json) -> dict[str, float]:
    """What a pod asks of its node: the sum of its containers, at least its largest init container."""
    total: defaultdict[str, float] = defaultdict(float)
    for one in o.containers(spec):
        for key, value in (o.at(one, "resources", "requests") or {}).items():
            total[key] += o.quantity(value)
    for one in spec.get("initContainers") or []:
        for key, value in (o.at(one, "resources", "requests") or {}).items():
            if one.get("restartPolicy") == "Always":
                total[key] += o.quantity(value)
            else:
                total[key] = max(total[key], o.quantity(value))
    return dict(total)


def usage(pods: Iterable[Json]) -> dict[str, Usage]:
    """What is requested on every node."""
    sums: dict[str, defaultdict[str, float]] = {}
    number: Counter[str] = Counter()
    for pod in pods:
        node = o.spec(pod).get("nodeName")
        if not node or o.status(pod).get("phase") in ("Succeeded", "Failed"):
            continue
        number[str(node)] += 1
        on_node = sums.setdefault(str(node), defaultdict(float))
        for key, value in requests(o.spec(pod)).items():
            on_node[key] += value
    return {node: Usage(number[node], on_node) for node, on_node in sums.items()}


def fit(pod: Json, nodes: list[Json], others: list[Json], volumes: list[Json]) -> Fit:
    """Hold a pod against every node. `others` are the pods that are placed, `volumes` those its claims are bound to."""
    used = usage(others)
    placed = _placement(pod, nodes, others)
    reasons: dict[str, tuple[tuple[str, str], ...]] = {}
    wanted: set[str] = set()
    tolerated = {o.name(node) for node in nodes if not _refusals(pod, node)}
    asked_for = {o.name(node) for node in nodes if not _placing(pod, node, [])}
    spread = spreading.conflicts(pod, {o.name(node): node for node in nodes}, others, asked_for, tolerated)
    for node in nodes:
        where = _placing(pod, node, volumes)
        if not where:
            wanted.add(o.name(node))
        found = [*where, *_refusals(pod, node), *_room(pod, node, used.get(o.name(node), Usage()))]
        found += [*placed.get(o.name(node), []), *spread[o.name(node)]]
        reasons[o.name(node)] = tuple(found)
    return Fit(reasons, frozenset(wanted))


def control_plane(node: Json) -> bool:
    """Whether ordinary pods are not expected on this node."""
    having = o.labels(node)
    return any(key in having for key in _CONTROL_PLANE[:2]) or having.get(_CONTROL_PLANE[2]) in (
        "master",
        "control-plane",
    )


def _placing(pod: Json, node: Json, volumes: list[Json]) -> list[tuple[str, str]]:
    having = o.labels(node)
    found = []
    selector = o.spec(pod).get("nodeSelector") or {}
    missing = {key: value for key, value in selector.items() if having.get(key) != value}
    if missing:
        found.append(("NodeSelectorMismatch", "no label " + ", ".join(f"{k}={v}" for k, v in missing.items())))
    required = o.at(o.spec(pod), "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    if required and not _terms(required, node):
        found.append(("NodeAffinityMismatch", "required node affinity not satisfied"))
    for volume in volumes:
        zone = o.at(o.spec(volume), "nodeAffinity", "required")
        if zone and not _terms(zone, node):
            found.append(("VolumeNodeAffinityConflict", f"volume {o.name(volume)} is not reachable from it"))
    return found


def _terms(required: Json, node: Json) -> bool:
    fields = {"metadata.name": o.name(node)}
    return any(
        all(o.expression(one, o.labels(node)) for one in term.get("matchExpressions") or [])
        and all(o.expression(one, fields) for one in term.get("matchFields") or [])
        for term in required.get("nodeSelectorTerms") or []
    )


def _refusals(pod: Json, node: Json) -> list[tuple[str, str]]:
    tolerations = o.spec(pod).get("tolerations") or []
    found = []
    if o.spec(node).get("unschedulable") and not _tolerated(
        {"key": UNSCHEDULABLE, "effect": "NoSchedule"}, tolerations
    ):
        found.append(("NodeCordoned", "cordoned"))
    for taint in o.spec(node).get("taints") or []:
        if taint.get("key") == UNSCHEDULABLE or taint.get("effect") == "PreferNoSchedule":
            continue
        if not _tolerated(taint, tolerations):
            words = f"taint {taint.get('key')}={taint.get('value') or ''}:{taint.get('effect')}"
            broken = str(taint.get("key")).startswith("node.kubernetes.io/")
            found.append(("NodeNotReady" if broken else "TaintNotTolerated", words))
    return found


def _tolerated(taint: Json, tolerations: list[Json]) -> bool:
    for one in tolerations:
        if one.get("effect") not in (None, "", taint.get("effect")):
            continue
        if one.get("operator") == "Exists" and one.get("key") in (None, "", taint.get("key")):
            return True
        if one.get("key") == taint.get("key") and (one.get("value") or "") == (taint.get("value") or ""):
            return True
    return False


def _room(pod: Json, node: Json, used: Usage) -> list[tuple[str, str]]:
    free = o.status(node).get("allocatable") or {}
    found = []
    for key, asked in requests(o.spec(pod)).items():
        have, taken = o.quantity(free.get(key)), used.requested.get(key, 0.0)
        left = max(have - taken, 0)
        if asked > have - taken:
            code = {"cpu": "InsufficientCPU", "memory": "InsufficientMemory"}.get(key, "InsufficientResource")
            found.append(
                (
                    code,
                    f"{key}: {_unit(key, asked)} requested, {_unit(key, left)} free of {_unit(key, have)}",
                )
            )
    if "pods" in free and used.pods >= o.quantity(free["pods"]):
        found.append(("InsufficientPods", f"{used.pods} of {free['pods']} pods"))
    return found


def _unit(key: str, value: float) -> str:
    if key in ("memory", "ephemeral-storage"):
        return f"{value / 2**30:.2f}Gi" if value >= 2**30 else f"{value / 2**20:.0f}Mi"
    return f"{value:g}"


def _placement(pod: Json, nodes: list[Json], others: list[Json]) -> dict[str, list[tuple[str, str]]]:
    """What pod affinity, anti-affinity and host ports say about each node."""
    found: dict[str, list[tuple[str, str]]] = {o.name(node): [] for node in nodes}
    placed = [one for one in others if o.spec(one).get("nodeName") in found and one is not pod]
    by_name = {o.name(node): node for node in nodes}
    for code, key, wanted in (
        ("PodAntiAffinityConflict", "podAntiAffinity", False),
        ("PodAffinityMismatch", "podAffinity", True),
    ):
        for term in o.at(o.spec(pod), "affinity", key, "requiredDuringSchedulingIgnoredDuringExecution") or []:
            topology = str(term.get("topologyKey"))
            near = {
                o.labels(by_name[o.spec(one)["nodeName"]]).get(topology)
                for one in placed
                if _term_selects(term, pod, one)
            }
            for name, node in by_name.items():
                if (o.labels(node).get(topology) in near) != wanted:
                    found[name].append((code, f"{key} over {topology}"))
    for port in _host_ports(pod):
        for one in placed:
            if port in _host_ports(one):
                found[o.spec(one)["nodeName"]].append(
                    ("HostPortConflict", f"host port {port[0]} taken by {o.name(one)}")
                )
    return found


def _term_selects(term: Json, pod: Json, other: Json) -> bool:
    namespaces = term.get("namespaces") or ([] if "namespaceSelector" in term else [o.namespace(pod)])
    return (not namespaces or o.namespace(other) in namespaces) and o.selected(
        term.get("labelSelector"), o.labels(other)
    )


def _host_ports(pod: Json) -> set[tuple[int, str]]:
    return {
        (int(port["hostPort"]), str(port.get("protocol") or "TCP"))
        for one in o.containers(o.spec(pod))
        for port in one.get("ports") or []
        if port.get("hostPort")
    }
