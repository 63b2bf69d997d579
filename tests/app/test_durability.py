"""Processes are killed, the store goes away: what was accepted is told once, by whoever is left."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chatops.embedded import embedded_valkey
from chatops.slack import modals
from chatops.slack.inbox import LEASE
from chatops.slack.listeners import shortcuts
from chatops.store import RedisStore, connect
from tests.app.processes import Sent, deliver, rig, signed, until
from tests.bench.delayed import delayed

pytestmark = pytest.mark.timeout(400)  # processes start slowly on a machine that does other work


async def test_a_triage_whose_worker_is_killed_goes_on_elsewhere_in_the_same_message(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    async with rig(tmp_path, valkey_url) as one:
        _, gateway = await one.start("gateway")
        victim, _ = await one.start("worker")
        assert await one.alert(gateway) == 202
        await until(lambda: one.posted() == ["root"])
        await one.kill(victim)
        one.gate.set()
        heir, _ = await one.start("worker")
        await until(lambda: "memory" in one.root())
        await until(lambda: "evidence" in one.posted())
        assert sorted(one.posted()) == ["evidence", "root"], "no message is posted twice"
        assert await one.alert(gateway) == 202
        assert await one.end(heir) == 0, "a worker that is asked to end ends well"
        assert sorted(one.posted()) == ["evidence", "root"], "a repeat of the alert tells nothing anew"
        assert one.slack.problems == []


async def test_what_cannot_be_stored_is_refused_and_taken_when_it_is_sent_again(tmp_path: Path) -> None:
    with embedded_valkey(tmp_path / "valkey") as url:
        async with rig(tmp_path, url) as one:
            one.gate.set()
            process, both = await one.start("both")
            redis = connect(url)
            await redis.execute_command("CLIENT", "PAUSE", "8000", "WRITE")
            assert await one.alert(both) == 503
            await redis.execute_command("CLIENT", "UNPAUSE")
            await redis.aclose()
            assert await one.alert(both) == 202
            await until(lambda: "memory" in one.root())
            assert one.posted().count("root") == 1
            assert await one.end(process) == 0


async def test_an_alert_is_told_when_slack_is_back(tmp_path: Path, store: RedisStore, valkey_url: str) -> None:
    async with rig(tmp_path, valkey_url) as one:
        one.gate.set()
        down: tuple[int, dict[str, Any], dict[str, str]] = (500, {"ok": False, "error": "internal_error"}, {})
        one.slack.scripted["chat.postMessage"].extend(
            [down, (429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}), down]
        )
        process, both = await one.start("both")
        assert await one.alert(both) == 202
        await until(lambda: "memory" in one.root())
        roots = [
            text for messages in one.slack.messages.values() for text in messages.values() if "memory" in text["text"]
        ]
        assert len([text for text in roots if not text.get("thread_ts")]) == 1
        assert await one.end(process) == 0


ASKS = ("command", "mention", "shortcut", "form")


def _sent(kind: str, response_url: str, incident: str = "") -> Sent:
    """A request as Slack sends it, signed: what asks something, or a click on an incident's button."""
    person: dict[str, Any] = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "channel": {"id": "C1"}}
    words = "checkout is slow"
    message = {"ts": "1772366401.000001", "text": words}
    view = modals.start_view("C1")
    filled_in = {
        "question": {"question": {"value": words}},
        "channel": {"channel": {"selected_conversation": "C1"}},
    }
    forms: dict[str, dict[str, Any]] = {
        "command": {
            "command": "/triage",
            "text": words,
            "team_id": "T1",
            "channel_id": "C1",
            "user_id": "U1",
            "trigger_id": f"t-{kind}",
            "response_url": response_url,
        },
        "mention": {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": "Ev1",
            "event": {"type": "app_mention", "user": "U1", "channel": "C1", "ts": message["ts"], "text": words},
        },
        "shortcut": {
            **person,
            "type": "message_action",
            "callback_id": shortcuts.CALLBACK,
            "trigger_id": f"t-{kind}",
            "action_ts": "5.5",
            "message_ts": message["ts"],
            "message": message,
            "response_url": response_url,
        },
        "form": {
            **person,
            "channel": {},
            "type": "view_submission",
            "trigger_id": f"t-{kind}",
            "view": {**view, "id": "V1", "hash": "h1", "state": {"values": filled_in}},
        },
        "click": {
            **person,
            "type": "block_actions",
            "trigger_id": f"t-{kind}",
            "response_url": response_url,
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": "C1"},
            "message": message,
            "actions": [
                {
                    "type": "button",
                    "action_id": "chatops.confirm:H1",
                    "block_id": "b",
                    "value": f"{incident}|H1",
                    "action_ts": "5.5",
                }
            ],
        },
    }
    return signed(forms[kind], command=kind == "command")


@pytest.mark.parametrize("after", [0.0, 0.12, 0.35], ids=["at once", "while it is handled", "nearly done"])
async def test_what_slack_sends_is_done_once_though_its_gateway_is_killed_after_the_200(
    tmp_path: Path, store: RedisStore, valkey_url: str, after: float
) -> None:
    """Everything that asks something and a click, in one gateway's hands when it dies; another one has them next."""
    async with rig(tmp_path, valkey_url) as one, delayed(valkey_url, 0.1) as far:
        one.gate.set()
        one.slack.people["U1"] = {"id": "U1", "team_id": "T1"}
        (_, heir), (victim, gateway) = await asyncio.gather(
            one.start("both"), one.start("gateway", CHATOPS_REDIS__URL=far)
        )
        assert await one.alert(heir) == 202
        await until(lambda: "evidence" in one.posted())
        (incident,) = await store.recent()
        sent = [_sent(kind, one.slack.response_url, incident.id) for kind in (*ASKS, "click")]
        await asyncio.gather(*(deliver(gateway, each) for each in sent))
        await asyncio.sleep(after)
        await one.kill(victim)
        for each in sent:
            await deliver(heir, each)  # the redelivery is taken for what it is

        async def done() -> tuple[int, int, int]:
            clicks = sum(entry.by == "U1" for entry in await store.timeline(incident.id))
            return len(await store.recent()) - 1, clicks, one.posted().count("evidence") - 1

        wanted = (len(ASKS), 1, len(ASKS))
        await until(done, wanted=wanted)
        said = [*one.slack.responses, *one.slack.of("chat.postEphemeral")]
        assert sum("Looking into it" in str(line) for line in said) >= len(ASKS) - 1, "the mention has its thread"
        await asyncio.sleep(LEASE.total_seconds() + 2)  # whoever would do it a second time has had its chance
        assert await done() == wanted
        assert one.posted().count("root") == 1 + len(ASKS)
        diagnosis = await store.diagnosis(incident.id)
        assert diagnosis is not None
        assert diagnosis.hypotheses[0].status == "confirmed"
        assert one.slack.problems == []
