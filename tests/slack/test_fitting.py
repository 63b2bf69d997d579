"""A message is as rich as its workspace takes it, and says the same everywhere."""

from __future__ import annotations

import pytest

from chatops.domain.incident import Incident, Thread
from chatops.render import blocks, detail
from chatops.render.card import root_card
from chatops.slack.thread import SlackThread
from chatops.store import RedisStore
from tests.conftest import NOW
from tests.render import cases
from tests.slack.web_api import MODERN, SlackApi


@pytest.fixture
async def incident(store: RedisStore) -> Incident:
    one = cases.incident(status="investigating", asked_by="U1")
    await store.add(one)
    return one


async def test_an_older_workspace_gets_simpler_blocks(thread: SlackThread, api: SlackApi, incident: Incident) -> None:
    api.old = True
    done = incident.model_copy(update={"status": "answered"})
    await thread.show(done, "root", root_card(done, cases.diagnosis(), now=NOW))
    kinds = {block["type"] for block in api.thread("C1")[0]["blocks"]}
    assert kinds
    assert not kinds & MODERN


async def test_blocks_that_are_refused_altogether_become_text(
    thread: SlackThread, api: SlackApi, incident: Incident
) -> None:
    for _ in range(2):
        api.scripted["chat.postMessage"].append((200, {"ok": False, "error": "msg_blocks_too_long"}, {}))
    await thread.show(incident, "root", root_card(incident, cases.diagnosis(), now=NOW))
    assert api.thread("C1")[0]["blocks"] == []
    assert "killed for memory" in api.thread("C1")[0]["text"]


async def test_a_block_that_a_workspace_lacks_is_said_otherwise_and_not_tried_again(
    thread: SlackThread, api: SlackApi, store: RedisStore
) -> None:
    api.lacks = {"markdown", "context_actions"}
    incident = cases.incident(thread=Thread(team="T1", channel="C1", ts="1.1"))
    await store.add(incident)
    (long,) = detail.answer(incident, "# Why\n\nIt is *killed*.", "answer:1")
    await thread.show(incident, "answer:1", long)
    refused = len(api.of("chat.postMessage")) - 1
    assert refused == 2, "one for each type it lacks"
    await thread.show(incident, "answer:2", long)
    posts = api.of("chat.postMessage")
    assert len(posts) == refused + 2
    assert {block["type"] for block in posts[-1]["blocks"]} == {"section", "actions"}
    table = blocks.message("t", [blocks.Part(9, "t", [blocks.table(("a",), (("b",),))])])
    await thread.show(incident, "evidence", table)
    assert api.of("chat.postMessage")[-1]["blocks"][0]["type"] == "table", "what it knows stays as it is"
