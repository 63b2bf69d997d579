from __future__ import annotations

import pytest

from tests.connectors.kubernetes.cluster import Cluster, sure, top

GRPC = {"readinessProbe": {"grpc": {"port": 8080}}}
MESHED = {"initContainers": [{"name": "istio-proxy", "restartPolicy": "Always"}]}


def test_a_port_said_to_speak_http_where_the_pods_speak_grpc() -> None:
    cluster = Cluster()
    cluster.app("orders", service=False, container=GRPC)
    cluster.service("orders", ports=[{"name": "http", "port": 80, "targetPort": 8080, "appProtocol": "http"}])
    assert top(cluster) == "ServiceProtocolMismatch Service/orders"


def test_a_ports_name_counts_in_a_mesh_only() -> None:
    ports = [{"name": "http-api", "port": 80, "targetPort": 8080}]
    plain = Cluster()
    plain.app("orders", service=False, container=GRPC)
    plain.service("orders", ports=ports)
    assert sure(plain, 0) == []
    meshed = Cluster()
    meshed.app("orders", service=False, container=GRPC, pod_spec=MESHED)
    meshed.service("orders", ports=ports)
    assert top(meshed) == "ServiceProtocolMismatch Service/orders"


def meshed(container: dict[str, object]) -> Cluster:
    cluster = Cluster()
    cluster.app("orders", service=False, container=container, pod_spec=MESHED)
    cluster.service("orders", ports=[{"name": "http", "port": 80, "targetPort": 8080}])
    cluster.app("stock", 9000, service=False)
    cluster.service("stock", ports=[{"name": "grpc", "port": 9000}])
    cluster.app("web", env={"ORDERS_ADDR": "orders:80", "STOCK_ADDR": "stock:9000"})
    return cluster


def test_the_name_of_the_containers_port_tells_what_is_spoken_where_no_probe_does() -> None:
    named = meshed({"ports": [{"name": "grpc", "containerPort": 8080}]})
    assert top(named) == "ServiceProtocolMismatch Service/orders"
    assert sure(meshed({"ports": [{"name": "http", "containerPort": 8080}]}), 0) == []


def test_errors_of_the_protocol_are_those_of_the_one_callee_said_to_speak_another() -> None:
    """Neither probes nor ports tell what the pods speak: the callers do, and call only one that says HTTP."""
    cluster = meshed({"ports": [{"containerPort": 8080}]})
    assert sure(cluster, 0) == []
    cluster.log("web", "upstream connect error or disconnect/reset before headers. reset reason: protocol error")
    assert top(cluster) == "ServiceProtocolMismatch Service/orders"


@pytest.mark.parametrize(
    ("line", "expected"),
    [("upstream reset: reset reason: protocol error", ["ServiceProtocolMismatch find"]), ("502 Bad Gateway", [])],
)
def test_a_port_said_to_speak_http2_counts_where_a_caller_is_not_understood(line: str, expected: list[str]) -> None:
    cluster = Cluster()
    cluster.app("find", 8080, container={"readinessProbe": {"httpGet": {"path": "/", "port": 8080}}})
    cluster.objects["services"][-1]["spec"]["ports"][0]["appProtocol"] = "kubernetes.io/h2c"
    cluster.app("api", env={"FIND_ADDR": "find:8080"})
    cluster.log("api", line)
    assert sure(cluster) == expected
