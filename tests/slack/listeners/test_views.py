"""The form that starts an investigation."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from chatops.slack import modals
from chatops.slack.app import SlackApp
from chatops.slack.desk import NOT_DONE, NOT_STORED, Where
from chatops.slack.requests import Body
from chatops.store import RedisStore
from tests import factories
from tests.slack.conftest import Waiting, form, settled, submit
from tests.slack.test_inbox import Gone, all_due
from tests.slack.web_api import SlackApi


def submitted(question: str = "cart is slow", channel: str = "C1", **values: str) -> dict[str, Any]:
    state = {
        "question": {"question": {"type": "plain_text_input", "value": question}},
        "since": {"since": {"type": "static_select", "selected_option": {"value": "3h"}}},
        "channel": {"channel": {"type": "conversations_select", "selected_conversation": channel}},
        **{name: {name: {"type": "plain_text_input", "value": value}} for name, value in values.items()},
    }
    return {**modals.start_view(channel), "id": "V1", "hash": "h1", "state": {"values": state}, "private_metadata": ""}


async def test_it_opens_an_incident_with_its_scope(app: SlackApp, store: RedisStore, queue: Waiting) -> None:
    for _ in range(2):
        assert (await submit(app, submitted(namespace="shop", workload="cart"))).status == 200
    (incident,) = await store.recent()
    assert (incident.scope.namespace, incident.scope.workload) == ("shop", "cart")
    assert (incident.window.end - incident.window.start).total_seconds() == 3 * 3600
    assert len(queue.jobs) == 1


async def test_the_environment_that_is_chosen_is_the_one(app: SlackApp, store: RedisStore) -> None:
    view = submitted()
    view["state"]["values"]["environment"] = {"environment": {"selected_option": {"value": "staging"}}}
    await submit(app, view)
    (incident,) = await store.recent()
    assert incident.scope.environment == "staging"


async def test_what_is_missing_or_refused_is_said_in_the_form(app: SlackApp, api: SlackApi, queue: Waiting) -> None:
    api.shared.add("C9")
    empty = await submit(app, submitted(question="  "))
    assert json.loads(empty.body)["errors"] == {"question": "Say what is wrong."}
    shared = await submit(app, submitted(channel="C9"))
    assert "shared" in json.loads(shared.body)["errors"]["channel"]
    assert queue.jobs == []


async def test_a_form_is_kept_before_it_is_accepted(app: SlackApp, store: RedisStore, queue: Waiting) -> None:
    """Its process dies right after; pressed again it is the same form, and whoever finds it does it once."""

    async def dies(request: str, body: Body) -> None:
        raise asyncio.CancelledError

    heir, app.inbox._work = app.inbox._work, dies
    await app.acknowledged(form(submitted()))
    await asyncio.gather(*app.inbox._tasks, return_exceptions=True)
    app.inbox._work = heir
    assert (await submit(app, submitted())).status == 200
    assert list(await store.recent()) == []
    await all_due(store)
    assert await app.inbox.left_behind() == 1
    await settled(app)
    assert len(await store.recent()) == len(queue.jobs) == 1


async def test_a_form_that_cannot_be_kept_stays_open_and_says_so(app: SlackApp, queue: Waiting) -> None:
    app.inbox._book = Gone()
    cause = {"cause": {"cause": {"type": "plain_text_input", "value": "a rollback"}}}
    made = modals.resolve_view(Where("T1", "C1", "U1"), factories.incident())
    closing = {**made, "id": "V2", "hash": "h1", "state": {"values": cause}}
    for view, field in ((submitted(), "question"), (closing, "cause")):
        answer = await submit(app, view)
        assert json.loads(answer.body) == {"response_action": "errors", "errors": {field: NOT_STORED}}
    assert queue.jobs == []


async def test_a_form_that_is_given_up_is_said_where_it_was_to_be_told(app: SlackApp, api: SlackApi) -> None:
    await app._given_up("inc-1", form(submitted()))
    (said,) = api.of("chat.postEphemeral")
    assert (said["channel"], said["user"], said["text"]) == ("C1", "U1", NOT_DONE)
