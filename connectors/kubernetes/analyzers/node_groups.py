"""Can the cluster add the nodes that its pods wait for? What the cluster autoscaler says of its node groups.

It writes its view into one config map, as YAML since its version 1.30 and as indented text before. A group that it
backs off from was refused by the cloud; where every group is at its maximum it may not ask. Either is a cause only
while pods wait for room: a pod that asks for a label no node has is helped by no further node.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed
from connectors.kubernetes.view import View

STATUS = ("kube-system", "cluster-autoscaler-status")
"""Where it writes by default (`--status-config-map-name` names another)."""
KIND = "cluster autoscaler statuses"
"""The name of what was read, in the snapshot."""
CHECK = "autoscaling"
_ROOM = re.compile(r"Insufficient|Too many pods")
_OLD = re.compile(
    r"^\s*Name:\s+(?P<name>\S+)\s+Health:\s+(?P<health>\w+) \((?P<counts>.*?)\)+\s*$"
    r".*?ScaleUp:\s+(?P<scale_up>\w+)",
    re.MULTILINE | re.DOTALL,
)
_LARGEST = 200_000


class Group(NamedTuple):
    """A node group: nodes that are ready, asked for, and allowed; `refused` is why the cloud gave none."""

    name: str
    health: str
    scale_up: str
    ready: int
    target: int
    most: int
    refused: str = ""


def read(status: str) -> list[Group]:
    """The groups in a status; [] where it is neither of the two forms."""
    if len(status) > _LARGEST:
        return []
    try:
        told = yaml.load(status, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        told = None
    groups = told.get("nodeGroups") if isinstance(told, dict) else None
    if not isinstance(groups, list):
        return [_old(match) for match in _OLD.finditer(status)]
    return [_new(one) for one in groups if isinstance(one, dict)]


def _old(match: re.Match[str]) -> Group:
    counts = {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", match["counts"])}
    sizes = (counts.get("ready", 0), counts.get("cloudProviderTarget", 0), counts.get("maxSize", 0))
    return Group(match["name"], match["health"], match["scale_up"], *sizes)


def _new(one: Json) -> Group:
    health, up = o.at(one, "health") or {}, o.at(one, "scaleUp") or {}
    why = o.at(up, "backoffInfo") or {}
    refused = ": ".join(str(why[key]) for key in ("errorCode", "errorMessage") if why.get(key))
    return Group(
        str(one.get("name") or ""),
        str(health.get("status") or ""),
        str(up.get("status") or ""),
        _count(o.at(health, "nodeCounts", "registered", "ready")),
        _count(health.get("cloudProviderTarget")),
        _count(health.get("maxSize")),
        refused,
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _groups(view: View) -> list[Group]:
    return [group for one in view.all(KIND) for group in read(str(o.at(one, "data", "status") or ""))]


def _waiting(view: View) -> dict[Subject, str]:
    """Workloads whose pods wait for room, with what the scheduler says."""
    found = {}
    for pod in view.pods:
        scheduled = o.conditions(pod).get("PodScheduled") or {}
        if scheduled.get("status") == "False" and _ROOM.search(str(scheduled.get("message"))):
            found[view.workload_of(pod)] = str(scheduled.get("message"))
    return found


def blocked(view: View) -> Iterator[Case]:
    """Groups that the cloud gives no nodes to, or that are all at their maximum, while pods wait for room."""
    groups, waiting = _groups(view), _waiting(view)
    if not waiting or not groups:
        return
    names = ", ".join(one.name for one in list(waiting)[:3])
    for one in groups:
        if one.scale_up == "Backoff":
            why = f": {one.refused}" if one.refused else ""
            words = f"The cluster autoscaler got no node for group {one.name} and waits to ask again{why}"
            yield _case(one, f"{words}. Pods of {names} wait for room", 0.75 if why else 0.6, groups, waiting)
    if all(0 < one.most <= one.target for one in groups):
        sizes = "; ".join(f"{one.name} {one.target} of {one.most}" for one in groups[:4])
        words = f"Every node group is at its maximum ({sizes}), and pods of {names} wait for room"
        yield _case(groups[0], words, 0.6, groups, waiting)


def _case(one: Group, words: str, confidence: float, groups: list[Group], waiting: dict[Subject, str]) -> Case:
    subject = Subject(kind="NodeGroup", name=one.name)
    look = ("kubectl", "get", "configmap", STATUS[1], "-n", STATUS[0], "-o", "yaml")
    return case("node group", "ClusterAutoscalerBlocked", subject, words, confidence, [_state(groups)],
                explains=waiting, commands=[look])  # fmt: skip


def _state(groups: list[Group]) -> Evidence:
    rows = [(one.name, f"{one.health}; {one.ready} ready, {one.target} asked for, {one.most} at most; scale-up "
             f"{one.scale_up}{': ' if one.refused else ''}{one.refused}") for one in groups[:25]]  # fmt: skip
    subject = Subject(kind="ConfigMap", namespace=STATUS[0], name=STATUS[1])
    words = "; ".join(": ".join(row) for row in rows)
    # What the cloud answered stands in it word for word.
    return observed(CHECK, subject, "Node groups, as the cluster autoscaler sees them", words, rows, untrusted=True)


def groups(view: View) -> Iterator[Evidence]:
    """The groups, wherever the status was read."""
    if found := _groups(view):
        yield _state(found)


RULES = (blocked,)
DECIDES = ("ClusterAutoscalerBlocked",)
