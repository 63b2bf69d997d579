"""Which workloads pass requests on."""

from __future__ import annotations

import pytest

from connectors.evidence import Subject
from connectors.kubernetes import routers
from tests.connectors.kubernetes.cluster import Cluster


def subject(name: str) -> Subject:
    return Subject(kind="Deployment", namespace="shop", name=name)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("nginx:1.27", True),
        ("registry.example/edge/envoy:v1", True),
        ("registry.example/app@sha256:nginx", False),
        ("docker.io/istio/proxyv2:1.24", False),
        ("registry.example/cart:1", False),
    ],
)
def test_a_router_is_known_by_what_it_runs(image: str, expected: bool) -> None:
    cluster = Cluster()
    cluster.app("cart", container={"image": image})
    assert routers.routes(cluster.view(), subject("cart")) is expected


def test_a_telling_name_counts_where_requests_come_in() -> None:
    cluster = Cluster()
    cluster.app("edge-proxy")
    assert not routers.routes(cluster.view(), subject("edge-proxy"))
    cluster.objects["services"][0]["spec"]["type"] = "LoadBalancer"
    assert routers.routes(cluster.view(), subject("edge-proxy"))


def test_a_pods_config_maps_however_they_are_taken() -> None:
    spec = {
        "volumes": [
            {"configMap": {"name": "mounted"}},
            {
                "projected": {
                    "sources": [{"configMap": {"name": "projected"}}, {"configMap": {"name": "kube-root-ca.crt"}}]
                }
            },
        ],
        "containers": [{"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "value"}}}, {"name": "B"}]}],
    }
    assert routers.config_maps(spec) == ["mounted", "projected", "value"]


def test_configurations_of_those_that_are_reached_from_outside_come_first() -> None:
    cluster = Cluster()
    volumes = [{"name": "c", "configMap": {"name": "inner"}}]
    cluster.app("a-nginx", container={"image": "nginx"}, pod_spec={"volumes": volumes})
    volumes = [{"name": "c", "configMap": {"name": "outer"}}]
    cluster.app("z-nginx", container={"image": "nginx"}, pod_spec={"volumes": volumes})
    cluster.objects["services"][1]["spec"]["type"] = "NodePort"
    assert list(routers.configurations(cluster.view())) == [("shop", "outer"), ("shop", "inner")]
