"""A call is quoted as the command that repeats it."""

from datetime import UTC, datetime

import pytest

from connectors.cloudwatch.commands import command, kebab


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("DescribeDBInstances", "describe-db-instances"),
        ("GetMetricData", "get-metric-data"),
        ("DBInstanceIdentifier", "db-instance-identifier"),
        ("LogGroupName", "log-group-name"),
        ("InstanceIds", "instance-ids"),
    ],
)
def test_names_are_spelled_as_the_command_line_does(name: str, written: str) -> None:
    assert kebab(name) == written


def test_a_command_can_be_pasted_into_a_shell() -> None:
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    params = {"FilterPattern": "?ERROR ?Error", "StartTime": at, "InstanceIds": ["i-1", "i-2"], "All": True}
    assert command("logs", "FilterLogEvents", params, "eu-west-1") == (
        "aws logs filter-log-events --filter-pattern '?ERROR ?Error' --start-time 2026-05-04T12:00:00Z "
        "--instance-ids i-1 i-2 --all --region eu-west-1"
    )


def test_structures_become_json() -> None:
    written = command("cloudwatch", "GetMetricData", {"MetricDataQueries": [{"Id": "m0"}]})
    assert written == """aws cloudwatch get-metric-data --metric-data-queries '[{"Id":"m0"}]'"""


def test_names_with_values_are_written_short_where_that_is_safe() -> None:
    dimensions = {"Dimensions": [{"Name": "InstanceId", "Value": "i-1"}, {"Name": "Zone", "Value": "a"}]}
    assert command("cloudwatch", "ListMetrics", dimensions) == (
        "aws cloudwatch list-metrics --dimensions Name=InstanceId,Value=i-1 Name=Zone,Value=a"
    )
    assert '[{"Name":"Queue","Value":"a,b"}]' in command("x", "Y", {"Dimensions": [{"Name": "Queue", "Value": "a,b"}]})
