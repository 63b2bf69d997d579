"""Requests that go nowhere: selectors, ports, protocols, addresses, policies, names, gateways."""

from __future__ import annotations

from chatops.demo.incidents.shop import healthy
from chatops.demo.kubernetes.cluster import DAY, NAMESPACE, Cluster, Object, stamp
from chatops.demo.world import World
from tests.bench.faults.scene import SINCE, Fault, alter, calling, released, spoken, suffering

REFUSED = "dial tcp 10.96.0.22:80: connect: connection refused"


def _patched(cluster: Cluster, name: str, fields: Object) -> None:
    """The Service was patched by hand when it broke."""
    service = cluster.get("v1/services", name)
    row = {"manager": "kubectl-patch", "operation": "Update", "time": stamp(cluster.now - SINCE), "fieldsV1": fields}
    service["metadata"]["managedFields"] = [row]


def _selector(now: float) -> World:
    cluster = healthy(now)
    cluster.get("v1/services", "catalog")["spec"]["selector"] = {"app": "catalog", "track": "stable"}
    _patched(cluster, "catalog", {"f:spec": {"f:selector": {}}})
    cluster.settle("catalog")
    return suffering(cluster, "catalog", logs=calling(cluster, "catalog", REFUSED))


def _port(now: float) -> World:
    cluster = healthy(now)
    cluster.get("v1/services", "cart")["spec"]["ports"][0]["targetPort"] = 9091
    _patched(cluster, "cart", {"f:spec": {"f:ports": {}}})
    cluster.settle("cart")
    for row in cluster.objects["discovery.k8s.io/v1/endpointslices"]:
        if row["metadata"]["labels"]["kubernetes.io/service-name"] == "cart":
            row["ports"][0]["port"] = 9091
    return suffering(cluster, "cart", logs=calling(cluster, "cart", REFUSED))


def _protocol(now: float) -> World:
    cluster = healthy(now)
    cluster.get("v1/services", "payments")["spec"]["ports"][0]["protocol"] = "UDP"
    _patched(cluster, "payments", {"f:spec": {"f:ports": {}}})
    cluster.settle("payments")
    for row in cluster.objects["discovery.k8s.io/v1/endpointslices"]:
        if row["metadata"]["labels"]["kubernetes.io/service-name"] == "payments":
            row["ports"][0]["protocol"] = "UDP"
    return suffering(cluster, "payments", logs=calling(cluster, "payments", "i/o timeout"))


def _address(now: float) -> World:
    def wrong(spec: Object) -> None:
        spec["containers"][0]["env"] = [
            {"name": "CART_URL", "value": "http://cart"},
            {"name": "CATALOG_URL", "value": "http://catalogue"},
        ]

    cluster = released(now, "storefront", change=wrong)
    line = 'level=error msg="upstream failed" error="dial tcp: lookup catalogue on 10.96.0.10:53: no such host"'
    return suffering(cluster, "storefront", share=0.5, logs=spoken(cluster, "storefront", (line,)))


def _policy(now: float) -> World:
    cluster = healthy(now)
    spec = {
        "podSelector": {"matchLabels": {"app": "orders"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "backoffice"}}}]}],
    }
    cluster.add("networking.k8s.io/v1/networkpolicies", "orders-lockdown", SINCE, {"spec": spec}, NAMESPACE)
    return suffering(cluster, "orders", logs=calling(cluster, "orders", "dial tcp 10.96.0.24:80: i/o timeout"))


def _names(now: float) -> World:
    def own(spec: Object) -> None:
        spec["dnsPolicy"] = "None"
        spec["dnsConfig"] = {"nameservers": ["192.0.2.53"]}

    cluster = released(now, "checkout")
    alter(cluster, "checkout", own)
    line = 'level=error msg="upstream failed" error="dial tcp: lookup orders on 192.0.2.53:53: read udp: i/o timeout"'
    return suffering(cluster, "checkout", share=0.7, logs=spoken(cluster, "checkout", (line,)))


def _gateway(now: float) -> World:
    cluster = healthy(now)
    backend = {"service": {"name": "storefront-v2", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec = {"ingressClassName": "nginx", "rules": [{"host": "shop.example.com", "http": {"paths": paths}}]}
    body = {"spec": spec, "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}}
    item = cluster.add("networking.k8s.io/v1/ingresses", "shop", 60 * DAY, body, NAMESPACE)
    item["metadata"]["managedFields"] = [
        {
            "manager": "kubectl-edit",
            "operation": "Update",
            "time": stamp(now - SINCE),
            "fieldsV1": {"f:spec": {"f:rules": {}}},
        }
    ]
    return suffering(cluster, "storefront")


FAULTS = (
    Fault("selector", "ServiceSelectorMismatch", "app/catalog", _selector),
    Fault("target-port", "ServicePortMismatch", "app/cart", _port),
    Fault("protocol", "ServiceProtocolMismatch", "app/payments", _protocol),
    Fault("address", "IncorrectDependencyAddress", "app/storefront", _address),
    Fault("network-policy", "NetworkPolicyBlocked", "app/orders", _policy),
    Fault("dns", "DNSResolutionFailure", "app/checkout", _names),
    Fault("ingress", "GatewayMisroute", "app/shop", _gateway, "nobody can open the shop"),
)
