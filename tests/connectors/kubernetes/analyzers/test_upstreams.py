from __future__ import annotations

import pytest

from tests.connectors.kubernetes.cluster import Cluster, sure, top

ROUTES = """spring:
  cloud:
    gateway:
      routes:
        - id: stock
          uri: {scheme}://{stock}
          predicates:
            - Path=/api/v1/stockservice/**
        - id: prices
          uri: http://prices-service:8080
          predicates:
            - Path=/api/v1/pricesservice/**
"""
NGINX = """server {{
  listen 8080;
  location / {{ root /usr/share/nginx/html; }}
  location /api {{
    proxy_pass http://{upstream};
  }}
}}
"""


def shop(text: str, name: str = "api-gateway", **container: object) -> Cluster:
    cluster = Cluster()
    cluster.app("stock-service")
    cluster.app("prices-service")
    mounted = {"volumes": [{"name": "routes", "configMap": {"name": "routes"}}]}
    cluster.app(name, pod_spec=mounted, container=dict(container))
    cluster.add("mounted_configs", "ConfigMap", "routes", data={"routes.conf": text})
    return cluster


@pytest.mark.parametrize(
    ("scheme", "stock"),
    [
        ("http", "stocks-service:8080"),
        ("http", "stock-service:8081"),
        ("http", "prices-service:8080"),
        ("lb", "stock-services"),
    ],
)
def test_routes_to_nothing_to_a_wrong_port_or_to_another_service(scheme: str, stock: str) -> None:
    cluster = shop(ROUTES.format(scheme=scheme, stock=stock))
    assert top(cluster) == "GatewayMisroute Deployment/api-gateway"


@pytest.mark.parametrize("upstream", ["stock-svc:8080", "stock-service:9090"])
def test_a_proxy_that_passes_on_to_nobody(upstream: str) -> None:
    cluster = shop(NGINX.format(upstream=upstream), name="front", image="registry.example/nginx:1.27")
    assert "GatewayMisroute front" in sure(cluster, 0.6)


def test_routes_that_are_right_and_those_of_no_router_say_nothing() -> None:
    assert sure(shop(ROUTES.format(scheme="http", stock="stock-service:8080")), 0) == []
    assert sure(shop(NGINX.format(upstream="stock-service:8080"), name="front", image="x/nginx:1"), 0) == []
    assert sure(shop(ROUTES.format(scheme="http", stock="gone:1"), name="billing"), 0) == []


def test_a_route_in_a_variable() -> None:
    cluster = Cluster()
    cluster.app("stock-service")
    cluster.app("gateway", env={"SPRING_CLOUD_GATEWAY_ROUTES_0_URI": "http://stock-service:9999"})
    assert "GatewayMisroute gateway" in sure(cluster, 0.8)


def test_an_ingress_that_leads_to_another_service_than_it_is_named_after() -> None:
    cluster = Cluster()
    cluster.app("webshop")
    cluster.app("stock")
    backend = {"service": {"name": "stock", "port": {"number": 8080}}}
    rules = [{"http": {"paths": [{"path": "/", "backend": backend}]}}]
    cluster.add("ingresses", "Ingress", "webshop-ingress", spec={"rules": rules})
    assert top(cluster) == "GatewayMisroute Ingress/webshop-ingress"
