"""Alarms in ALARM, composites with their children, and which of them are about the scope."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.cloudwatch.alarms import Alarm, about, beside, children
from connectors.contract import FiringAlert
from tests.connectors.cloudwatch.standin import Refused
from tests.connectors.cloudwatch.world import NOW, ONSET, World, connected, inquiry, investigate, jump, target


def raw(name: str, **dimensions: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "StateValue": "ALARM",
        "StateTransitionedTimestamp": ONSET,
        "StateUpdatedTimestamp": NOW,
        "StateReason": "Threshold Crossed",
        "Namespace": "AWS/RDS",
        "MetricName": "CPUUtilization",
        "Threshold": 90.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }


def world(*alarms: dict[str, Any], composites: tuple[dict[str, Any], ...] = ()) -> World:
    made = World().answers(
        "cloudwatch", "DescribeAlarms", {"MetricAlarms": list(alarms), "CompositeAlarms": list(composites)}
    )
    history = [{"AlarmName": "orders-cpu", "Timestamp": ONSET, "HistorySummary": "Alarm updated from OK to ALARM"}]
    return made.answers("cloudwatch", "DescribeAlarmHistory", {"AlarmHistoryItems": history})


async def test_an_alarm_brings_its_time_its_history_and_its_resource() -> None:
    with connected(world(raw("orders-cpu", DBInstanceIdentifier="orders"))) as connector:
        outcome = await investigate(connector, inquiry(service="orders"))
    alarm = outcome.evidence["cloudwatch/alarm/orders-cpu"]
    assert (alarm.onset, str(alarm.subject)) == (ONSET, "DBInstance orders")
    assert "CPUUtilization > 90" in alarm.summary
    assert "aws cloudwatch describe-alarms" in alarm.query
    assert "orders" in outcome.observations["metrics"].searched


async def test_alarms_of_others_are_counted_and_not_shown() -> None:
    others = raw("hr-cpu", DBInstanceIdentifier="hr") | {"StateTransitionedTimestamp": ONSET - timedelta(days=2)}
    with connected(world(raw("orders-cpu", DBInstanceIdentifier="orders"), others)) as connector:
        outcome = await investigate(connector, inquiry({"DBInstanceIdentifier": "orders"}))
    assert [key for key in outcome.evidence if "/alarm/" in key] == ["cloudwatch/alarm/orders-cpu"]
    assert "1 of them not about this scope" in outcome.observations["alarms"].searched


def at_once(*names: str) -> list[Alarm]:
    return [Alarm(name, "ALARM", ONSET + timedelta(minutes=3), "") for name in names]


def test_few_alarms_at_the_same_time_belong_together() -> None:
    fired = Alarm("cdn-5xx", "ALARM", ONSET, "")
    old = Alarm("hr-disk", "ALARM", ONSET - timedelta(days=2), "")
    assert [one.name for one in beside([fired, old, *at_once("web-hosts")], [fired], (), ONSET)] == ["web-hosts"]
    assert beside([fired, *at_once("web-hosts")], [], (), None) == []


async def test_a_workload_that_fails_leads_to_the_database_that_went_into_alarm_with_it() -> None:
    made = world(raw("ledger-7-cpu", DBInstanceIdentifier="ledger-7"))
    made.metrics("ledger-7", CPUUtilization=jump(20, 97))
    with connected(made) as connector:
        outcome = await investigate(connector, inquiry(namespace="shop", workload="orders"))
    assert outcome.causes == ["DatabaseCPUSaturated"]


def test_of_many_alarms_at_the_same_time_only_those_with_a_name_in_common() -> None:
    fired = Alarm("session-api-errors", "ALARM", ONSET, "")
    many = at_once("sessions-throttles", "mail-errors", "hr-errors", "web-errors", "search-errors")
    assert [one.name for one in beside([fired, *many], [fired], (), None)] == ["sessions-throttles"]


async def test_the_resource_of_an_alarm_beside_is_looked_at_too() -> None:
    made = world(raw("session-api", FunctionName="session-api"), raw("sessions-cpu", DBInstanceIdentifier="sessions"))
    made.metrics("sessions", CPUUtilization=jump(20, 97))
    with connected(made) as connector:
        outcome = await investigate(connector, inquiry({"FunctionName": "session-api"}))
    assert "DatabaseCPUSaturated" in outcome.causes


async def test_without_the_history_the_alarm_stands() -> None:
    def refuse(_: Any) -> Any:
        raise Refused("InternalFailure", 500)

    made = world(raw("orders-cpu", DBInstanceIdentifier="orders"))
    with connected(made.answers("cloudwatch", "DescribeAlarmHistory", refuse)) as connector:
        outcome = await investigate(connector, inquiry(service="orders"))
    assert "history could not be read" in outcome.observations["alarms"].partial
    assert "cloudwatch/alarm/orders-cpu" in outcome.evidence


async def test_the_alarm_that_fired_is_read_even_when_it_has_recovered() -> None:
    def answer(params: Any) -> Any:
        named = params.get("AlarmNames") == ["orders-cpu"]
        return {
            "MetricAlarms": [raw("orders-cpu", DBInstanceIdentifier="orders") | {"StateValue": "OK"}] if named else []
        }

    made = world().answers("cloudwatch", "DescribeAlarms", answer)
    with connected(made) as connector:
        fired = FiringAlert(name="orders-cpu", source="cloudwatch")
        outcome = await investigate(connector, inquiry(alerts=[fired]))
    assert outcome.evidence["cloudwatch/alarm/orders-cpu"].title == "Alarm orders-cpu is OK"
    assert "orders" in outcome.observations["metrics"].searched


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ('ALARM("a") AND (ALARM(b) OR OK(c))', ("a", "b")),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:1:alarm:web 5xx)", ("web 5xx",)),
        ("FALSE", ()),
    ],
)
def test_children_of_a_composite(rule: str, names: tuple[str, ...]) -> None:
    assert children(rule) == names


def alarm(name: str, **changes: Any) -> Alarm:
    return Alarm(name, "ALARM", ONSET, "", **changes)


def test_a_composite_and_its_children_belong_together() -> None:
    alarms = [alarm("all-of-it", children=("child",)), alarm("child", dimensions={"QueueName": "jobs"}), alarm("other")]
    chosen = about(alarms, [target("sqs", "jobs")], [], [])
    assert [one.name for one in chosen] == ["all-of-it", "child"]
    assert [one.name for one in about(alarms, [], [], ["all-of-it"])] == ["all-of-it", "child"]


def test_names_match_by_whole_words() -> None:
    alarms = [alarm("cart-errors"), alarm("cartography-errors")]
    assert [one.name for one in about(alarms, [], ["cart"], [])] == ["cart-errors"]


def test_without_any_name_every_alarm_is_told() -> None:
    alarms = [alarm("a"), alarm("b")]
    assert about(alarms, [], [], []) == alarms
