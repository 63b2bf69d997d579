"""How long does Slack wait for its acknowledgement while every worker is busy?"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from chatops.embedded import embedded_valkey
from tests.app.processes import rig
from tests.bench.figures import percentile

BUSY = 20
COMMANDS = 300
AT_ONCE = 10


def _signed(number: int, secret: str = "secret") -> tuple[bytes, dict[str, str]]:
    form = {
        "command": "/triage", "text": f"checkout is slow {number}", "team_id": "T1", "channel_id": "C1",
        "user_id": "U1", "trigger_id": f"t{number}", "response_url": "http://127.0.0.1:1/x",
    }  # fmt: skip
    body, stamp = urlencode(form).encode(), str(int(time.time()))
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return body, {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature,
    }


async def run(folder: Path) -> Mapping[str, object]:
    """p50 and p99 in milliseconds of a slash command's answer, with 20 investigations held in their gathering."""
    waits: list[float] = []
    with embedded_valkey(folder / "valkey") as url:
        async with rig(folder, url, {"CHATOPS_WORKERS": str(BUSY)}) as one, aiohttp.ClientSession() as http:
            one.slack.people["U1"] = {"id": "U1", "team_id": "T1"}
            _, gateway = await one.start("gateway")
            await one.start("worker")

            async def command(number: int) -> None:
                body, headers = _signed(number)
                begun = time.monotonic()
                async with http.post(f"{gateway}/slack/events", data=body, headers=headers) as answer:
                    said = await answer.text()
                    assert answer.status == 200, answer.status
                    assert "could not" not in said, said
                waits.append(time.monotonic() - begun)

            for number in range(BUSY):
                await command(number)
            await asyncio.sleep(5)
            waits.clear()
            for first in range(BUSY, BUSY + COMMANDS, AT_ONCE):
                await asyncio.gather(*(command(number) for number in range(first, first + AT_ONCE)))
    return {
        "investigations_running": BUSY,
        "commands": COMMANDS,
        "at_once": AT_ONCE,
        "p50_ms": round(percentile(waits, 0.5) * 1000, 1),
        "p99_ms": round(percentile(waits, 0.99) * 1000, 1),
    }
