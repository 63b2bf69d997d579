"""Investigate this alert."""

from __future__ import annotations

from typing import Any

from chatops.slack.app import SlackApp
from chatops.slack.listeners.shortcuts import CALLBACK, said
from chatops.store import RedisStore
from tests.slack.conftest import Waiting, interact, settled
from tests.slack.web_api import SlackApi

ALERT = {
    "ts": "1772366450.000200",
    "bot_id": "B1",
    "text": "",
    "attachments": [
        {
            "title": "[FIRING:1] CartErrorRate",
            "text": "7 % of requests fail",
            "fields": [{"title": "namespace", "value": "shop"}],
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Severity:* critical"}}],
        }
    ],
}


def shortcut(**changes: Any) -> dict[str, Any]:
    fields = {
        "type": "message_action",
        "callback_id": CALLBACK,
        "trigger_id": "9.9",
        "action_ts": "9.9",
        "message_ts": ALERT["ts"],
        "channel": {"id": "C1", "name": "alerts"},
        "message": ALERT,
    }
    return {**fields, **changes}


def test_every_text_of_the_alert_is_read() -> None:
    text = "\n".join(said(ALERT))
    for part in ("CartErrorRate", "7 % of requests fail", "namespace: shop", "*Severity:* critical"):
        assert part in text


async def test_it_opens_one_incident_in_the_alerts_thread(app: SlackApp, store: RedisStore, queue: Waiting) -> None:
    for _ in range(3):
        assert (await interact(app, shortcut())).status == 200
    (incident,) = await store.recent()
    assert incident.thread.ts == ALERT["ts"]
    assert incident.origin == "shortcut"
    assert "namespace: shop" in incident.question
    assert queue.jobs == [("triage", incident.id)]


async def test_guests_are_refused(app: SlackApp, queue: Waiting) -> None:
    await interact(app, shortcut(user={"id": "UGUEST", "team_id": "T1"}))
    assert queue.jobs == []


async def test_a_message_without_text_is_nothing_to_look_into(app: SlackApp, api: SlackApi, queue: Waiting) -> None:
    await interact(app, shortcut(message={"ts": ALERT["ts"], "text": "  "}))
    await settled(app)
    assert queue.jobs == []
    assert "no text that I can read" in api.of("chat.postEphemeral")[0]["text"]
