"""A storm over two gateways and two workers: is every alert in one thread, how soon are the severe ones told?

Scaled down by default; `CHATOPS_BENCH_FULL=1` sends 10,000 distinct alerts and 100,000 repeats in a minute. Each new
alert is a delivery of its own, as where Alertmanager groups by everything; repeats come as Alertmanager repeats a
group, with fifty alerts in a delivery. Two cores that also run the sender, Slack and the cluster could not parse more.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import aiohttp

from chatops.embedded import embedded_valkey
from chatops.store import RedisStore, connect
from chatops.triage.jobs import open_jobs
from tests.app.processes import ROOT, Rig, rig
from tests.bench.figures import resident_mb
from tests.bench.webhook import HEADERS, delivery, together

FULL = bool(os.environ.get("CHATOPS_BENCH_FULL"))
DISTINCT, REPEATS, SECONDS = (10_000, 100_000, 60.0) if FULL else (1_000, 10_000, 10.0)
NAMESPACES = 50
SEVERE = 5
SENDERS = 32
GROUP = 50
"""Alerts in one delivery of repeats."""


async def run(folder: Path) -> Mapping[str, object]:
    """Send the storm, with a few critical alerts in its middle; count threads and seconds."""
    with embedded_valkey(folder / "valkey") as redis:
        async with rig(folder, redis) as one:
            one.gate.set()
            gateways = [await one.start("gateway") for _ in range(2)]
            workers = [await one.start("worker") for _ in range(2)]
            sent = await _storm(one, [url for _, url in gateways])
            memory = [resident_mb(process.pid) for process, _ in (*gateways, *workers)]
            store = RedisStore(connect(redis))
            try:
                told, queued = await _owners(store), await _queued(redis)
            finally:
                await store.client.aclose()
    expected = {f"alertmanager:{number:016x}" for number in range(DISTINCT + SEVERE)}
    return {**sent, **_counted(one, expected, told, queued), "rss_mb": memory, "full_size": FULL}


async def _queued(redis: str) -> set[str]:
    """The incidents whose investigation runs or waits for its turn."""
    async with open_jobs(redis, "chatops-jobs", timedelta(days=1), lambda: None) as jobs:
        return {key.removeprefix("triage:") for key, _, _ in await jobs.waiting() if key.startswith("triage:")}


def _counted(one: Rig, expected: set[str], told: Mapping[str, str], queued: set[str]) -> Mapping[str, object]:
    posted = Counter(
        str(call["metadata"]["event_payload"]["incident"])
        for call in one.slack.of("chat.postMessage")
        if call["metadata"]["event_payload"]["slot"] == "root"
    )
    return {
        "lost": len(expected - set(told)) + len(set(told.values()) - set(posted) - queued),
        "waiting_for_their_turn": len(queued),
        "incidents": len(set(told.values())),
        "roots_posted": len(posted),
        "roots_posted_twice": sum(count - 1 for count in posted.values()),
    }


async def _owners(store: RedisStore) -> dict[str, str]:
    """Fingerprint → incident, for every alert whose incident is really there."""
    found: dict[str, str] = {}
    async for key in store.client.scan_iter(match="chatops:alert:*", count=1_000):
        owner = (await store.client.get(key)).decode()
        if await store.client.exists(f"chatops:{{{owner}}}:incident"):
            found[key.decode().removeprefix("chatops:alert:")] = owner
    return found


async def _storm(one: Rig, urls: list[str]) -> dict[str, object]:
    """Send from a process of its own: this one answers as Slack and as the cluster."""
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.storm", *urls, stdout=subprocess.PIPE, cwd=ROOT
    )
    waits, taken = [], []
    await asyncio.sleep(SECONDS / 2)
    async with aiohttp.ClientSession() as http:
        for number in range(SEVERE):
            body = delivery(DISTINCT + number, NAMESPACES + number, "critical")
            waits.append(asyncio.create_task(_told(one, f"svc{DISTINCT + number} is ill", time.monotonic())))
            begun = time.monotonic()
            await _accepted(http, urls[number % len(urls)], body, Counter())
            taken.append(round(time.monotonic() - begun, 2))
            await asyncio.sleep(0.5)
    printed, _ = await sender.communicate()
    seconds = [round(one, 2) for one in await asyncio.gather(*waits)]
    return {
        **json.loads(printed),
        "severe_accepted_seconds": sorted(taken),
        "severe_first_card_seconds": sorted(seconds),
    }


async def _accepted(http: aiohttp.ClientSession, url: str, body: bytes, refused: Counter[int]) -> None:
    while True:
        async with http.post(f"{url}/webhooks/alertmanager", data=body, headers=HEADERS) as answer:
            await answer.read()
            if answer.status == 202:
                return
            refused[answer.status] += 1
        await asyncio.sleep(0.2)


def _deliveries() -> Iterator[tuple[bytes, int]]:
    """Bodies and how many alerts they hold: after each new alert, repeats of those before it, as they come due."""
    bodies = [delivery(number, number % NAMESPACES) for number in range(DISTINCT)]
    due, first = 0.0, 0
    for number, body in enumerate(bodies):
        yield body, 1
        due += REPEATS / DISTINCT
        while due >= GROUP:
            # What repeats was taken some time ago: the same alert under two groups at once would be two alerts.
            members = [bodies[(first + step) % max(1, number - 200)] for step in range(GROUP)]
            first, due = first + GROUP, due - GROUP
            yield together(members), GROUP


async def send(urls: list[str]) -> dict[str, object]:
    """New alerts and their repeats, at an even pace where the gateways keep up."""
    waiting, refused, began = iter(list(_deliveries())), Counter[int](), time.monotonic()
    sent = Counter[str]()
    count = DISTINCT + REPEATS // GROUP
    pause = SENDERS * SECONDS / count

    async def sender(http: aiohttp.ClientSession, url: str) -> None:
        for body, alerts in waiting:
            begun = time.monotonic()
            await _accepted(http, url, body, refused)
            sent["alerts"] += alerts
            sent["deliveries"] += 1
            await asyncio.sleep(max(0.0, pause - (time.monotonic() - begun)))

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(sender(http, urls[number % len(urls)]) for number in range(SENDERS)))
    took = round(time.monotonic() - began, 1)
    return {
        "distinct": DISTINCT,
        "repeats": sent["alerts"] - DISTINCT,
        **sent,
        "seconds": took,
        "refused": dict(refused),
    }


async def _told(one: Rig, words: str, since: float) -> float:
    """Seconds until a root message says it; 60 where it does not."""
    seen = 0
    while time.monotonic() - since < 60:
        calls = one.slack.calls
        for method, arguments in calls[seen:]:
            if method == "chat.postMessage" and words in str(arguments.get("text", "")):
                return time.monotonic() - since
        seen = len(calls)
        await asyncio.sleep(0.05)
    return 60.0


if __name__ == "__main__":
    print(json.dumps(asyncio.run(send(sys.argv[1:]))))
