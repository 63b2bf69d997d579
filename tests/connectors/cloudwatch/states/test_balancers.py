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


async def test_groups_that_name_their_balancer_are_found_in_one_call() -> None:
    world = balancer(("healthy", ""))
    group = {"TargetGroupArn": "arn:tg", "TargetGroupName": "web",
             "LoadBalancerArns": ["arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/1"]}  # fmt: skip
    others = [{"TargetGroupArn": f"arn:{n}", "TargetGroupName": f"t{n}", "LoadBalancerArns": ["arn:x"]} for n in "ab"]
    world.answers("elbv2", "DescribeTargetGroups", {"TargetGroups": [*others, group]})
    outcome = await seen(world, LoadBalancer="app/web/1")
    assert {str(one.subject) for one in outcome.observations["load balancers"].evidence} == {"TargetGroup web"}
    assert world.account.asked("DescribeLoadBalancers") == []
