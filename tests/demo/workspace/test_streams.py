import pytest

from chatops.demo.workspace.state import DIRECT, INCIDENTS, Json, SlackRefused, Workspace
from chatops.demo.workspace.streams import STREAMS

READER = {"recipient_user_id": "U0YOU", "recipient_team_id": "T0DEMO"}


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def chunk(text: str) -> Json:
    return {"type": "markdown_text", "text": text}


def test_text_grows_tasks_change_and_the_end_is_final(workspace: Workspace) -> None:
    begin = {"channel": INCIDENTS, "thread_ts": "1.0", **READER, "chunks": [chunk("a")]}
    at = {"channel": INCIDENTS, "ts": STREAMS["chat.startStream"](workspace, begin)["ts"]}
    for status in ("in_progress", "complete"):
        task = {"type": "task_update", "id": "t", "title": "look", "status": status}
        STREAMS["chat.appendStream"](workspace, {**at, "chunks": [task, chunk("b")]})
    message = STREAMS["chat.stopStream"](workspace, {**at, "markdown_text": "c", "blocks": [{"type": "divider"}]})
    blocks = workspace.message(INCIDENTS, at["ts"])["blocks"]
    assert [b["type"] for b in blocks] == ["plan", "markdown", "divider"]
    assert blocks[0]["tasks"] == [{"type": "task_card", "task_id": "t", "title": "look", "status": "complete"}]
    assert blocks[1]["text"] == message["message"]["text"] == "abbc"
    with pytest.raises(SlackRefused, match="message_not_in_streaming_state"):
        STREAMS["chat.appendStream"](workspace, {**at, "markdown_text": "late"})


def test_a_channel_wants_to_know_the_reader(workspace: Workspace) -> None:
    with pytest.raises(SlackRefused, match="missing_recipient_team_id"):
        STREAMS["chat.startStream"](workspace, {"channel": INCIDENTS, "thread_ts": "1.0"})
    assert STREAMS["chat.startStream"](workspace, {"channel": DIRECT, "thread_ts": "1.0"})["ts"]


@pytest.mark.parametrize("bad", [chunk("x" * 12_001), {"type": "nope"}])
def test_chunks_that_slack_refuses(workspace: Workspace, bad: Json) -> None:
    with pytest.raises(SlackRefused, match="invalid_chunks"):
        STREAMS["chat.startStream"](workspace, {"channel": DIRECT, "thread_ts": "1.0", "chunks": [bad]})
