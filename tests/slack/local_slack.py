"""The Slack emulator from npm: where it is, how it is started, and how a person in it is played."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[2]
TEAM, CHANNEL, ANA, BOT_USER = "T01TEST", "C01INC", "U01ANA", "U0BOT"
BOT_TOKEN, APP_TOKEN, SECRET = "-".join(("xoxb", "emulator")), "-".join(("xapp", "emulator")), "emulator-secret"


def binary() -> Path | None:
    """The emulator's binary: LOCAL_SLACK_BIN, or `local-slack-linux-x64` under NODE_PATH or in the checkout."""
    named = os.environ.get("LOCAL_SLACK_BIN")
    places = [Path(named)] if named else [m / "local-slack-linux-x64" / "bin" / "local-slack" for m in modules()]
    return next((place for place in places if place.is_file()), None)


def modules() -> list[Path]:
    """Where npm's packages are looked for."""
    return [*(Path(p) for p in os.environ.get("NODE_PATH", "").split(os.pathsep) if p), ROOT / "node_modules"]


def config(mode: str, request_url: str) -> dict[str, Any]:
    """A workspace of two people and one channel."""
    app = {
        "appId": "A01APP", "botUserId": BOT_USER, "botName": "chatops", "botToken": BOT_TOKEN, "appToken": APP_TOKEN,
        "signingSecret": SECRET, "mode": "events" if mode == "http" else "socket",
    }  # fmt: skip
    return {
        "workspace": {"name": "Acme", "domain": "acme", "teamId": TEAM},
        "app": app | ({"requestUrl": request_url} if mode == "http" else {}),
        "users": [
            {"id": ANA, "name": "ana", "real_name": "Ana", "email": "ana@acme.example"},
            {"id": "U02BEN", "name": "ben", "real_name": "Ben"},
        ],
        "channels": [{"id": CHANNEL, "name": "incidents", "members": [ANA, "U02BEN", BOT_USER]}],
    }


@dataclass
class LocalSlack:
    """The running emulator, and Ana at its keyboard."""

    url: str
    http: aiohttp.ClientSession

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.http.post(f"{self.url}/_control/{path}", json=body) as answer:
            told: dict[str, Any] = await answer.json()
            return told

    async def command(self, text: str) -> None:
        """Type `/triage …`."""
        await self._post("command", {"channel": CHANNEL, "user": ANA, "command": "/triage", "text": text})

    async def say(self, text: str, thread_ts: str = "") -> str:
        """Post a message; return its ts."""
        body = {"channel": CHANNEL, "user": ANA, "text": text, **({"thread_ts": thread_ts} if thread_ts else {})}
        return str((await self._post("message", body))["message"]["ts"])

    async def click(self, message: dict[str, Any], action: dict[str, Any]) -> None:
        """Click a button of a message."""
        body = {"channel": CHANNEL, "messageTs": message["ts"], "user": ANA, "action": action}
        await self._post("interact", body)

    async def messages(self) -> list[dict[str, Any]]:
        """What stands in the channel, threads included."""
        async with self.http.get(f"{self.url}/_control/messages/{CHANNEL}") as answer:
            found: list[dict[str, Any]] = (await answer.json())["messages"]
            return found

    async def log(self) -> list[dict[str, Any]]:
        """What went over the wire."""
        async with self.http.get(f"{self.url}/_control/log") as answer:
            told: list[dict[str, Any]] = (await answer.json())["log"]
            return told

    async def until(self, wanted: Callable[[list[dict[str, Any]]], Any], seconds: float = 20.0) -> Any:
        """Wait until the channel holds what is wanted, and return it."""
        async with asyncio.timeout(seconds):
            while not (found := wanted(await self.messages())):  # noqa: ASYNC110 (it has no events to wait for)
                await asyncio.sleep(0.05)
        return found


@asynccontextmanager
async def serve(directory: Path, mode: str, port: int, request_url: str = "") -> AsyncIterator[LocalSlack]:
    """Start the emulator, and end it."""
    path = directory / "workspace.json"
    path.write_text(json.dumps(config(mode, request_url)))
    command = [str(binary()), "--config", str(path), "--port", str(port), "--base-host", "127.0.0.1"]
    with (directory / "local-slack.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, cwd=directory)
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
            slack = LocalSlack(f"http://127.0.0.1:{port}", http)
            await _answers(slack)
            yield slack
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)


async def _answers(slack: LocalSlack) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                async with slack.http.get(f"{slack.url}/_control/state"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
