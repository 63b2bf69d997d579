"""Nodes that fail: kubelet, container runtime, memory, disk, and the proxy that routes to Services."""

from __future__ import annotations

from functools import partial

from chatops.demo.incidents import node_down
from chatops.demo.incidents.shop import healthy
from chatops.demo.kubernetes.cluster import DAY, MINUTE, Cluster, stamp
from chatops.demo.world import World
from tests.bench.faults.scene import SINCE, Fault, suffering

NODE = "worker-2"


def _condition(cluster: Cluster, kind: str, status: str, reason: str, message: str) -> None:
    node = cluster.get("v1/nodes", NODE)
    for row in node["status"]["conditions"]:
        if row["type"] == kind:
            row.update(status=status, reason=reason, message=message, lastTransitionTime=stamp(cluster.now - SINCE))


def _unready(cluster: Cluster) -> None:
    hit = set()
    for pod in cluster.objects["v1/pods"]:
        if pod["spec"].get("nodeName") == NODE:
            hit.add(pod["metadata"]["labels"]["app"])
            for row in pod["status"]["conditions"]:
                if row["type"] == "Ready":
                    row.update(status="False", reason="NodeNotReady", lastTransitionTime=stamp(cluster.now - SINCE))
    for name in hit:
        cluster.settle(name)


def _runtime(now: float) -> World:
    cluster = healthy(now)
    why = "container runtime is down, PLEG is not healthy: pleg was last seen active 14m2s ago; threshold is 3m0s"
    _condition(cluster, "Ready", "False", "KubeletNotReady", f"[{why}]")
    cluster.event(
        "Node", NODE, "NodeNotReady", f"Node {NODE} status is now: NodeNotReady", SINCE, source="node-controller"
    )
    _unready(cluster)
    return suffering(cluster, "catalog", share=0.3)


def _pressure(now: float, kind: str, reason: str, starved: str) -> World:
    cluster = healthy(now)
    _condition(cluster, kind, "True", reason, f"kubelet has {starved}")
    cluster.event("Node", NODE, reason, f"Node {NODE} status is now: {reason}", SINCE, source="kubelet", warning=False)
    evicted = [p for p in cluster.objects["v1/pods"] if p["spec"].get("nodeName") == NODE][:2]
    for pod in evicted:
        resource = "memory" if kind == "MemoryPressure" else "ephemeral-storage"
        text = f"The node was low on resource: {resource}. Threshold quantity: 100Mi, available: 48Mi."
        cluster.event("Pod", pod["metadata"]["name"], "Evicted", text, SINCE - MINUTE)
    return suffering(cluster, "catalog", share=0.3)


def _proxy(now: float) -> World:
    """kube-proxy of one node ends again and again: Services are not reached from there."""
    cluster = healthy(now)
    image = "registry.k8s.io/kube-proxy:v1.34.2"
    for node in ("worker-1", "worker-2", "worker-3"):
        ill = node == NODE
        wait = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}
        ended = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": stamp(now - 80)}}
        status = {
            "name": "kube-proxy", "image": image, "imageID": "sha256:3", "ready": not ill, "started": not ill,
            "restartCount": 7 if ill else 0, "state": wait if ill else {"running": {"startedAt": stamp(now - DAY)}},
            "lastState": ended if ill else {},
        }  # fmt: skip
        ready = cluster.condition("Ready", "False" if ill else "True", "ContainersNotReady" if ill else "", SINCE)
        body = {"spec": {"nodeName": node, "containers": [{"name": "kube-proxy", "image": image}]},
                "status": {"phase": "Running", "podIP": "10.0.1.9", "containerStatuses": [status], "conditions": [ready]}}  # fmt: skip
        owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "kube-proxy", "uid": "p", "controller": True}
        cluster.add("v1/pods", f"kube-proxy-{node[-1]}x9z4", 20 * DAY, body, "kube-system",
                    labels={"k8s-app": "kube-proxy"}, ownerReferences=[owner])  # fmt: skip
    spec = {"selector": {"matchLabels": {"k8s-app": "kube-proxy"}},
            "template": {"metadata": {"labels": {"k8s-app": "kube-proxy"}},
                         "spec": {"containers": [{"name": "kube-proxy", "image": image}]}}}  # fmt: skip
    counts = {"desiredNumberScheduled": 3, "currentNumberScheduled": 3, "numberReady": 2, "numberUnavailable": 1}
    cluster.add("apps/v1/daemonsets", "kube-proxy", 90 * DAY, {"spec": spec, "status": counts}, "kube-system")
    cluster.event("Pod", f"kube-proxy-{NODE[-1]}x9z4", "BackOff", "Back-off restarting failed container kube-proxy", 20,
                  first=SINCE, count=40, namespace="kube-system")  # fmt: skip
    return suffering(cluster, "catalog", share=0.3)


FAULTS = (
    Fault("kubelet", "KubeletUnavailable", "node/worker-3", node_down.build),
    Fault("container-runtime", "ContainerRuntimeUnavailable", f"node/{NODE}", _runtime),
    Fault("memory-pressure", "NodeMemoryPressure", f"node/{NODE}",
          partial(_pressure, kind="MemoryPressure", reason="NodeHasInsufficientMemory", starved="insufficient memory available")),
    Fault("disk-pressure", "NodeDiskPressure", f"node/{NODE}",
          partial(_pressure, kind="DiskPressure", reason="NodeHasDiskPressure", starved="disk pressure")),
    Fault("kube-proxy", "KubeProxyUnavailable", f"node/{NODE}", _proxy),
)  # fmt: skip
