"""The slash command: acknowledged with the line to show, done once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_bolt.response import BoltResponse

from chatops.domain.incident import Thread
from chatops.slack.app import SlackApp
from chatops.slack.desk import NOT_OPENED
from chatops.store import RedisStore
from tests import factories
from tests.render import cases
from tests.slack.conftest import Waiting, command, settled
from tests.slack.payloads import problems
from tests.slack.web_api import SlackApi


def shown(answer: BoltResponse) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.body)
    assert problems(body.get("blocks", []), body["text"]) == []
    assert body["response_type"] == "ephemeral"
    return body


async def test_a_question_opens_an_incident_and_says_so(app: SlackApp, queue: Waiting, store: RedisStore) -> None:
    assert "Looking into it: checkout is slow" in shown(await command(app, "checkout is slow"))["text"]
    (incident,) = await store.recent()
    assert (incident.question, incident.asked_by, incident.origin) == ("checkout is slow", "U1", "command")
    assert incident.thread == Thread(team="T1", channel="C1")
    assert queue.jobs == [("triage", incident.id)]


async def test_the_same_command_twice_is_one_run(app: SlackApp, queue: Waiting) -> None:
    for _ in range(3):
        assert (await command(app, "checkout is slow")).status == 200
    assert len(queue.jobs) == 1
    await command(app, "checkout is slow", trigger_id="2.2")
    assert len(queue.jobs) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("status", "cart 1.4.2 is killed for memory"),
        ("why", "Why: cart 1.4.2 needs more memory"),
        ("list", "cart 1.4.2 is killed for memory"),
        ("help", "/triage resolve"),
        ("settings", "operator"),
        ("runbook OOM", "runbooks.example/oom"),
        ("runbook", "Say what to look for"),
        ("runbook nothing", "No runbook fits"),
    ],
)
async def test_reading(app: SlackApp, store: RedisStore, typed: str, said: str) -> None:
    await store.add(cases.incident(thread=Thread(team="T1", channel="C1", ts="1.1")))
    await store.save_case(cases.ID, cases.diagnosis(), ())
    assert said in str(shown(await command(app, typed)))


async def test_reading_where_there_is_nothing(app: SlackApp) -> None:
    assert "no incident here yet" in shown(await command(app, "status"))["text"]


async def test_acting_on_the_latest_open_incident(app: SlackApp, store: RedisStore, queue: Waiting) -> None:
    await store.add(cases.incident(thread=Thread(team="T1", channel="C1", ts="1.1")))
    assert "Resolved: rolled back" in shown(await command(app, "resolve rolled back"))["text"]
    stored = await store.get(cases.ID)
    assert stored is not None
    assert (stored.status, stored.resolution) == ("resolved", "rolled back")
    await command(app, "retry", trigger_id="2.2")
    assert ("triage", cases.ID) in queue.jobs


async def test_a_viewer_may_ask_and_not_act(app: SlackApp, api: SlackApi, store: RedisStore, queue: Waiting) -> None:
    api.groups["sre"] = ["U1"]
    app.desk.gate._access = app.desk.gate._access._replace(operators=("@sre",))
    await store.add(cases.incident(thread=Thread(team="T1", channel="C1", ts="1.1")))
    assert "Only operators" in shown(await command(app, "resolve", user_id="U2"))["text"]
    record = await store.timeline(cases.ID)
    assert ("audit", "U2") in [(entry.kind, entry.by) for entry in record]
    assert "Looking into it" in shown(await command(app, "is it slow?", user_id="U2", trigger_id="2.2"))["text"]
    assert [job[0] for job in queue.jobs] == ["triage"]


async def test_guests_and_shared_channels_are_refused(app: SlackApp, api: SlackApi, queue: Waiting) -> None:
    api.shared.add("C9")
    assert "Guests" in shown(await command(app, "cart is slow", user_id="UGUEST"))["text"]
    assert "shared" in shown(await command(app, "cart is slow", channel_id="C9", trigger_id="2.2"))["text"]
    assert queue.jobs == []


async def test_a_channel_made_for_one_incident_goes_on_with_it(
    app: SlackApp, store: RedisStore, queue: Waiting
) -> None:
    await command(app, "cart is slow", channel_id="C42")
    answer = await command(app, "is it the database?", channel_id="C42", trigger_id="2.2")
    (incident,) = await store.recent()
    assert "I go on with" in shown(answer)["text"]
    assert [turn.text for turn in await store.turns(incident.id)] == ["is it the database?"]
    assert [job[0] for job in queue.jobs] == ["triage", "answer"]


async def test_a_channel_is_bound_by_hand(app: SlackApp, store: RedisStore, queue: Waiting) -> None:
    await store.add(cases.incident(thread=Thread(team="T1", channel="C1", ts="1.1")))
    await command(app, f"bind {cases.ID}", channel_id="C8")
    answer = await command(app, "and now?", channel_id="C8", trigger_id="2.2")
    assert queue.jobs[0][:2] == ("answer", cases.ID)
    assert "the answer comes into its thread in <#C1>." in shown(answer)["text"]


async def test_what_was_told_by_itself_in_a_channel_of_that_name_is_its_incident(
    app: SlackApp, store: RedisStore, queue: Waiting
) -> None:
    await store.add(cases.incident(thread=Thread(team="T1", channel="C42", ts="1.1")))
    await command(app, "is it the database?", channel_id="C42")
    assert queue.jobs[0][:2] == ("answer", cases.ID)


async def test_a_command_of_another_name_than_is_set_is_obeyed(app: SlackApp) -> None:
    assert shown(await command(app, "help", command="/sos"))["text"] == "How to use this"


async def test_the_form_is_opened_with_the_trigger(app: SlackApp, api: SlackApi) -> None:
    await command(app, "start", trigger_id="7.7")
    await settled(app)
    assert api.of("views.open")[0]["trigger_id"] == "7.7"


async def test_text_from_slack_is_escaped_where_it_is_said_back(app: SlackApp) -> None:
    body = shown(await command(app, "is &lt;!channel&gt; ``` slow? @everyone"))
    assert "<!channel>" not in str(body)
    assert "@everyone" not in str(body)


async def test_an_incident_that_is_not_known_is_not_taken_for_none_at_all(app: SlackApp) -> None:
    told = shown(await command(app, f"status {cases.ID}"))["text"]
    assert told == f"I know no incident `{cases.ID}`, or keep it no longer: `list` shows them."


@pytest.mark.parametrize("word", ["resolve a rollback", "stop", "retry", "postmortem"])
async def test_where_several_are_open_the_one_that_is_meant_has_to_be_said(
    app: SlackApp, store: RedisStore, queue: Waiting, word: str
) -> None:
    for n, title in enumerate(("cart is slow", "checkout is slow")):
        await command(app, title, trigger_id=f"{n}.1")
    newest, oldest = await store.recent()
    await store.save_case(oldest.id, factories.diagnosis(oldest), ())
    queue.jobs.clear()
    body = shown(await command(app, word, trigger_id="5.1"))
    verb, _, words = word.partition(" ")
    assert f"2 incidents are open here: say which, as in `/triage {verb} {newest.id}" in body["text"]
    assert words in body["text"]
    assert newest.id in str(body["blocks"])
    assert oldest.id in str(body["blocks"])
    assert queue.jobs == []
    meant = f"{verb} {oldest.id} {words}".strip()
    assert oldest.id in str(shown(await command(app, meant, trigger_id="6.1"))["blocks"]), "what was done says to which"
    assert [job[1] for job in queue.jobs] == [oldest.id]


async def test_who_may_not_ask_gets_no_form(app: SlackApp, api: SlackApi) -> None:
    api.people["U1"] = {"is_restricted": True}
    assert shown(await command(app, "start"))["text"] == "Guests may not use this app."
    await settled(app)
    assert api.of("views.open") == []


async def test_a_form_that_does_not_open_is_said(app: SlackApp, api: SlackApi) -> None:
    api.scripted["views.open"].append((200, {"ok": False, "error": "expired_trigger_id"}, {}))
    await command(app, "start")
    await settled(app)
    assert [said["text"] for said in api.of("chat.postEphemeral")] == [NOT_OPENED]
