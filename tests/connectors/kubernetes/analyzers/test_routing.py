from __future__ import annotations

import pytest

from tests.connectors.kubernetes.cluster import Cluster, findings, sure, top


def shop() -> Cluster:
    cluster = Cluster()
    cluster.app("web", env={"CART_ADDR": "cart:7070"})
    cluster.app("cart", 7070)
    return cluster


def service(cluster: Cluster, name: str) -> dict[str, object]:
    found = next(one for one in cluster.objects["services"] if one["metadata"]["name"] == name)
    spec: dict[str, object] = found["spec"]
    return spec


def test_selector_that_matches_no_pod() -> None:
    cluster = shop()
    service(cluster, "cart")["selector"] = {"application": "cart"}
    assert top(cluster) == "ServiceSelectorMismatch Service/cart"


def test_target_port_on_which_nothing_listens() -> None:
    cluster = shop()
    service(cluster, "cart")["ports"] = [{"port": 7070, "targetPort": 8081}]
    assert top(cluster) == "ServicePortMismatch Service/cart"
    assert "7070 (containerPort)" in findings(cluster)[0].statement


def test_target_port_with_a_name_that_nothing_has() -> None:
    cluster = shop()
    service(cluster, "cart")["ports"] = [{"port": 7070, "targetPort": "grpc-api"}]
    assert top(cluster) == "ServicePortMismatch Service/cart"


def test_protocol_that_the_container_does_not_speak() -> None:
    cluster = shop()
    service(cluster, "cart")["ports"] = [{"port": 7070, "targetPort": 7070, "protocol": "UDP"}]
    assert top(cluster) == "ServiceProtocolMismatch Service/cart"


def test_a_port_that_only_the_log_knows_is_right() -> None:
    cluster = Cluster()
    cluster.app("cart", 7070, container={"ports": []}, service=False)
    cluster.service("cart", 80, 7070)
    cluster.log("cart", "Tomcat started on port(s): 7070 (http)")
    assert sure(cluster, 0) == []


def test_exposed_service_that_leads_to_another_workload() -> None:
    cluster = shop()
    cluster.service("web-external", 80, 7070, selector={"app": "cart"}, type="LoadBalancer")
    assert top(cluster) == "GatewayMisroute Service/web-external"


def test_service_of_a_workload_without_pods_is_not_the_selectors_fault() -> None:
    cluster = shop()
    cluster.objects["pods"] = [one for one in cluster.objects["pods"] if one["metadata"]["labels"]["app"] != "cart"]
    assert not any(one.startswith("ServiceSelector") for one in sure(cluster, 0))


def test_a_stateful_set_without_its_governing_service() -> None:
    cluster = Cluster()
    cluster.app("web")
    template: dict[str, object] = {"spec": {"containers": []}}
    cluster.add("statefulsets", "StatefulSet", "db", spec={"serviceName": "db-headless", "template": template})
    assert "ServiceNotFound db-headless" not in sure(cluster, 0.5)
    cluster.log("web", "java.net.UnknownHostException: db-0.db-headless")
    assert "ServiceNotFound db-headless" in sure(cluster, 0.7)


def test_a_service_whose_number_neither_callers_nor_pods_know() -> None:
    cluster = Cluster()
    cluster.app("pricing", 8082, service=False)
    cluster.service("pricing", 8083, 8082)
    cluster.app("api", env={"PRICING_HOST": "pricing", "PRICING_PORT": "8082"})
    assert top(cluster) == "ServicePortMismatch Service/pricing"
    assert sure(cluster) == ["ServicePortMismatch pricing"]


def test_a_caller_at_a_port_of_its_own_is_wrong_itself() -> None:
    cluster = Cluster()
    cluster.app("pricing", 8082)
    cluster.app("api", env={"PRICING_HOST": "pricing", "PRICING_PORT": "8083"})
    assert top(cluster) == "IncorrectDependencyPort Deployment/api"


@pytest.mark.parametrize(
    ("said", "cause"),
    [("failed to ensure load balancer: TooManyLoadBalancers: quota reached", "CloudQuotaExceeded"),
     ("AccessDenied: not authorized to perform elasticloadbalancing:CreateLoadBalancer", "CloudAccessDenied"),
     ("could not find any suitable subnets for creating the ELB", "ReconcileFailed")],
)  # fmt: skip
def test_a_service_that_gets_no_load_balancer(said: str, cause: str) -> None:
    cluster = Cluster()
    cluster.app("web")
    service = cluster.objects["services"][0]
    service["spec"]["type"] = "LoadBalancer"
    cluster.event("Service", "web", "SyncLoadBalancerFailed", said)
    assert sure(cluster) == [f"{cause} web"]
    service["status"] = {"loadBalancer": {"ingress": [{"hostname": "a.example.com"}]}}
    assert sure(cluster) == []
