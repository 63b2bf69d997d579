from __future__ import annotations

import copy
from typing import Any

import pytest

from connectors.kubernetes.analyzers.scheduling import messages
from tests.connectors.kubernetes.cluster import Cluster, findings, sure, top


def pending(**spec: Any) -> Cluster:
    cluster = Cluster()
    cluster.app("pay", ready=False, node=None, pod_spec=spec)
    return cluster


def affinity(operator: str, values: list[str]) -> dict[str, Any]:
    term = {"matchExpressions": [{"key": "disk", "operator": operator, "values": values}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


def test_selector_that_no_node_satisfies() -> None:
    assert top(pending(nodeSelector={"disk": "ssd"})) == "NodeSelectorMismatch Deployment/pay"


def test_affinity_that_no_node_satisfies() -> None:
    assert top(pending(affinity=affinity("In", ["ssd"]))) == "NodeAffinityMismatch Deployment/pay"


def test_taint_on_the_node_that_the_selector_asks_for() -> None:
    cluster = pending(nodeSelector={"kubernetes.io/hostname": "n1"})
    cluster.objects["nodes"][0]["spec"]["taints"] = [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]
    assert top(cluster) == "TaintNotTolerated Deployment/pay"


def test_a_tolerated_taint_is_no_reason() -> None:
    cluster = pending(tolerations=[{"key": "dedicated", "operator": "Exists"}])
    for node in cluster.objects["nodes"]:
        node["spec"]["taints"] = [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]
    assert not any(one.cause == "TaintNotTolerated" for one in findings(cluster))


def test_cordoned_node_that_the_selector_asks_for() -> None:
    cluster = pending(nodeSelector={"kubernetes.io/hostname": "n2"})
    cluster.objects["nodes"][1]["spec"]["unschedulable"] = True
    assert top(cluster) == "NodeCordoned Deployment/pay"


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        ({"cpu": "9"}, "InsufficientCPU"),
        ({"memory": "9Gi"}, "InsufficientMemory"),
        ({"example.com/gpu": "1"}, "InsufficientResource"),
    ],
)
def test_more_than_any_node_has(request_: dict[str, str], cause: str) -> None:
    cluster = Cluster()
    cluster.app("pay", ready=False, node=None, container={"resources": {"requests": request_}})
    assert top(cluster) == f"{cause} Deployment/pay"


def test_what_others_request_is_counted() -> None:
    cluster = Cluster(nodes=["n1"])
    cluster.app("big", container={"resources": {"requests": {"cpu": "3900m"}}})
    cluster.app("pay", ready=False, node=None, container={"resources": {"requests": {"cpu": "500m"}}})
    assert top(cluster) == "InsufficientCPU Deployment/pay"
    assert "0.5 requested, 0.1 free of 4" in findings(cluster)[0].statement


def test_anti_affinity_that_leaves_no_node() -> None:
    term = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "kubernetes.io/hostname"}
    cluster = pending(affinity={"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}})
    cluster.app("db", node="n1")
    cluster.app("db", node="n2", service=False)
    assert top(cluster) == "PodAntiAffinityConflict Deployment/pay"


def test_host_port_that_is_taken() -> None:
    cluster = Cluster(nodes=["n1"])
    port = {"ports": [{"containerPort": 80, "hostPort": 80}]}
    cluster.app("first", 80, container=port)
    cluster.app("pay", 80, ready=False, node=None, container=port)
    assert top(cluster) == "HostPortConflict Deployment/pay"


def test_gates_are_named() -> None:
    assert top(pending(schedulingGates=[{"name": "wait-for-licence"}])) == "SchedulingGated Deployment/pay"


def test_the_schedulers_words_stand_in_where_nodes_may_not_be_read() -> None:
    cluster = pending()
    cluster.forbid("nodes")
    cluster.pod_event(
        "pay", "FailedScheduling", "0/4 nodes are available: 1 node(s) were unschedulable, 3 Insufficient memory."
    )
    assert top(cluster) == "InsufficientMemory Deployment/pay"


def test_what_the_latest_revision_brought_goes_before_what_held_already() -> None:
    cluster = Cluster(("n1", "n2", "n3"))
    for name in ("n2", "n3"):
        cluster.objects["nodes"][int(name[1]) - 1]["spec"]["taints"] = [{"key": "db", "effect": "NoSchedule"}]
    term = {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
    apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    cluster.app("web", node="n1")
    cluster.app("pay", ready=False, node=None, pod_spec={"affinity": apart})
    assert top(cluster) == "TaintNotTolerated Deployment/pay"
    before = copy.deepcopy(cluster.objects["replicasets"][-1])
    before["metadata"]["name"] = "pay-4c8b6a7e5c"
    del before["spec"]["template"]["spec"]["affinity"]
    cluster.objects["replicasets"].insert(0, before)
    cluster.objects["replicasets"][-1]["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "2"}
    assert top(cluster) == "PodAntiAffinityConflict Deployment/pay"


@pytest.mark.parametrize("told", ["had untolerated taint {a: b}", "had untolerated taint(s)", "had taint {a: b}, that"])
def test_a_taint_in_the_words_of_every_version(told: str) -> None:
    assert messages(f"0/4 nodes are available: 3 node(s) {told}, 1 Insufficient cpu.")["TaintNotTolerated"] == 3


def test_nodes_of_the_control_plane_do_not_outvote_workers() -> None:
    cluster = pending()
    cluster.objects["nodes"] = []
    for name in ("m1", "m2", "m3"):
        node = cluster.node(name, unschedulable=True)
        node["metadata"]["labels"]["node-role.kubernetes.io/control-plane"] = ""
    cluster.node("w1", taints=[{"key": "gpu", "value": "yes", "effect": "NoSchedule"}])
    assert top(cluster) == "TaintNotTolerated Deployment/pay"


def test_a_pod_that_fits_somewhere_is_no_misfit() -> None:
    cluster = pending()
    assert not any("NodeSelector" in one or "Insufficient" in one for one in sure(cluster, 0))


def spread(**constraint: Any) -> Cluster:
    """Two pods run in one zone; the other has a node that takes none, and the third may not join the first two."""
    alike = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["pay", "next"]}]}
    rule = {"topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": alike}
    cluster = Cluster()
    for node, zone in zip(cluster.objects["nodes"], "ab", strict=True):
        node["metadata"]["labels"]["zone"] = zone
    cluster.objects["nodes"][1]["spec"]["unschedulable"] = True
    cluster.app("pay", node="n1", pods=2)
    cluster.app("next", ready=False, node=None, pod_spec={"topologySpreadConstraints": [rule | constraint]})
    return cluster


def test_a_spread_that_leaves_no_node() -> None:
    assert top(spread()) == "TopologySpreadConflict Deployment/next"
    assert "2 pods in zone a, 0 in the emptiest: skew above 1" in findings(spread())[0].statement
    unlabelled = findings(spread(topologyKey="rack"))[0]
    assert unlabelled.cause == "TopologySpreadConflict"
    assert "no label rack" in unlabelled.statement


@pytest.mark.parametrize(
    "calm",
    [
        {"whenUnsatisfiable": "ScheduleAnyway"},
        {"maxSkew": 3},
        {"nodeTaintsPolicy": "Honor"},
        {"labelSelector": None},
        {"matchLabelKeys": ["app"]},
    ],
)
def test_a_spread_that_leaves_a_node(calm: dict[str, Any]) -> None:
    assert not any(one.cause == "TopologySpreadConflict" for one in findings(spread(**calm)))


def test_too_few_domains_count_as_an_empty_one() -> None:
    assert top(spread(nodeTaintsPolicy="Honor", minDomains=2)) == "TopologySpreadConflict Deployment/next"
