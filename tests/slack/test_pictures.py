"""Where a workspace has no chart block, a chart is a picture in the same message, or a line of characters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatops.domain.conversation import Message
from chatops.domain.incident import Incident
from chatops.render import blocks, charts
from chatops.slack.calls import Calls
from chatops.slack.thread import SlackThread
from chatops.store import RedisStore
from tests.conftest import NOW
from tests.render import cases
from tests.slack.conftest import Clock
from tests.slack.web_api import SlackApi

CHART = "data_visualization"


@pytest.fixture
async def incident(store: RedisStore) -> Incident:
    one = cases.incident(status="answered", asked_by="U1")
    await store.add(one)
    return one


def message() -> Message:
    chart = charts.chart(cases.evidence()[1])
    assert chart is not None
    return Message(text="E2", blocks=(blocks.section("Memory"), chart))


async def test_the_chart_is_brought_once_and_shown_in_its_message(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    api.lacks = {CHART}
    shown = await thread.show(incident, "evidence", message())
    await thread.show(shown, "evidence", message().model_copy(update={"text": "E2, again"}))
    (told,) = api.thread("C1")
    section, image = told["blocks"]
    assert (section["type"], image["type"]) == ("section", "image")
    assert list(api.files) == [image["slack_file"]["id"]], "an edit brings nothing again"
    assert api.files["F0"].startswith(b"\x89PNG")
    assert "working set: 41" in image["alt_text"]
    assert told["text"] == "E2, again"


async def test_a_file_that_slack_has_not_looked_at_is_tried_again(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    api.lacks, api.looks = {CHART}, 1
    await thread.show(incident, "evidence", message())
    assert [block["type"] for block in api.thread("C1")[0]["blocks"]] == ["section", "image"]


async def test_a_file_that_is_never_taken_leaves_characters(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    api.lacks, api.looks = {CHART}, 9
    await thread.show(incident, "evidence", message())
    (told,) = api.thread("C1")
    assert [block["type"] for block in told["blocks"]] == ["section", "section"]
    assert "█" in told["blocks"][1]["text"]["text"]


async def test_without_the_scope_it_is_asked_for_once_in_six_hours(
    store: RedisStore, calls: Calls, api: SlackApi, clock: Clock, incident: Incident
) -> None:
    now = NOW
    thread = SlackThread(store, calls, sleep=clock.sleep, clock=lambda: now)
    api.lacks = {CHART}
    api.scripted["files.getUploadURLExternal"].append(
        (200, {"ok": False, "error": "missing_scope", "needed": "files:write"}, {})
    )
    shown = await thread.show(incident, "evidence", message())
    await thread.show(shown, "evidence:2", message())
    assert len(api.of("files.getUploadURLExternal")) == 1
    assert {block["type"] for told in api.thread("C1") for block in told["blocks"]} == {"section"}
    now += timedelta(hours=7)
    await thread.show(shown, "evidence:3", message())
    assert len(api.of("files.getUploadURLExternal")) == 2, "the scope may have been given"
    await thread.aclose()


async def test_a_file_that_does_not_arrive_leaves_characters(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    api.lacks = {CHART}
    elsewhere = {"ok": True, "upload_url": api.base_url.replace("/api/", "/nowhere"), "file_id": "F1"}
    api.scripted["files.getUploadURLExternal"].append((200, elsewhere, {}))
    await thread.show(incident, "evidence", message())
    assert not api.of("files.completeUploadExternal")
    assert "█" in api.thread("C1")[0]["blocks"][1]["text"]["text"]


async def test_a_workspace_that_has_the_block_gets_no_file(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    await thread.show(incident, "evidence", message())
    assert not api.files
    assert api.thread("C1")[0]["blocks"][1]["type"] == CHART
