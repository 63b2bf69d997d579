"""A target that is down is told with the scraper's error."""

from __future__ import annotations

from connectors.evidence import Role
from connectors.prometheus import targets
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.server import PrometheusStandIn

NOW = END.timestamp()


async def test_without_the_metric_it_is_said_what_would_help(survey: Survey) -> None:
    assert "scrapes nothing" in (await targets.targets(survey)).searched


def down(server: PrometheusStandIn, job: str, instance: str, error: str) -> None:
    labels = {"job": job, "instance": instance}
    server.add("up", labels, [(NOW, 0.0)])
    server.canned.setdefault("topk(50, up == 0)", []).append((labels, [(NOW - 15 * i, 0.0) for i in range(20)]))
    server.targets.append({"labels": labels, "lastError": error, "health": "down"})


async def test_a_target_down_is_told_with_the_scrapers_error(survey: Survey, server: PrometheusStandIn) -> None:
    down(server, "cart", "10.0.0.7:8080", "connection refused")
    found = await targets.targets(survey)
    assert "connection refused" in found.evidence[0].summary
    assert [(f.cause, f.role) for f in found.findings] == [("TargetDown", Role.SYMPTOM)]


async def test_a_control_planes_target_names_its_part(survey: Survey, server: PrometheusStandIn) -> None:
    down(server, "kube-scheduler", "10.0.0.1:10259", "timeout")
    found = await targets.targets(survey)
    assert [(f.cause, f.role) for f in found.findings] == [("KubeSchedulerUnavailable", Role.CAUSE)]
