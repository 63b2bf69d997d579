"""The kubelet of worker-3 stopped answering: the node is lost, and the pods on it wait for their eviction."""

from __future__ import annotations

from dataclasses import replace

from chatops.demo.incidents.shop import Incident, Scene, healthy, rule, world
from chatops.demo.kubernetes.cluster import MINUTE, NAMESPACE, Cluster, stamp
from chatops.demo.metrics import Phase, Traffic
from chatops.demo.world import World

LOST = 7 * MINUTE
NODE = "worker-3"


def build(now: float) -> World:
    """The world at the moment the alert fires."""
    cluster = healthy(now)
    _lose(cluster)
    hit = {p["metadata"]["labels"]["app"] for p in cluster.objects["v1/pods"] if p["spec"]["nodeName"] == NODE}
    for name in hit:
        cluster.settle(name)
    onset = now - LOST
    scene = Scene(cluster, onset, lost={NODE: onset})
    rows = dict(scene.traffic)
    for name in hit & set(rows):
        before: Traffic = rows[name]
        peak, after = (
            Phase(onset, before.rps, 0.09, before.latency * 2),
            Phase(onset + 60, before.rps, 0.006, before.latency * 1.3),
        )
        rows[name] = replace(before, phases=(peak, after))
    return world(replace(scene, traffic=rows), RULE, {"node": NODE})


def _lose(cluster: Cluster) -> None:
    node = cluster.get("v1/nodes", NODE)
    silent = "Kubelet stopped posting node status."
    for row in node["status"]["conditions"]:
        row.update(
            status="Unknown",
            reason="NodeStatusUnknown",
            message=silent,
            lastTransitionTime=stamp(cluster.now - LOST + 45),
            lastHeartbeatTime=stamp(cluster.now - LOST),
        )
    since = stamp(cluster.now - LOST + 45)
    node["spec"]["taints"] = [
        {"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule", "timeAdded": since},
        {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": since},
    ]
    cluster.get("coordination.k8s.io/v1/leases", NODE)["spec"]["renewTime"] = stamp(cluster.now - LOST)
    cluster.event(
        "Node", NODE, "NodeNotReady", f"Node {NODE} status is now: NodeNotReady", LOST - 45, source="node-controller"
    )
    for pod in cluster.objects["v1/pods"]:
        if pod["spec"]["nodeName"] == NODE:
            _unready(cluster, pod["metadata"]["name"])


def _unready(cluster: Cluster, name: str) -> None:
    pod = cluster.get("v1/pods", name)
    for row in pod["status"]["conditions"]:
        if row["type"] in ("Ready", "ContainersReady"):
            row.update(status="False", lastTransitionTime=stamp(cluster.now - LOST + 45), reason="NodeNotReady")
    cluster.event(
        "Pod", name, "NodeNotReady", "Node is not ready", LOST - 45, source="node-controller", namespace=NAMESPACE
    )


RULE = rule(
    "KubeNodeNotReady",
    'kube_node_status_condition{condition="Ready",status="true"} == 0',
    f"{NODE} has not been ready for five minutes",
)
INCIDENT = Incident(
    name="node-down",
    title="A node is gone",
    story="The kubelet of worker-3 stopped; a third of the pods went with it, the rest carries the traffic.",
    question="several services lost replicas at once, why?",
    cause="KubeletUnavailable",
    build=build,
)
