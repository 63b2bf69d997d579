"""Events of any service, in one shape."""

from __future__ import annotations

from datetime import timedelta, timezone

from connectors.cloudwatch.events import Event, evidence, matching, newest, utc
from connectors.evidence import Change, Subject
from tests.connectors.cloudwatch.world import NOW

ORDERS = Subject(kind="DBInstance", name="orders")


def event(minutes: float, text: str) -> Event:
    return Event(NOW + timedelta(minutes=minutes), ORDERS, text, "RDS", "aws rds describe-events", by="ana")


def test_equal_events_are_one_piece_of_evidence() -> None:
    assert event(1, "failover").key == event(1, "failover").key != event(2, "failover").key


def test_what_matches_is_in_order_of_time_whatever_the_case() -> None:
    found = matching([event(2, "Failover ended"), event(1, "failover began"), event(0, "backup")], "failover")
    assert [one.text for one in found] == ["failover began", "Failover ended"]


def test_of_many_the_newest_are_kept_once_and_in_order() -> None:
    many = [event(n, f"e{n}") for n in range(5)]
    assert [one.text for one in newest([*many, *many], 2)] == ["e3", "e4"]


def test_an_event_is_told_as_a_change_with_who_and_when() -> None:
    told = evidence(event(0, "parameter group changed"), "events")
    assert told.onset == NOW
    assert isinstance(told.body, Change)
    assert (told.body.by, told.body.what) == ("ana", "parameter group changed")
    assert told.summary == "12:00 UTC RDS: parameter group changed"


def test_times_of_other_zones_are_told_in_utc() -> None:
    assert utc(NOW.astimezone(timezone(timedelta(hours=2)))) == NOW
    assert utc("yesterday") is None
