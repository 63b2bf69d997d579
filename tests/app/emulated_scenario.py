"""A real Alertmanager, the running app and the Slack emulator from npm; runs inside a network of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chatops.store import RedisStore
from tests.app.processes import rig
from tests.app.test_alertmanager import alertmanager, free_port, send
from tests.slack.local_slack import BOT_TOKEN, CHANNEL, SECRET, LocalSlack, serve

pytestmark = pytest.mark.emulator


async def told(slack: LocalSlack, words: str) -> list[dict[str, object]]:
    """The channel's messages once one of them says it."""
    for _ in range(600):
        messages = await slack.messages()
        if any(words in str(message.get("text", "")) for message in messages):
            return messages
        await asyncio.sleep(0.1)
    raise AssertionError(f"nobody said {words!r}: {[message.get('text') for message in messages]}")


async def test_an_alert_reaches_the_thread_and_a_reply_is_answered(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    port = free_port()
    async with serve(tmp_path, "http", free_port(), f"http://127.0.0.1:{port}/slack/events") as slack:
        environment = {
            "CHATOPS_SLACK__BASE_URL": f"{slack.url}/api/",
            "CHATOPS_SLACK__BOT_TOKEN": BOT_TOKEN,
            "CHATOPS_SLACK__SIGNING_SECRET": SECRET,
            "CHATOPS_SLACK__CHANNEL": CHANNEL,
        }
        async with rig(tmp_path, valkey_url, environment) as one:
            one.gate.set()
            process, app = await one.start("both", port)
            async with alertmanager(tmp_path, app) as url:
                await send(url)
                messages = await told(slack, "memory")
                roots = [m for m in messages if m.get("thread_ts") in (None, "", m["ts"])]
                assert len(roots) == 1, "one incident is one message in the channel"
                await slack.say("is checkout still restarting?", thread_ts=str(roots[0]["ts"]))
                await told(slack, "No model is configured")
                await send(url, ends=True)
                await told(slack, "esolved")
            assert await one.end(process) == 0
