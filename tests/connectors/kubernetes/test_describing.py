"""Objects as lines: the columns of a list, and the fields that explain a failure first."""

from __future__ import annotations

from connectors.kubernetes.describing import allocated, line, rows, use
from connectors.kubernetes.fitting import Usage
from tests.connectors.kubernetes.cluster import Cluster, ended_state


def test_a_pod_in_a_crash_loop_tells_its_reason_restarts_and_place() -> None:
    cluster = Cluster()
    cluster.app("cart", ready=False, state=ended_state(1, restarts=4))
    namespace, name, state, detail, _ = line(cluster.pod("cart"))
    assert (namespace, name) == ("shop", "cart-5d9c7b8f6d-aaaaa")
    assert "CrashLoopBackOff" in state
    assert detail == "on n1; 4 restarts"


def test_a_service_tells_what_it_selects_and_its_ports() -> None:
    assert line(Cluster().service("cart", 80, target=8080))[3] == "selects app=cart; ports 80→8080"


def test_replicas_quotas_and_cordons() -> None:
    cluster = Cluster(nodes=())
    assert line(cluster.app("cart", pods=3, ready=False))[2] == "0/3 ready"
    assert line(cluster.node("n9", unschedulable=True))[2:4] == ("Ready=True", "cordoned")
    quota = cluster.add("resourcequotas", "ResourceQuota", "q", status={"hard": {"pods": "4"}, "used": {"pods": "4"}})
    assert line(quota)[3] == "pods 4 of 4"


def test_every_field_stands_at_its_path_the_status_first() -> None:
    cluster = Cluster()
    cluster.app("cart", env={"DB_HOST": "db"})
    found = rows(cluster.pod("cart"))
    fields = dict(found)
    assert fields["spec.containers[main].env[DB_HOST].value"] == "db"
    assert found[0][0].startswith("status.")
    assert not any("ownerReferences" in path for path in fields)
    assert "spec.containers[main].env[DB_HOST].name" not in fields
    defaults = {"spec": {"dnsPolicy": "ClusterFirst", "schedulerName": "mine", "restartPolicy": "Always"}}
    assert rows(defaults) == [("spec.schedulerName", "mine")]


def test_what_a_nodes_pods_have_taken_of_it() -> None:
    node = {"status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110", "example.com/gpu": "2", "z": "0"}}}
    taken = Usage(3, {"cpu": 3.8, "memory": 2**30, "example.com/gpu": 1.0})
    assert allocated(node, taken) == [
        ("allocated.cpu", "3800m of 4 (95%)"),
        ("allocated.memory", "1024Mi of 8Gi (12%)"),
        ("allocated.pods", "3 of 110 (3%)"),
        ("allocated.example.com/gpu", "1 of 2 (50%)"),
    ]
    assert allocated(node, Usage()) == [("allocated.cpu", "0m of 4 (0%)"), ("allocated.memory", "0Mi of 8Gi (0%)")]


def test_an_aggregated_api_that_is_away_tells_so() -> None:
    away = {"type": "Available", "status": "False", "message": "no endpoints for metrics-server"}
    assert line({"metadata": {"name": "v1beta1.metrics.k8s.io"}, "status": {"conditions": [away]}})[1:4] == (
        "v1beta1.metrics.k8s.io", "Available=False", "no endpoints for metrics-server",
    )  # fmt: skip


def test_use_is_summed_over_a_pods_containers() -> None:
    parts = [{"usage": {"cpu": "250m", "memory": "64Mi"}}, {"usage": {"cpu": "1", "memory": "1Gi"}}]
    assert use({"metadata": {"name": "cart"}, "containers": parts}) == ("cart", "1.250", "1088Mi")
    assert use({"metadata": {"name": "n1"}, "usage": {"cpu": "500m", "memory": "1Mi"}}) == ("n1", "0.500", "1Mi")
