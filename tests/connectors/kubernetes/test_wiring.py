"""Callers, callees and nodes are read from environments, services and pods."""

from __future__ import annotations

from connectors.evidence import Subject
from connectors.kubernetes.wiring import dependencies, topology
from tests.connectors.kubernetes.cluster import Cluster


def test_calls_and_placement() -> None:
    cluster = Cluster()
    cluster.app("cart", 7070, node="n2")
    cluster.app("checkout", env={"CART_ADDR": "cart:7070", "MODE": "yes"}, pods=2)
    found = topology(cluster.view())
    assert found.calls == (("checkout", "cart"),)
    assert found.placement == {"cart": ("n2",), "checkout": ("n1",)}


def deployment(name: str) -> Subject:
    return Subject(kind="Deployment", namespace="shop", name=name)


def test_dependencies_are_of_callers_services_and_few_nodes() -> None:
    cluster = Cluster()
    cluster.app("cart", 7070, node="n2")
    cluster.app("checkout", env={"CART_ADDR": "cart:7070", "LEDGER_ADDR": "ledger:80"}, pods=2)
    ledger = Subject(kind="Service", namespace="shop", name="ledger")
    assert set(dependencies(cluster.view())) == {
        (deployment("checkout"), deployment("cart")),
        (deployment("checkout"), ledger),
        (deployment("checkout"), Subject(kind="Node", name="n1")),
        (deployment("cart"), Subject(kind="Node", name="n2")),
    }
