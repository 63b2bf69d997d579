"""The alert's own expression, found by name or in its link, and everything that fires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import ConnectorError, FiringAlert
from connectors.evidence import ResourceState, Series
from connectors.prometheus import alerting
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.recorded import BEGAN, record
from tests.connectors.prometheus.server import PrometheusStandIn, Trouble

NOW = END.timestamp()
LATE = "service:request_latency_milliseconds > 60"


def rule(name: str = "Late", query: str = LATE, **more: Any) -> dict[str, Any]:
    return {"type": "alerting", "name": name, "query": query, "duration": 120, **more}


def about(survey: Survey, *alerts: FiringAlert) -> Survey:
    return replace(survey, inquiry=survey.inquiry.model_copy(update={"alerts": alerts}))


@pytest.fixture
def late(server: PrometheusStandIn) -> PrometheusStandIn:
    for service, hit in (("payments", 90), ("catalog", 9)):
        record(server, "service:request_latency_milliseconds", {"namespace": "shop", "service": service}, 8, hit)
    return server


async def test_the_rules_measured_side_is_shown_with_its_threshold_and_since_when(
    survey: Survey, late: PrometheusStandIn
) -> None:
    late.rules.append(rule())
    alert = FiringAlert(name="Late", labels={"service": "payments", "severity": "page"})
    found = await alerting.expressions(about(survey, alert))
    item = found.evidence[0]
    assert isinstance(item.body, Series)
    assert (item.body.threshold, item.body.labels["service"]) == (60.0, "payments")
    assert "from 8 to 90 (shop/payments), threshold > 60" in item.summary
    assert item.onset is not None
    assert abs(item.onset.timestamp() - (NOW - BEGAN)) <= 15


async def test_without_a_rule_the_expression_of_the_link_is_used(survey: Survey, late: PrometheusStandIn) -> None:
    link = "http://gone:9090/graph?g0.expr=service%3Arequest_latency_milliseconds+%3E+60"
    found = await alerting.expressions(about(survey, FiringAlert(name="Late", generator_url=link)))
    assert "2 series" in found.evidence[0].summary


async def test_of_two_rules_with_one_name_the_linked_one_is_meant(survey: Survey, late: PrometheusStandIn) -> None:
    late.rules += [rule(query="up == 0"), rule()]
    link = "http://p/graph?g0.expr=service%3Arequest_latency_milliseconds%3E60"
    found = await alerting.expressions(about(survey, FiringAlert(name="Late", generator_url=link)))
    assert "milliseconds > 60" in found.evidence[0].summary


async def test_an_alert_of_another_system_is_told_as_such(survey: Survey) -> None:
    found = await alerting.expressions(about(survey, FiringAlert(name="CloudAlarm")))
    assert "no rule of this name" in found.searched


async def test_rules_that_cannot_be_read_are_a_remark(survey: Survey, late: PrometheusStandIn) -> None:
    late.trouble = Trouble(404, b"404 page not found", only="rules")
    link = "http://p/graph?g0.expr=service%3Arequest_latency_milliseconds%3E60"
    found = await alerting.expressions(about(survey, FiringAlert(name="Late", generator_url=link)))
    assert len(found.evidence) == 1
    assert "rules could not be read" in found.partial


async def test_an_expression_that_does_not_parse_is_told_with_its_text(survey: Survey) -> None:
    link = "http://p/graph?g0.expr=rate%28x%29"
    found = await alerting.expressions(about(survey, FiringAlert(name="Odd", generator_url=link)))
    assert found.evidence == ()
    assert "not valid PromQL" in found.searched


async def test_what_fires_is_grouped_the_first_one_first(survey: Survey, server: PrometheusStandIn) -> None:
    for name, service, began in (("Late", "web", 300), ("Down", "db", 900), ("Late", "cart", 200)):
        labels = {"alertname": name, "alertstate": "firing", "service": service, "severity": "page"}
        server.add("ALERTS", labels, [(NOW - t, 1.0) for t in range(began, -1, -15)])
    found = await alerting.firing(survey)
    body = found.evidence[0].body
    assert isinstance(body, ResourceState)
    assert [row[:3] for row in body.rows] == [("Down", "1", "db"), ("Late", "2", "cart, web")] or [
        row[:3] for row in body.rows
    ] == [("Down", "1", "db"), ("Late", "2", "web, cart")]
    assert {row[4] for row in body.rows} == {"firing"}
    assert found.evidence[0].onset is not None


async def test_where_nothing_fires_it_is_said(survey: Survey) -> None:
    assert "no rule fired" in (await alerting.firing(survey)).searched


async def test_rules_by_name(survey: Survey, server: PrometheusStandIn) -> None:
    server.rules += [rule("Late"), {"type": "recording", "name": "late", "query": "x"}]
    assert [r.name for r in await alerting.rules_named(survey, "LATE")] == ["Late"]


async def test_rules_of_another_shape_are_an_error_for_who_asks_by_name(
    survey: Survey, server: PrometheusStandIn
) -> None:
    server.rules.append({"type": "alerting"})
    with pytest.raises(ConnectorError, match="no list of rule groups"):
        await alerting.rules_named(survey, "x")
