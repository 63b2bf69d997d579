"""Do scheduler, controller manager, etcd and kube-proxy work? From what they leave undone, their leases, their pods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import fitting
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers.scheduling import pending, scheduler_words
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed, pod_state, workload_state
from connectors.kubernetes.view import View

CHECK = "control plane"
COMPONENTS = {
    "kube-scheduler": "KubeSchedulerUnavailable",
    "kube-controller-manager": "ControllerManagerUnavailable",
    "etcd": "EtcdUnhealthy",
    "kube-apiserver": "APIServerUnhealthy",
    "kube-proxy": "KubeProxyUnavailable",
}
_SCHEDULER = "default-scheduler"
_PATIENCE = 0.33
"""Minutes that a pod may wait for its scheduler."""
_UNHEARD = 0.4
_STALE = 45.0
"""Seconds after which a leader's lease is old: it is renewed every two, and given up after fifteen."""


def unscheduled(view: View) -> Iterator[Case]:
    """Pods that nobody has tried to schedule, though nodes have room."""
    if not view.read("events"):
        return
    waiting = [pod for pod in view.pods if pending(pod) and not view.recent(o.created(pod), _PATIENCE)]
    silent = [pod for pod in waiting if not scheduler_words(view, pod) and not view.unbound_claims(pod)
              and not o.spec(pod).get("schedulingGates")]  # fmt: skip
    others = view.all("all_pods") or view.pods
    fitting_pods = [pod for pod in silent if fitting.fit(pod, view.all("nodes"), others, view.volumes_of(pod)).possible]
    if not fitting_pods:
        return
    own = {str(o.spec(pod).get("schedulerName") or _SCHEDULER) for pod in fitting_pods}
    # One of their own that is asked for by name, and that may not exist: the cluster's own is not to blame.
    named = next(iter(own)) if len(own) == 1 and _SCHEDULER not in own else ""
    home = Subject(kind="Component", name=named) if named else _home(view, "kube-scheduler")
    told = not named and any(scheduler_words(view, pod) for pod in waiting)
    names = sorted({view.workload_of(pod).name for pod in fitting_pods})
    untouched = [pod for pod in fitting_pods if "PodScheduled" not in o.conditions(pod)]
    words = f"{len(fitting_pods)} pods ({', '.join(names[:4])}) wait for a node that would take them, and " + (
        f"scheduler {named}, which they ask for, has not said a word" if named else "no scheduler has said a word"
    )
    # A pod that no scheduler has touched tells by itself. Silence about one only tells where warnings are heard at all.
    confidence = _UNHEARD if told else 0.93 if untouched else 0.88 if view.events else _UNHEARD
    yield case("nobody schedules", "KubeSchedulerUnavailable", home, words, confidence,
               [pod_state("pods", pod) for pod in fitting_pods[:3]], onset=o.created(fitting_pods[0]),
               explains=[view.workload_of(pod) for pod in fitting_pods])  # fmt: skip


def uncontrolled(view: View) -> Iterator[Case]:
    """Workloads whose latest specification no controller has looked at."""
    ignored = [
        (subject, one) for subject, one in view.workloads.items()
        if int(o.metadata(one).get("generation") or 0) > int(o.status(one).get("observedGeneration") or 0) > 0
    ]  # fmt: skip
    if not ignored or not _lease_stale(view, "kube-controller-manager"):
        return
    names = ", ".join(subject.name for subject, _ in ignored[:4])
    words = f"No controller has looked at the latest specification of {names}"
    proof = [workload_state(CHECK, view, subject) for subject, _ in ignored[:3]]
    yield case("nobody reconciles", "ControllerManagerUnavailable", _home(view, "kube-controller-manager"), words, 0.85,
               proof, explains=[subject for subject, _ in ignored])  # fmt: skip


def leases(view: View) -> Iterator[Case]:
    """Leaders that have stopped renewing."""
    for name in ("kube-scheduler", "kube-controller-manager"):
        lease = view.find("leases", "kube-system", name)
        if lease is None or not _lease_stale(view, name):
            continue
        renewed = o.when(o.spec(lease).get("renewTime"))
        words = f"{name} has not renewed its lease since {renewed:%H:%M:%S}"
        rows = [("renewTime", str(renewed)), ("holder", str(o.spec(lease).get("holderIdentity") or ""))]
        subject = Subject(kind="Lease", namespace="kube-system", name=name)
        proof = observed(CHECK, subject, f"Lease of {name}", words, rows)
        yield case("leader silent", COMPONENTS[name], _home(view, name), words, 0.85, [proof], onset=renewed,
                   explains=[view.workload_of(pod) for pod in view.pods if pending(pod)])  # fmt: skip


def _lease_stale(view: View, name: str) -> bool:
    lease = view.find("leases", "kube-system", name)
    renewed = o.when(o.spec(lease).get("renewTime")) if lease else None
    newest = max((t for one in view.all("leases") if (t := _renewed(one))), default=None)
    return bool(renewed and newest and (newest - renewed).total_seconds() > _STALE)


def _renewed(lease: Json) -> datetime | None:
    return o.when(o.spec(lease).get("renewTime"))


def components(view: View) -> Iterator[Case]:
    """Pods of the control plane that do not run."""
    for pod in view.all("system_pods"):
        name = _component(pod)
        if name is None or o.ready(pod) or o.finished(pod):
            continue
        node = str(o.spec(pod).get("nodeName") or "")
        subject = Subject(kind="Node", name=node) if name == "kube-proxy" and node else _home(view, name)
        words = f"{name} on node {node or 'none'} is not ready"
        explains = [view.workload_of(one) for one in view.pods if not node or o.spec(one).get("nodeName") == node]
        yield case("component not ready", COMPONENTS[name], subject, words, 0.88, [pod_state(CHECK, pod)],
                   explains=explains if name == "kube-proxy" else list(view.workloads))  # fmt: skip


def _component(pod: Json) -> str | None:
    having = o.labels(pod)
    said = having.get("component") or having.get("k8s-app") or ""
    return next((name for name in COMPONENTS if said == name or o.name(pod).startswith(name + "-")), None)


def _home(view: View, component: str) -> Subject:
    """Where the component runs: its node, where that is known; otherwise the component by name."""
    for pod in view.all("system_pods"):
        if _component(pod) == component and o.spec(pod).get("nodeName"):
            return Subject(kind="Node", name=str(o.spec(pod)["nodeName"]))
    masters = [o.name(node) for node in view.all("nodes") if fitting.control_plane(node)]
    return Subject(kind="Node", name=masters[0]) if len(masters) == 1 else Subject(kind="Component", name=component)


def proof_of_life(view: View) -> Iterator[Evidence]:
    """Which components could be seen at all."""
    seen = sorted({name for pod in view.all("system_pods") if (name := _component(pod))})
    rows = [(name, "seen") for name in seen]
    if rows:
        subject = Subject(kind="Namespace", name="kube-system")
        yield observed(
            CHECK, subject, "Components of the control plane", ", ".join(seen) + " run as pods", rows, part="components"
        )


RULES = (unscheduled, uncontrolled, leases, components)
DECIDES = ("KubeSchedulerUnavailable", "ControllerManagerUnavailable", "KubeProxyUnavailable")
