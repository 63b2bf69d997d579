from __future__ import annotations

from connectors.kubernetes.analyzers.rollouts import changed, differences
from tests.connectors.kubernetes.cluster import Cluster, ago, findings, sure


def released(ready: bool, seconds: float = 300) -> Cluster:
    cluster = Cluster()
    cluster.app("pay", ready=ready)
    new = cluster.objects["replicasets"][0]
    new["metadata"] |= {"creationTimestamp": ago(seconds), "annotations": {"deployment.kubernetes.io/revision": "2"}}
    container = new["spec"]["template"]["spec"]["containers"][0] | {"image": "registry.example/pay:0"}
    cluster.add(
        "replicasets",
        "ReplicaSet",
        "pay-66d9c7b8f5",
        metadata={
            "ownerReferences": new["metadata"]["ownerReferences"],
            "annotations": {"deployment.kubernetes.io/revision": "1"},
        },
        spec={"replicas": 0, "template": {"spec": {**new["spec"]["template"]["spec"], "containers": [container]}}},
        status={"replicas": 0},
    )
    return cluster


def test_a_change_is_told_with_what_differs() -> None:
    evidence = list(changed(released(ready=True).view()))
    assert len(evidence) == 1
    assert "registry.example/pay:0 → registry.example/pay:1" in evidence[0].summary
    assert evidence[0].query == "kubectl rollout history deployment/pay -n shop"


def test_a_change_of_yesterday_is_not_told() -> None:
    assert list(changed(released(ready=True, seconds=90000).view())) == []


def test_a_release_after_which_nothing_gets_ready() -> None:
    assert "BadRelease pay" in sure(released(ready=False))
    assert sure(released(ready=True), 0) == []


def test_a_rollout_past_its_deadline() -> None:
    cluster = Cluster()
    condition = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}
    cluster.app("pay")["status"]["conditions"] = [condition]
    assert [one.cause for one in findings(cluster)] == ["RolloutStuck"]


def test_deliveries_that_report_failure() -> None:
    cluster = Cluster()
    cluster.add(
        "applications", "Application", "shop", status={"operationState": {"phase": "Failed", "message": "bad manifest"}}
    )
    ready = {"type": "Ready", "status": "False", "reason": "UpgradeFailed", "message": "timed out"}
    cluster.add("helmreleases", "HelmRelease", "shop", status={"conditions": [ready]})
    assert {one.cause for one in findings(cluster)} == {"GitOpsSyncFailed", "HelmReleaseFailed"}


def test_differences_show_the_image_first() -> None:
    before = {"containers": [{"name": "main", "image": "a:1", "args": ["-x"]}]}
    after = {"containers": [{"name": "main", "image": "a:2", "args": ["-y"]}]}
    assert [path for path, _, _ in differences(before, after)] == ["containers[main].image", "containers[main].args[0]"]
