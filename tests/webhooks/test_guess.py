"""Whose form a file has."""

from __future__ import annotations

import json

import pytest

from chatops.webhooks.guess import read_alerts
from chatops.webhooks.payload import BadPayload
from tests.conftest import NOW

ALERT = {"status": "firing", "fingerprint": "f", "startsAt": "2026-03-01T11:55:00Z", "labels": {"alertname": "Down"}}
BODY = {"version": "4", "alerts": [ALERT]}


@pytest.mark.parametrize("document", [BODY, {"headers": {"host": "x"}, "body": BODY}])
def test_a_payload_and_a_recorded_request_are_read_alike(document: object) -> None:
    source, [found] = read_alerts(json.dumps(document).encode(), NOW)
    assert (source, found.name) == ("alertmanager", "Down")


def test_grafanas_is_told_apart_by_its_version() -> None:
    assert read_alerts(json.dumps({**BODY, "version": "1"}).encode(), NOW)[0] == "grafana"


def test_what_nobody_sends_says_what_each_source_missed() -> None:
    with pytest.raises(BadPayload, match=r"no source has this form \(this is no alertmanager webhook: .*PagerDuty"):
        read_alerts(b'{"hello": 1}', NOW)
    with pytest.raises(BadPayload, match="not JSON"):
        read_alerts(b"[" * 100_000, NOW)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"version": "4", "alerts": [{**ALERT, "startsAt": "yesterday"}]}, "alertmanager webhook: alerts.0.startsAt"),
        ({"version": "3", "alerts": [ALERT]}, "alertmanager webhooks of version '3' are not known"),
        ({"action": "Create", "alert": {"alertId": ""}}, "Opsgenie webhook: alert.alertId"),
        ({"id": "1", "title": "$EVENT_TITLE", "date": "$DATE"}, "Datadog webhook: date"),
        ({"Type": "Notification", "Message": "hello"}, "the SNS message does not hold a CloudWatch alarm"),
        (
            {"id": "c4", "detail-type": "EC2 Instance State-change Notification", "detail": {"state": "stopped"}},
            "CloudWatch alarm event: detail",
        ),
    ],
)
def test_what_is_nearly_a_sources_form_says_what_is_wrong_with_it_only(document: object, told: str) -> None:
    with pytest.raises(BadPayload, match=told) as caught:
        read_alerts(json.dumps(document).encode(), NOW)
    assert "field required;" not in str(caught.value)


def test_a_list_is_no_payload() -> None:
    with pytest.raises(BadPayload, match="no alertmanager webhook: the document: a JSON object is expected"):
        read_alerts(json.dumps([ALERT]).encode(), NOW)
