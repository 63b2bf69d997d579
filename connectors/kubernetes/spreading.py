"""Which nodes do a pod's topology spread constraints rule out? Counted as the scheduler counts, from the specs.

A node is out where its domain would then hold more matching pods than the emptiest domain and the allowed skew
together. Domains are those of the nodes that the pod's selectors ask for; taints count only where the
constraint says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json

CODE = "TopologySpreadConflict"


def conflicts(
    pod: Json, nodes: Mapping[str, Json], placed: list[Json], wanted: Collection[str], untainted: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """Node → (code, words). `wanted` are the nodes of the pod's selectors, `untainted` those it tolerates."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in nodes}
    for one in o.spec(pod).get("topologySpreadConstraints") or []:
        if one.get("whenUnsatisfiable", "DoNotSchedule") != "DoNotSchedule":
            continue
        counted = [name for name in nodes if _counts(one, name, wanted, untainted)]
        for name, words in _refused(one, pod, nodes, placed, counted).items():
            found[name].append((CODE, words))
    return found


def _counts(constraint: Json, name: str, wanted: Collection[str], untainted: Collection[str]) -> bool:
    affine = constraint.get("nodeAffinityPolicy", "Honor") == "Ignore" or name in wanted
    return affine and (constraint.get("nodeTaintsPolicy", "Ignore") == "Ignore" or name in untainted)


def _refused(
    constraint: Json, pod: Json, nodes: Mapping[str, Json], placed: list[Json], counted: list[str]
) -> dict[str, str]:
    key, skew = str(constraint.get("topologyKey")), int(constraint.get("maxSkew") or 1)
    domain = {name: o.labels(node)[key] for name, node in nodes.items() if key in o.labels(node)}
    having = Counter({domain[name]: 0 for name in counted if name in domain})
    for other in placed:
        at = str(o.spec(other).get("nodeName"))
        if at in counted and at in domain and _alike(constraint, pod, other):
            having[domain[at]] += 1
    few = len(having) < int(constraint.get("minDomains") or 1)
    least = 0 if few or not having else min(having.values())
    itself = int(_alike(constraint, pod, pod))
    refused = {name: f"no label {key}, over which its pods are spread" for name in nodes if name not in domain}
    for name, value in domain.items():
        if having[value] + itself - least > skew:
            refused[name] = f"{having[value]} pods in {key} {value}, {least} in the emptiest: skew above {skew}"
    return refused


def _alike(constraint: Json, pod: Json, other: Json) -> bool:
    """Whether another pod counts: in the same namespace, selected, and with the same values of the match keys."""
    if o.namespace(other) != o.namespace(pod) or o.metadata(other).get("deletionTimestamp"):
        return False
    same = all(o.labels(other).get(key) == o.labels(pod).get(key) for key in constraint.get("matchLabelKeys") or [])
    selector = constraint.get("labelSelector")
    return same and selector is not None and o.selected(selector, o.labels(other))
