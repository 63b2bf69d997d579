"""Which nodes do not work, and which part of them: kubelet, container runtime, kube-proxy, network, resources?

A node's words about its runtime (events of this moment, the Ready condition's message) come before the bare
NotReady; a lease that nobody renews and a status that is Unknown mean that the kubelet is silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from connectors.evidence import Evidence, Role, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.events import Event
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed, told
from connectors.kubernetes.view import View

CHECK = "nodes"
_RUNTIME = re.compile(
    r"containerd\.sock|docker\.sock|crio\.sock|cri-dockerd|container runtime (?:is down|network not ready|status check)"
    r"|runtime not ready|PLEG is not healthy|ContainerRuntimeUnhealthy|container runtime not running", re.IGNORECASE,
)  # fmt: skip
_NETWORK = re.compile(
    r"cni plugin not initialized|NetworkPluginNotReady|network plugin is not ready|NetworkUnavailable", re.IGNORECASE
)
_PRESSURE = {
    "MemoryPressure": "NodeMemoryPressure", "DiskPressure": "NodeDiskPressure", "PIDPressure": "NodePIDPressure",
    "NetworkUnavailable": "NodeNetworkUnavailable",
}  # fmt: skip
_BUILT_IN = frozenset({"Ready", "EtcdIsVoter", *_PRESSURE})
_WATCHED = (("kubelet", "KubeletUnavailable"), ("containerd|docker|cri", "ContainerRuntimeUnavailable"))
"""In the names of conditions that watchers of nodes add, and what is at fault then; else the node itself."""
_WARNED = (
    (re.compile(r"nf_conntrack: table full|ConntrackFull"), "NodeNetworkPacketLoss", 0.72),
    (re.compile(r"FreeDiskSpaceFailed|ImageGCFailed"), "NodeDiskPressure", 0.55),
    (re.compile(r"^(?:Ext4Error|IOError|FilesystemIsReadOnly|TaskHung|KernelOops|Rebooted):"), "NodeNotReady", 0.5),
)
"""Reasons and words of a node's warnings, and what is at fault then."""
_SANDBOX = ("FailedCreatePodSandBox", "FailedKillPod", "Failed", "FailedSync")
LEASE_SECONDS = 40.0
"""How much older than the newest a node's lease may be before the node is given up, by Kubernetes' default."""


def runtimes(view: View) -> Iterator[Case]:
    """Nodes whose container runtime does not answer its kubelet now."""
    for node in view.all("nodes"):
        name = o.name(node)
        own = [event for event in view.events_of("Node", "", name) if _RUNTIME.search(event.message)]
        fresh = [event for event in own if view.recent(event.last, 5)]
        pods = _pods_on(view, name)
        blocked = [
            (pod, event) for pod in pods if not o.ready(pod) for event in view.pod_events(pod, *_SANDBOX)
            if _RUNTIME.search(event.message)
        ]  # fmt: skip
        ready = o.conditions(node).get("Ready") or {}
        says = ready.get("status") != "True" and _RUNTIME.search(f"{ready.get('reason')} {ready.get('message')}")
        current = _latest_on(view, name, fresh)
        if not says and not blocked and not current:
            continue
        words = f"The container runtime of node {name} does not answer: "
        quote = str(ready.get("message")) if says else blocked[0][1].message if blocked else current[0].message
        confidence = 0.95 if says or (blocked and current) else 0.85 if blocked else 0.7
        proof = [
            _state(view, node),
            *(told(CHECK, one) for one in current[:1]),
            *(told(CHECK, one) for _, one in blocked[:2]),
        ]
        yield case("runtime silent", "ContainerRuntimeUnavailable", Subject(kind="Node", name=name),
                   words + o.short(quote, 200), confidence, proof, onset=_onset(fresh or [one for _, one in blocked]),
                   explains=[view.workload_of(pod) for pod in pods],
                   commands=[("kubectl", "describe", "node", name)])  # fmt: skip


def _latest_on(view: View, node: str, fresh: list[Event]) -> list[Event]:
    """Fresh complaints, unless the node became ready after the last of them."""
    condition = o.conditions(view.find("nodes", "", node) or {}).get("Ready") or {}
    turned = o.when(condition.get("lastTransitionTime")) if condition.get("status") == "True" else None
    return [event for event in fresh if not (turned and event.last and event.last < turned)]


def silent(view: View) -> Iterator[Case]:
    """Nodes that are not ready, or whose kubelet has stopped reporting."""
    leases = {o.name(one): one for one in view.all("leases") if o.namespace(one) == "kube-node-lease"}
    newest = max((t for one in leases.values() if (t := _renewed(one))), default=None)
    for node in view.all("nodes"):
        name, subject = o.name(node), Subject(kind="Node", name=o.name(node))
        ready = o.conditions(node).get("Ready") or {}
        renewed = _renewed(leases[name]) if name in leases else None
        stale = renewed is not None and newest is not None and (newest - renewed).total_seconds() > LEASE_SECONDS
        explains = [view.workload_of(pod) for pod in _pods_on(view, name)]
        message = f"{ready.get('reason')}: {ready.get('message')}"
        if ready.get("status") == "Unknown" or stale:
            age = f"; its lease was renewed last at {renewed:%H:%M:%S}" if renewed else ""
            words = f"The kubelet of node {name} has stopped reporting ({message}{age})"
            yield case("kubelet silent", "KubeletUnavailable", subject, words, 0.88, [_state(view, node)],
                       onset=renewed or o.when(ready.get("lastTransitionTime")), explains=explains,
                       commands=[("kubectl", "describe", "node", name)])  # fmt: skip
        elif ready.get("status") == "False" and not _RUNTIME.search(message):
            cause = "NodeNetworkUnavailable" if _NETWORK.search(message) else "NodeNotReady"
            words = f"Node {name} is not ready: {message}"
            yield case("node not ready", cause, subject, words, 0.75, [_state(view, node)],
                       onset=o.when(ready.get("lastTransitionTime")), explains=explains)  # fmt: skip


def pressed(view: View) -> Iterator[Case]:
    """Nodes under pressure."""
    for node in view.all("nodes"):
        for kind, cause in _PRESSURE.items():
            condition = o.conditions(node).get(kind) or {}
            if condition.get("status") == "True":
                name = o.name(node)
                words = f"Node {name} reports {kind}: {condition.get('message') or condition.get('reason')}"
                yield case("node condition", cause, Subject(kind="Node", name=name), words, 0.82, [_state(view, node)],
                           onset=o.when(condition.get("lastTransitionTime")),
                           explains=[view.workload_of(pod) for pod in _pods_on(view, name)])  # fmt: skip


def watched(view: View) -> Iterator[Case]:
    """Conditions that watchers of nodes add (a read-only file system, a deadlock of the kernel, restarts of daemons).

    They are a cause where pods there are not well; elsewhere they are told.
    """
    for node in view.all("nodes"):
        name = o.name(node)
        ill = [pod for pod in _pods_on(view, name) if not o.ready(pod)]
        for kind, condition in o.conditions(node).items():
            if kind in _BUILT_IN or condition.get("status") != "True":
                continue
            said = condition.get("message") or condition.get("reason") or kind
            words = f"Node {name} reports {kind}: {said}"
            cause = next((code for part, code in _WATCHED if re.search(part, kind, re.IGNORECASE)), "NodeNotReady")
            yield case("watched condition", cause, Subject(kind="Node", name=name), words, 0.6 if ill else 0.2,
                       [_state(view, node)], onset=o.when(condition.get("lastTransitionTime")),
                       role=Role.CAUSE if ill else Role.CONTEXT,
                       explains=[view.workload_of(pod) for pod in ill])  # fmt: skip


def warned(view: View) -> Iterator[Case]:
    """What a node's kernel or kubelet warns of now, beside its conditions: full tables, disks that fail, reboots."""
    for node in view.all("nodes"):
        name = o.name(node)
        for event in view.events_of("Node", "", name):
            found = next((row for row in _WARNED if row[0].search(f"{event.reason}: {event.message}")), None)
            if found is None or not view.recent(event.last, 30):
                continue
            words = f"Node {name} warns of {event.reason}: {o.short(event.message, 200)}"
            yield case("node warns", found[1], Subject(kind="Node", name=name), words, found[2],
                       [told(CHECK, event), _state(view, node)], onset=event.first,
                       explains=[view.workload_of(pod) for pod in _pods_on(view, name)])  # fmt: skip
            break


def cordoned(view: View) -> Iterator[Case]:
    """Cordoned nodes, as context: they matter to what cannot be scheduled, and that rule says so."""
    for node in view.all("nodes"):
        if o.spec(node).get("unschedulable"):
            name = o.name(node)
            yield case("cordoned", "NodeCordoned", Subject(kind="Node", name=name), f"Node {name} is cordoned", 0.1,
                       [_state(view, node)], role=Role.CONTEXT)  # fmt: skip


def _pods_on(view: View, node: str) -> list[Json]:
    return view.pods_on.get(node, [])


def _renewed(lease: Json) -> datetime | None:
    return o.when(o.spec(lease).get("renewTime"))


def _onset(events: list[Event]) -> datetime | None:
    return min((event.first for event in events if event.first), default=None)


def _state(view: View, node: Json) -> Evidence:
    """The conditions that are not as they should be first, then why pods are kept away; what is well is only named."""
    subject = Subject(kind="Node", name=o.name(node))
    conditions = [(kind, o.condition_words(one)) for kind, one in o.conditions(node).items()]
    ill = [row for row in conditions if not row[1].startswith("True" if row[0] == "Ready" else "False")]
    taints = [
        f"{one.get('key')}={one.get('value') or ''}:{one.get('effect')}" for one in o.spec(node).get("taints") or []
    ]
    rows = [*ill, ("cordoned", "yes" if o.spec(node).get("unschedulable") else ""), ("taints", ", ".join(taints))]
    rows += [("pods here", str(len(_pods_on(view, subject.name))))]
    rows += [("as it should be", ", ".join(kind for kind, _ in conditions if kind not in dict(ill)))]
    words = "; ".join(": ".join(row) for row in rows if row[1])
    return observed(CHECK, subject, f"Node {subject.name}", words, rows)


RULES = (runtimes, silent, pressed, watched, warned, cordoned)
DECIDES = (
    "KubeletUnavailable",
    "ContainerRuntimeUnavailable",
    "NodeNotReady",
    "NodeMemoryPressure",
    "NodeDiskPressure",
)
