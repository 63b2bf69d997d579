"""The answer reaches the one who asked: by the request's own address, else as a message that only they see."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.slack.calls import Calls
from chatops.slack.responding import Responses
from tests.slack.web_api import SlackApi

COMMAND = {"command": "/triage", "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
CLICK = {"type": "block_actions", "team": {"id": "T1"}, "channel": {"id": "C1"}, "user": {"id": "U1"}}
ANSWER = {"text": "Looking into it", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}]}


async def tell(calls: Calls, body: dict[str, Any], answer: dict[str, Any] = ANSWER) -> None:
    responses = Responses(calls)
    await responses.tell(body, answer)
    await responses.aclose()


async def test_by_the_address_of_the_request(api: SlackApi, calls: Calls) -> None:
    await tell(calls, {**COMMAND, "response_url": api.response_url})
    (said,) = api.responses
    assert said == {"response_type": "ephemeral", "replace_original": False, **ANSWER}
    assert api.of("chat.postEphemeral") == []


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1/x", "gone"], ids=["none", "unreachable", "expired"])
@pytest.mark.parametrize("body", [COMMAND, CLICK], ids=["command", "click"])
async def test_else_as_a_message_for_one(api: SlackApi, calls: Calls, body: dict[str, Any], url: str) -> None:
    await tell(calls, {**body, "response_url": api.response_url + "/used-up" if url == "gone" else url})
    (said,) = api.of("chat.postEphemeral")
    assert (said["channel"], said["user"], said["text"]) == ("C1", "U1", "Looking into it")


@pytest.mark.parametrize("by_address", [True, False], ids=["its address", "ephemeral"])
async def test_an_older_workspace_gets_simpler_blocks(api: SlackApi, calls: Calls, by_address: bool) -> None:
    api.old = True
    newer = {"type": "markdown", "text": "**memory** grew"}
    url = api.response_url if by_address else ""
    await tell(calls, {**COMMAND, "response_url": url}, {"text": "Why", "blocks": [newer]})
    said = api.responses[-1] if by_address else api.of("chat.postEphemeral")[-1]
    assert "*memory* grew" in str(said["blocks"])
    assert {block["type"] for block in said["blocks"]} == {"section"}


async def test_where_slack_takes_it_in_no_way_nothing_breaks(api: SlackApi, calls: Calls) -> None:
    api.unknown |= {"chat.postEphemeral", "chat.postMessage"}
    await tell(calls, COMMAND)
    await tell(calls, {"type": "block_actions", "user": {"id": "U1"}})
    assert api.responses == []
