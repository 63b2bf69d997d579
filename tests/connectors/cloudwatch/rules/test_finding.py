"""What all rules share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.cloudwatch.events import Event
from connectors.cloudwatch.rules.finding import Facts, finding, first, known, onset_of, quoted
from tests.connectors.cloudwatch.world import NOW, calm, jump, readings, target

ORDERS = target("rds", "orders")
MADE = readings(ORDERS, CPUUtilization=jump(20, 90), DatabaseConnections=calm(5))
FACTS = Facts(ORDERS, MADE)


def event(minutes: int) -> Event:
    return Event(NOW + timedelta(minutes=minutes), ORDERS.subject, f"e{minutes}", "RDS", "q")


def test_a_finding_rests_on_readings_events_and_keys_once_each() -> None:
    reading = MADE.by_name["CPUUtilization"]
    made = finding(FACTS, "DatabaseCPUSaturated", "busy", 0.8, rests=[reading, event(0), "k", reading])
    assert made.rests_on == (reading.key, event(0).key, "k")
    assert (made.subject, made.rule) == (ORDERS.subject, "cloudwatch.DatabaseCPUSaturated")


@pytest.mark.parametrize(("given", "told"), [(1.4, 0.97), (-1, 0.0), (0.333, 0.33)])
def test_no_rule_is_certain(given: float, told: float) -> None:
    assert finding(FACTS, "DatabaseCPUSaturated", "busy", given, rests=[]).confidence == told


def test_traffic_as_at_the_same_hour_of_other_days_has_not_risen() -> None:
    reading = MADE.by_name["CPUUtilization"]
    assert Facts(ORDERS, MADE, usual={"CPUUtilization": 85}).as_usual(reading)
    assert not Facts(ORDERS, MADE, usual={"CPUUtilization": 20}).as_usual(reading)
    assert not FACTS.as_usual(reading), "where other days are not known nothing is usual"


def test_it_began_with_the_change_of_level() -> None:
    reading = MADE.by_name["CPUUtilization"]
    stretch = reading.beyond(lambda value: value > 85)
    assert onset_of(stretch, reading, None) == reading.changed_at
    assert onset_of(None, MADE.by_name["DatabaseConnections"]) is None


def test_the_newest_event_is_quoted_and_the_first_is_when_it_began() -> None:
    assert quoted([event(0), event(5)]) == ' (RDS: "e5")'
    assert first([event(5), event(0)]) == NOW
    assert (quoted([]), first([]), known(None)) == ("", None, [])
