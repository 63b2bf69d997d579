"""Callers, callees and nodes are read from environments, services and pods."""

from __future__ import annotations

from connectors.kubernetes.wiring import topology
from tests.connectors.kubernetes.cluster import Cluster


def test_calls_and_placement() -> None:
    cluster = Cluster()
    cluster.app("cart", 7070, node="n2")
    cluster.app("checkout", env={"CART_ADDR": "cart:7070", "MODE": "yes"}, pods=2)
    found = topology(cluster.view())
    assert found.calls == (("checkout", "cart"),)
    assert found.placement == {"cart": ("n2",), "checkout": ("n1",)}
