"""Messages of other apps in a channel become alerts where they tell a state, with the names that stand in them."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.webhooks.posted import alerts_in
from tests.conftest import NOW


def message(**changes: Any) -> dict[str, Any]:
    return {"type": "message", "channel": "C9", "bot_id": "B9", "ts": "1790000000.000100", "text": "", **changes}


def attached(**attachment: Any) -> dict[str, Any]:
    return message(attachments=[attachment])


ALERTMANAGER = {
    "title": "[FIRING:1] HighErrorRate (checkout shop)",
    "title_link": "http://am",
    "color": "danger",
}
GRAFANA = {
    "title": "[FIRING:1] Errors",
    "color": "#D63232",
    "text": "**Firing**\n\nValue: B=22\nLabels:\n - alertname = HighErrorRate\n - namespace = shop\n"
    " - deployment = checkout\n"
    "Annotations:\n - summary = checkout fails\nSource: http://grafana/x",
}
DATADOG = {
    "title": "Triggered: CPU is high on checkout",
    "text": "Tags: kube_namespace:shop, kube_deployment:checkout\n<https://app.datadog.test|Open>",
    "color": "danger",
}
BLOCKS = [
    {"type": "header", "text": {"type": "plain_text", "text": "🔥 FIRING: PodCrashLooping"}},
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Namespace:* shop"}]},
]
FIELDS = {"title": "Errors", "color": "danger", "fields": [{"title": "Namespace", "value": "`shop`"}]}


@pytest.mark.parametrize(
    ("attachment", "name", "labels"),
    [
        (ALERTMANAGER, "HighErrorRate (checkout shop)", {}),
        (GRAFANA, "HighErrorRate", {"namespace": "shop", "deployment": "checkout"}),
        (DATADOG, "CPU is high on checkout", {"kube_namespace": "shop", "kube_deployment": "checkout"}),
        (FIELDS, "Errors", {"namespace": "shop"}),
    ],
)
def test_what_fires_is_read_with_its_names(attachment: dict[str, Any], name: str, labels: dict[str, str]) -> None:
    (alert,) = alerts_in(attached(**attachment), NOW)
    assert (alert.name, alert.status, alert.channel, alert.message) == (name, "firing", "C9", "1790000000.000100")
    assert labels.items() <= alert.labels.items()
    assert alert.starts_at.timestamp() == pytest.approx(1790000000.0001)


def test_its_end_is_of_the_same_alert() -> None:
    (begun,) = alerts_in(attached(**GRAFANA), NOW)
    (over,) = alerts_in(
        attached(**{**GRAFANA, "title": "[RESOLVED] Errors", "text": GRAFANA["text"].replace("22", "1")}), NOW
    )
    assert (over.status, over.fingerprint) == ("resolved", begun.fingerprint)
    (green,) = alerts_in(attached(**{**FIELDS, "color": "good"}), NOW)
    assert green.status == "resolved"


def test_blocks_are_read_too() -> None:
    (alert,) = alerts_in(message(blocks=BLOCKS), NOW)
    assert (alert.name, alert.labels["namespace"]) == ("PodCrashLooping", "shop")


@pytest.mark.parametrize(
    "other",
    [
        message(text="Lunch at noon?"),
        message(text="FIRING", bot_id=None),
        message(text="checkout v2 was released by ci"),
        message(attachments="x", blocks=[None, {"text": 3}]),
        {},
    ],
)
def test_what_tells_no_state_or_is_no_apps_is_no_alert(other: dict[str, Any]) -> None:
    assert alerts_in(other, NOW) == ()
