"""What is being deleted and does not go? A finalizer that nobody removes keeps it, and nothing takes its place."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.reporting import Case, case, namespaced, observed, workload_state
from connectors.kubernetes.view import View

CHECK = "workloads"
_MINUTES = 5
"""So long beyond its grace period a pod may still be there."""


def kept(view: View) -> Iterator[Case]:
    """Pods whose deletion a finalizer holds up; one of a StatefulSet keeps its successor from being made."""
    for pod in view.all("pods"):
        meta = o.metadata(pod)
        since, finalizers = o.when(meta.get("deletionTimestamp")), meta.get("finalizers") or []
        grace = float(meta.get("deletionGracePeriodSeconds") or 0) / 60
        if since is None or not finalizers or view.recent(since, grace + _MINUTES):
            continue
        workload = view.workload_of(pod)
        lacking = not any(map(o.ready, view.pods_by_workload.get(workload, [])))
        subject = Subject(kind="Pod", namespace=o.namespace(pod), name=o.name(pod))
        names = ", ".join(map(str, finalizers))
        words = f"Pod {subject.name} is being deleted since {since:%H:%M:%S} and finalizer {names} keeps it"
        rows = [("deleted", f"{since:%Y-%m-%d %H:%M:%S}"), ("finalizers", names)]
        proof = observed(CHECK, subject, f"Pod {subject.name} does not go", words, rows, part="deletion")
        yield case("deletion kept", "DeletionBlocked", workload, words, 0.85 if lacking else 0.4,
                   [proof, workload_state(CHECK, view, workload)], onset=since, explains=[workload, subject],
                   commands=[("kubectl", "get", "pod", subject.name, *namespaced(subject), "-o", "yaml")])  # fmt: skip


RULES = (kept,)
DECIDES = ("DeletionBlocked",)
