"""Commands are answered by the tool that means the same, or by none."""

import shlex
from typing import Any

import pytest

from connectors.cloudwatch.argv import FORMS, arguments_for


@pytest.mark.parametrize(
    ("command", "tool", "arguments"),
    [
        ("aws cloudwatch describe-alarms --state-value ALARM", "aws_alarms", {"state": "ALARM"}),
        ("aws cloudwatch describe-alarms --alarm-names a b", "aws_alarms", {"names": ["a", "b"]}),
        ("aws cloudwatch describe-alarm-history --alarm-name a", "aws_alarms", {"names": ["a"]}),
        ("aws cloudwatch get-metric-statistics --namespace AWS/RDS --metric-name CPUUtilization --statistics Average "
         "--dimensions Name=DBInstanceIdentifier,Value=orders --period 60 --start-time 2026-05-04T11:00:00Z "
         "--end-time 2026-05-04T12:00:00Z", "aws_metric",
         {"namespace": "AWS/RDS", "metric": "CPUUtilization", "statistic": "Average", "period": "60",
          "dimensions": {"DBInstanceIdentifier": "orders"}, "start": "2026-05-04T11:00:00Z",
          "end": "2026-05-04T12:00:00Z"}),
        ("aws logs tail /ecs/web --since 1h --filter-pattern ERROR", "aws_logs",
         {"log_group": "/ecs/web", "since": "1h", "pattern": "ERROR"}),
        ("aws logs filter-log-events --log-group-name=/g --filter-pattern '?ERROR ?WARN' --start-time 1777889000000",
         "aws_logs", {"log_group": "/g", "pattern": "?ERROR ?WARN", "start": "1777889000000"}),
        ("aws logs start-query --log-group-name /g --query-string 'fields @message | limit 5' --start-time 1777889000 "
         "--end-time 1777892600", "aws_logs_insights",
         {"log_groups": ["/g"], "query": "fields @message | limit 5", "start": "1777889000", "end": "1777892600"}),
        ("aws rds describe-events --source-identifier orders --source-type db-instance --duration 60", "aws_events",
         {"source": "rds", "name": "orders", "minutes": "60"}),
        ("aws rds describe-events --source-identifier docs --source-type db-cluster --duration 60", "aws_events",
         {"source": "rds-cluster", "name": "docs", "minutes": "60"}),
        ("aws elasticache describe-events --source-identifier c-001 --source-type cache-cluster", "aws_events",
         {"source": "elasticache", "name": "c-001"}),
        ("aws elbv2 describe-target-groups --names web", "aws_describe", {"kind": "target-group", "name": "web"}),
        ("aws --region eu-west-1 rds describe-db-instances --db-instance-identifier orders --output json",
         "aws_describe", {"kind": "database", "name": "orders"}),
        ("aws ecs describe-services --cluster prod --services web", "aws_describe",
         {"kind": "ecs-service", "cluster": "prod", "name": "web"}),
        ("aws elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/w/1",
         "aws_describe",
         {"kind": "target-group", "name": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/w/1"}),
    ],
)  # fmt: skip
def test_commands_become_arguments(command: str, tool: str, arguments: dict[str, Any]) -> None:
    assert arguments_for(tool, shlex.split(command), "eu-west-1") == arguments


@pytest.mark.parametrize(
    "command",
    [
        "aws ec2 terminate-instances --instance-ids i-1",
        "aws rds describe-db-instances",
        "aws rds describe-db-instances --db-instance-identifier orders --profile other",
        "aws rds describe-db-instances --db-instance-identifier orders --endpoint-url http://evil",
        "aws rds describe-db-instances --db-instance-identifier orders --region us-east-1",
        "aws logs start-query --log-group-name /g --query-string x --unmask",
        "aws logs filter-log-events --log-group-name /g --unmask",
        "aws logs tail",
        "aws logs tail /a /b",
        "aws",
        "kubectl get pods",
        "",
    ],
)
def test_other_commands_are_answered_by_no_tool(command: str) -> None:
    tools = {form.tool for form in FORMS}
    assert [tool for tool in tools if arguments_for(tool, shlex.split(command), "eu-west-1") is not None] == []


def test_dimensions_with_a_blank_in_their_name_are_written_as_json() -> None:
    flags = ["--namespace", "AWS/Kafka", "--metric-name", "SumOffsetLag", "--dimensions"]
    for given, read in [
        ('[{"Name":"Cluster Name","Value":"core"}]', {"Cluster Name": "core"}), ('[{"Name":', {}), ("[1]", {})
    ]:  # fmt: skip
        asked = arguments_for("aws_metric", ["aws", "cloudwatch", "get-metric-statistics", *flags, given])
        assert asked is not None
        assert asked["dimensions"] == read
