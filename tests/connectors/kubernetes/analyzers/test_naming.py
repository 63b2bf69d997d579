from __future__ import annotations

from typing import Any

from tests.connectors.kubernetes.cluster import Cluster, sure, top


def shop(**spec: Any) -> Cluster:
    cluster = Cluster()
    cluster.app("web", env={"CART_ADDR": "cart:7070"}, pod_spec=spec)
    cluster.app("cart", 7070)
    return cluster


def test_a_resolver_that_does_not_know_the_cluster() -> None:
    assert top(shop(dnsPolicy="Default")) == "DNSResolutionFailure Deployment/web"
    config = {"nameservers": ["192.0.2.1"]}
    assert top(shop(dnsPolicy="None", dnsConfig=config)) == "DNSResolutionFailure Deployment/web"


def test_who_calls_nothing_in_the_cluster_may_ask_whom_it_likes() -> None:
    cluster = Cluster()
    cluster.app("job", pod_spec={"dnsPolicy": "Default"})
    assert sure(cluster, 0) == []


def test_a_resolver_that_all_share_is_a_choice() -> None:
    cluster = Cluster()
    for name, other in (("web", "cart"), ("cart", "web")):
        cluster.app(
            name,
            env={"OTHER_ADDR": f"{other}:8080"},
            pod_spec={"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.0.0.10"]}},
        )
    assert sure(cluster, 0) == []


def test_options_that_break_names_count_where_the_log_says_so() -> None:
    cluster = shop(dnsConfig={"options": [{"name": "ndots", "value": "0"}]})
    assert sure(cluster, 0) == []
    cluster.log("web", "getaddrinfo ENOTFOUND cart")
    assert top(cluster) == "DNSResolutionFailure Deployment/web"


def test_an_alias_that_leads_elsewhere() -> None:
    assert top(shop(hostAliases=[{"ip": "192.0.2.7", "hostnames": ["cart"]}])) == "DNSResolutionFailure Deployment/web"
    assert sure(shop(hostAliases=[{"ip": "10.0.0.9", "hostnames": ["cart"]}]), 0) == []


def test_the_clusters_dns_without_a_ready_pod() -> None:
    cluster = shop()
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}
    cluster.add(
        "system_pods",
        "Pod",
        "coredns-1",
        "kube-system",
        metadata={"labels": {"k8s-app": "kube-dns"}},
        spec={},
        status=status,
    )
    assert top(cluster) == "ClusterDNSUnavailable Deployment/coredns"
