"""What do workloads of a namespace want that does not exist? Claims that they mount, services that they call."""

from __future__ import annotations

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.view import View


def claims(view: View, namespace: str) -> list[tuple[Subject, str]]:
    """Claims that are mounted and do not exist, with who mounts them, where claims could be read."""
    if not view.read("persistentvolumeclaims"):
        return []
    return [
        (workload, claim)
        for workload, spec in view.workloads.items()
        if workload.namespace == namespace
        for claim in view.claims_of(o.template(spec))
        if view.find("persistentvolumeclaims", namespace, claim) is None
    ]


def services(view: View, namespace: str) -> set[str]:
    """Services that are called and do not exist, where services could be read."""
    if not view.read("services"):
        return set()
    return {
        meant.service
        for _, _, meant in view.calls
        if meant.namespace == namespace and view.find("services", meant.namespace, meant.service) is None
    }
