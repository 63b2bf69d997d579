"""Who calls whom and what runs where, as this cluster's objects say it: what metrics alone cannot tell."""

from __future__ import annotations

from connectors.evidence import Topology
from connectors.kubernetes import objects as o
from connectors.kubernetes.view import View


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
    return Topology(calls=tuple(dict.fromkeys(calls)), placement=placement)
