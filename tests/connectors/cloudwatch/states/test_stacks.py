"""Stacks and scaling around the onset."""

from datetime import timedelta

import pytest

from tests.connectors.cloudwatch.world import ONSET, World, seen


def stack(state: str, reason: str = "") -> World:
    at = ONSET - timedelta(minutes=3)
    ours = {"StackName": "web-infra", "StackStatus": state, "CreationTime": at, "LastUpdatedTime": at}
    old = ours | {"StackName": "old", "LastUpdatedTime": at - timedelta(days=9), "StackStatus": "ROLLBACK_COMPLETE"}
    world = World().answers("cloudformation", "DescribeStacks", {"Stacks": [ours, old]})
    event = {"StackId": "s", "EventId": "e", "StackName": "web-infra", "Timestamp": at, "LogicalResourceId": "Queue",
             "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": reason}  # fmt: skip
    return world.answers("cloudformation", "DescribeStackEvents", {"StackEvents": [event]})


@pytest.mark.parametrize(
    ("world", "causes"),
    [
        (stack("UPDATE_COMPLETE"), []),
        (stack("UPDATE_ROLLBACK_COMPLETE", "Resource handler returned: bad value"), ["CloudDeploymentFailed"]),
        (stack("ROLLBACK_COMPLETE", "User x is not authorized to perform: sqs:CreateQueue"), ["CloudAccessDenied"]),
        (stack("CREATE_FAILED", "The maximum number of VPCs has been reached: limit exceeded"), ["CloudQuotaExceeded"]),
    ],
)
async def test_stacks(world: World, causes: list[str]) -> None:
    assert (await seen(world, QueueName="web")).causes == causes


async def test_scaling_that_fails() -> None:
    message = "We currently do not have sufficient m6i.large capacity in the Availability Zone"
    row = {"ActivityId": "a", "AutoScalingGroupName": "web", "StatusCode": "Failed", "StatusMessage": message,
           "StartTime": ONSET, "Description": "Launching a new EC2 instance", "Cause": "x"}  # fmt: skip
    world = World().answers("autoscaling", "DescribeScalingActivities", {"Activities": [row]})
    assert (await seen(world, AutoScalingGroupName="web")).causes == ["ClusterAutoscalerBlocked"]
