"""Probes that fail are symptoms, unless only one node's do."""

from __future__ import annotations

from connectors.evidence import Role
from connectors.prometheus import probes
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.server import PrometheusStandIn

NOW = END.timestamp()


async def test_without_the_metric_it_is_said_what_would_help(survey: Survey) -> None:
    assert "blackbox" in (await probes.probes(survey)).searched


async def test_probes_that_fail_are_symptoms(survey: Survey, server: PrometheusStandIn) -> None:
    for service, value in (("cart", 0.0), ("web", 1.0)):
        server.add("probe_success", {"namespace": "shop", "service": service, "port": "80"}, [(NOW, value)])
    found = await probes.probes(survey)
    assert [(f.subject.name, f.role) for f in found.findings] == [("cart", Role.SYMPTOM)]
    assert "1 others succeed" in found.evidence[0].summary


async def test_services_unreachable_from_one_node_only_point_to_that_node(
    survey: Survey, server: PrometheusStandIn
) -> None:
    for service in ("cart", "web", "ads"):
        for node in ("a", "b"):
            labels = {"namespace": "shop", "service": service, "from_node": node}
            server.add("probe_success", labels, [(NOW, float(node == "a"))])
    found = await probes.probes(survey)
    causes = [(f.cause, f.subject.name) for f in found.findings if f.role is Role.CAUSE]
    assert causes == [("KubeProxyUnavailable", "b")]
