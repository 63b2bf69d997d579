from __future__ import annotations

import pytest

from tests.connectors.kubernetes.cluster import NS, Cluster, ago, findings

LINES = 8


def shop(web: str, cart: str, count: int = LINES) -> Cluster:
    """A shop whose web calls cart, with what the two log; all pods are ready."""
    cluster = Cluster()
    cluster.app("web", env={"CART_ADDR": "cart:8080"})
    cluster.app("cart")
    for name, text in (("web", web), ("cart", cart)):
        cluster.log(name, *(text for _ in range(count if text else 0)))
    return cluster


def told(cluster: Cluster) -> list[tuple[str, str, list[str]]]:
    wanted = ("ErrorRateIncrease", "DependencyUnavailable", "BadRelease")
    return [(one.cause, one.subject.name, [other.name for other in one.explains]) for one in findings(cluster)
            if one.cause in wanted]  # fmt: skip


OWN = "ERROR unhandled KeyError: 'imsi'"
BLAME = "error: GET http://cart:8080/v1 answered 500"


def test_who_is_blamed_fails_by_itself_and_blames_nobody() -> None:
    assert told(shop(BLAME, OWN)) == [("ErrorRateIncrease", "cart", ["cart", "web"])]


@pytest.mark.parametrize(
    ("web", "cart", "count"),
    [(BLAME, "", LINES), ("", OWN, LINES), (BLAME, OWN, 4), (BLAME, "error: GET http://web:8080 answered 500", LINES)],
)
def test_no_end_of_a_chain(web: str, cart: str, count: int) -> None:
    assert told(shop(web, cart, count)) == []


def test_a_release_a_moment_before_is_named() -> None:
    cluster = shop(BLAME, OWN)
    new = next(one for one in cluster.objects["replicasets"] if one["metadata"]["name"].startswith("cart"))
    new["metadata"] |= {"creationTimestamp": ago(200), "annotations": {"deployment.kubernetes.io/revision": "2"}}
    old = cluster.add("replicasets", "ReplicaSet", "cart-old", metadata={
        "ownerReferences": new["metadata"]["ownerReferences"],
        "annotations": {"deployment.kubernetes.io/revision": "1"}})  # fmt: skip
    old["spec"] = {"replicas": 0, "template": {"spec": {"containers": [{"name": "main", "image": "cart:0"}]}}}
    assert told(cluster) == [("BadRelease", "cart", ["cart", "web"])]


def test_a_host_outside_the_cluster_is_at_fault() -> None:
    said = "error: POST https://api.bank.example/v3/charges failed: 503 Service Unavailable"
    assert told(shop("", said)) == [("DependencyUnavailable", "cart", ["cart"])]
    assert told(shop("", said.replace("api.bank.example", f"gone.{NS}"))) == []
