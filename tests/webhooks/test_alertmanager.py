"""Alertmanager's form, and Grafana's, which differs in the version and in where a person looks."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.settings import WebhookSettings
from chatops.webhooks.alertmanager import ALERTMANAGER, GRAFANA
from chatops.webhooks.payload import BadPayload, Delivery
from tests.conftest import NOW

ONE = {"status": "firing", "fingerprint": "f1", "startsAt": "2026-03-01T11:55:00Z", "labels": {"alertname": "Down"}}


def delivered(version: str, *alerts: dict[str, Any]) -> Delivery:
    return Delivery({}, {"version": version, "groupKey": "g", "alerts": list(alerts)}, b"", NOW)


def test_every_alert_of_a_group_is_one_of_its_own() -> None:
    first, second = ALERTMANAGER.parse(delivered("4", ONE, {**ONE, "fingerprint": "f2"}), WebhookSettings())
    assert (first.fingerprint, second.fingerprint) == ("alertmanager:f1", "alertmanager:f2")
    assert {first.group_key, second.group_key} == {"g"}


def test_the_zero_time_that_go_writes_is_no_end() -> None:
    [firing] = ALERTMANAGER.parse(delivered("4", {**ONE, "endsAt": "0001-01-01T00:00:00Z"}), WebhookSettings())
    assert firing.ends_at is None
    [resolved] = ALERTMANAGER.parse(delivered("4", {**ONE, "status": "resolved"}), WebhookSettings())
    assert resolved.ends_at == NOW


def test_the_summary_is_whatever_the_rule_has() -> None:
    [found] = ALERTMANAGER.parse(delivered("4", {**ONE, "annotations": {"message": "old style"}}), WebhookSettings())
    assert found.summary == "old style"


def test_an_unknown_version_names_the_one_that_is_known() -> None:
    with pytest.raises(BadPayload, match="version '3' are not known, version '4' is"):
        ALERTMANAGER.parse(delivered("3", ONE), WebhookSettings())


def test_grafana_is_looked_at_on_its_dashboard() -> None:
    one = {**ONE, "dashboardURL": "https://g/d/1", "panelURL": "https://g/p", "generatorURL": "https://g/rule"}
    [found] = GRAFANA.parse(delivered("1", one), WebhookSettings())
    assert (found.source, found.link, found.generator_url) == ("grafana", "https://g/d/1", "https://g/rule")
