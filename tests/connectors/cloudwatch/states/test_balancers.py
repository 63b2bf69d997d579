"""Target health says which targets are unhealthy, and why."""

import pytest

from tests.connectors.cloudwatch.world import World, seen


def balancer(*states: tuple[str, str]) -> World:
    group = {"TargetGroupArn": "arn:tg", "TargetGroupName": "web", "HealthCheckPath": "/healthz",
             "HealthCheckProtocol": "HTTP", "HealthCheckPort": "8080"}  # fmt: skip
    rows = []
    for i, (state, reason) in enumerate(states):
        health = {"State": state, "Reason": reason} if reason else {"State": state}
        rows.append({"Target": {"Id": f"10.0.0.{i}", "Port": 80}, "TargetHealth": health})
    world = World().answers("elbv2", "DescribeTargetGroups", {"TargetGroups": [group]})
    world.answers("elbv2", "DescribeLoadBalancers", {"LoadBalancers": [{"LoadBalancerArn": "arn:lb"}]})
    return world.answers("elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": rows})


@pytest.mark.parametrize(
    ("states", "causes"),
    [
        ([("healthy", ""), ("healthy", "")], []),
        ([("healthy", ""), ("draining", "Target.DeregistrationInProgress")], []),
        ([("initial", "Elb.RegistrationInProgress")], []),
        ([("unhealthy", "Target.Timeout"), ("unhealthy", "Target.Timeout")], ["LoadBalancerTargetsUnhealthy"]),
        ([], ["LoadBalancerTargetsUnhealthy"]),
    ],
)
async def test_target_health(states: list[tuple[str, str]], causes: list[str]) -> None:
    assert (await seen(balancer(*states), LoadBalancer="app/web/1")).causes == causes


async def test_target_health_says_why() -> None:
    world = balancer(("unhealthy", "Target.ResponseCodeMismatch"))
    outcome = await seen(world, TargetGroup="targetgroup/web/1", LoadBalancer="app/w/2")
    assert "another status than it wants" in outcome.findings[0].statement
    assert "/healthz" in outcome.findings[0].statement
