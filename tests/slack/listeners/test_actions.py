"""Buttons: checked again at the click, done once, answered to the one who clicked."""

from __future__ import annotations

import pytest

from chatops.domain.incident import Incident, Thread
from chatops.slack.app import SlackApp
from chatops.slack.listeners.actions import Click, read
from chatops.store import RedisStore
from tests.render import cases
from tests.slack.conftest import Waiting, click, interact, settled, submit
from tests.slack.web_api import SlackApi


@pytest.fixture
async def ours(store: RedisStore) -> Incident:
    one = cases.incident(thread=Thread(team="T1", channel="C1", ts="1.1"))
    await store.add(one)
    await store.save_case(one.id, cases.diagnosis(), ())
    return one


@pytest.mark.parametrize(
    ("action_id", "value", "meant"),
    [
        ("chatops.run_check:S1", "inc-1|S1", Click("run_check", "inc-1", "S1")),
        ("chatops.stop", "inc-1", Click("stop", "inc-1", "")),
        ("chatops.feedback", "inc-1|not_helpful|answer:1.2", Click("not_helpful", "inc-1", "answer:1.2")),
        ("chatops.feedback:positive", "inc-1|helpful|root", Click("helpful", "inc-1", "root")),
        ("chatops.page", "", Click("page", "", "")),
    ],
)
def test_reading(action_id: str, value: str, meant: Click) -> None:
    assert read({"action_id": action_id, "value": value}) == meant


async def test_run_check_is_enqueued_once(app: SlackApp, queue: Waiting, ours: Incident) -> None:
    for _ in range(3):
        assert (await interact(app, click("chatops.run_check:S1", f"{ours.id}|S1"))).status == 200
    assert queue.jobs == [("act", ours.id, "run_check", "S1", "U1")]


async def test_a_second_click_is_a_second_run(app: SlackApp, queue: Waiting, ours: Incident) -> None:
    await interact(app, click("chatops.run_check:S1", f"{ours.id}|S1", at="5.5"))
    await interact(app, click("chatops.run_check:S1", f"{ours.id}|S1", at="6.6"))
    assert len(queue.jobs) == 2


async def test_ruling_out_moves_the_hypothesis_and_is_said(
    app: SlackApp, api: SlackApi, store: RedisStore, ours: Incident
) -> None:
    await interact(app, click("chatops.rule_out:H1", f"{ours.id}|H1"))
    await settled(app)
    diagnosis = await store.diagnosis(ours.id)
    assert diagnosis is not None
    assert {h.id: h.status for h in diagnosis.hypotheses}["H1"] == "ruled out"
    assert "Ruled out" in api.of("chat.postEphemeral")[0]["text"]


async def test_a_viewers_click_is_refused_and_recorded(
    app: SlackApp, api: SlackApi, store: RedisStore, queue: Waiting, ours: Incident
) -> None:
    app.desk.gate._access = app.desk.gate._access._replace(operators=("U2",))
    await interact(app, click("chatops.run_check:S1", f"{ours.id}|S1"))
    await settled(app)
    assert queue.jobs == []
    assert "Only operators" in api.of("chat.postEphemeral")[0]["text"]
    assert [(e.kind, e.by) for e in await store.timeline(ours.id)] == [("audit", "U1")]


@pytest.mark.parametrize("value", ["inc-1n8z0w0zzzzzzzzz|S1", "", "|", "../../x|S1"])
async def test_an_incident_that_is_gone_is_said(
    app: SlackApp, api: SlackApi, queue: Waiting, ours: Incident, value: str
) -> None:
    await interact(app, click("chatops.run_check:S1", value))
    await settled(app)
    assert "no longer kept" in api.of("chat.postEphemeral")[0]["text"]
    assert queue.jobs == []


async def test_a_hypothesis_that_is_gone_is_said(app: SlackApp, api: SlackApi, ours: Incident) -> None:
    await interact(app, click("chatops.confirm:H9", f"{ours.id}|H9"))
    await settled(app)
    assert "no hypothesis H9" in api.of("chat.postEphemeral")[0]["text"]


async def test_a_verb_that_is_none_does_nothing(app: SlackApp, api: SlackApi, queue: Waiting, ours: Incident) -> None:
    for verb in ("chatops.drop_tables", "chatops.page", "chatops."):
        assert (await interact(app, click(verb, ours.id))).status == 200
    await settled(app)
    assert queue.jobs == []
    assert api.of("chat.postEphemeral") == []


async def test_judging_is_recorded(app: SlackApp, store: RedisStore, ours: Incident) -> None:
    await interact(app, click("chatops.feedback", f"{ours.id}|helpful|root"))
    assert "feedback" in [entry.kind for entry in await store.timeline(ours.id)]


async def test_resolve_asks_what_it_was(app: SlackApp, api: SlackApi, store: RedisStore, ours: Incident) -> None:
    await interact(app, click("chatops.resolve", ours.id))
    await settled(app)
    (opened,) = api.of("views.open")
    values = {"cause": {"cause": {"type": "plain_text_input", "value": "limit raised to 128Mi"}}}
    view = {**opened["view"], "id": "V1", "hash": "h1", "state": {"values": values}}
    for _ in range(2):
        assert (await submit(app, view)).status == 200
    stored = await store.get(ours.id)
    assert stored is not None
    assert (stored.status, stored.resolution) == ("resolved", "limit raised to 128Mi")


async def test_the_button_opens_the_form_for_those_who_may_ask(app: SlackApp, api: SlackApi) -> None:
    await interact(app, click("chatops.start", ""))
    await settled(app)
    assert len(api.of("views.open")) == 1
    api.people["U2"] = {"is_restricted": True}
    await interact(app, click("chatops.start", "", at="6.6", user="U2"))
    await settled(app)
    assert len(api.of("views.open")) == 1
    assert [said["text"] for said in api.of("chat.postEphemeral")] == ["Guests may not use this app."]
