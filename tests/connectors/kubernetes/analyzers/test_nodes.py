from __future__ import annotations

import pytest

from connectors.evidence import ResourceState
from connectors.kubernetes.analyzers.nodes import cordoned
from tests.connectors.kubernetes.cluster import Cluster, ago, sure, top

SOCKET = "rpc error: code = Unavailable: dial unix /run/containerd/containerd.sock: connect: no such file or directory"


def test_the_ready_condition_names_the_runtime() -> None:
    cluster = Cluster(nodes=["n1"])
    cluster.node("n2", ready="False", message="container runtime is down")
    assert top(cluster) == "ContainerRuntimeUnavailable Node/n2"


def test_pods_that_cannot_be_created_name_the_runtime() -> None:
    cluster = Cluster()
    cluster.app("pay", ready=False, state={"state": {"waiting": {"reason": "ContainerCreating"}}})
    cluster.pod_event("pay", "FailedCreatePodSandBox", SOCKET)
    cluster.event("Node", "n1", "ContainerGCFailed", SOCKET)
    assert top(cluster) == "ContainerRuntimeUnavailable Node/n1"


def test_a_runtime_that_came_back_is_no_cause() -> None:
    cluster = Cluster()
    cluster.event("Node", "n1", "ContainerGCFailed", SOCKET, seconds=200)
    cluster.objects["nodes"][0]["status"]["conditions"][0]["lastTransitionTime"] = ago(100)
    assert sure(cluster, 0) == []


def test_a_silent_kubelet_by_status_and_by_lease() -> None:
    cluster = Cluster()
    cluster.objects["nodes"][1]["status"]["conditions"][0] |= {"status": "Unknown", "reason": "NodeStatusUnknown"}
    assert top(cluster) == "KubeletUnavailable Node/n2"
    other = Cluster()
    other.objects["leases"][0]["spec"]["renewTime"] = ago(120)
    assert top(other) == "KubeletUnavailable Node/n1"


def test_leases_that_are_all_equally_old_mean_nothing() -> None:
    cluster = Cluster()
    for lease in cluster.objects["leases"]:
        lease["spec"]["renewTime"] = ago(300)
    assert sure(cluster, 0) == []


def test_not_ready_without_a_reason_and_without_network() -> None:
    cluster = Cluster(nodes=["n1"])
    cluster.node("n2", ready="False", message="kubelet is restarting")
    assert top(cluster) == "NodeNotReady Node/n2"
    cluster.node("n3", ready="False", message="network plugin is not ready: cni plugin not initialized")
    assert "NodeNetworkUnavailable n3" in sure(cluster)


def test_pressure() -> None:
    cluster = Cluster()
    cluster.objects["nodes"][0]["status"]["conditions"].append(
        {"type": "DiskPressure", "status": "True", "reason": "KubeletHasDiskPressure"}
    )
    assert top(cluster) == "NodeDiskPressure Node/n1"


@pytest.mark.parametrize(
    ("kind", "cause"),
    [("ReadonlyFilesystem", "NodeNotReady"), ("FrequentContainerdRestart", "ContainerRuntimeUnavailable"),
     ("FrequentKubeletRestart", "KubeletUnavailable")],
)  # fmt: skip
def test_conditions_that_watchers_add_explain_pods_that_are_not_well(kind: str, cause: str) -> None:
    cluster = Cluster()
    cluster.app("web", ready=False)
    said = {"type": kind, "status": "True", "reason": "x", "message": "y", "lastTransitionTime": ago(600)}
    cluster.objects["nodes"][0]["status"]["conditions"].append(said)
    assert f"{cause} n1" in sure(cluster)
    well = Cluster()
    well.app("web")
    well.objects["nodes"][0]["status"]["conditions"] += [said, {"type": "EtcdIsVoter", "status": "True"}]
    assert sure(well, 0) == []


def test_what_is_not_as_it_should_be_stands_before_what_is_well() -> None:
    cluster = Cluster(nodes=())
    node = cluster.node("n1", unschedulable=True)
    node["status"]["conditions"] += [{"type": "PIDPressure", "status": "False"}, {"type": "Odd", "status": "Unknown"}]
    (found,) = cordoned(cluster.view())
    body = found.evidence[0].body
    assert isinstance(body, ResourceState)
    assert [row[0] for row in body.rows] == ["Odd", "cordoned", "pods here", "as it should be"]
    assert found.evidence[0].summary == "Odd: Unknown; cordoned: yes; pods here: 0; as it should be: Ready, PIDPressure"
