"""A message whose process died before it was noted down is found again, and no other is taken for it."""

from __future__ import annotations

import pytest

from chatops.domain.conversation import Turn
from chatops.domain.incident import Incident
from chatops.render.blocks import saying
from chatops.slack.calls import Calls
from chatops.slack.search import Search
from chatops.slack.stream import SlackStream
from chatops.slack.thread import SlackThread
from chatops.store import RedisStore
from tests.conftest import NOW
from tests.render import cases
from tests.slack.conftest import Clock
from tests.slack.web_api import SlackApi

ASKED = "1772366400.500000"
SLOT, OTHER = f"answer:{ASKED}", "answer:1772366400.600000"
FINAL = saying("the settled answer")


BY_COMMAND = "answer:1337.42.slash"


@pytest.fixture
async def incident(store: RedisStore, thread: SlackThread) -> Incident:
    one = cases.incident(status="answered")
    await store.add(one)
    for slot in (SLOT, OTHER, BY_COMMAND):
        turn = slot.removeprefix("answer:")
        await store.add_turn(one.id, Turn(id=turn, author="U1", role="person", text="why?", at=NOW))
    return await thread.show(one, "root", saying("root"))


async def test_in_a_thread_of_hundreds(
    thread: SlackThread, api: SlackApi, store: RedisStore, calls: Calls, incident: Incident
) -> None:
    for number in range(450):
        stamp = api._stamp()
        api.messages["C1"][stamp] = {"ts": stamp, "thread_ts": incident.thread.ts, "user": "U1", "text": f"{number}"}
    await thread.show(incident, "evidence", saying("evidence"))
    ts = await store.message_ts(incident.id, "evidence")
    assert await Search(store, calls).find(incident, "evidence") == ts
    assert len(api.of("conversations.replies")) == 3


@pytest.mark.parametrize("slot", [SLOT, BY_COMMAND])
async def test_a_stream_that_was_begun_and_not_noted_is_gone_on_with(
    thread: SlackThread,
    api: SlackApi,
    store: RedisStore,
    calls: Calls,
    clock: Clock,
    incident: Incident,
    slot: str,
) -> None:
    """The process dies between Slack's answer and the store; also where a command asked, in the incident's channel."""
    await SlackStream(thread, calls, incident, slot, "U1", clock=clock).append("half an ans" * 40)
    (ts,) = [one["ts"] for one in api.thread("C1")[1:]]
    await store.set_message_ts(incident.id, slot, "")
    heir = SlackThread(store, calls, sleep=clock.sleep)
    after = SlackStream(heir, calls, incident, slot, "U1", clock=clock)
    await after.append("the whole answer " * 100)
    await after.finish(FINAL)
    assert [(one["ts"], one["text"]) for one in api.thread("C1")[1:]] == [(ts, "the settled answer")]
    await heir.aclose()


async def test_another_answers_stream_is_not_taken(
    thread: SlackThread, api: SlackApi, store: RedisStore, calls: Calls, clock: Clock, incident: Incident
) -> None:
    await SlackStream(thread, calls, incident, OTHER, "U1", clock=clock).append("of another question " * 40)
    assert await Search(store, calls).find(incident, SLOT) == ""
    assert await Search(store, calls).find(incident, BY_COMMAND) == ""
    assert await Search(store, calls).find(incident, "answer:inc-by-a-command") == ""


async def test_a_begin_whose_answer_was_lost_is_no_second_message(
    thread: SlackThread, api: SlackApi, store: RedisStore, calls: Calls, clock: Clock, incident: Incident
) -> None:
    api.lose.add("chat.startStream")
    stream = SlackStream(thread, calls, incident, SLOT, "U1", clock=clock)
    await stream.append("The memory grows. " * 40)
    await stream.append("It is killed. " * 100)
    await stream.finish(FINAL)
    assert [one["text"] for one in api.thread("C1")[1:]] == ["the settled answer"]
