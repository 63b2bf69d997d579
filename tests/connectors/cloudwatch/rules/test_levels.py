"""Bounds at which a resource refuses, drops or queues."""

from __future__ import annotations

from connectors.causes import BY_CODE
from connectors.cloudwatch.rules.finding import Facts
from connectors.cloudwatch.rules.levels import LEVELS, levels
from connectors.cloudwatch.services import BY_KEY
from connectors.evidence import Finding, Role
from tests.connectors.cloudwatch.world import ONSET, Curve, calm, jump, readings, target


def of(service: str, **curves: Curve) -> list[Finding]:
    one = target(service, "thing")
    return levels(Facts(one, readings(one, **curves)))


def test_every_bound_is_of_a_metric_that_is_read_and_a_cause_that_is_known() -> None:
    for level in LEVELS:
        assert level.cause in BY_CODE
        for service in level.services:
            assert level.metric in {metric.name for metric in BY_KEY[service].metrics}, (service, level.metric)


def test_a_bound_that_is_crossed_and_holds_is_a_cause_since_it_was_crossed() -> None:
    [found] = of("lambda", Throttles=jump(0, 40))
    assert (found.cause, found.role) == ("FunctionThrottled", Role.CAUSE)
    assert found.onset is not None
    assert abs((found.onset - ONSET).total_seconds()) <= 120


def test_what_has_recovered_is_context() -> None:
    [found] = of("lambda", Throttles=jump(0, 40, -30, -10))
    assert (found.role, found.confidence) == (Role.CONTEXT, 0.3)
    assert "no longer so" in found.statement


def test_a_calm_metric_says_nothing() -> None:
    assert of("lambda", Throttles=calm(0, 0)) == []
    assert of("ec2", CPUUtilization=calm(60)) == []


def test_of_two_bounds_of_one_cause_the_surest_speaks() -> None:
    found = of("dynamodb", WriteThrottleEvents=jump(0, 9), ThrottledRequests=jump(0, 9))
    assert [(one.cause, one.confidence) for one in found] == [("TableThrottled", 0.82)]


def test_a_bound_may_be_another_metric_of_the_resource() -> None:
    limit = calm(1000, 0)
    [full] = of("docdb", DatabaseConnections=jump(300, 990), DatabaseConnectionsLimit=limit)
    assert full.cause == "DatabaseConnectionsExhausted"
    assert "of 1,000" in full.statement
    assert of("docdb", DatabaseConnections=jump(300, 700), DatabaseConnectionsLimit=limit) == []
    blocked = of("mq", RabbitMQDiskFree=jump(9e9, 1e9), RabbitMQDiskFreeLimit=calm(2e9, 0))
    assert [one.cause for one in blocked] == ["DatabaseStorageExhausted"]
    assert of("mq", RabbitMQMemUsed=calm(1e9), RabbitMQMemLimit=calm(3e9, 0)) == []
