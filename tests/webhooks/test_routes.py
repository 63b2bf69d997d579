"""Webhooks: 202 means stored, 503 means send it again, and bad input gets one line that says what to do."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from chatops.domain.alert import Alert
from chatops.domain.ports import StoreUnavailable
from chatops.settings import WebhookSettings
from chatops.webhooks.routes import Webhooks
from tests.conftest import NOW

PAYLOAD: dict[str, Any] = {
    "version": "4",
    "groupKey": '{}:{alertname="HighErrorRate"}',
    "status": "firing",
    "receiver": "chatops",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "HighErrorRate", "severity": "page", "namespace": "shop"},
            "annotations": {"summary": "22 % of requests fail", "runbook_url": "https://runbooks.example.com/errors"},
            "startsAt": "2026-03-01T11:50:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus/graph?g0.expr=up",
            "fingerprint": "abc",
        }
    ],
}


class Rig:
    def __init__(self, **settings: Any) -> None:
        self.taken: list[Alert] = []
        self.down = False
        self.settings = WebhookSettings(**settings)

    async def take(self, alerts: Sequence[Alert]) -> Sequence[str]:
        if self.down:
            raise StoreUnavailable("down")
        self.taken.extend(alerts)
        return ["inc-1"]

    def client(self, address: str = "127.0.0.1") -> TestClient:
        app = Starlette(routes=Webhooks(self.settings, self.take, lambda: NOW).routes())
        return TestClient(app, client=(address, 50000))


def test_alerts_are_taken_with_what_their_source_says() -> None:
    rig = Rig()
    answer = rig.client().post("/webhooks/alertmanager", json=PAYLOAD)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "incidents": ["inc-1"]})
    (alert,) = rig.taken
    assert (alert.fingerprint, alert.severity, alert.group_key) == ("alertmanager:abc", "critical", PAYLOAD["groupKey"])
    assert alert.ends_at is None
    assert alert.runbook_url == "https://runbooks.example.com/errors"


def test_what_is_not_stored_is_asked_for_again() -> None:
    rig = Rig()
    rig.down = True
    answer = rig.client().post("/webhooks/alertmanager", json=PAYLOAD)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("path", "body", "content_type", "status", "line"),
    [
        ("nagios", "{}", "application/json", 404, "there is no webhook 'nagios'; there are: alertmanager"),
        ("alertmanager", "{", "application/json", 400, "the body is not JSON"),
        ("alertmanager", "[" * 100_000, "application/json", 400, "the body is not JSON"),
        ("alertmanager", "a=b", "application/x-www-form-urlencoded", 415, "send application/json"),
        ("alertmanager", "[]", "application/json", 400, "no alertmanager webhook"),
        (
            "alertmanager",
            '{"version": "3", "alerts": []}',
            "application/json",
            400,
            "alerts: list should have at least 1",
        ),
        ("alertmanager", json.dumps({**PAYLOAD, "version": "3"}), "application/json", 400, "version '4' is"),
        ("alertmanager", '"' + "x" * 2000 + '"', "application/json", 413, "webhooks.max_bytes"),
    ],
)
def test_bad_input_is_one_clear_line(path: str, body: str, content_type: str, status: int, line: str) -> None:
    rig = Rig(max_bytes=200_000 if body.startswith("[[") else 1_500)
    answer = rig.client().post(f"/webhooks/{path}", content=body, headers={"content-type": content_type})
    assert answer.status_code == status
    assert line in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert rig.taken == []


def test_a_body_without_a_length_is_bounded_too() -> None:
    rig = Rig(max_bytes=1_000)

    def chunks() -> Any:
        for _ in range(100):
            yield b"x" * 100

    answer = rig.client().post("/webhooks/alertmanager", content=chunks(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_without_credentials_in_the_settings_only_this_machine_may_send() -> None:
    rig = Rig()
    assert rig.client("10.0.0.9").post("/webhooks/alertmanager", json=PAYLOAD).status_code == 401
    assert rig.client("::1").post("/webhooks/alertmanager", json=PAYLOAD).status_code == 202


def basic(credentials: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer right"}, 202),
        (basic("am:also-right"), 202),
        ({"authorization": "Bearer wrong"}, 401),
        (basic("am:wrong"), 401),
        ({"authorization": "Basic !!!"}, 401),
        ({}, 401),
    ],
)
def test_credentials(headers: dict[str, str], status: int) -> None:
    rig = Rig(token=SecretStr("right"), username="am", password=SecretStr("also-right"))
    assert rig.client("10.0.0.9").post("/webhooks/alertmanager", json=PAYLOAD, headers=headers).status_code == status


def test_a_refusal_does_not_log_the_body(capsys: pytest.CaptureFixture[str]) -> None:
    rig = Rig(token=SecretStr("right"))
    rig.client().post("/webhooks/alertmanager", json={"password": "hunter2"}, headers={"authorization": "Bearer no"})
    captured = capsys.readouterr()
    assert "webhook refused" in captured.out + captured.err
    assert "hunter2" not in captured.out + captured.err


def test_half_of_a_surrogate_pair_is_taken_as_a_question_mark() -> None:
    rig = Rig()
    body = json.dumps(PAYLOAD).replace("HighErrorRate", "High\\ud800Rate").encode()
    answer = rig.client().post("/webhooks/alertmanager", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 202
    assert rig.taken[0].name == "High?Rate"
    answer = rig.client().post(
        "/webhooks/alertmanager", content=b'{"\\ud800": 1}', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
