"""A short campaign made catalog busy and the alert fire; it is over, and the right answer is that nothing is wrong."""

from __future__ import annotations

from dataclasses import replace

from chatops.demo.incidents.shop import Incident, Scene, healthy, rule, world
from chatops.demo.kubernetes.cluster import MINUTE, NAMESPACE
from chatops.demo.metrics import Phase, Traffic
from chatops.demo.world import World


def build(now: float) -> World:
    """The world at the moment the alert fires."""
    began, over = now - 14 * MINUTE, now - 9 * MINUTE
    scene = Scene(healthy(now), began)
    rows = dict(scene.traffic)
    rows["catalog"] = Traffic(
        "catalog", 65.0, latency=0.03, phases=(Phase(began, 96.0, 0.002, 0.036), Phase(over, 66.0, 0.002, 0.03))
    )
    return world(replace(scene, traffic=rows), RULE, {"namespace": NAMESPACE, "service": "catalog"})


RULE = rule(
    "CatalogRequestSpike",
    'max_over_time(sum(rate(http_requests_total{namespace="shop",service="catalog"}[2m]))[15m:1m]) > 85',
    "catalog had more requests than usual within the last 15 minutes",
    "warning",
)
INCIDENT = Incident(
    name="quiet-alarm",
    title="An alarm about nothing",
    story="Catalog was busier than usual for five minutes and coped. Nothing is wrong now.",
    question="is catalog all right?",
    cause="",
    build=build,
)
