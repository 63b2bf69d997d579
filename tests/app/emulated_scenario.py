"""A real Alertmanager, the running app and the Slack emulator from npm; runs inside a network of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chatops.store import RedisStore
from tests.app.processes import rig
from tests.app.test_alertmanager import alertmanager, free_port, send
from tests.slack.local_slack import APP_TOKEN, BOT_TOKEN, CHANNEL, SECRET, LocalSlack, serve

pytestmark = pytest.mark.emulator


async def told(slack: LocalSlack, words: str) -> list[dict[str, object]]:
    """The channel's messages once one of them says it."""
    for _ in range(600):
        messages = await slack.messages()
        if any(words in str(message.get("text", "")) for message in messages):
            return messages
        await asyncio.sleep(0.1)
    raise AssertionError(f"nobody said {words!r}: {[message.get('text') for message in messages]}")


def roots(messages: list[dict[str, object]]) -> list[dict[str, object]]:
    """The messages that stand in the channel itself."""
    return [message for message in messages if message.get("thread_ts") in (None, "", message["ts"])]


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_an_alert_and_a_command_reach_their_threads_and_a_reply_is_answered(
    mode: str, tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    port = free_port()
    async with serve(tmp_path, mode, free_port(), f"http://127.0.0.1:{port}/slack/events") as slack:
        environment = {
            "CHATOPS_SLACK__BASE_URL": f"{slack.url}/api/",
            "CHATOPS_SLACK__BOT_TOKEN": BOT_TOKEN,
            "CHATOPS_SLACK__SIGNING_SECRET": SECRET,
            "CHATOPS_SLACK__CHANNEL": CHANNEL,
        }
        if mode == "socket":
            environment |= {"CHATOPS_SLACK__APP_TOKEN": APP_TOKEN, "CHATOPS_SLACK__SIGNING_SECRET": ""}
        async with rig(tmp_path, valkey_url, environment) as one:
            one.gate.set()
            process, app = await one.start("both", port)
            async with alertmanager(tmp_path, app) as url:
                await send(url)
                messages = await told(slack, "memory")
                (root,) = roots(messages)  # one incident is one message in the channel
                await slack.say("is checkout still restarting?", thread_ts=str(root["ts"]))
                await told(slack, "No model is configured")
                await send(url, ends=True)
                await told(slack, "esolved")
                await slack.command("why does checkout restart?")
                for _ in range(600):
                    # The emulator keeps what only the asker sees in the channel too; that names no cause.
                    found = [
                        message for message in roots(await slack.messages()) if "memory" in str(message.get("text"))
                    ]
                    if len(found) == 2:
                        break
                    await asyncio.sleep(0.1)
                assert len(found) == 2, "a command has a message of its own"
            assert await one.end(process) == 0
