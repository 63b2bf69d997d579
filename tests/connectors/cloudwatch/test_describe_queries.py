"""Named resources are described and their events told, by kind."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.cloudwatch.describe_queries import KINDS
from tests.connectors.cloudwatch.states.test_balancers import balancer
from tests.connectors.cloudwatch.states.test_containers import ecs
from tests.connectors.cloudwatch.test_queries import call
from tests.connectors.cloudwatch.world import ONSET, World, database, described

EVENT = {"SourceIdentifier": "orders", "Message": "DB instance restarted", "Date": ONSET, "EventCategories": []}
FAILOVER = {"SourceIdentifier": "orders", "Message": "Failover to replica", "Date": ONSET}
STACK = {"StackId": "s", "EventId": "e", "StackName": "web", "Timestamp": ONSET, "LogicalResourceId": "Queue",
         "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "limit"}  # fmt: skip
ACTIVITY = {"ActivityId": "a", "AutoScalingGroupName": "web", "StatusCode": "Successful", "StartTime": ONSET,
            "Description": "Launching", "Cause": "x"}  # fmt: skip
WRITE = {"EventId": "w", "EventName": "StopDBInstance", "EventTime": ONSET + timedelta(minutes=1), "Username": "kim",
         "Resources": [{"ResourceType": "AWS::RDS::DBInstance", "ResourceName": "orders"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("world", "arguments", "said"),
    [
        (
            World().answers("rds", "DescribeDBInstances", described(database("orders"))),
            {"kind": "database", "name": "orders"},
            "is available",
        ),
        (ecs(1, 3), {"kind": "ecs-service", "name": "web", "cluster": "prod"}, "1 of 3 tasks"),
        (balancer(("unhealthy", "Target.Timeout")), {"kind": "target-group", "name": "web"}, "1 unhealthy"),
        (balancer(("healthy", "")), {"kind": "load-balancer", "name": "web"}, "1 healthy"),
    ],
)
async def test_descriptions(world: World, arguments: dict[str, Any], said: str) -> None:
    assert said in (await call(world, "aws_describe", **arguments)).evidence[0].summary


async def test_a_target_group_is_found_by_its_arn() -> None:
    world = balancer(("healthy", ""))
    await call(world, "aws_describe", kind="target-group",
               name="arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/73e2d6bc24d8a067")  # fmt: skip
    assert [p for p in world.account.asked("DescribeTargetGroups")[0].values() if p == "web"]


@pytest.mark.parametrize(
    ("source", "operation", "answer", "name", "said"),
    [
        ("rds", ("rds", "DescribeEvents"), {"Events": [EVENT]}, "orders", "restarted"),
        ("rds-cluster", ("rds", "DescribeEvents"), {"Events": [EVENT]}, "orders", "restarted"),
        (
            "elasticache",
            ("elasticache", "DescribeEvents"),
            {"Events": [FAILOVER]},
            "orders",
            "Failover",
        ),
        ("cloudformation", ("cloudformation", "DescribeStackEvents"), {"StackEvents": [STACK]}, "web", "CREATE_FAILED"),
        ("autoscaling", ("autoscaling", "DescribeScalingActivities"), {"Activities": [ACTIVITY]}, "web", "Launching"),
        ("cloudtrail", ("cloudtrail", "LookupEvents"), {"Events": [WRITE]}, "orders", "StopDBInstance"),
    ],
)
async def test_events(source: str, operation: tuple[str, str], answer: Any, name: str, said: str) -> None:
    seen = await call(World().answers(*operation, answer), "aws_events", source=source, name=name)
    assert said in seen.evidence[0].summary


def test_every_kind_has_a_service() -> None:
    assert {"database", "ecs-service", "eks-cluster", "function", "target-group"} <= KINDS.keys()
