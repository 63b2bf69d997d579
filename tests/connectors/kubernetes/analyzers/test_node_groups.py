from __future__ import annotations

import pytest

from connectors.evidence import Subject
from connectors.kubernetes.analyzers.node_groups import KIND, Group, groups, read
from tests.connectors.kubernetes.cluster import Cluster, findings, sure

NEW = """
autoscalerStatus: Running
clusterWide: {health: {status: Healthy}}
nodeGroups:
- name: general
  health:
    status: Healthy
    cloudProviderTarget: 3
    minSize: 1
    maxSize: 3
    nodeCounts: {registered: {ready: 3, total: 3}}
  scaleUp: {status: NoActivity, backoffInfo: {}}
- name: large
  health: {status: Healthy, cloudProviderTarget: 1, minSize: 0, maxSize: 4, nodeCounts: {registered: {ready: 0}}}
  scaleUp:
    status: Backoff
    backoffInfo: {errorCode: QUOTA_EXCEEDED, errorMessage: "Instance could not be launched: 16 vCPUs are allowed"}
time: 2026-10-02 14:29:22.999645779 +0000 UTC
"""
OLD = """Cluster-autoscaler status at 2021-10-06 20:30:12.218 +0000 UTC:
Cluster-wide:
  Health:      Healthy (ready=4 unready=0 registered=4 longUnregistered=0)
  ScaleUp:     InProgress (ready=4 registered=4)

NodeGroups:
  Name:        MachineSet/machine-api/zone1
  Health:      Healthy (ready=1 unready=0 registered=1 longUnregistered=0 cloudProviderTarget=3 (minSize=1, maxSize=3))
               LastProbeTime:      2021-10-06 20:30:11.009 +0000 UTC m=+571.7
  ScaleUp:     InProgress (ready=1 cloudProviderTarget=3)
  ScaleDown:   NoCandidates (candidates=0)

  Name:        MachineSet/machine-api/zone2
  Health:      Healthy (ready=3 unready=0 registered=3 longUnregistered=0 cloudProviderTarget=3 (minSize=1, maxSize=9))
  ScaleUp:     Backoff (ready=3 cloudProviderTarget=3)
"""
NO_ROOM = "0/2 nodes are available: 2 Insufficient cpu."


def waiting(status: str, message: str = NO_ROOM) -> Cluster:
    cluster = Cluster()
    cluster.app("pay", ready=False, node=None)
    pod = cluster.pod("pay")
    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    pod["status"] = {"phase": "Pending", "conditions": [unscheduled]}
    cluster.add(KIND, "ConfigMap", "cluster-autoscaler-status", "kube-system", data={"status": status})
    return cluster


def test_both_forms_of_the_status() -> None:
    assert read(NEW) == [
        Group("general", "Healthy", "NoActivity", 3, 3, 3),
        Group("large", "Healthy", "Backoff", 0, 1, 4,
              "QUOTA_EXCEEDED: Instance could not be launched: 16 vCPUs are allowed"),
    ]  # fmt: skip
    assert read(OLD) == [
        Group("MachineSet/machine-api/zone1", "Healthy", "InProgress", 1, 3, 3),
        Group("MachineSet/machine-api/zone2", "Healthy", "Backoff", 3, 3, 9),
    ]


@pytest.mark.parametrize("status", ["", "nonsense", "nodeGroups: {a: b}", "nodeGroups: [1, {}]", "a: [", "x" * 300_000])
def test_what_is_no_status_blames_nobody(status: str) -> None:
    assert not any("ClusterAutoscaler" in one for one in sure(waiting(status), 0))


def test_a_group_that_the_cloud_refused_is_a_cause_with_the_clouds_words() -> None:
    found = next(one for one in findings(waiting(NEW)) if one.cause == "ClusterAutoscalerBlocked")
    assert "QUOTA_EXCEEDED: Instance could not be launched" in found.statement
    assert Subject(kind="Deployment", namespace="shop", name="pay") in found.explains


def test_groups_that_are_all_at_their_maximum_while_one_below_it_blames_nothing() -> None:
    full = NEW.replace("Backoff", "NoActivity").replace("maxSize: 4", "maxSize: 1")
    assert "ClusterAutoscalerBlocked general" in sure(waiting(full))
    assert not any("ClusterAutoscaler" in one for one in sure(waiting(NEW.replace("Backoff", "InProgress")), 0))


def test_no_further_node_helps_a_pod_that_asks_for_a_label() -> None:
    unmatched = waiting(NEW, "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.")
    assert not any("ClusterAutoscaler" in one for one in sure(unmatched, 0))
    assert [one.title for one in groups(unmatched.view(""))] == ["Node groups, as the cluster autoscaler sees them"]
