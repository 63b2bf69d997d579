"""Who calls whom and what runs where, as this cluster's objects say it: what metrics alone cannot tell."""

from __future__ import annotations

from connectors.evidence import Subject, Topology
from connectors.kubernetes import objects as o
from connectors.kubernetes import outside
from connectors.kubernetes.view import View

SPREAD = 3
"""What runs on more nodes than this does not fall with one of them."""


def dependencies(view: View) -> list[tuple[Subject, Subject]]:
    """Who depends on whom: callers on what they call, services on what they select, workloads on their few nodes."""
    owners = {(o.namespace(one), o.name(one)): w for w, services in view.services_of.items() for one in services}
    found = [
        (caller, owners.get((meant.namespace, meant.service)) or _service(meant.namespace, meant.service))
        for caller, _, meant in view.calls
    ]
    found += [(_service(*key), owner) for key, owner in owners.items() if key != (owner.namespace, owner.name)]
    for workload, pods in view.pods_by_workload.items():
        nodes = {str(node) for pod in pods if (node := o.spec(pod).get("nodeName"))}
        if len(nodes) <= SPREAD and workload.kind != "DaemonSet":
            found += [(workload, Subject(kind="Node", name=node)) for node in sorted(nodes)]
    return list(dict.fromkeys((one, other) for one, other in found if one != other))


def _service(namespace: str, name: str) -> Subject:
    return Subject(kind="Service", namespace=namespace, name=name)


def topology(view: View) -> Topology:
    """Calls by the addresses in environments and configuration, placement by the pods' nodes."""
    owner = {
        (o.namespace(one), o.name(one)): workload.name
        for workload, services in view.services_of.items()
        for one in services
    }
    calls = (
        (caller.name, owner.get((target.namespace, target.service), target.service)) for caller, _, target in view.calls
    )
    placement = {
        workload.name: tuple(sorted({node for pod in pods if (node := o.spec(pod).get("nodeName"))}))
        for workload, pods in view.pods_by_workload.items()
    }
    return Topology(calls=tuple(dict.fromkeys(calls)), placement=placement, reaches=tuple(outside.reaches(view)))
