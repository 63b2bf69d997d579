from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, ago, sure, top


def lease(cluster: Cluster, name: str, seconds: float) -> None:
    cluster.add("leases", "Lease", name, "kube-system", spec={"renewTime": ago(seconds), "holderIdentity": "m1"})


def component(cluster: Cluster, name: str, node: str, ready: bool) -> None:
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]}
    cluster.add("system_pods", "Pod", f"{name}-{node}", "kube-system", metadata={"labels": {"component": name}},
                spec={"nodeName": node}, status=status)  # fmt: skip


def unspoken() -> Cluster:
    cluster = Cluster()
    cluster.app("pay", ready=False, node=None)
    cluster.pod("pay")["status"]["conditions"] = []
    return cluster


def test_pods_that_nobody_tries_to_schedule() -> None:
    cluster = unspoken()
    component(cluster, "kube-scheduler", "m1", ready=True)
    assert top(cluster) == "KubeSchedulerUnavailable Node/m1"


def test_that_no_warning_is_seen_of_anything_says_nothing_about_the_scheduler() -> None:
    cluster = unspoken()
    cluster.pod("pay")["status"]["conditions"] = [{"type": "PodScheduled", "status": "False"}]
    assert sure(cluster) == [], "a scheduler has looked at it, and its warnings may not be what is read"
    cluster.app("web")
    cluster.pod_event("web", "Unhealthy", "Readiness probe failed")
    assert sure(cluster) == ["KubeSchedulerUnavailable kube-scheduler"]


def test_where_events_may_not_be_read_silence_proves_nothing() -> None:
    cluster = unspoken()
    cluster.forbid("events")
    assert sure(cluster) == []


def test_a_pod_that_fits_nowhere_is_not_the_schedulers_fault() -> None:
    cluster = Cluster()
    cluster.app("pay", ready=False, node=None, pod_spec={"nodeSelector": {"disk": "ssd"}})
    assert not any(one.startswith("KubeScheduler") for one in sure(cluster, 0))


def test_a_leader_that_has_stopped_renewing() -> None:
    cluster = Cluster()
    lease(cluster, "kube-scheduler", 2)
    lease(cluster, "kube-controller-manager", 300)
    assert sure(cluster) == ["ControllerManagerUnavailable kube-controller-manager"]


def test_specifications_that_no_controller_looks_at() -> None:
    cluster = Cluster()
    made = cluster.app("pay")
    made["metadata"]["generation"] = 7
    made["status"]["observedGeneration"] = 6
    assert sure(cluster) == []
    lease(cluster, "kube-controller-manager", 300)
    assert any("ControllerManager" in one for one in sure(cluster, 0.8))


def test_components_that_run_as_pods() -> None:
    cluster = Cluster()
    component(cluster, "kube-proxy", "n2", ready=False)
    component(cluster, "etcd", "m1", ready=True)
    assert sure(cluster) == ["KubeProxyUnavailable n2"]
