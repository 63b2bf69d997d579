"""How long from an alert to its facts card, with sources that take 50 ms for every call?"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from chatops.demo.incidents import BY_NAME
from chatops.demo.prometheus import api as prometheus_api
from chatops.demo.serving import listen, serving
from chatops.demo.world import Stage
from chatops.embedded import embedded_valkey
from chatops.store import close, connect
from tests.app.processes import rig, until
from tests.bench.figures import percentile

LATENCY = 0.05
RUNS = 10


@contextlib.asynccontextmanager
async def slow_prometheus(stage: Stage) -> AsyncIterator[str]:
    """The demo's Prometheus with every answer late."""
    app = prometheus_api.application(stage, time.time)
    listener = listen("127.0.0.1", 0)

    async def late(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(LATENCY)
        await app(scope, receive, send)

    with contextlib.closing(listener):
        async with serving(late, listener) as url:
            yield url


async def forgotten(url: str) -> None:
    """Empty the incidents: an alert of the same shop within minutes is the same outage otherwise, and opens nothing."""
    client = connect(url)
    async for key in client.scan_iter("chatops:*"):
        await client.delete(key)
    await close(client)


async def run(folder: Path) -> Mapping[str, object]:
    """p50 and worst of the seconds from the webhook's 202 to the facts in the root message, and to the diagnosis."""
    stage = Stage(BY_NAME["checkout-oom"].build(time.time()))
    facts: list[float] = []
    with embedded_valkey(folder / "valkey") as url:
        async with slow_prometheus(stage) as prometheus:
            environment = {"CHATOPS_PROMETHEUS__URL": prometheus, "CHATOPS_GATHER_SECONDS": "10"}
            async with rig(folder, url, environment, latency=LATENCY) as one:
                one.gate.set()
                _, address = await one.start("both")
                await asyncio.sleep(6)
                for number in range(RUNS):
                    one.began = time.time() + number
                    await forgotten(url)
                    one.slack.messages.clear()
                    begun = time.monotonic()
                    await one.alert(address)
                    await until(lambda: "memory" in one.root())
                    facts.append(time.monotonic() - begun)
                    await asyncio.sleep(1)
    return {
        "latency_ms_per_call": LATENCY * 1000,
        "facts_seconds_p50": round(percentile(facts, 0.5), 2),
        "facts_seconds_max": round(max(facts), 2),
        "runs": RUNS,
        "cores": os.cpu_count(),
    }
