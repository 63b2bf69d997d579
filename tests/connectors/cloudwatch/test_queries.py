"""Tool calls answer with evidence, and refuse arguments that mean something else."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.cloudwatch.queries import times
from connectors.contract import ConnectorError
from connectors.evidence import Observation, Series
from tests.connectors.cloudwatch.test_alarms import raw
from tests.connectors.cloudwatch.world import NOW, ONSET, World, calm, connected, inquiry, jump


async def call(world: World, tool_name: str, /, **arguments: Any) -> Observation:
    with connected(world) as connector:
        tool = next(tool for tool in connector.tools() if tool.name == tool_name)
        return await tool.run(inquiry(), arguments)


async def test_a_metric_is_evidence_with_the_query_that_repeats_it() -> None:
    world = World().metrics("orders", CPUUtilization=jump(20, 95))
    seen = await call(world, "aws_metric", namespace="AWS/RDS", metric="CPUUtilization", statistic="Maximum",
                      dimensions={"DBInstanceIdentifier": "orders"})  # fmt: skip
    body = seen.evidence[0].body
    assert isinstance(body, Series)
    assert len(body.points) > 30
    assert "--statistics Maximum" in seen.evidence[0].query


async def test_a_metric_of_no_service_we_know() -> None:
    world = World().metrics("checkout", QueueDepth=calm(3))
    seen = await call(world, "aws_metric", namespace="Shop", metric="QueueDepth", dimensions={"App": "checkout"})
    assert len(seen.evidence) == 1


async def test_no_data_says_where_was_looked() -> None:
    seen = await call(World(), "aws_metric", namespace="AWS/RDS", metric="CPUUtilization", dimensions={"A": "b"})
    assert "no data points" in seen.searched


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("aws_metric", {"namespace": "AWS/RDS", "metric": "X", "statistic": "; rm -rf"}),
        ("aws_metric", {"namespace": "", "metric": "X"}),
        ("aws_metric", {"namespace": "A", "metric": "X", "dimensions": "A=b"}),
        ("aws_metric", {"namespace": "A", "metric": "X", "start": "yesterday"}),
        ("aws_metric", {"namespace": "A", "metric": "X", "since": "1 year"}),
        ("aws_metric", {"namespace": "A", "metric": "X", "start": "2099-01-01T00:00:00Z"}),
        ("aws_logs", {}),
        ("aws_logs_insights", {"log_groups": ["/g"], "query": "unmask @message"}),
        ("aws_logs_insights", {"log_groups": [], "query": "fields @message"}),
        ("aws_describe", {"kind": "secret", "name": "x"}),
        ("aws_events", {"source": "rds"}),
        ("aws_alarms", {"state": "OK"}),
    ],
)
async def test_what_is_refused_never_leaves(name: str, arguments: Mapping[str, Any]) -> None:
    world = World()
    with pytest.raises(ConnectorError) as caught:
        await call(world, name, **arguments)
    assert (caught.value.kind, world.account.calls) == ("rejected", [])


async def test_log_lines_are_patterns() -> None:
    events = [{"timestamp": int(ONSET.timestamp() * 1000), "message": f"ERROR order {i} failed"} for i in range(9)]
    seen = await call(
        World().answers("logs", "FilterLogEvents", {"events": events}), "aws_logs", log_group="/g", since="2h"
    )
    assert "9 lines of /g in 1 patterns" in seen.evidence[0].summary
    assert seen.evidence[0].untrusted


async def test_named_alarms_are_read_in_any_state() -> None:
    world = World().answers("cloudwatch", "DescribeAlarms", {"MetricAlarms": [raw("a") | {"StateValue": "OK"}]})
    seen = await call(world, "aws_alarms", names=["a"])
    assert seen.evidence[0].title == "Alarm a is OK"
    assert world.account.asked("DescribeAlarms")[0]["AlarmNames"] == ["a"]


async def test_metrics_are_listed() -> None:
    rows = {
        "Metrics": [{"Namespace": "AWS/SQS", "MetricName": "M", "Dimensions": [{"Name": "QueueName", "Value": "j"}]}]
    }
    world = World().answers("cloudwatch", "ListMetrics", rows)
    seen = await call(world, "aws_list_metrics", namespace="AWS/SQS")
    assert "1 metrics" in seen.evidence[0].summary


def test_ranges_are_bounded_and_understood() -> None:
    assert times({"minutes": "30"}, inquiry())[1] == NOW
    start, end = times({"start": "2026-05-01T00:00:00Z"}, inquiry())
    assert (end - start).total_seconds() == 2 * 86400
    assert times({"start": str(int(ONSET.timestamp()))}, inquiry())[0] == ONSET
    assert times({"start": str(int(ONSET.timestamp() * 1000))}, inquiry())[0] == ONSET


async def test_every_tool_has_a_schema_that_forbids_other_arguments() -> None:
    with connected(World()) as connector:
        schemas = [tool.schema for tool in connector.tools()]
    assert all(schema["additionalProperties"] is False for schema in schemas)
    assert len(schemas) == 7
