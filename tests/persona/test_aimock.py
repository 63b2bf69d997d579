"""A second opinion on the wire: aimock, a Messages API that somebody else wrote.

Needs node and the npm package `@copilotkit/aimock`: its `dist/cli.js` in `AIMOCK_CLI_PATH`, or
installed where `NODE_PATH` points, or in `node_modules` here.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import urllib.request
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chatops.domain.ports import Watcher
from tests.persona.cases import Pauses, case, persona, toolbox
from tests.persona.messages_api import ANSWER

_MODULES = Path(os.environ.get("NODE_PATH") or Path(__file__).parents[2] / "node_modules")
CLI = Path(os.environ.get("AIMOCK_CLI_PATH") or _MODULES / "@copilotkit" / "aimock" / "dist" / "cli.js")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
    pytest.mark.skipif(not CLI.is_file(), reason="needs @copilotkit/aimock from npm (AIMOCK_CLI_PATH)"),
]

LOOK = {"id": "call_1", "name": "pod_logs", "arguments": json.dumps({"name": "cart"})}
DONE = {"id": "call_2", "name": "submit_diagnosis", "arguments": json.dumps(ANSWER)}
CONVERSATION = [
    {"match": {"hasToolResult": False}, "response": {"content": "I look.", "toolCalls": [LOOK]}},
    {"match": {"hasToolResult": True}, "response": {"toolCalls": [DONE]}},
]


@asynccontextmanager
async def aimock(folder: Path, fixtures: list[dict[str, Any]], *options: str) -> AsyncIterator[str]:
    file = folder / "fixtures.json"
    await asyncio.to_thread(file.write_text, json.dumps({"fixtures": fixtures}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", str(CLI), "-p", str(port), "-f", str(file), "--log-level", "silent", *options]
    server = await asyncio.create_subprocess_exec(*command)
    try:
        for _ in range(100):
            try:
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            except OSError:
                await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        await server.wait()


@pytest.mark.parametrize("stream", [True, False])
async def test_an_investigation_with_a_tool(tmp_path: Path, stream: bool) -> None:
    async with aimock(tmp_path, CONVERSATION) as url, aclosing(persona(url, stream=stream)) as asked:
        result = await asked.diagnose(case(), toolbox(), Watcher())
    assert result.stopped == ""
    assert result.proposal is not None
    assert result.proposal.hypotheses[0].cause == "OOMKilled"
    assert result.turns == 2
    assert [item.id for item in result.evidence] == ["E2"]
    assert result.usage.input_tokens > 0


async def test_an_answer_in_text_is_read_too(tmp_path: Path) -> None:
    said = {"match": {}, "response": {"content": f"Here it is:\n```json\n{json.dumps(ANSWER)}\n```"}}
    async with aimock(tmp_path, [said]) as url, aclosing(persona(url)) as asked:
        result = await asked.diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    assert result.turns == 1


async def test_overload_and_rate_limit_then_an_answer(tmp_path: Path) -> None:
    errors = [
        {"match": {"sequenceIndex": at}, "response": {"error": {"message": "no", "type": kind}, "status": status}}
        for at, (kind, status) in enumerate([("overloaded_error", 529), ("rate_limit_error", 429)])
    ]
    pauses = Pauses()
    async with (
        aimock(tmp_path, [*errors, {"match": {}, "response": {"toolCalls": [DONE]}}]) as url,
        aclosing(persona(url, pauses, fallback="")) as asked,
    ):
        result = await asked.diagnose(case(), toolbox(), Watcher())
    assert result.proposal is not None
    assert len(pauses.taken) == 2


async def test_what_it_was_sent_is_a_messages_request(tmp_path: Path) -> None:
    def journal(url: str) -> Any:
        with urllib.request.urlopen(f"{url}/__aimock/journal") as answer:
            return json.load(answer)

    async with aimock(tmp_path, CONVERSATION) as url, aclosing(persona(url)) as asked:
        await asked.diagnose(case(), toolbox(), Watcher())
        entries = await asyncio.to_thread(journal, url)
    assert len(entries) == 2
    assert all(entry["path"].startswith("/v1/messages") for entry in entries)
