from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.kubernetes.cluster import Cluster, ago, findings, sure, top


def shop() -> Cluster:
    cluster = Cluster()
    cluster.app("web", 80)
    cluster.app("cart", 7070)
    return cluster


def ingress(cluster: Cluster, path: str, service: str, port: int) -> None:
    backend = {"service": {"name": service, "port": {"number": port}}}
    rule = {"host": "shop.example", "http": {"paths": [{"path": path, "backend": backend}]}}
    cluster.add("ingresses", "Ingress", "front", spec={"rules": [rule]})


@pytest.mark.parametrize(("path", "service", "port"), [("/", "wbe", 80), ("/", "web", 8080), ("/cart", "web", 80)])
def test_ingresses_that_lead_to_the_wrong_place(path: str, service: str, port: int) -> None:
    cluster = shop()
    ingress(cluster, path, service, port)
    assert top(cluster) == "GatewayMisroute Ingress/front"


@pytest.mark.parametrize(
    ("path", "service", "port"), [("/", "web", 80), ("/cart", "cart", 7070), ("/api/v1", "web", 80)]
)
def test_ingresses_that_lead_to_the_right_place(path: str, service: str, port: int) -> None:
    cluster = shop()
    ingress(cluster, path, service, port)
    assert sure(cluster, 0) == []


def virtual_service(cluster: Cluster, **destination: Any) -> None:
    cluster.add(
        "virtualservices",
        "VirtualService",
        "cart",
        spec={"hosts": ["cart"], "http": [{"route": [{"destination": destination}]}]},
    )


def test_mesh_routes_to_hosts_and_subsets_without_pods() -> None:
    cluster = shop()
    virtual_service(cluster, host="carts.shop.svc.cluster.local")
    assert top(cluster) == "GatewayMisroute VirtualService/cart"
    other = shop()
    virtual_service(other, host="cart", subset="v9")
    subsets = [{"name": "v9", "labels": {"version": "9"}}]
    other.add("destinationrules", "DestinationRule", "cart", spec={"host": "cart", "subsets": subsets})
    assert top(other) == "GatewayMisroute VirtualService/cart"


def test_gateway_api_routes() -> None:
    cluster = shop()
    rule = {"matches": [{"path": {"value": "/"}}], "backendRefs": [{"name": "gone", "port": 80}]}
    cluster.add("httproutes", "HTTPRoute", "front", spec={"rules": [rule]})
    assert top(cluster) == "GatewayMisroute HTTPRoute/front"


def condition(kind: str, status: str, reason: str) -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": "the controller's words"}


def test_what_the_controller_refuses() -> None:
    cluster = shop()
    parent = {"parentRef": {"name": "edge"}, "conditions": [condition("ResolvedRefs", "False", "RefNotPermitted")]}
    cluster.add("httproutes", "HTTPRoute", "front", spec={"rules": []}, status={"parents": [parent]})
    (found,) = findings(cluster)
    assert (found.cause, found.subject.name) == ("GatewayMisroute", "front")
    assert "at gateway edge: ResolvedRefs: RefNotPermitted" in found.statement
    other = shop()
    other.add("gateways", "Gateway", "edge", status={"conditions": [condition("Programmed", "False", "Invalid")]})
    assert top(other) == "GatewayMisroute Gateway/edge"


@pytest.mark.parametrize(
    "said",
    [
        condition("Programmed", "True", "Programmed"),
        condition("Programmed", "False", "Pending"),
        condition("Ready", "False", "Other"),
    ],
)
def test_what_is_accepted_or_not_looked_at_yet(said: dict[str, str]) -> None:
    cluster = shop()
    cluster.add("gateways", "Gateway", "edge", status={"conditions": [said]})
    assert sure(cluster, 0) == []


def test_a_gateway_or_route_that_nobody_took() -> None:
    cluster = Cluster()
    cluster.app("web")
    waits = {"type": "Accepted", "status": "Unknown", "reason": "Pending", "message": "Waiting for controller"}
    cluster.add("gateways", "Gateway", "edge", spec={"gatewayClassName": "gone"}, status={"conditions": [waits]})
    cluster.add("httproutes", "HTTPRoute", "web", spec={"parentRefs": [{"name": "edgy"}]}, status={"parents": []})
    assert sorted(sure(cluster)) == ["GatewayMisroute edge", "GatewayMisroute web"]
    for one in (*cluster.objects["gateways"], *cluster.objects["httproutes"]):
        one["metadata"]["creationTimestamp"] = ago(60)
    assert sure(cluster, 0) == []
    taken = Cluster()
    good = {"type": "Accepted", "status": "True"}
    taken.add("gateways", "Gateway", "edge", spec={"gatewayClassName": "any"}, status={"conditions": [good]})
    assert sure(taken, 0) == []
