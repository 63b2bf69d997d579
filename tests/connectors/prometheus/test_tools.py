"""The persona's questions are scoped, answered with figures, and told what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from connectors.contract import ConnectorError, FiringAlert, Inquiry, Tool
from connectors.evidence import Observation, ResourceState
from connectors.prometheus import tools
from connectors.prometheus.client import Prometheus
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.conftest import END
from tests.connectors.prometheus.recorded import BEGAN, overload
from tests.connectors.prometheus.server import PrometheusStandIn

NOW = END.timestamp()


@pytest.fixture
def asking(client: Prometheus, inquiry: Inquiry) -> Any:
    """Calls a tool by name; the arguments are checked against its schema first."""
    alerts = (FiringAlert(name="a", starts_at=END - timedelta(seconds=BEGAN)),)
    about = inquiry.model_copy(update={"alerts": alerts})
    table = {tool.name: tool for tool in tools.table(lambda asked: Survey(client, asked))}

    async def ask(tool: str, **arguments: Any) -> Observation:
        jsonschema.validate(arguments, dict(table[tool].schema))
        return await table[tool].run(about, arguments)

    return ask


def tool(name: str, client: Prometheus) -> Tool:
    return next(t for t in tools.table(lambda asked: Survey(client, asked)) if t.name == name)


@pytest.mark.parametrize(
    ("expression", "within"),
    [
        ("rate(http_requests_total[5m])", True),
        ('{service="cart"}', False),
        ("node_load1", True),
        ("node_load1 / machine_cpu_cores", True),
        ("vector(1)", True),
        ('up{namespace="payroll"}', False),
        ("node_load1 or kube_pod_status_phase", False),
        ('{__name__=~"node.*|kube.*"}', False),
        ("istio_requests_total", False),
    ],
)
def test_whether_an_expression_stays_in_the_namespace(client: Prometheus, expression: str, within: bool) -> None:
    for name in ("prometheus_query", "prometheus_query_range"):
        confined = tool(name, client).confined
        assert confined is not None
        assert confined({"expression": expression}) is within
        assert not confined({"expression": expression, "anywhere": True})


async def test_a_range_answers_with_medians_before_and_after(asking: Any, server: PrometheusStandIn) -> None:
    overload(server)
    found = await asking("prometheus_query_range", expression='service:cpu_usage_cores{service="payments"}')
    assert "0.05 before, 0.5 after from 11:35" in found.evidence[0].summary
    assert 'namespace="shop"' in found.evidence[0].query
    assert found.evidence[0].body is not None


async def test_a_range_may_begin_elsewhere(asking: Any, server: PrometheusStandIn) -> None:
    overload(server)
    await asking("prometheus_query_range", expression="service:cpu_usage_cores", since_minutes=120)
    sent = server.asked("/query_range")[-1]
    assert float(sent["end"]) - float(sent["start"]) == 7200


async def test_an_instant_answers_with_a_table_the_largest_first(asking: Any, server: PrometheusStandIn) -> None:
    for pod, value in (("a", 1.0), ("b", 7.5)):
        server.add("queue_length", {"namespace": "shop", "pod": pod}, [(NOW, value)])
    body = (await asking("prometheus_query", expression="queue_length")).evidence[0].body
    assert isinstance(body, ResourceState)
    assert [row[1] for row in body.rows] == ["7.5", "1"]


async def test_other_namespaces_need_to_be_asked_for(asking: Any, server: PrometheusStandIn) -> None:
    server.add("queue_length", {"namespace": "other"}, [(NOW, 1.0)])
    assert (await asking("prometheus_query", expression="queue_length")).evidence == ()
    with pytest.raises(ConnectorError, match="outside of"):
        await asking("prometheus_query", expression='queue_length{namespace="other"}')
    found = await asking("prometheus_query", expression='queue_length{namespace="other"}', anywhere=True)
    assert len(found.evidence) == 1


async def test_metrics_of_nodes_have_no_namespace_to_require(asking: Any, server: PrometheusStandIn) -> None:
    server.add("node_load1", {"instance": "a"}, [(NOW, 3.0)])
    assert len((await asking("prometheus_query", expression="node_load1")).evidence) == 1


async def test_an_empty_answer_says_whether_the_metric_exists(asking: Any, server: PrometheusStandIn) -> None:
    server.add("queue_length", {"namespace": "shop"}, [(NOW, 1.0)])
    gone = await asking("prometheus_query_range", expression="queue_lenght")
    elsewhere = await asking("prometheus_query_range", expression='queue_length{pod="x"}')
    assert "there is no metric queue_lenght" in gone.searched
    assert "its labels do not match" in elsewhere.searched


@pytest.mark.parametrize("expression", ["rate(x)", "drop table", "x[90d]"])
async def test_what_is_wrong_with_a_question_is_said_before_it_is_sent(
    asking: Any, server: PrometheusStandIn, expression: str
) -> None:
    with pytest.raises(ConnectorError) as refused:
        await asking("prometheus_query", expression=expression)
    assert refused.value.kind == "rejected"
    assert server.requests == []


async def test_metrics_and_label_values_are_listed(asking: Any, server: PrometheusStandIn) -> None:
    overload(server)
    assert "service:cpu_usage_cores" in (await asking("prometheus_metrics", contains="CPU")).evidence[0].summary
    assert "none with" in (await asking("prometheus_metrics", contains="[nothing")).searched
    values = await asking("prometheus_label_values", label="service", selector="service:cpu_usage_cores")
    assert values.evidence[0].summary == "3: catalog, orders, payments"
    assert "no series has" in (await asking("prometheus_label_values", label="nothing")).searched
    with pytest.raises(ConnectorError, match="not the name of a label"):
        await asking("prometheus_label_values", label="../rules")


async def test_alerts_and_rules(asking: Any, server: PrometheusStandIn) -> None:
    server.add("ALERTS", {"alertname": "Late", "alertstate": "firing"}, [(NOW - 15, 1.0), (NOW, 1.0)])
    server.rules.append({"type": "alerting", "name": "Late", "query": "x > 1", "duration": 60})
    assert "Late (1)" in (await asking("prometheus_alerts")).evidence[0].summary
    assert (await asking("prometheus_rule", name="late")).evidence[0].summary == "x > 1 for 60 s"
    assert "no alerting rule" in (await asking("prometheus_rule", name="Other")).searched


@pytest.mark.parametrize(
    ("name", "argv", "arguments"),
    [
        ("prometheus_query", "promtool query instant http://p:9090 up", {"expression": "up", "anywhere": True}),
        (
            "prometheus_query",
            "promtool query instant --time=1 http://p:9090 up",
            {"expression": "up", "anywhere": True},
        ),
        (
            "prometheus_query_range",
            "promtool query range --start=1 http://p up",
            {"expression": "up", "anywhere": True},
        ),
        ("prometheus_query_range", "promtool query instant http://p up", None),
        ("prometheus_query", "promtool query instant http://p", None),
        ("prometheus_query", "promtool tsdb list", None),
    ],
)
def test_promtools_queries_are_answered_by_tools(
    name: str, argv: str, arguments: Mapping[str, Any] | None, client: Prometheus
) -> None:
    answers = tool(name, client).argv
    assert answers is not None
    assert answers(argv.split()) == arguments


def test_schemas_are_schemas(client: Prometheus) -> None:
    for one in tools.table(lambda asked: Survey(client, asked)):
        jsonschema.Draft202012Validator.check_schema(dict(one.schema))
        assert replace(one, name=one.name).name.startswith("prometheus_")
