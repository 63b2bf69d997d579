"""The table of questions, and the two that it answers itself: alarms and metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.causes import BY_CODE
from connectors.cloudwatch.checks import CHECKS
from connectors.evidence import Observation
from tests.connectors.cloudwatch.world import ONSET, World, calm, connected, inquiry, investigate, jump

ORDERS = {"DBInstanceIdentifier": "orders"}


def alarm(name: str, database: str, since: datetime = ONSET) -> dict[str, Any]:
    return {
        "AlarmName": name, "StateValue": "ALARM", "MetricName": "CPUUtilization", "Namespace": "AWS/RDS",
        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": database}], "StateUpdatedTimestamp": since,
        "AlarmArn": f"arn:aws:cloudwatch:eu-west-1:1:alarm:{name}",
    }  # fmt: skip


async def run(world: World, name: str, **dimensions: str) -> Observation:
    with connected(world) as connector:
        check = next(one for one in connector.checks(inquiry(dimensions or ORDERS)) if one.name == name)
        return await check.run()


def test_every_row_asks_a_question_of_its_own_and_decides_causes_that_exist() -> None:
    assert len({row.name for row in CHECKS}) == len(CHECKS)
    assert all(row.question.endswith("?") for row in CHECKS)
    assert {cause for row in CHECKS for cause in row.decides} <= set(BY_CODE)


async def test_bound_to_an_investigation_they_share_its_time_limit() -> None:
    with connected(World()) as connector:
        checks = connector.checks(inquiry(ORDERS))
    assert [one.name for one in checks] == [row.name for row in CHECKS]
    assert {one.timeout for one in checks} == {7.0}


async def test_alarms_of_others_are_counted_and_not_shown() -> None:
    rows = [alarm("orders-cpu", "orders"), alarm("billing-cpu", "billing", ONSET - timedelta(days=2))]
    world = World().answers("cloudwatch", "DescribeAlarms", {"MetricAlarms": rows, "CompositeAlarms": []})
    found = await run(world, "alarms")
    assert ["orders-cpu" in one.title + one.summary for one in found.evidence] == [True]
    assert found.searched == "2 alarms in ALARM, 1 of them not about this scope"
    assert found.partial == ""


async def test_more_alarms_than_are_shown_are_said() -> None:
    rows = [alarm(f"orders-{n}", "orders") for n in range(15)]
    world = World().answers("cloudwatch", "DescribeAlarms", {"MetricAlarms": rows, "CompositeAlarms": []})
    del world.account.answers[("cloudwatch", "DescribeAlarmHistory")]
    found = await run(world, "alarms")
    assert len(found.evidence) == 12
    assert found.partial == "the alarms' history could not be read; 3 more alarms of the scope are not shown"


async def test_metrics_show_what_changed_and_name_what_has_no_points() -> None:
    found = await run(World().metrics("orders", CPUUtilization=jump(20, 95), DatabaseConnections=calm(50)), "metrics")
    assert [one.title for one in found.evidence[1:]] == ["CPUUtilization of orders"]
    assert found.searched.startswith("2 metrics of 1 resources")
    assert found.watched == 1
    nothing = await run(World(), "metrics")
    assert (nothing.watched, "no data points for" in nothing.partial) == (0, True)


async def test_a_scope_that_names_nothing_says_what_was_looked_for() -> None:
    with connected(World()) as connector:
        outcome = await investigate(connector, inquiry({}))
    assert outcome.observations["metrics"].skipped.startswith("no AWS resource")


async def test_a_refusal_touches_only_its_own_row() -> None:
    """The stand-in refuses whatever a test does not answer."""
    with connected(World().metrics("orders", CPUUtilization=jump(20, 95))) as connector:
        outcome = await investigate(connector, inquiry(ORDERS))
    assert "databases" in outcome.errors
    assert "DatabaseCPUSaturated" in outcome.causes
