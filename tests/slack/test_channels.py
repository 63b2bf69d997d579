"""An incident's own channel is context; a shared one is nobody's business."""

from __future__ import annotations

from datetime import timedelta

from chatops.domain.incident import Thread
from chatops.render.blocks import saying
from chatops.slack.calls import Calls
from chatops.slack.channels import LONGEST, MESSAGES, ChannelReader
from chatops.slack.intake import CHANNEL_KIND
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
        "Topic of this channel: cart is down <!channel>, see status",
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
    await store.put(CHANNEL_KIND, "T1:C1", {"incident": incident.id}, timedelta(hours=1))
    assert await ChannelReader(store, calls).turns(incident, NOW)


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


async def test_it_is_in_the_conversation_when_the_thread_begins(
    thread: SlackThread, api: SlackApi, store: RedisStore
) -> None:
    said(api, "C42", "we rolled back at noon")
    incident = cases.incident(thread=Thread(team="T1", channel="C42"))
    await store.add(incident)
    shown = await thread.show(incident, "root", saying("root"))
    await thread.show(shown, "root", saying("root again"))
    assert "we rolled back at noon" in [turn.text for turn in await store.turns(incident.id)]
    assert len(api.of("conversations.history")) == 1
