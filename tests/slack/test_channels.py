"""An incident's own channel is context; a shared one is nobody's business."""

from __future__ import annotations

from datetime import timedelta

from chatops.domain.incident import Thread
from chatops.slack.calls import Calls
from chatops.slack.channels import LONGEST, ChannelReader
from chatops.slack.intake import CHANNEL_KIND
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
    said(api, "C43", "noise", bot_id="B1")
    incident = cases.incident(thread=Thread(team="T1", channel="C42"))
    turn = await ChannelReader(store, calls).turn(incident, NOW)
    assert turn is not None
    assert turn.text.splitlines() == [
        "Topic of this channel: cart is down <!channel>, see status",
        "Bookmark: Dashboard https://grafana.example/d/1",
        "U1: first <b>",
        "U1: rolled back",
    ]


async def test_a_shared_channel_is_not_read(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    incident = cases.incident(thread=Thread(team="T1", channel="C1"))
    assert await ChannelReader(store, calls).turn(incident, NOW) is None
    assert api.of("conversations.history") == []


async def test_a_channel_bound_by_hand_is_read(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    incident = cases.incident(thread=Thread(team="T1", channel="C1"))
    await store.put(CHANNEL_KIND, "T1:C1", {"incident": incident.id}, timedelta(hours=1))
    assert await ChannelReader(store, calls).turn(incident, NOW) is not None


async def test_what_may_not_be_read_is_left_out(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    api.unknown |= {"conversations.history", "bookmarks.list"}
    incident = cases.incident(thread=Thread(team="T1", channel="C42"))
    turn = await ChannelReader(store, calls).turn(incident, NOW)
    assert turn is not None
    assert turn.text.startswith("Topic of this channel")
    api.unknown.add("conversations.info")
    assert await ChannelReader(store, calls).turn(incident, NOW) is None


async def test_a_busy_channel_is_cut_in_the_middle(calls: Calls, api: SlackApi, store: RedisStore) -> None:
    said(api, "C42", *("x" * 590 for _ in range(30)), "the end")
    turn = await ChannelReader(store, calls).turn(cases.incident(thread=Thread(team="T1", channel="C42")), NOW)
    assert turn is not None
    assert len(turn.text) <= LONGEST + 3
    assert turn.text.endswith("the end")
