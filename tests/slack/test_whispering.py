"""A line for one person arrives: in simpler blocks, or directly, where it is not taken as it is."""

from __future__ import annotations

import pytest

from chatops.domain.conversation import Message
from chatops.slack.calls import Calls, SlackError
from chatops.slack.whispering import Ear, whisper
from tests.slack.web_api import SlackApi

RICH = Message(text="Why", blocks=({"type": "markdown", "text": "**memory** grew"},))


async def test_only_the_one_person_sees_it(calls: Calls, api: SlackApi) -> None:
    await whisper(calls, Ear("T1", "C1", "U1", "1.1"), RICH)
    (said,) = api.of("chat.postEphemeral")
    assert (said["channel"], said["user"], said["thread_ts"], said["text"]) == ("C1", "U1", "1.1", "Why")


async def test_an_older_workspace_is_told_in_simpler_blocks(calls: Calls, api: SlackApi) -> None:
    api.old = True
    await whisper(calls, Ear("T1", "C1", "U1"), RICH)
    assert "*memory* grew" in str(api.of("chat.postEphemeral")[-1]["blocks"])


async def test_where_the_app_is_no_member_it_is_told_directly(calls: Calls, api: SlackApi) -> None:
    api.closed.add("C9")
    api.old = True
    await whisper(calls, Ear("T1", "C9", "U1", "1.1"), RICH)
    (said,) = api.thread("D1")
    assert "*memory* grew" in str(said["blocks"])
    assert said.get("thread_ts") is None


async def test_what_slack_takes_in_no_way_is_an_error(calls: Calls, api: SlackApi) -> None:
    api.unknown.add("chat.postEphemeral")
    with pytest.raises(SlackError, match="unknown_method"):
        await whisper(calls, Ear("T1", "C1", "U1"), RICH)
