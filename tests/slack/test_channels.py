"""An incident's own channel is context; a shared one is nobody's business."""

from __future__ import annotations

from chatops.domain.incident import Thread
from chatops.slack.calls import Calls
from chatops.slack.channels import LONGEST, MESSAGES, ChannelReader, bind
from chatops.slack.thread import SlackThread
from chatops.store import RedisStore
from tests.conftest import NOW
from tests.render import cases
from tests.slack.web_api import SlackApi


def said(api: SlackApi, channel: str, *texts: str, **more: str) -> None:
    for number, text in enumerate(texts):
        ts = f"17723664{number:02}.000001"
        api.messages[channel][ts] = {"ts": ts, "user": "U1", "text": text, **more}


async def test_a_channel_made_for_it_is_read(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    said(api, "C42", "first &lt;b&gt;", "<@U2> rolled back")
    api.messages["C42"]["1772366499.000001"] = {"ts": "1772366499.000001", "bot_id": "B1", "text": "noise"}
    incident = cases.incident(thread=Thread(team="T1", channel="C42"))
    head, *turns = await ChannelReader(store, calls).turns(incident, NOW)
    assert head.text.splitlines() == [
        "Topic of this channel: cart is down @channel, see status",
        "Bookmark: Dashboard https://grafana.example/d/1",
    ]
    assert [(turn.author, turn.text) for turn in turns] == [("U1", "first <b>"), ("U1", "rolled back")]
    assert turns[0].id == "1772366400.000001"


async def test_a_shared_channel_is_not_read(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    incident = cases.incident(thread=Thread(team="T1", channel="C1"))
    assert await ChannelReader(store, calls).turns(incident, NOW) == ()
    assert api.of("conversations.history") == []


async def test_a_channel_bound_by_hand_is_read(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    incident = cases.incident(thread=Thread(team="T1", channel="C1"))
    said(api, "C8", "the cache was flushed at noon")
    reader = ChannelReader(store, calls)
    assert await reader.turns(incident, NOW) == ()
    await bind(store.put, "T1", "C8", incident.id)
    assert [turn.text for turn in await reader.turns(incident, NOW)][1:] == ["the cache was flushed at noon"]
    assert {call["channel"] for call in api.of("conversations.history")} == {"C8"}


async def test_what_may_not_be_read_is_left_out(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    api.unknown |= {"conversations.history", "bookmarks.list"}
    incident = cases.incident(thread=Thread(team="T1", channel="C42"))
    (head,) = await ChannelReader(store, calls).turns(incident, NOW)
    assert head.text.startswith("Topic of this channel")
    api.unknown.add("conversations.info")
    assert await ChannelReader(store, calls).turns(incident, NOW) == ()


async def test_a_message_is_cut_and_a_busy_channel_is_bounded(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    said(api, "C42", *("x" * 5_000 for _ in range(60)))
    turns = await ChannelReader(store, calls).turns(cases.incident(thread=Thread(team="T1", channel="C42")), NOW)
    assert all(len(turn.text) <= LONGEST for turn in turns)
    assert api.of("conversations.history")[0]["limit"] == str(MESSAGES)


async def test_what_is_said_later_and_another_topic_join_the_conversation(
    thread: SlackThread, api: SlackApi, store: RedisStore
) -> None:
    said(api, "C42", "we rolled back at noon")
    incident = cases.incident(thread=Thread(team="T1", channel="C42", ts="1.1"))
    await store.add(incident)
    await thread.listen(incident)
    said(api, "C42", "we rolled back at noon", "it did not help")
    api.topic = "payments are down, too"
    await thread.listen(incident)
    assert {turn.text.partition("\n")[0] for turn in await store.turns(incident.id)} == {
        "Topic of this channel: cart is down @channel, see status",
        "we rolled back at noon",
        "Topic of this channel: payments are down, too",
        "it did not help",
    }


async def test_a_slack_that_does_not_say_what_the_channel_is_is_asked_again(
    calls: Calls, api: SlackApi, store: RedisStore
) -> None:
    incident, reader = cases.incident(thread=Thread(team="T1", channel="C42")), ChannelReader(store, calls)
    api.unknown.add("conversations.info")
    assert await reader.turns(incident, NOW) == ()
    api.unknown.clear()
    assert await reader.turns(incident, NOW)
