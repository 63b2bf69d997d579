"""The form that starts an investigation."""

from __future__ import annotations

import json
from typing import Any

from chatops.slack import modals
from chatops.slack.app import SlackApp
from chatops.store import RedisStore
from tests.slack.conftest import Waiting, interact
from tests.slack.web_api import SlackApi


def submitted(question: str = "cart is slow", channel: str = "C1", **values: str) -> dict[str, Any]:
    state = {
        "question": {"question": {"type": "plain_text_input", "value": question}},
        "since": {"since": {"type": "static_select", "selected_option": {"value": "3h"}}},
        "channel": {"channel": {"type": "conversations_select", "selected_conversation": channel}},
        **{name: {name: {"type": "plain_text_input", "value": value}} for name, value in values.items()},
    }
    view = {**modals.start_view(channel), "id": "V1", "hash": "h1", "state": {"values": state}, "private_metadata": ""}
    return {"type": "view_submission", "view": view}


async def test_it_opens_an_incident_with_its_scope(app: SlackApp, store: RedisStore, queue: Waiting) -> None:
    for _ in range(2):
        assert (await interact(app, submitted(namespace="shop", workload="cart"))).status == 200
    (incident,) = await store.recent()
    assert (incident.scope.namespace, incident.scope.workload) == ("shop", "cart")
    assert (incident.window.end - incident.window.start).total_seconds() == 3 * 3600
    assert len(queue.jobs) == 1


async def test_what_is_missing_or_refused_is_said_in_the_form(app: SlackApp, api: SlackApi, queue: Waiting) -> None:
    api.shared.add("C9")
    empty = await interact(app, submitted(question="  "))
    assert json.loads(empty.body)["errors"] == {"question": "Say what is wrong."}
    shared = await interact(app, submitted(channel="C9"))
    assert "shared" in json.loads(shared.body)["errors"]["channel"]
    assert queue.jobs == []
