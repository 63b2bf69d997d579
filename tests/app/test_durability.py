"""Processes are killed, the store goes away: what was accepted is told once, by whoever is left."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from chatops.demo.workspace_delivery import signature
from chatops.embedded import embedded_valkey
from chatops.store import RedisStore, connect
from tests.app.processes import rig, until
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


def _command(response_url: str) -> tuple[bytes, dict[str, str]]:
    told = {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "trigger_id": "t1", "response_url": response_url}
    body = urlencode({"command": "/triage", "text": "checkout is slow", **told}).encode()
    stamp = str(int(time.time()))
    return body, {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature("secret", stamp, body),
    }


@pytest.mark.parametrize("after", [0.0, 0.12, 0.35], ids=["at once", "while it is handled", "nearly done"])
async def test_a_command_whose_gateway_is_killed_after_the_200_is_done_once(
    tmp_path: Path, store: RedisStore, valkey_url: str, after: float
) -> None:
    async with rig(tmp_path, valkey_url) as one, delayed(valkey_url, 0.1) as far:
        one.gate.set()
        one.slack.people["U1"] = {"id": "U1", "team_id": "T1"}
        near, one.environment["CHATOPS_REDIS__URL"] = one.environment["CHATOPS_REDIS__URL"], far
        victim, gateway = await one.start("gateway")
        one.environment["CHATOPS_REDIS__URL"] = near
        body, headers = _command(one.slack.response_url)
        async with aiohttp.ClientSession() as http:
            async with http.post(gateway + "/slack/events", data=body, headers=headers) as answer:
                assert answer.status == 200
            await asyncio.sleep(after)
            await one.kill(victim)
            if not after:
                assert list(await store.recent()) == [], "nothing was done yet"
            _, heir = await one.start("gateway")
            worker, _ = await one.start("worker")
            async with http.post(heir + "/slack/events", data=body, headers=headers) as again:
                assert again.status == 200, "the redelivery is taken for what it is"
        await until(lambda: "memory" in one.root())
        await until(lambda: "evidence" in one.posted())
        assert sorted(one.posted()) == ["evidence", "root"]
        assert len(await store.recent()) == 1
        await until(lambda: any("Looking into it" in said["text"] for said in one.slack.responses))
        assert await one.end(worker) == 0
        assert one.slack.problems == []
