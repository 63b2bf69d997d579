"""How long does Slack wait for its acknowledgement while every worker is busy and Redis is far away?"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from chatops.embedded import embedded_valkey
from tests.app.processes import rig
from tests.bench.delayed import delayed
from tests.bench.figures import cpu_seconds, percentile

BUSY = 20
COMMANDS = 500
DELAY = 0.02
"""Seconds that every answer of Redis comes late."""


def _signed(number: int, response_url: str, secret: str = "secret") -> tuple[bytes, dict[str, str]]:
    form = {
        "command": "/triage", "text": f"checkout is slow {number}", "team_id": "T1", "channel_id": "C1",
        "user_id": "U1", "trigger_id": f"t{number}", "response_url": response_url,
    }  # fmt: skip
    body, stamp = urlencode(form).encode(), str(int(time.time()))
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return body, {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature,
    }


@dataclass
class Load:
    """Commands in bursts, at one gateway."""

    http: aiohttp.ClientSession
    gateway: str
    pid: int
    response_url: str
    sent: int = 0

    async def command(self) -> float:
        """Seconds until one slash command is answered."""
        self.sent += 1
        body, headers = _signed(self.sent, self.response_url)
        begun = time.monotonic()
        async with self.http.post(f"{self.gateway}/slack/events", data=body, headers=headers) as answer:
            said = await answer.text()
            assert answer.status == 200, answer.status
            assert "could not" not in said, said
        return time.monotonic() - begun

    async def bursts(self, at_once: int) -> Mapping[str, float]:
        """Figures of several bursts of that many commands at the same instant."""
        waits: list[float] = []
        begun, until_acknowledged = cpu_seconds(self.pid), 0.0
        for _ in range(COMMANDS // at_once):
            cpu = cpu_seconds(self.pid)
            waits += await asyncio.gather(*(self.command() for _ in range(at_once)))
            until_acknowledged += cpu_seconds(self.pid) - cpu
            await asyncio.sleep(1)
        spent, before = ((one / len(waits)) for one in (cpu_seconds(self.pid) - begun, until_acknowledged))
        percentiles = {f"p{share}_ms": round(percentile(waits, share / 100) * 1000, 1) for share in (50, 99)}
        return percentiles | {
            "gateway_cpu_ms_until_acknowledged": round(before * 1000, 2),
            "gateway_cpu_ms_per_command": round(spent * 1000, 2),
        }


async def run(folder: Path) -> Mapping[str, object]:
    """Milliseconds until a slash command is answered, 20 investigations held in their gathering, Redis 20 ms away."""
    async with contextlib.AsyncExitStack() as stack:
        near = stack.enter_context(embedded_valkey(folder / "valkey"))
        url = await stack.enter_async_context(delayed(near, DELAY))
        one = await stack.enter_async_context(rig(folder, url, {"CHATOPS_WORKERS": str(BUSY)}))
        one.slack.people["U1"] = {"id": "U1", "team_id": "T1"}
        process, gateway = await one.start("gateway")
        await one.start("worker")
        load = Load(
            await stack.enter_async_context(aiohttp.ClientSession()), gateway, process.pid, one.slack.response_url
        )
        for _ in range(BUSY):
            await load.command()
        await asyncio.sleep(4)
        await load.bursts(50)  # connections are open now
        gc.collect()
        gc.freeze()  # a full collection of this process, which measures, is no waiting for the gateway
        return {
            "investigations_running": BUSY,
            "redis_answers_after_ms": DELAY * 1000,
            "commands": COMMANDS,
            "10_at_once": await load.bursts(10),
            "50_at_once": await load.bursts(50),
        }
