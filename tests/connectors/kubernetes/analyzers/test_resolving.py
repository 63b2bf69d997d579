from __future__ import annotations

from tests.connectors.kubernetes.cluster import Cluster, sure, top


def shop(*callers: str, **env: str) -> Cluster:
    cluster = Cluster()
    cluster.app("stock")
    cluster.app("prices")
    for name in callers:
        cluster.app(name, env=env or None)
    return cluster


def test_a_name_like_that_of_a_service_is_the_callers_fault() -> None:
    cluster = shop("orders")
    cluster.log("orders", "java.net.UnknownHostException: stocks")
    assert top(cluster) == "IncorrectDependencyAddress Deployment/orders"


def test_a_service_that_exists_and_does_not_resolve() -> None:
    cluster = shop("orders")
    cluster.log("orders", "java.net.UnknownHostException: stock: Name or service not known")
    assert top(cluster) == "DNSResolutionFailure Deployment/orders"


def test_the_name_is_what_is_broken_where_others_cannot_resolve_it_either_or_other_names_resolve() -> None:
    cluster = shop("orders", "carts")
    for name in ("orders", "carts"):
        cluster.log(name, "dial tcp: lookup stock on 10.96.0.10:53: no such host")
    assert top(cluster) == "DNSResolutionFailure Service/stock"
    one = shop("orders", A_ADDR="stock:8080", B_ADDR="prices:8080", C_ADDR="orders:8080")
    one.log("orders", "dial tcp: lookup stock on 10.96.0.10:53: no such host")
    assert top(one) == "DNSResolutionFailure Service/stock"


def test_who_asks_another_resolver_is_at_fault_whatever_else_it_has_resolved() -> None:
    cluster = Cluster()
    cluster.app("stock")
    cluster.app("prices")
    own = {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.1"]}}
    cluster.app("orders", env={"A_ADDR": "stock:8080", "B_ADDR": "prices:8080", "C_ADDR": "orders:8080"}, pod_spec=own)
    cluster.log("orders", "dial tcp: lookup stock on 192.0.2.1:53: no such host")
    assert top(cluster) == "DNSResolutionFailure Deployment/orders"
    assert "DNSResolutionFailure stock" not in sure(cluster, 0)


def test_the_clusters_dns_where_many_resolve_nothing() -> None:
    cluster = shop("orders", "carts", "web")
    for name, host in (("orders", "stock"), ("carts", "prices"), ("web", "orders")):
        cluster.log(name, f"dial tcp: lookup {host} on 10.96.0.10:53: server misbehaving")
    assert top(cluster) == "DNSResolutionFailure Deployment/coredns"


def test_a_workload_that_lacks_its_service() -> None:
    cluster = shop("orders", "carts", "web")
    cluster.app("bills", service=False)
    cluster.log("orders", "getaddrinfo ENOTFOUND bills")
    assert top(cluster) == "ServiceNotFound Service/bills"


def test_a_router_that_does_not_find_its_upstream_is_misrouted() -> None:
    cluster = shop()
    cluster.app("api-gateway")
    cluster.log("api-gateway", "No servers available for service: stocks")
    assert top(cluster) == "GatewayMisroute Deployment/api-gateway"
    proxy = shop()
    proxy.app("front", container={"image": "registry.example/library/nginx:1.27"})
    proxy.log("front", 'host not found in upstream "stock-svc" in /etc/nginx/conf.d/default.conf:5')
    assert "GatewayMisroute front" in sure(proxy, 0.8)


def test_a_router_that_is_told_a_wrong_address_has_no_wrong_route() -> None:
    told = shop("api-gateway", STOCK_URL="http://stocks:8080")
    told.log("api-gateway", "java.net.UnknownHostException: stocks")
    assert top(told) == "IncorrectDependencyAddress Deployment/api-gateway"
    assert "GatewayMisroute api-gateway" not in sure(told, 0.1)
    routed = shop("api-gateway", SPRING_APPLICATION_JSON='{"routes": [{"uri": "http://stocks:8080"}]}')
    routed.log("api-gateway", "java.net.UnknownHostException: stocks")
    assert "GatewayMisroute api-gateway" in sure(routed, 0.8)
