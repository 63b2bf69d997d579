"""Processes are killed, the store goes away: what was accepted is told once, by whoever is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatops.embedded import embedded_valkey
from chatops.store import RedisStore, connect
from tests.app.processes import rig, until

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
