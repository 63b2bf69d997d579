"""What each source's payload becomes: one `Alert` type, stable fingerprints, resolves that match their fires."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks.guess import read_alerts
from chatops.webhooks.pagers import PAGERDUTY
from chatops.webhooks.payload import BadPayload, Delivery
from chatops.webhooks.sources import SOURCES
from tests.conftest import NOW

GENERIC = WebhookSettings(
    generic={"alerts": "data.items", "name": "title", "status": "state", "severity": "meta.level", "labels": "tags",
             "label_namespace": "ns", "starts_at": "at", "summary": "text"}
)  # fmt: skip


def alarm(state: str = "ALARM") -> dict[str, Any]:
    return {
        "AlarmName": "orders-cpu",
        "AlarmDescription": "CPU of orders",
        "AWSAccountId": "000000000000",
        "NewStateValue": state,
        "NewStateReason": "Threshold Crossed",
        "StateChangeTime": "2026-03-01T11:50:00.000+0000",
        "Region": "EU (Ireland)",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:orders-cpu",
        "Trigger": {
            "MetricName": "CPUUtilization",
            "Namespace": "AWS/RDS",
            "Dimensions": [{"name": "DBInstanceIdentifier", "value": "orders"}],
        },
    }


def event(state: str = "ALARM") -> dict[str, Any]:
    metric = {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": {"FunctionName": "resize"}}
    return {
        "detail-type": "CloudWatch Alarm State Change",
        "account": "000000000000",
        "region": "eu-west-1",
        "resources": ["arn:aws:cloudwatch:eu-west-1:000000000000:alarm:resize-errors"],
        "detail": {
            "alarmName": "resize-errors",
            "state": {"value": state, "reason": "3 datapoints", "timestamp": "2026-03-01T11:50:00.000+0000"},
            "configuration": {"metrics": [{"id": "e"}, {"metricStat": {"metric": metric}}]},
        },
    }


def sns(document: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Notification", "TopicArn": "arn:t", "Message": json.dumps(document)}


def pagerduty(kind: str) -> dict[str, Any]:
    return {
        "event": {
            "event_type": kind,
            "occurred_at": "2026-03-01T11:55:00Z",
            "data": {
                "id": "P1",
                "type": "incident",
                "title": "checkout down",
                "urgency": "high",
                "created_at": "2026-03-01T11:50:00Z",
                "html_url": "https://x.pagerduty.com/P1",
                "service": {"id": "S", "summary": "checkout"},
            },
        }
    }


def opsgenie(action: str) -> dict[str, Any]:
    alert = {
        "alertId": "o1",
        "message": "slow",
        "priority": "P1",
        "createdAt": 1772365800000,
        "details": {"namespace": "shop"},
    }
    return {"action": action, "alert": alert}


def datadog(transition: str) -> dict[str, Any]:
    return {
        "id": 77,
        "aggregate": "agg-1",
        "title": f"[P1] [{transition} on {{host:i-1}}] errors",
        "transition": transition,
        "priority": "P1",
        "date": 1772365800000,
        "tags": "kube_namespace:shop,service:checkout,plain",
    }


def generic(state: str) -> dict[str, Any]:
    row = {
        "title": "Disk",
        "state": state,
        "meta": {"level": "page"},
        "tags": {"node": "n1"},
        "ns": "shop",
        "at": "1772365800",
        "text": "full",
    }
    return {"data": {"items": [row]}}


def parse(source: str, document: Any) -> tuple[Alert, ...]:
    delivery = Delivery({}, document, json.dumps(document).encode(), NOW)
    return SOURCES[source].parse(delivery, GENERIC)


PAIRS: list[tuple[str, Any, Any, dict[str, str]]] = [
    ("cloudwatch", sns(alarm()), sns(alarm("OK")), {"DBInstanceIdentifier": "orders", "region": "eu-west-1"}),
    ("cloudwatch", sns(event()), sns(event("OK")), {"FunctionName": "resize"}),
    ("eventbridge", event(), event("OK"), {"FunctionName": "resize", "metric": "Errors"}),
    ("pagerduty", pagerduty("incident.triggered"), pagerduty("incident.resolved"), {"service": "checkout"}),
    ("opsgenie", opsgenie("Create"), opsgenie("Close"), {"namespace": "shop"}),
    ("datadog", datadog("Triggered"), datadog("Recovered"), {"namespace": "shop", "service": "checkout"}),
    ("generic", generic("firing"), generic("ok"), {"node": "n1", "namespace": "shop"}),
]


@pytest.mark.parametrize(("source", "fires", "resolves", "labels"), PAIRS)
def test_a_fire_and_its_resolve_have_one_fingerprint(
    source: str, fires: Any, resolves: Any, labels: dict[str, str]
) -> None:
    (fired,), (resolved,) = parse(source, fires), parse(source, resolves)
    assert (fired.status, resolved.status) == ("firing", "resolved")
    assert fired.fingerprint == resolved.fingerprint
    assert labels.items() <= fired.labels.items()
    assert (fired.severity, fired.name) == (resolved.severity, resolved.name)
    assert fired.severity == "critical"
    assert fired.starts_at.isoformat() == "2026-03-01T11:50:00+00:00"
    assert fired.ends_at is None
    assert resolved.ends_at is not None


@pytest.mark.parametrize(
    ("source", "document"),
    [
        ("pagerduty", pagerduty("incident.acknowledged")),
        ("opsgenie", opsgenie("AddNote")),
        ("cloudwatch", {"Type": "SubscriptionConfirmation", "TopicArn": "arn:t"}),
    ],
)
def test_what_says_nothing_of_the_system_is_no_alert(source: str, document: Any) -> None:
    assert parse(source, document) == ()


def test_an_alarm_without_data_is_not_resolved() -> None:
    (alert,) = parse("cloudwatch", sns(alarm("INSUFFICIENT_DATA")))
    assert (alert.status, alert.severity, alert.annotations["state"]) == ("firing", "warning", "INSUFFICIENT_DATA")


@pytest.mark.parametrize(("secret", "given", "fine"), [("s3", "s3", True), ("s3", "other", False), (None, "s3", False)])
async def test_pagerduty_must_sign(secret: str | None, given: str, fine: bool) -> None:
    body = json.dumps(pagerduty("incident.triggered")).encode()
    signed = "v1=" + hmac.new(given.encode(), body, hashlib.sha256).hexdigest()
    delivery = Delivery({"x-pagerduty-signature": f"v1=0000, {signed}"}, json.loads(body), body, NOW)
    config = WebhookSettings(pagerduty_secret=SecretStr(secret) if secret else None)
    assert PAGERDUTY.verify is not None
    if fine:
        await PAGERDUTY.verify(delivery, config)
        return
    with pytest.raises(BadPayload) as caught:
        await PAGERDUTY.verify(delivery, config)
    assert caught.value.status == 401


def test_the_generic_source_says_what_is_missing() -> None:
    delivery = Delivery({}, {}, b"{}", NOW)
    with pytest.raises(BadPayload, match="needs at least 'name'"):
        SOURCES["generic"].parse(delivery, WebhookSettings())
    with pytest.raises(BadPayload, match="nothing at 'a.b'"):
        SOURCES["generic"].parse(delivery, WebhookSettings(generic={"name": "a.b"}))


@pytest.mark.parametrize(
    ("source", "document"), [(source, fires) for source, fires, _, _ in PAIRS if source != "generic"]
)
def test_a_file_is_recognised_by_its_form(source: str, document: Any) -> None:
    assert read_alerts(json.dumps(document).encode(), NOW)[0] == source


def test_a_file_of_no_form_says_why_of_each() -> None:
    with pytest.raises(BadPayload, match=r"alertmanager.*Datadog"):
        read_alerts(b'{"hello": 1}', NOW)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _mutated(document: Any, path: list[int], value: Any) -> Any:
    """The document with one place replaced by something else."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    at = path[0] % len(document)
    if isinstance(document, list):
        return [_mutated(one, path[1:], value) if index == at else one for index, one in enumerate(document)]
    return {
        key: _mutated(one, path[1:], value) if index == at else one for index, (key, one) in enumerate(document.items())
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PAIRS), st.lists(st.integers(0, 20), max_size=5), _JSON)
def test_no_payload_raises_anything_else(pair: tuple[str, Any, Any, Any], path: list[int], value: Any) -> None:
    source, document = pair[0], _mutated(pair[1], path, value)
    delivery = Delivery({}, document, b"", NOW)
    with contextlib.suppress(BadPayload):
        assert all(isinstance(alert, Alert) for alert in SOURCES[source].parse(delivery, GENERIC))
