"""Paging services: which of their events say something of the system, and how they prove who sends."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from chatops.settings import WebhookSettings
from chatops.webhooks.pagers import DATADOG, OPSGENIE, PAGERDUTY
from chatops.webhooks.payload import BadPayload, Delivery
from tests.conftest import NOW

SECRET = WebhookSettings.model_validate({"pagerduty_secret": "shared"})


def delivery(document: Any, body: bytes = b"", **headers: str) -> Delivery:
    return Delivery(headers, document, body, NOW)


def incident(event: str, **data: Any) -> dict[str, Any]:
    return {
        "event": {"event_type": event, "data": {"id": "P1", "title": "checkout is down", "urgency": "high", **data}}
    }


def test_the_priority_of_an_incident_is_more_than_its_urgency() -> None:
    [plain] = PAGERDUTY.parse(delivery(incident("incident.triggered")), SECRET)
    [ranked] = PAGERDUTY.parse(delivery(incident("incident.triggered", priority={"summary": "P3"})), SECRET)
    assert (plain.severity, ranked.severity) == ("critical", "warning")
    assert plain.fingerprint == ranked.fingerprint == "pagerduty:P1"


@pytest.mark.parametrize("event", ["incident.acknowledged", "incident.annotated", "pagey.ping"])
def test_what_people_do_there_is_no_alert(event: str) -> None:
    assert PAGERDUTY.parse(delivery(incident(event)), SECRET) == ()


def test_pagerdutys_test_event_is_taken_and_an_incident_without_its_id_is_not() -> None:
    ping = {"event": {"event_type": "pagey.ping", "data": {"message": "Hello from your friend Pagey!"}}}
    assert PAGERDUTY.parse(delivery(ping), SECRET) == ()
    with pytest.raises(BadPayload, match="no PagerDuty incident: id"):
        PAGERDUTY.parse(delivery(incident("incident.triggered", id="")), SECRET)


@pytest.mark.parametrize("key", ["shared", "other"])
async def test_an_event_is_signed_with_the_shared_secret(key: str) -> None:
    signed = "v1=" + hmac.new(key.encode(), b"body", hashlib.sha256).hexdigest()
    given = delivery({}, b"body", **{"x-pagerduty-signature": f"v1=of-the-old-secret, {signed}"})
    assert PAGERDUTY.verify is not None
    if key == "shared":
        await PAGERDUTY.verify(given, SECRET)
        return
    with pytest.raises(BadPayload, match="signature is wrong") as caught:
        await PAGERDUTY.verify(given, SECRET)
    assert caught.value.status == 401


async def test_without_the_secret_nobody_is_believed() -> None:
    assert PAGERDUTY.verify is not None
    with pytest.raises(BadPayload, match="webhooks.pagerduty_secret"):
        await PAGERDUTY.verify(delivery({}), WebhookSettings())


def test_opsgenies_details_are_labels_and_its_alias_a_group() -> None:
    alert = {
        "alertId": "a1",
        "message": "down",
        "priority": "P1",
        "alias": "g",
        "details": {"pod": "x"},
        "entity": "cart",
        "tags": ["namespace:shop", "team-a"],
    }
    [found] = OPSGENIE.parse(delivery({"action": "Create", "alert": alert}), SECRET)
    assert found.labels == {"namespace": "shop", "pod": "x", "entity": "cart"}
    assert (found.group_key, found.severity) == ("g", "critical")
    [closed] = OPSGENIE.parse(delivery({"action": "Close", "alert": alert}), SECRET)
    assert (closed.status, closed.ends_at) == ("resolved", NOW)
    assert OPSGENIE.parse(delivery({"action": "AddNote", "alert": alert}), SECRET) == ()


@pytest.mark.parametrize("tags", ["kube_namespace:shop, team:pay,plain", ["kube_namespace:shop", "team:pay", "plain"]])
def test_datadogs_tags_have_the_names_of_the_field(tags: object) -> None:
    [found] = DATADOG.parse(delivery({"id": 7, "title": "slow", "tags": tags, "date": ""}), SECRET)
    assert found.labels == {"namespace": "shop", "team": "pay"}
    assert (found.fingerprint, found.starts_at) == ("datadog:7", NOW)


def test_a_monitor_is_one_alert_however_many_events_it_sends() -> None:
    sent = [
        {"id": number, "aggregate": "monitor-1", "transition": how}
        for number, how in ((1, "Triggered"), (2, "Recovered"))
    ]
    (first,), (second,) = (DATADOG.parse(delivery(one), SECRET) for one in sent)
    assert first.fingerprint == second.fingerprint
    assert (first.status, second.status) == ("firing", "resolved")


def test_what_marks_datadogs_markdown_is_not_told() -> None:
    [found] = DATADOG.parse(delivery({"id": 7, "title": "slow", "body": "%%%\nCPU is **95 %**\n%%%"}), SECRET)
    assert found.summary == "CPU is **95 %**"
