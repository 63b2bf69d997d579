"""What no node takes: cordons, taints, selectors, affinity, spread and room."""

from __future__ import annotations

from functools import partial

from chatops.demo.kubernetes.cluster import MINUTE, Cluster, Object, stamp
from chatops.demo.world import World
from tests.bench.faults.scene import SINCE, Change, Fault, calling, released, suffering, unscheduled

_SELECTOR = "node(s) didn't match Pod's node affinity/selector"
_TAIL = "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."


def _pending(now: float, workload: str, why: str, change: Change, nodes: Change | None = None) -> World:
    cluster = released(now, workload, change=change)
    for node in cluster.objects["v1/nodes"] if nodes else ():
        assert nodes is not None
        nodes(node)
    unscheduled(cluster, workload, f"0/3 nodes are available: {why}. {_TAIL}")
    return suffering(cluster, workload, logs=calling(cluster, workload, "connect: connection refused"))


def _select(**labels: str) -> Change:
    def change(spec: Object) -> None:
        spec["nodeSelector"] = {key.replace("_", "/"): value for key, value in labels.items()}

    return change


def _pin(spec: Object) -> None:
    spec["nodeSelector"] = {"kubernetes.io/hostname": "worker-2"}


def _require(spec: Object) -> None:
    term = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-west-1d"]}]}
    rule = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    spec["affinity"] = {"nodeAffinity": rule}


def _apart(spec: Object) -> None:
    term = {"labelSelector": {"matchLabels": {"app": "catalog"}}, "topologyKey": "kubernetes.io/hostname"}
    spec["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def _ask(**requests: str) -> Change:
    def change(spec: Object) -> None:
        spec["containers"][0]["resources"]["requests"].update(requests)
        if "memory" in requests:
            spec["containers"][0]["resources"]["limits"]["memory"] = requests["memory"]

    return change


def _cordon(node: Object) -> None:
    if node["metadata"]["name"] == "worker-2":
        node["spec"]["unschedulable"] = True
        node["spec"]["taints"] = [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]


def _taint(node: Object) -> None:
    node["spec"]["taints"] = [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]


def _nothing(spec: Object) -> None:
    """The pods are as they were."""


def _no_scheduler(now: float) -> World:
    """Pods wait and nobody says why: the scheduler itself is down, its lease is old."""
    cluster = released(now, "cart")
    unscheduled(cluster, "cart", "", event=False)
    _scheduler(cluster)
    return suffering(cluster, "cart", logs=calling(cluster, "cart", "connect: connection refused"))


def _scheduler(cluster: Cluster) -> None:
    name = "kube-scheduler-control-1"
    wait = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": stamp(cluster.now - 60)}}
    status = {
        "name": "kube-scheduler", "image": "registry.k8s.io/kube-scheduler:v1.34.2", "imageID": "sha256:1", "ready": False,
        "started": False, "restartCount": 6, "state": wait, "lastState": ended,
    }  # fmt: skip
    body = {
        "spec": {"nodeName": "control-1", "containers": [{"name": "kube-scheduler", "image": status["image"]}]},
        "status": {
            "phase": "Running", "podIP": "10.0.1.2", "containerStatuses": [status],
            "conditions": [cluster.condition("Ready", "False", "ContainersNotReady", SINCE)],
        },
    }  # fmt: skip
    labels = {"component": "kube-scheduler", "tier": "control-plane"}
    cluster.add("v1/pods", name, 40 * 86400, body, "kube-system", labels=labels)
    lease = {
        "holderIdentity": "control-1_x",
        "leaseDurationSeconds": 15,
        "renewTime": stamp(cluster.now - SINCE - MINUTE),
    }
    cluster.add("coordination.k8s.io/v1/leases", "kube-scheduler", 40 * 86400, {"spec": lease}, "kube-system")


FAULTS = (
    Fault("cordon", "NodeCordoned", "app/orders",
          partial(_pending, workload="orders", change=_pin, nodes=_cordon, why=f"1 node(s) were unschedulable, 2 {_SELECTOR}")),
    Fault("node-selector", "NodeSelectorMismatch", "app/catalog",
          partial(_pending, workload="catalog", change=_select(disktype="nvme"), why=f"3 {_SELECTOR}")),
    Fault("node-affinity", "NodeAffinityMismatch", "app/payments",
          partial(_pending, workload="payments", change=_require, why=f"3 {_SELECTOR}")),
    Fault("anti-affinity", "PodAntiAffinityConflict", "app/cart",
          partial(_pending, workload="cart", change=_apart, why="3 node(s) didn't match pod anti-affinity rules")),
    Fault("taint", "TaintNotTolerated", "app/checkout",
          partial(_pending, workload="checkout", change=_nothing, nodes=_taint,
                  why="3 node(s) had untolerated taint(s) {dedicated: batch}")),
    Fault("no-cpu", "InsufficientCPU", "app/catalog",
          partial(_pending, workload="catalog", change=_ask(cpu="6"), why="3 Insufficient cpu")),
    Fault("no-memory", "InsufficientMemory", "app/orders",
          partial(_pending, workload="orders", change=_ask(memory="40Gi"), why="3 Insufficient memory")),
    Fault("scheduler", "KubeSchedulerUnavailable", "node/control-1", _no_scheduler),
)  # fmt: skip
