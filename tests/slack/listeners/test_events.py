"""Mentions, replies, direct messages and the Stop button."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.domain.incident import Incident, Thread
from chatops.slack.app import SlackApp
from chatops.store import RedisStore
from tests.render import cases
from tests.slack.conftest import Waiting, event, settled
from tests.slack.web_api import SlackApi

ROOT = "1772366400.000001"


def mention(text: str, **changes: Any) -> dict[str, Any]:
    fields = {
        "type": "app_mention",
        "user": "U1",
        "channel": "C1",
        "ts": "1772366500.000100",
        "text": f"<@UBOT> {text}",
    }
    return {**fields, **changes}


def message(text: str, **changes: Any) -> dict[str, Any]:
    fields = {"type": "message", "channel_type": "channel", "user": "U1", "channel": "C1", "ts": "1772366500.000100"}
    return {**fields, "text": text, **changes}


@pytest.fixture
async def ours(store: RedisStore) -> Incident:
    one = cases.incident(thread=Thread(team="T1", channel="C1", ts=ROOT))
    await store.add(one)
    return one


async def test_a_mention_opens_an_incident_in_its_thread(app: SlackApp, store: RedisStore, queue: Waiting) -> None:
    await event(app, mention("cart is slow"))
    (incident,) = await store.recent()
    assert (incident.question, incident.thread.ts) == ("cart is slow", "1772366500.000100")
    assert queue.jobs == [("triage", incident.id)]


async def test_a_mention_in_a_channel_made_for_one_incident_goes_on_with_it(
    app: SlackApp, store: RedisStore, queue: Waiting
) -> None:
    await event(app, mention("cart is slow", channel="C42"), event_id="Ev1")
    await event(app, mention("and the database?", channel="C42", ts="1772366501.000100"), event_id="Ev2")
    (incident,) = await store.recent()
    assert [job[:2] for job in queue.jobs] == [("triage", incident.id), ("answer", incident.id)]


async def test_what_one_person_is_told_is_no_reply_in_a_thread_that_does_not_exist(
    app: SlackApp, api: SlackApi, ours: Incident
) -> None:
    """Slack shows nothing there: the refusal of a guest stands in the channel, in a thread where there is one."""
    await event(app, mention("cart is slow", user="UGUEST"), event_id="Ev1")
    await event(app, mention("and now?", user="UGUEST", thread_ts=ROOT, ts="1772366502.000100"), event_id="Ev2")
    await settled(app)
    assert {told.get("thread_ts") for told in api.of("chat.postEphemeral")} == {None, ROOT}


async def test_a_mention_in_our_thread_goes_on(
    app: SlackApp, store: RedisStore, queue: Waiting, ours: Incident
) -> None:
    await event(app, mention("and the database?", thread_ts=ROOT))
    assert queue.jobs == [("answer", ours.id, "1772366500.000100")]
    (turn,) = await store.turns(ours.id)
    assert (turn.text, turn.author, turn.role) == ("and the database?", "U1", "person")


async def test_a_reply_needs_no_mention(app: SlackApp, queue: Waiting, ours: Incident) -> None:
    await event(app, message("was there a deploy?", thread_ts=ROOT))
    assert queue.jobs == [("answer", ours.id, "1772366500.000100")]


async def test_a_command_by_mention_is_one_whichever_event_comes_first(
    app: SlackApp, store: RedisStore, queue: Waiting, ours: Incident
) -> None:
    await event(app, message("<@UBOT> resolve rolled back", thread_ts=ROOT), event_id="Ev1")
    await event(app, mention("resolve rolled back", thread_ts=ROOT), event_id="Ev2")
    stored = await store.get(ours.id)
    assert stored is not None
    assert (stored.status, stored.resolution) == ("resolved", "rolled back")
    assert [job[0] for job in queue.jobs] == ["refresh"]


async def test_a_mention_that_arrives_as_two_events_is_one_turn(
    app: SlackApp, store: RedisStore, queue: Waiting, ours: Incident
) -> None:
    await event(app, mention("and now?", thread_ts=ROOT), event_id="Ev1")
    await event(app, message("<@UBOT> and now?", thread_ts=ROOT), event_id="Ev2")
    assert len(queue.jobs) == 1
    assert len(await store.turns(ours.id)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"thread_ts": "1772360000.000009"},
        {"thread_ts": ROOT, "bot_id": "B9"},
        {"thread_ts": ROOT, "subtype": "message_changed"},
        {"thread_ts": ROOT, "subtype": "channel_join"},
        {"thread_ts": ROOT, "user": "UBOT"},
    ],
    ids=["no thread", "another thread", "a bot", "an edit", "a join", "the app itself"],
)
async def test_what_is_not_for_us_is_left_alone(
    app: SlackApp, queue: Waiting, ours: Incident, changes: dict[str, Any]
) -> None:
    assert (await event(app, message("hello", **changes))).status == 200
    assert queue.jobs == []


async def test_a_bare_command_word_in_the_thread_is_a_command(
    app: SlackApp, api: SlackApi, queue: Waiting, ours: Incident
) -> None:
    await event(app, message("status", thread_ts=ROOT))
    await settled(app)
    (whisper,) = api.of("chat.postEphemeral")
    assert (whisper["user"], whisper["thread_ts"]) == ("U1", ROOT)
    assert queue.jobs == []


async def test_words_that_begin_like_a_command_are_said_to_the_persona(
    app: SlackApp, queue: Waiting, ours: Incident
) -> None:
    await event(app, message("resolve looks wrong to me", thread_ts=ROOT))
    assert queue.jobs[0][0] == "answer"


@pytest.mark.parametrize("text", ["resolve", "Resolved.", "resolve: rolled back"])
async def test_resolve_is_a_reply_too(app: SlackApp, store: RedisStore, ours: Incident, text: str) -> None:
    await event(app, message(text, thread_ts=ROOT))
    stored = await store.get(ours.id)
    assert stored is not None
    assert (stored.status, stored.resolution) == ("resolved", "rolled back" if ":" in text else "")


@pytest.mark.parametrize("text", ["help", "list", "settings"])
async def test_every_bare_word_is_a_command_in_a_thread(
    app: SlackApp, api: SlackApi, queue: Waiting, ours: Incident, text: str
) -> None:
    await event(app, message(text, thread_ts=ROOT))
    await settled(app)
    assert queue.jobs == []
    assert [said["thread_ts"] for said in api.of("chat.postEphemeral")] == [ROOT]


async def test_in_a_direct_message_a_command_is_answered_below_it_and_stays(app: SlackApp, api: SlackApi) -> None:
    await event(app, message("hi", channel="D1", channel_type="im"))
    await settled(app)
    (said,) = api.of("chat.postMessage")
    assert (said["channel"], said["thread_ts"]) == ("D1", "1772366500.000100")
    assert "How to use this" in said["text"]


async def test_where_the_event_does_not_say_whether_the_channel_is_shared_slack_is_asked(
    app: SlackApp, api: SlackApi, queue: Waiting
) -> None:
    api.shared.add("C1")
    await event(app, mention("cart is slow"))
    assert queue.jobs == []


async def test_who_may_not_ask_has_a_home_tab_that_says_so(app: SlackApp, api: SlackApi, ours: Incident) -> None:
    api.people["U1"] = {"is_restricted": True}
    await event(app, {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}, event_id="Ev1")
    await settled(app)
    (block,) = api.of("views.publish")[0]["view"]["blocks"]
    assert block["text"]["text"] == "Guests may not use this app."


async def test_a_direct_message_is_a_question_in_a_thread_of_its_own(
    app: SlackApp, store: RedisStore, queue: Waiting
) -> None:
    await event(app, message("what is broken?", channel="D1", channel_type="im"))
    (incident,) = await store.recent()
    assert (incident.origin, incident.thread) == ("direct", Thread(team="T1", channel="D1", ts="1772366500.000100"))
    again = message("and why?", channel="D1", channel_type="im", thread_ts=incident.thread.ts, ts="1772366501.000100")
    await event(app, again, event_id="Ev2")
    assert [job[0] for job in queue.jobs] == ["triage", "answer"]


async def test_guests_are_told_no_and_nobody_else_sees_it(
    app: SlackApp, api: SlackApi, queue: Waiting, ours: Incident
) -> None:
    await event(app, mention("cart?", user="UGUEST"), event_id="Ev1")
    await event(app, message("cart?", user="UGUEST", thread_ts=ROOT, ts="1772366502.000100"), event_id="Ev2")
    await settled(app)
    assert ["Guests" in one["text"] for one in api.of("chat.postEphemeral")] == [True, True]
    assert queue.jobs == []


async def test_an_event_from_a_shared_channel_is_refused(app: SlackApp, queue: Waiting) -> None:
    await event(app, mention("cart is slow"), is_ext_shared_channel=True)
    assert queue.jobs == []


async def test_what_is_looked_at_goes_with_the_question(app: SlackApp, store: RedisStore) -> None:
    entities = [{"type": "slack#/types/channel_id", "value": "C5"}]
    looking = {"type": "app_context_changed", "user": "U1", "channel": "D1", "context": {"entities": entities}}
    await event(app, looking)
    assert await store.take("slack-looking", "T1:U1") == {"looking_at": "C5"}


async def test_the_native_stop_button(app: SlackApp, store: RedisStore, ours: Incident) -> None:
    stop = {"type": "agent_session_stopped", "user": "U1", "channel": "C1", "thread_ts": ROOT}
    await store.update(ours.id, lambda one: one.model_copy(update={"status": "investigating"}))
    await event(app, stop)
    stored = await store.get(ours.id)
    assert stored is not None
    assert stored.status == "stopped"


async def test_the_home_tab_and_the_prompts(app: SlackApp, api: SlackApi, store: RedisStore, ours: Incident) -> None:
    await event(app, {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}, event_id="Ev1")
    await event(app, {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"}, event_id="Ev2")
    await settled(app)
    assert "CartErrorRate" in str(api.of("views.publish")[0]["view"])
    assert len(api.of("assistant.threads.setSuggestedPrompts")[0]["prompts"]) == 4


async def test_an_uninstalled_workspace_is_forgotten(app: SlackApp) -> None:
    gone: list[str] = []

    async def revoke(team: str) -> None:
        gone.append(team)

    app.desk.revoke = revoke
    await event(app, {"type": "app_uninstalled"}, event_id="Ev1")
    await event(app, {"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}, event_id="Ev2")
    await event(app, {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}, event_id="Ev3")
    org_wide = [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]
    await event(app, {"type": "app_uninstalled"}, event_id="Ev4", enterprise_id="E1", authorizations=org_wide)
    assert gone == ["T1", "T1", "E1"], "people's own tokens are none of ours; an organisation's goes as a whole"


async def test_a_guests_home_tab_shows_nothing(app: SlackApp, api: SlackApi, ours: Incident) -> None:
    await event(app, {"type": "app_home_opened", "user": "UGUEST", "channel": "D1", "tab": "home"})
    await settled(app)
    assert "CartErrorRate" not in str(api.of("views.publish")[0]["view"])


async def test_an_alert_that_another_app_posts_is_answered_in_its_thread(
    app: SlackApp, store: RedisStore, queue: Waiting
) -> None:
    posted = message("", user="", bot_id="B9", attachments=[{"title": "[FIRING:1] Errors", "text": "namespace = shop"}])
    await event(app, posted)
    assert await store.recent() == [], "only in the channels that are named"
    app.desk.settings = app.desk.settings.model_copy(update={"alert_channels": ("C1",)})
    await event(app, posted, event_id="Ev2")
    await event(app, posted, event_id="Ev3")
    await event(app, {**posted, "ts": "1772366501.000100", "bot_id": "BBOT"}, event_id="Ev4")
    (incident,) = await store.recent()
    assert (incident.thread.channel, incident.thread.ts) == ("C1", "1772366500.000100")
    assert (incident.alerts[0].source, incident.scope.namespace) == ("slack", "shop")
