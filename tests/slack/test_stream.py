"""Streams that expire, fill up, are refused or break: the reader always ends up with the settled answer."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.domain.incident import Incident
from chatops.domain.ports import Step
from chatops.render import detail
from chatops.render.blocks import saying
from chatops.render.markdown import open_fence
from chatops.slack.calls import Calls
from chatops.slack.stream import ROLL_CHARS, SlackStream
from chatops.slack.thread import SlackThread
from chatops.store import RedisStore
from tests.render import cases
from tests.slack.conftest import Clock
from tests.slack.payloads import broadcasts
from tests.slack.web_api import STREAM_CHARS, SlackApi

SLOT = "answer:1"
FINAL = saying("the settled answer")


@pytest.fixture
async def incident(store: RedisStore, thread: SlackThread) -> Incident:
    one = cases.incident(status="answered")
    await store.add(one)
    return await thread.show(one, "root", saying("root"))


@pytest.fixture
def stream(thread: SlackThread, calls: Calls, incident: Incident, clock: Clock) -> SlackStream:
    return SlackStream(thread, calls, incident, SLOT, "U1", clock=clock)


def replies(api: SlackApi) -> list[dict[str, Any]]:
    return api.thread("C1")[1:]


async def test_text_grows_and_is_replaced_by_the_settled_answer(stream: SlackStream, api: SlackApi) -> None:
    for _ in range(20):
        await stream.append("The memory of cart grows by 2 MiB a minute. ")
    assert replies(api)[0]["streaming"] is True
    assert replies(api)[0]["text"].startswith("The memory of cart")
    await stream.finish(FINAL)
    assert [(one["text"], one["streaming"]) for one in replies(api)] == [("the settled answer", False)]
    assert api.of("chat.startStream")[0]["recipient_user_id"] == "U1"
    assert api.of("chat.startStream")[0]["recipient_team_id"] == "T1"


def tasks(api: SlackApi) -> list[tuple[str, str]]:
    sent = [*api.of("chat.startStream"), *api.of("chat.appendStream")]
    return [(c["title"], c["status"]) for one in sent for c in one["chunks"] if c["type"] == "task_update"]


async def test_steps_tick_off_in_the_same_stream(stream: SlackStream, api: SlackApi) -> None:
    await stream.task(Step("1", "logs: <!channel> cart", "in_progress"))
    await stream.task(Step("1", "logs: <!channel> cart", "complete", "3 patterns"))
    await stream.append("The memory of cart grows. " * 20)
    assert len(api.of("chat.startStream")) == 1, "tasks and text are one message"
    assert [status for _, status in tasks(api)] == ["in_progress", "complete"]
    assert not broadcasts({"tasks": [title for title, _ in tasks(api)]})
    assert api.of("chat.startStream")[0]["task_display_mode"] == "plan"
    await stream.finish(FINAL)
    assert [one["text"] for one in replies(api)] == ["the settled answer"]


async def test_steps_roll_over_too_and_where_nothing_streams_nothing_is_said(
    stream: SlackStream, api: SlackApi, clock: Clock
) -> None:
    for number in range(7):
        await stream.task(Step(str(number), "logs", "in_progress"))
        clock.now += 60
    assert len(replies(api)) == 2
    api.unknown.add("chat.appendStream")
    await stream.task(Step("9", "events", "in_progress"))
    await stream.append("It grows. " * 200)
    await stream.finish(FINAL)
    assert [(one["text"], one["streaming"]) for one in replies(api)] == [("the settled answer", False)]


async def test_small_pieces_are_sent_together(stream: SlackStream, api: SlackApi) -> None:
    for _ in range(1000):
        await stream.append("word ")
    calls_made = len(api.of("chat.startStream")) + len(api.of("chat.appendStream"))
    assert calls_made <= 5000 / 256 + 1


async def test_a_slow_writer_is_seen_too(stream: SlackStream, api: SlackApi, clock: Clock) -> None:
    await stream.append("One ")
    clock.now += 1
    await stream.append("two ")
    assert replies(api)[0]["text"] == "One two "


async def test_it_rolls_over_before_slack_ends_it(stream: SlackStream, api: SlackApi, clock: Clock) -> None:
    for _ in range(12):
        await stream.append("x" * 300)
        clock.now += 60
    assert len(replies(api)) == 3
    assert not any("not_in_streaming" in problem for problem in api.problems)
    assert len(api.of("chat.stopStream")) == 2
    await stream.finish(FINAL)
    assert [one["text"] for one in replies(api)] == ["the settled answer"]


async def test_a_long_answer_is_split_and_no_fence_stays_open(stream: SlackStream, api: SlackApi) -> None:
    text = "Look:\n```sh\n" + "".join(f"kubectl get pod cart-{i}\n" for i in range(1200)) + "```\nDone."
    for at in range(0, len(text), 100):
        await stream.append(text[at : at + 100])
    clocked = [one["text"] for one in replies(api)]
    assert len(clocked) >= 3
    assert all(len(one) <= STREAM_CHARS for one in clocked)
    assert all(open_fence(one) == ("", "") for one in clocked[:-1])
    assert all(one.startswith("```sh\n") for one in clocked[1:])


@pytest.mark.parametrize("size", [1, 7, 97, 255, 1000])
async def test_the_marks_of_a_fence_are_not_parted(stream: SlackStream, api: SlackApi, clock: Clock, size: int) -> None:
    text = "".join(f"{i}\n```sh\nkubectl get pod cart-{i}\n```\n" for i in range(60))
    for at in range(0, len(text), size):
        await stream.append(text[at : at + size])
        clock.now += 300 * (at % 5 == 0)
    assert all(open_fence(one["text"]) == ("", "") for one in replies(api)[:-1])


async def test_one_huge_piece_is_split_too(stream: SlackStream, api: SlackApi) -> None:
    await stream.append("y" * (3 * ROLL_CHARS))
    assert sum(len(one["text"]) for one in replies(api)) == 3 * ROLL_CHARS
    assert len(replies(api)) == 3


async def test_a_stream_that_slack_ended_goes_on_as_edits(stream: SlackStream, api: SlackApi, clock: Clock) -> None:
    await stream.append("a" * 300)
    api.streams.clear()
    await stream.append("b" * 300)
    clock.now += 3
    await stream.append("c" * 1100)
    (one,) = replies(api)
    assert one["streaming"] is False
    assert one["blocks"][0]["text"] == "a" * 300 + "b" * 300 + "c" * 1100
    await stream.finish(FINAL)
    assert replies(api)[0]["text"] == "the settled answer"


async def test_a_stream_that_ended_while_nobody_wrote_is_repaired(stream: SlackStream, api: SlackApi) -> None:
    await stream.append("a" * 300)
    api.streams.clear()
    await stream.finish(FINAL)
    assert [(one["text"], one["streaming"]) for one in replies(api)] == [("the settled answer", False)]


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream"])
async def test_without_streams_it_is_posted_and_edited(
    stream: SlackStream, api: SlackApi, clock: Clock, method: str
) -> None:
    api.unknown.add(method)
    for _ in range(4):
        await stream.append("z" * 1100)
        clock.now += 3
    (one,) = replies(api)
    assert "z" * 4400 in one["text"] + str(one["blocks"])
    await stream.finish(FINAL)
    assert [one["text"] for one in replies(api)] == ["the settled answer"]


async def test_without_streams_a_long_answer_is_several_messages(
    stream: SlackStream, api: SlackApi, clock: Clock
) -> None:
    api.unknown.add("chat.startStream")
    for _ in range(20):
        await stream.append("z" * 1100)
        clock.now += 3
    assert len(replies(api)) == 3
    await stream.finish(FINAL)
    assert [one["text"] for one in replies(api)] == ["the settled answer"]


async def test_alerts_have_no_reader_to_stream_to(
    thread: SlackThread, calls: Calls, incident: Incident, clock: Clock, api: SlackApi
) -> None:
    stream = SlackStream(thread, calls, incident, SLOT, "", clock=clock)
    await stream.append("x" * 2000)
    await stream.finish(FINAL)
    assert api.of("chat.startStream") == []
    assert [one["text"] for one in replies(api)] == ["the settled answer"]


async def test_a_worker_that_died_while_streaming_leaves_one_message(
    thread: SlackThread, calls: Calls, incident: Incident, clock: Clock, api: SlackApi, stream: SlackStream
) -> None:
    await stream.append("half an ans" * 40)
    after = SlackStream(thread, calls, incident, SLOT, "U1", clock=clock)
    await after.append("the whole answer " * 100)
    (one,) = replies(api)
    assert "the whole answer" in str(one["blocks"])
    await after.finish(FINAL)
    assert [one["text"] for one in replies(api)] == ["the settled answer"]


async def test_rates_are_kept_in_a_long_answer(stream: SlackStream, api: SlackApi) -> None:
    api.enforce_rates = True
    for _ in range(300):
        await stream.append("w" * 300)
    assert not any(arguments.get("error") for _, arguments in api.calls)
    await stream.finish(FINAL)
    assert [one["text"] for one in replies(api)] == ["the settled answer"]


async def test_an_answer_of_nothing_but_the_end(stream: SlackStream, api: SlackApi) -> None:
    await stream.finish(FINAL)
    assert [one["text"] for one in replies(api)] == ["the settled answer"]
    assert api.of("chat.startStream") == []


async def test_hostile_text_in_a_stream_mentions_nobody(stream: SlackStream, api: SlackApi) -> None:
    await stream.append(cases.HOSTILE * 3)
    sent = str(api.of("chat.startStream"))
    assert "<!channel>" not in sent
    assert "@everyone" not in sent


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_a_mention_in_two_halves_mentions_nobody(
    stream: SlackStream, api: SlackApi, clock: Clock, size: int
) -> None:
    text = "see <!channel> and @here and <@U999> and ![x](https://evil.example/p.png) and so on"
    for at in range(0, len(text), size):
        await stream.append(text[at : at + size])
        clock.now += 1
    shown = replies(api)[0]["text"]
    assert broadcasts({"text": shown}) == []
    assert "@here" not in shown
    assert "![" not in shown
    assert "so on" in shown


async def test_the_final_answer_has_its_buttons(stream: SlackStream, api: SlackApi, incident: Incident) -> None:
    await stream.append("a" * 300)
    await stream.finish(detail.answer(incident, "It is memory.", SLOT)[0])
    assert [block["type"] for block in replies(api)[0]["blocks"]] == ["markdown", "context_actions"]
