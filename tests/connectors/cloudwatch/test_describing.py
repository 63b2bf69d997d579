"""What was read, as evidence: with the command that reads it again."""

from __future__ import annotations

from datetime import timedelta

from connectors.cloudwatch import describing
from connectors.cloudwatch.alarms import Alarm, Transition
from connectors.cloudwatch.metrics import Range
from connectors.evidence import ResourceState
from tests.connectors.cloudwatch.world import NOW, ONSET, calm, jump, readings, target

ORDERS = target("rds", "orders")
SPAN = Range(NOW - timedelta(hours=1), NOW, 60)
MADE = readings(ORDERS, CPUUtilization=jump(20, 90), DatabaseConnections=calm(5))


def test_a_reading_says_from_what_to_what_and_how_to_read_it_again() -> None:
    told = describing.reading(MADE.by_name["CPUUtilization"], SPAN, "eu-west-1", "metrics")
    assert told.onset is not None
    assert "→" in told.summary
    assert "get-metric-statistics" in told.query
    assert "--region eu-west-1" in told.query
    assert "eu-west-1.console.aws.amazon.com" in told.link


def test_one_that_did_not_move_is_steady() -> None:
    told = describing.reading(MADE.by_name["DatabaseConnections"], SPAN, "", "metrics")
    assert "steady at" in told.summary
    assert (told.onset, told.link) == (None, "")


def test_all_metrics_as_a_table_the_changed_first() -> None:
    told = describing.overview(MADE, "metrics")
    assert told.summary == "2 metrics of orders read, 1 changed: CPUUtilization."
    assert isinstance(told.body, ResourceState)
    assert [row[0] for row in told.body.rows] == ["CPUUtilization", "DatabaseConnections"]
    assert told.body.rows[1][3] == "steady"


def test_an_alarm_with_its_threshold_and_its_own_last_changes() -> None:
    one = Alarm("orders-cpu", "ALARM", ONSET, "3 datapoints", "AWS/RDS", "CPUUtilization",
                {"DBInstanceIdentifier": "orders"}, 90, "GreaterThanOrEqualToThreshold")  # fmt: skip
    history = [Transition("orders-cpu", ONSET, "OK to ALARM"), Transition("another", NOW, "x")]
    told = describing.alarm(one, "eu-west-1", "q", history)
    assert told.summary == "orders-cpu is ALARM since 11:40 UTC: CPUUtilization ≥ 90 3 datapoints"
    assert told.subject == ORDERS.subject
    assert isinstance(told.body, ResourceState)
    assert told.body.rows == (("11:40 UTC", "OK to ALARM"),)
