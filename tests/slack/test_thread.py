"""One message for a slot, whoever asks and whoever dies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chatops.domain.conversation import Message
from chatops.domain.incident import Incident, Thread
from chatops.render import blocks
from chatops.render.blocks import saying
from chatops.render.card import root_card
from chatops.slack.calls import Calls, OneWorkspace, SlackError
from chatops.slack.thread import SlackThread
from chatops.store import RedisStore
from tests.conftest import NOW
from tests.render import cases
from tests.slack.conftest import BOT, Buckets, Clock
from tests.slack.web_api import SlackApi


@pytest.fixture
async def incident(store: RedisStore) -> Incident:
    one = cases.incident(status="investigating", asked_by="U1")
    await store.add(one)
    return one


async def test_the_root_opens_the_thread_and_the_rest_is_in_it(
    thread: SlackThread, api: SlackApi, store: RedisStore, incident: Incident
) -> None:
    shown = await thread.show(incident, "root", saying("one"))
    await thread.show(shown, "evidence", saying("two"))
    root, reply = api.thread("C1")
    assert (shown.thread.channel, shown.thread.ts) == ("C1", root["ts"])
    assert reply["thread_ts"] == root["ts"]
    stored = await store.get(incident.id)
    assert stored is not None
    assert stored.thread == shown.thread
    assert await store.by_thread(shown.thread) is not None


async def test_a_slot_is_posted_once_and_edited_afterwards(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    shown = await thread.show(incident, "root", saying("first"))
    done = shown.model_copy(update={"status": "answered"})
    await thread.show(done, "root", saying("second"))
    await thread.show(done, "root", saying("second"))
    assert [message["text"] for message in api.thread("C1")] == ["second"]
    assert len(api.of("chat.update")) == 1


@pytest.mark.parametrize("attended", [True, False])
async def test_what_a_person_has_acted_on_stands_aside_for_nothing(
    api: SlackApi, store: RedisStore, clock: Clock, attended: bool
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await clock.sleep(seconds)

    buckets, workspace = Buckets(clock), OneWorkspace(BOT, api.base_url)
    thread = SlackThread(store, Calls(workspace, buckets, sleep=sleep), sleep=clock.sleep)
    one = cases.incident(origin="alert", severity="warning", attended=attended)
    await store.add(one)
    one = await thread.show(one, "root", saying("first"))
    for _ in range(20):  # of others, who fill the next quarter of a minute
        await buckets.pace("slack::chat.update", 50 / 60, 8)
    await thread.show(one, "root", saying("second"))
    assert (len(slept) == 1) is attended, "it takes its place at once"
    await workspace.aclose()


async def test_another_replica_edits_the_same_message(
    thread: SlackThread, api: SlackApi, store: RedisStore, calls: Calls, clock: Clock, incident: Incident
) -> None:
    shown = await thread.show(incident, "root", saying("first"))
    other = SlackThread(store, calls, sleep=clock.sleep)
    await other.show(shown.model_copy(update={"status": "answered"}), "root", saying("second"))
    assert [message["text"] for message in api.thread("C1")] == ["second"]


async def test_a_crash_between_slacks_answer_and_the_store_posts_nothing_twice(
    thread: SlackThread, api: SlackApi, store: RedisStore, calls: Calls, clock: Clock, incident: Incident
) -> None:
    api.lose.add("chat.postMessage")
    with pytest.raises(SlackError):
        await thread.show(incident, "root", saying("first"))
    after = SlackThread(store, calls, sleep=clock.sleep)
    shown = await after.show(incident, "root", saying("first"))
    shown = await after.show(shown, "evidence", saying("two"))
    assert [message["text"] for message in api.thread("C1")] == ["first", "two"]
    assert shown.thread.ts == api.thread("C1")[0]["ts"]


async def test_a_lost_reply_is_found_in_its_thread(
    thread: SlackThread, api: SlackApi, store: RedisStore, calls: Calls, clock: Clock, incident: Incident
) -> None:
    shown = await thread.show(incident, "root", saying("root"))
    api.lose.add("chat.postMessage")
    with pytest.raises(SlackError):
        await thread.show(shown, "answer:1", saying("half"))
    done = shown.model_copy(update={"status": "answered"})
    await SlackThread(store, calls, sleep=clock.sleep).show(done, "answer:1", saying("whole"))
    assert [message["text"] for message in api.thread("C1")] == ["root", "whole"]


async def test_without_history_it_is_posted_again_rather_than_not_at_all(
    thread: SlackThread, api: SlackApi, store: RedisStore, calls: Calls, clock: Clock, incident: Incident
) -> None:
    api.unknown |= {"conversations.history", "conversations.replies"}
    api.lose.add("chat.postMessage")
    with pytest.raises(SlackError):
        await thread.show(incident, "root", saying("first"))
    await SlackThread(store, calls, sleep=clock.sleep).show(incident, "root", saying("first"))
    assert len(api.thread("C1")) == 2


async def test_two_workers_at_once_post_one_message(
    thread: SlackThread, api: SlackApi, store: RedisStore, calls: Calls, clock: Clock, incident: Incident
) -> None:
    other = SlackThread(store, calls)
    await asyncio.gather(thread.show(incident, "root", saying("a")), other.show(incident, "root", saying("a")))
    await other.aclose()
    assert len(api.thread("C1")) == 1


async def test_progress_is_coalesced_and_the_latest_wins(
    store: RedisStore, calls: Calls, api: SlackApi, incident: Incident
) -> None:
    quiet_is_over = asyncio.Event()

    async def quiet(_: float) -> None:
        await quiet_is_over.wait()

    thread = SlackThread(store, calls, sleep=quiet)
    shown = await thread.show(incident, "root", saying("0"))
    for number in range(1, 40):
        await thread.show(shown, "root", saying(str(number)))
    quiet_is_over.set()
    await thread.aclose()
    assert api.thread("C1")[0]["text"] == "39"
    assert len(api.of("chat.update")) == 2


async def test_what_is_final_is_not_overtaken_by_progress(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    shown = await thread.show(incident, "root", saying("0"))
    await thread.show(shown, "root", saying("progress"))
    await thread.show(shown.model_copy(update={"status": "answered"}), "root", saying("answer"))
    assert api.thread("C1")[0]["text"] == "answer"
    await thread.aclose()
    assert api.thread("C1")[0]["text"] == "answer"


async def test_a_message_that_somebody_deleted_is_posted_anew(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    shown = await thread.show(incident, "root", saying("root"))
    shown = await thread.show(shown, "evidence", saying("one"))
    api.messages["C1"].popitem()
    await thread.show(shown.model_copy(update={"status": "answered"}), "evidence", saying("two"))
    assert [message["text"] for message in api.thread("C1")] == ["root", "two"]


async def test_progress_that_is_not_taken_fails_nothing(thread: SlackThread, api: SlackApi, incident: Incident) -> None:
    shown = await thread.show(incident, "root", saying("root"))
    api.scripted["chat.postMessage"].append((500, {"ok": False, "error": "internal_error"}, {}))
    assert await thread.show(shown, "progress", saying("Looking further")) == shown
    api.scripted["chat.postMessage"].append((500, {"ok": False, "error": "internal_error"}, {}))
    with pytest.raises(SlackError):
        await thread.show(shown, "evidence", saying("evidence"))


async def test_where_it_may_not_post_the_asker_is_told_directly(
    thread: SlackThread, api: SlackApi, store: RedisStore, incident: Incident
) -> None:
    api.closed.add("C1")
    shown = await thread.show(incident, "root", saying("answer"))
    assert shown.thread.channel == "D1"
    shown = await thread.show(shown, "evidence", saying("more"))
    assert [said["text"] for said in api.thread("D1")] == [
        "answer",
        "I cannot post in <#C1>, so I answer here. To have it there: `/invite` me, then ask again.",
        "more",
    ]
    assert "invite" in str(api.thread("D1")[1]["blocks"]), "what only the notification says is not read"


async def test_where_it_may_not_post_and_nobody_asked_it_is_an_error(
    thread: SlackThread, api: SlackApi, store: RedisStore
) -> None:
    api.closed.add("C1")
    alerted = cases.incident(asked_by="")
    await store.add(alerted)
    with pytest.raises(SlackError, match="not_in_channel"):
        await thread.show(alerted, "root", saying("x"))


async def test_a_reply_to_somebodys_message_stays_in_its_thread(
    thread: SlackThread, api: SlackApi, store: RedisStore
) -> None:
    asked = cases.incident(thread=Thread(team="T1", channel="C1", ts="1772366000.000001"))
    await store.add(asked)
    shown = await thread.show(asked, "root", saying("x"))
    assert shown.thread.ts == "1772366000.000001"
    assert api.thread("C1")[0]["thread_ts"] == "1772366000.000001"


async def test_status_never_fails(thread: SlackThread, api: SlackApi, incident: Incident) -> None:
    shown = await thread.show(incident, "root", saying("root"))
    await thread.status(shown, "reading logs")
    await thread.status(shown, "reading metrics")
    await thread.status(shown, "")
    assert [one["status"] for one in api.of("agents.sessions.setStatus")] == ["processing", "active"]
    assert [one["status"] for one in api.of("assistant.threads.setStatus")] == ["reading logs", "reading metrics", ""]
    api.unknown |= {"assistant.threads.setStatus", "agents.sessions.setStatus"}
    await thread.status(shown, "still fine")
    await thread.status(incident.model_copy(update={"thread": Thread()}), "nowhere")


async def test_the_status_goes_away_with_the_answer(thread: SlackThread, api: SlackApi, incident: Incident) -> None:
    shown = await thread.show(incident, "root", saying("root"))
    await thread.status(shown, "gathering")
    done = shown.model_copy(update={"status": "answered"})
    await thread.show(done, "root", saying("diagnosis"))
    await thread.status(done, "thinking")
    await thread.show(done, "root", saying("an alert joined"))
    await thread.show(done, "answer:1", saying("answer"))
    await thread.status(done, "thinking again")
    stream = thread.stream(done, "answer:2", "U1")
    await stream.append("x" * 300)
    await stream.finish(saying("answer"))
    told = [one["status"] for one in api.of("assistant.threads.setStatus")]
    assert told == ["gathering", "", "thinking", "", "thinking again", ""]
    assert api.of("agents.sessions.setStatus")[-1]["status"] == "active"


async def test_a_card_goes_out_as_it_was_rendered(thread: SlackThread, api: SlackApi, incident: Incident) -> None:
    card: Message = root_card(incident, cases.diagnosis(), now=NOW, page=cases.PAGE)
    await thread.show(incident, "root", card)
    sent: dict[str, Any] = api.of("chat.postMessage")[0]
    assert sent["blocks"] == [dict(block) for block in card.blocks]
    assert sent["metadata"]["event_payload"] == {"incident": incident.id, "slot": "root"}


async def test_an_incident_that_an_alert_opened_learns_its_workspace_from_the_first_post(
    thread: SlackThread, store: RedisStore
) -> None:
    incident = cases.incident(thread=Thread(channel="C1"))
    await store.add(incident)
    shown = await thread.show(incident, "root", blocks.saying("Looking into it"))
    assert shown.thread.team == "T1", "streams in channels name the workspace of their reader"
