"""A chart upgrade changed the selector of the cart's Service: its pods are fine, and nobody reaches them."""

from __future__ import annotations

from dataclasses import replace

from chatops.demo.incidents.shop import Incident, Scene, chatter, error_rule, healthy, world
from chatops.demo.kubernetes.cluster import MINUTE, NAMESPACE, stamp
from chatops.demo.metrics import Phase, Traffic
from chatops.demo.world import PodLog, World

CHANGED = 9 * MINUTE


def build(now: float) -> World:
    """The world at the moment the alert fires."""
    cluster = healthy(now)
    service = cluster.get("v1/services", "cart")
    service["spec"]["selector"] = {"app": "cart", "tier": "backend"}
    service["metadata"]["managedFields"] = [
        {
            "manager": "helm",
            "operation": "Update",
            "time": stamp(now - CHANGED),
            "fieldsV1": {"f:spec": {"f:selector": {}}},
        }
    ]
    cluster.settle("cart")
    onset = now - CHANGED + 20
    scene = Scene(cluster, onset, logs=_logs(cluster.now, [p["metadata"]["name"] for p in cluster.pods("storefront")]))
    rows = dict(scene.traffic)
    rows["cart"] = Traffic("cart", 18.0, latency=0.02, phases=(Phase(onset, 0.0),))
    rows["storefront"] = Traffic("storefront", 42.0, code="502", phases=(Phase(onset, 40.0, 0.31, 0.4),))
    return world(
        replace(scene, traffic=rows), error_rule("storefront"), {"namespace": NAMESPACE, "service": "storefront"}
    )


def _logs(now: float, pods: list[str]) -> tuple[PodLog, ...]:
    usual = (
        'level=info msg="page rendered" route=/product status=200',
        'level=info msg="page rendered" route=/ status=200',
    )
    broken = (
        'level=error msg="upstream failed" upstream=http://cart status=502 error="connect: connection refused"',
        *usual,
    )
    lines = (*chatter(now - 3600, now - CHANGED, 12, usual), *chatter(now - CHANGED + 20, now + 7200, 7, broken))
    return tuple(PodLog(NAMESPACE, pod, "storefront", lines) for pod in pods)


INCIDENT = Incident(
    name="cart-selector",
    title="Storefront errors, every pod healthy",
    story="Since the last chart upgrade the Service of cart selects a label that its pods do not carry.",
    question="people cannot add anything to their basket",
    cause="ServiceSelectorMismatch",
    build=build,
)
