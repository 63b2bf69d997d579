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
