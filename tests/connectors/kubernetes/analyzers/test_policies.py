from __future__ import annotations

from typing import Any

from tests.connectors.kubernetes.cluster import Cluster, ago, sure, top


def shop(seconds: float = 300, **spec: Any) -> Cluster:
    cluster = Cluster()
    cluster.app("web", env={"CART_ADDR": "cart:7070"})
    cluster.app("cart", 7070)
    cluster.add("networkpolicies", "NetworkPolicy", "lock", metadata={"creationTimestamp": ago(seconds)}, spec=spec)
    return cluster


CART = {"matchLabels": {"app": "cart"}}


def test_a_new_policy_that_keeps_a_caller_out() -> None:
    cluster = shop(
        podSelector=CART,
        policyTypes=["Ingress"],
        ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "admin"}}}]}],
    )
    assert top(cluster) == "NetworkPolicyBlocked Deployment/cart"


def test_the_same_policy_of_last_week_is_a_weak_hint() -> None:
    assert sure(shop(600000, podSelector=CART, policyTypes=["Ingress"])) == []


def test_a_policy_that_lets_the_caller_in() -> None:
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}
    assert sure(shop(podSelector=CART, policyTypes=["Ingress"], ingress=[rule]), 0) == []


def test_another_policy_may_let_in_what_this_one_does_not() -> None:
    cluster = shop(podSelector={}, policyTypes=["Ingress"])
    cluster.add(
        "networkpolicies",
        "NetworkPolicy",
        "open",
        spec={"podSelector": CART, "policyTypes": ["Ingress"], "ingress": [{}]},
    )
    assert sure(cluster, 0) == []


def test_egress_without_dns() -> None:
    peer = {"to": [{"podSelector": CART}], "ports": [{"port": 7070}]}
    cluster = shop(podSelector={"matchLabels": {"app": "web"}}, policyTypes=["Egress"], egress=[peer])
    assert top(cluster) == "NetworkPolicyBlocked Deployment/web"


def test_a_policy_for_egress_is_about_the_caller_that_it_chooses() -> None:
    rules = [{"to": [{"podSelector": {"matchLabels": {"app": app}}}], "ports": [{"port": 53}]} for app in ("a", "b")]
    cluster = shop(podSelector={"matchLabels": {"app": "web"}}, policyTypes=["Egress"], egress=rules)
    assert top(cluster) == "NetworkPolicyBlocked Deployment/web"
