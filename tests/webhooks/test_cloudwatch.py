"""CloudWatch's alarms, told by SNS and by EventBridge."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks.cloudwatch import CLOUDWATCH, EVENTBRIDGE
from chatops.webhooks.payload import BadPayload, Delivery
from tests.conftest import NOW

ARN = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:orders-cpu"
ALARM = {
    "AlarmName": "orders-cpu", "AlarmArn": ARN, "AWSAccountId": "111122223333", "Region": "EU (Ireland)",
    "NewStateValue": "ALARM", "NewStateReason": "above 90", "StateChangeTime": "2026-03-01T11:50:00.000+0000",
    "Trigger": {"MetricName": "CPUUtilization", "Namespace": "AWS/RDS",
                "Dimensions": [{"name": "DBInstanceIdentifier", "value": "orders"}]},
}  # fmt: skip
METRIC = {"name": "CPUUtilization", "namespace": "AWS/RDS", "dimensions": {"DBInstanceIdentifier": "orders"}}
DETAIL = {
    "alarmName": "orders-cpu",
    "state": {"value": "ALARM", "reason": "above 90"},
    "configuration": {"metrics": [{"metricStat": {"metric": METRIC}}]},
}
EVENT = {
    "detail-type": "CloudWatch Alarm State Change",
    "account": "111122223333",
    "region": "eu-west-1",
    "resources": [ARN],
    "detail": DETAIL,
}


def by_sns(message: Any, kind: str = "Notification") -> tuple[Alert, ...]:
    text = message if isinstance(message, str) else json.dumps(message)
    return CLOUDWATCH.parse(Delivery({}, {"Type": kind, "Message": text}, b"", NOW), WebhookSettings())


def by_event(event: Any) -> tuple[Alert, ...]:
    return EVENTBRIDGE.parse(Delivery({}, event, b"", NOW), WebhookSettings())


def test_the_same_alarm_is_the_same_whichever_way_it_comes() -> None:
    [told], [event], [forwarded] = by_sns(ALARM), by_event(EVENT), by_sns(EVENT)
    assert told.fingerprint == event.fingerprint == forwarded.fingerprint
    for one in (told, event, forwarded):
        assert (one.labels["region"], one.labels["DBInstanceIdentifier"]) == ("eu-west-1", "orders")
        assert (one.name, one.severity, one.summary) == ("orders-cpu", "critical", "above 90")


def test_ok_is_a_recovery_and_data_that_stopped_coming_is_none() -> None:
    [ok], [blind] = (by_sns({**ALARM, "NewStateValue": state}) for state in ("OK", "INSUFFICIENT_DATA"))
    assert (ok.status, ok.ends_at == ok.starts_at) == ("resolved", True)
    assert (blind.status, blind.severity, blind.ends_at) == ("firing", "warning", None)


def test_an_alarm_of_expressions_has_no_metric_and_is_told() -> None:
    detail = {**DETAIL, "configuration": {"metrics": [{"expression": "a/b"}]}}
    [found] = by_event({**EVENT, "detail": detail})
    assert "metric" not in found.labels


def test_a_subscription_is_no_alert() -> None:
    assert by_sns("please confirm", "SubscriptionConfirmation") == ()


@pytest.mark.parametrize("message", ["just words", {"AlarmName": "x"}, {"detail-type": "EC2 Instance State-change"}])
def test_another_message_is_refused_and_named(message: object) -> None:
    with pytest.raises(BadPayload, match="CloudWatch"):
        by_sns(message)
