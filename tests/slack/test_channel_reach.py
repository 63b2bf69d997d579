"""What a channel may not ask about, it gets by no way in: command, mention, click, form, home tab."""

from __future__ import annotations

import pytest

from chatops.domain.incident import Incident, Thread
from chatops.slack.app import SlackApp
from chatops.store import RedisStore
from connectors.contract import Scope
from tests.render import cases
from tests.slack.conftest import Waiting, click, command, event, interact, settled, submit
from tests.slack.listeners.test_commands import shown
from tests.slack.listeners.test_views import submitted
from tests.slack.web_api import SlackApi


@pytest.fixture
async def theirs(store: RedisStore) -> Incident:
    """An incident of another namespace, told in a channel that may ask about it."""
    thread = Thread(team="T1", channel="C2", ts="1.1")
    one = cases.incident(thread=thread, scope=Scope(environment="default", namespace="payments"))
    await store.add(one)
    await store.save_case(one.id, cases.diagnosis(), ())
    return one


async def test_a_command(limited: SlackApp, store: RedisStore, queue: Waiting) -> None:
    assert "Say which namespace" in shown(await command(limited, "everything is slow"))["text"]
    assert queue.jobs == []
    assert "Looking into it" in shown(await command(limited, "the cart is slow", trigger_id="2.2"))["text"]
    (incident,) = await store.recent()
    assert incident.scope.namespace == "cart"


async def test_a_mention(limited: SlackApp, api: SlackApi, queue: Waiting) -> None:
    said = {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "9.9", "text": "<@UBOT> payments fail"}
    await event(limited, said)
    await settled(limited)
    assert queue.jobs == []
    assert "Say which namespace" in api.of("chat.postEphemeral")[0]["text"]


@pytest.mark.parametrize("word", ["status", "why", "stop", "retry", "postmortem"])
async def test_another_channels_incident_by_its_id(
    limited: SlackApp, store: RedisStore, queue: Waiting, theirs: Incident, word: str
) -> None:
    told = shown(await command(limited, f"{word} {theirs.id}"))["text"]
    assert "may ask about the namespace shop or cart, not payments" in told
    assert queue.jobs == []
    assert [entry.kind for entry in await store.timeline(theirs.id)] == ["audit"]
    assert (
        "may ask" not in shown(await command(limited, f"{word} {theirs.id}", channel_id="C2", trigger_id="2.2"))["text"]
    )


async def test_a_click(limited: SlackApp, api: SlackApi, queue: Waiting, theirs: Incident) -> None:
    await interact(limited, click("chatops.run_check:S1", f"{theirs.id}|S1"))
    await settled(limited)
    assert queue.jobs == []
    assert "not payments" in api.of("chat.postEphemeral")[0]["text"]


async def test_the_form(limited: SlackApp, api: SlackApi, queue: Waiting) -> None:
    await submit(limited, submitted(namespace="payments"))
    assert queue.jobs == []
    assert "not payments" in api.of("chat.postEphemeral")[0]["text"]


async def test_the_home_tab(limited: SlackApp, api: SlackApi, theirs: Incident) -> None:
    limited.desk.settings = limited.desk.settings.model_copy(
        update={"channels": {"direct": limited.desk.settings.channels["C1"]}}
    )
    await event(limited, {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"})
    await settled(limited)
    assert theirs.id not in str(api.of("views.publish")[0]["view"])
