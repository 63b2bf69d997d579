"""Nothing is wrong: what a good diagnosis leaves alone."""

from __future__ import annotations

from chatops.demo.incidents import quiet_alarm
from chatops.demo.incidents.shop import Scene, error_rule, healthy, world
from chatops.demo.kubernetes.cluster import HOUR, MINUTE, NAMESPACE
from chatops.demo.world import World
from tests.bench.faults.scene import Fault, released


def _calm(now: float) -> World:
    return world(Scene(healthy(now), now), error_rule("checkout"), {"namespace": NAMESPACE})


def _recovered(now: float) -> World:
    """A release half an hour ago stumbled and is well since; its warnings are still there."""
    cluster = released(now, "catalog")
    for pod in cluster.pods("catalog"):
        name = pod["metadata"]["name"]
        refused = 'Readiness probe failed: Get "http://10.42.1.14:8080/healthz": connect: connection refused'
        cluster.event("Pod", name, "Unhealthy", refused, 12 * MINUTE, first=13 * MINUTE, count=4)
        cluster.event("Pod", name, "FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.", 13 * MINUTE,
                      source="default-scheduler")  # fmt: skip
    return world(Scene(cluster, now), error_rule("catalog"), {"namespace": NAMESPACE})


def _left(now: float) -> World:
    """Somebody's network policy and an old failed event, both older than anything."""
    cluster = healthy(now)
    spec = {"podSelector": {"matchLabels": {"app": "retired"}}, "policyTypes": ["Ingress"], "ingress": []}
    cluster.add("networking.k8s.io/v1/networkpolicies", "retired", 900 * HOUR, {"spec": spec}, NAMESPACE)
    cluster.event("Pod", "batch-28394-x8z2q", "BackOff", "Back-off restarting failed container batch", 55 * MINUTE)
    return world(Scene(cluster, now), error_rule("orders"), {"namespace": NAMESPACE})


FAULTS = (
    Fault("calm", "healthy", "", _calm, "is everything well in the shop?"),
    Fault("recovered", "healthy", "", _recovered, "catalog had warnings during its release, is it well?"),
    Fault("leftovers", "healthy", "", _left),
    Fault("spike", "healthy", "", quiet_alarm.build, "catalog was busy, is something wrong?"),
)
