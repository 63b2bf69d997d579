"""Bounds and comparisons of every service that is no database; what is well has no cause."""

import pytest

from connectors.cloudwatch.cause_checks import judged
from connectors.cloudwatch.rules.finding import Facts
from connectors.evidence import Role
from tests.connectors.cloudwatch.world import ONSET, Curve, calm, jump, ramp, readings, target


@pytest.mark.parametrize(
    ("service", "values", "curves", "cause"),
    [
        ("lambda", ["pay"], {"Throttles": jump(0, 40), "Invocations": calm(900)}, "FunctionThrottled"),
        ("lambda", ["pay"], {"Errors": jump(0, 300), "Invocations": calm(900)}, "FunctionErrors"),
        ("sqs", ["jobs"], {"ApproximateNumberOfMessagesVisible": ramp(5, 9000),
                           "ApproximateAgeOfOldestMessage": ramp(2, 900), "NumberOfMessagesDeleted": jump(500, 20)},
         "QueueBacklog"),
        ("dynamodb", ["carts"], {"WriteThrottleEvents": jump(0, 80)}, "TableThrottled"),
        ("alb_target", ["targetgroup/web/1", "app/web/2"],
         {"HealthyHostCount": jump(3, 0), "UnHealthyHostCount": jump(0, 3)}, "LoadBalancerTargetsUnhealthy"),
        ("ec2", ["i-1"], {"StatusCheckFailed_System": ramp(0, 1, 0.5)}, "CloudInstanceImpaired"),
        ("ebs", ["vol-1"], {"BurstBalance": ramp(90, 0)}, "VolumeIOSaturated"),
        ("elasticache", ["sessions"], {"Evictions": jump(0, 4000), "CacheHitRate": jump(95, 50)}, "CacheEvictions"),
        ("nat", ["nat-1"], {"ErrorPortAllocation": jump(0, 30)}, "NATPortsExhausted"),
        ("apigateway", ["shop"], {"Count": jump(500, 2500)}, "TrafficSurge"),
        ("ecs", ["web", "prod"], {"MemoryUtilization": ramp(60, 99)}, "MemoryPressure"),
        ("eks", ["prod"], {"cluster_failed_node_count": jump(0, 2)}, "NodeNotReady"),
    ],
)  # fmt: skip
def test_services(service: str, values: list[str], curves: dict[str, Curve], cause: str) -> None:
    about = target(service, *values)
    found = [one for one in judged(Facts(about, readings(about, **curves))) if one.role is Role.CAUSE]
    assert [one.cause for one in found if one.confidence >= 0.5] == [cause]


@pytest.mark.parametrize(
    ("service", "values", "curves"),
    [
        ("lambda", ["pay"], {"Throttles": jump(0, 40, -15, -5), "Errors": calm(3), "Invocations": calm(900)}),
        (
            "sqs",
            ["jobs"],
            {"ApproximateNumberOfMessagesVisible": calm(5000), "ApproximateAgeOfOldestMessage": calm(600)},
        ),
        (
            "alb_target",
            ["targetgroup/web/1", "app/web/2"],
            {"HealthyHostCount": calm(3, 0), "UnHealthyHostCount": calm(0)},
        ),
        ("elasticache", ["sessions"], {"Evictions": calm(4000)}),
        ("ec2", ["i-1"], {"CPUUtilization": jump(30, 99, 18)}),
        ("apigateway", ["shop"], {"Count": calm(500, 0.3), "5XXError": calm(2)}),
    ],
)
def test_services_that_are_well(service: str, values: list[str], curves: dict[str, Curve]) -> None:
    about = target(service, *values)
    assert [one for one in judged(Facts(about, readings(about, **curves))) if one.confidence >= 0.5] == []


@pytest.mark.parametrize(
    ("service", "values", "curves", "said"),
    [
        ("cloudfront", ["E1", "Global"], {"4xxErrorRate": jump(1, 96)}, ["ErrorRateIncrease"]),
        ("cloudfront", ["E1", "Global"], {"4xxErrorRate": calm(60)}, []),
        ("alb", ["app/web/1"], {"HTTPCode_Target_4XX_Count": jump(20, 900), "RequestCount": calm(1000)},
         ["ErrorRateIncrease"]),
        ("alb", ["app/web/1"], {"HTTPCode_Target_4XX_Count": jump(20, 90), "RequestCount": calm(1000)}, []),
    ],
)  # fmt: skip
def test_who_refuses_most_calls_since_is_a_symptom(
    service: str, values: list[str], curves: dict[str, Curve], said: list[str]
) -> None:
    about = target(service, *values)
    found = judged(Facts(about, readings(about, **curves)))
    assert [one.cause for one in found if one.role is Role.SYMPTOM] == said


def test_a_limit_that_was_lowered_is_hit_since_then_and_not_before() -> None:
    about = target("lambda", "export")
    found = judged(
        Facts(about, readings(about, Duration=lambda m: 8000 if m < 0 else 3000), states={"timeout_ms": "3000"})
    )
    (timeout,) = [one for one in found if one.rule.endswith("FunctionTimeout")]
    assert timeout.onset is not None
    assert abs((timeout.onset - ONSET).total_seconds()) <= 180
