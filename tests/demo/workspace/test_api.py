from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from chatops.demo.serving import address, listen, serving
from chatops.demo.workspace.api import routes, texts
from chatops.demo.workspace.state import BOT_USER, INCIDENTS, PERSON, Workspace

TOKEN = "-".join(("xoxb", "test"))


@dataclass
class Slack:
    workspace: Workspace
    client: AsyncWebClient
    url: str


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    workspace, sock = Workspace(), listen("127.0.0.1", 0)
    url = address(sock)
    async with serving(Starlette(routes=routes(workspace, TOKEN, url)), sock):
        yield Slack(workspace, AsyncWebClient(TOKEN, base_url=f"{url}/api/"), url)


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_token_is_asked_for(slack: Slack) -> None:
    assert (await slack.client.auth_test())["user_id"] == BOT_USER
    stranger = AsyncWebClient("-".join(("xoxb", "other")), base_url=f"{slack.url}/api/")
    assert await refused(stranger.auth_test()) == "invalid_auth"
    assert await refused(slack.client.api_call("chat.nope")) == "unknown_method"


async def test_a_message_is_posted_edited_found_and_deleted(slack: Slack) -> None:
    posted = await slack.client.chat_postMessage(
        channel="#incidents", text="a", metadata={"event_type": "x", "event_payload": {}}
    )
    channel, ts = posted["channel"], posted["ts"]
    await slack.client.chat_update(channel=channel, ts=ts, text="b", blocks=[{"type": "divider"}])
    found = await slack.client.conversations_history(channel=channel, include_all_metadata=True)
    assert found["messages"][0]["text"] == "b"
    assert found["messages"][0]["metadata"]["event_type"] == "x"
    link = await slack.client.chat_getPermalink(channel=channel, message_ts=ts)
    assert ts in link["permalink"]
    await slack.client.chat_delete(channel=channel, ts=ts)
    assert await refused(slack.client.chat_update(channel=channel, ts=ts, text="c")) == "message_not_found"


async def test_other_peoples_messages_are_not_edited(slack: Slack) -> None:
    ts = slack.workspace.add(INCIDENTS, {"user": PERSON, "text": "mine"})["ts"]
    assert await refused(slack.client.chat_update(channel=INCIDENTS, ts=ts, text="x")) == "cant_update_message"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({}, "no_text"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": [{"type": "markdown", "text": "x" * 7_000}] * 2}, "msg_blocks_too_long"),
    ],
)
async def test_limits_that_decide_in_production_decide_here(slack: Slack, content: dict[str, Any], code: str) -> None:
    call = slack.client.api_call("chat.postMessage", json={"channel": INCIDENTS, **content})
    assert await refused(call) == code


async def test_people_channels_and_groups_are_told(slack: Slack) -> None:
    user = (await slack.client.users_info(user=PERSON))["user"]
    assert user["profile"]["email"]
    assert user["is_restricted"] is False
    assert (await slack.client.conversations_info(channel=INCIDENTS))["channel"]["is_ext_shared"] is False
    assert await refused(slack.client.users_info(user="U404")) == "user_not_found"
    assert PERSON in (await slack.client.usergroups_users_list(usergroup="S0ONCALL"))["users"]


async def test_a_file_is_uploaded_in_three_steps(slack: Slack) -> None:
    await slack.client.files_upload_v2(channel=INCIDENTS, filename="log.txt", content="line", title="The log")
    (file,) = slack.workspace.files.values()
    assert (file["title"], file["content"]) == ("The log", "line")
    assert slack.workspace.history(INCIDENTS)[0]["files"][0]["id"] == file["id"]


async def test_reactions_status_and_views(slack: Slack) -> None:
    ts = (await slack.client.chat_postMessage(channel=INCIDENTS, text="a"))["ts"]
    await slack.client.reactions_add(channel=INCIDENTS, timestamp=ts, name="eyes")
    assert await refused(slack.client.reactions_add(channel=INCIDENTS, timestamp=ts, name="eyes")) == "already_reacted"
    await slack.client.assistant_threads_setStatus(channel_id=INCIDENTS, thread_ts=ts, status="is looking")
    assert slack.workspace.statuses[f"{INCIDENTS}/{ts}"]["status"] == "is looking"
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
    opened = await slack.client.views_open(trigger_id="t", view=view)
    assert opened["view"]["id"] in slack.workspace.views


async def test_a_stream_goes_through_the_sdks_own_helper(slack: Slack) -> None:
    ts = (await slack.client.chat_postMessage(channel=INCIDENTS, text="a"))["ts"]
    stream = await slack.client.chat_stream(
        channel=INCIDENTS, thread_ts=ts, recipient_team_id="T0DEMO", recipient_user_id=PERSON, buffer_size=1
    )
    await stream.append(markdown_text="one ")
    await stream.append(markdown_text="two")
    await stream.stop()
    assert slack.workspace.replies(INCIDENTS, ts)[1]["text"] == "one two"


def test_all_texts_of_nested_blocks_are_counted() -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "ab"}, "fields": [{"text": "c"}]}
    assert sorted(texts([block])) == ["ab", "c"]
