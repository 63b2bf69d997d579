"""Which streams belong to the scope? Field of the scope → labels that collectors give, those that exist here."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.contract import Scope
from connectors.log_reading import pods_of

LABELS: Mapping[str, tuple[str, ...]] = {
    "cluster": ("cluster", "k8s_cluster_name"),
    "namespace": ("namespace", "k8s_namespace_name", "kubernetes_namespace_name"),
    "pod": ("pod", "k8s_pod_name", "kubernetes_pod_name", "pod_name"),
    "workload": ("k8s_deployment_name", "k8s_statefulset_name", "k8s_daemonset_name", "deployment", "workload"),
    "service": ("service_name", "app", "app_kubernetes_io_name", "component"),
    "node": ("node_name", "k8s_node_name", "node", "nodename", "hostname"),
}
"""What Promtail, Alloy, Fluent Bit and the OpenTelemetry collector name their labels, the usual one first."""

Matchers = tuple[tuple[str, str, str], ...]


def label_of(part: str, have: Collection[str], own: Mapping[str, str]) -> str:
    """The label for a field of the scope: the one the settings name, else the first usual one that exists."""
    return own.get(part) or next((name for name in LABELS[part] if name in have), "")


def of(scope: Scope, have: Collection[str], own: Mapping[str, str]) -> Matchers:
    """Matchers for the scope; empty where nothing of it is a label here."""
    found: list[tuple[str, str, str]] = []
    for part in ("namespace", "node") if not scope.namespace else ("namespace",):
        label, value = label_of(part, have, own), getattr(scope, part)
        found += [(label, "=", value)] if label and value else []
    found += _whose(scope, have, own)
    found += [(k, "=", v) for k, v in scope.selectors.items() if k in have and k not in {name for name, _, _ in found}]
    return tuple(found)


def _whose(scope: Scope, have: Collection[str], own: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The workload by its pods, which every collector names; else by a label that carries its name."""
    pod, workload = label_of("pod", have, own), label_of("workload", have, own)
    if scope.workload and pod:
        return [(pod, "=~", pods_of(scope.workload))]
    if scope.pod and pod:
        return [(pod, "=", scope.pod)]
    if scope.workload and workload:
        return [(workload, "=", scope.workload)]
    service, name = label_of("service", have, own), scope.service or scope.workload
    return [(service, "=", name)] if service and name else []
