"""How many webhook deliveries a second does a gateway take, beside a bare Starlette handler that does one XADD?"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from chatops.embedded import embedded_valkey
from tests.app.processes import TOKEN, rig
from tests.bench.figures import cpu_seconds, percentile, resident_mb

SECONDS = 5.0
AT_ONCE = 32
ROUNDS = 3

_BARE = """
import asyncio, sys
import uvicorn
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

redis = Redis.from_url(sys.argv[1])

async def take(request):
    body = await request.body()
    await redis.xadd("bare", {"body": body}, maxlen=10_000)
    return JSONResponse({}, status_code=202)

app = Starlette(routes=[Route("/webhooks/alertmanager", take, methods=["POST"])])
uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False, lifespan="off")
"""


def delivery(number: int, namespace: int = 0, severity: str = "warning", status: str = "firing") -> bytes:
    """What Alertmanager sends for one alert."""
    labels = {
        "alertname": f"Alert{number % 7}", "namespace": f"ns{namespace}", "deployment": f"svc{number}",
        "severity": severity,
    }  # fmt: skip
    alert = {
        "status": status, "labels": labels, "annotations": {"summary": f"svc{number} is ill"},
        "startsAt": "2026-03-01T12:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph?g0.expr=up", "fingerprint": f"{number:016x}",
    }  # fmt: skip
    group = {
        "version": "4", "groupKey": f"{{}}:{{number={number}}}", "status": status, "receiver": "chatops",
        "groupLabels": {"alertname": labels["alertname"]}, "commonLabels": labels, "commonAnnotations": {},
        "externalURL": "http://alertmanager.example", "truncatedAlerts": 0, "alerts": [alert],
    }  # fmt: skip
    return json.dumps(group).encode()


def together(bodies: Sequence[bytes]) -> bytes:
    """One delivery with the alerts of several."""
    first, *rest = (json.loads(body) for body in bodies)
    first["alerts"] += [alert for one in rest for alert in one["alerts"]]
    return json.dumps(first).encode()


HEADERS = {"content-type": "application/json", "authorization": f"Bearer {TOKEN}"}


async def rate(url: str, bodies: Sequence[bytes], seconds: float = SECONDS) -> float:
    """Accepted deliveries a second over some connections."""
    taken, end = 0, time.monotonic() + seconds

    async def send(http: aiohttp.ClientSession, first: int) -> None:
        nonlocal taken
        number = first
        while time.monotonic() < end:
            async with http.post(
                f"{url}/webhooks/alertmanager", data=bodies[number % len(bodies)], headers=HEADERS
            ) as answer:
                told = await answer.read()  # as senders do: a connection with an answer left in it is closed
                assert answer.status == 202, told
            taken += 1
            number += AT_ONCE

    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as http:
        await asyncio.gather(*(send(http, first) for first in range(AT_ONCE)))
    return taken / seconds


@contextlib.asynccontextmanager
async def bare(redis: str) -> AsyncIterator[tuple[int, str]]:
    """The bare handler in a process of its own; its id and address."""
    from tests.app.test_alertmanager import free_port

    port = free_port()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _BARE, redis, str(port))
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as http:
            for _ in range(500):
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(url):
                        break
                await asyncio.sleep(0.02)
        yield process.pid, url
    finally:
        process.kill()
        await process.wait()


async def run(folder: Path) -> Mapping[str, object]:
    """Repeats and new alerts a second, and repeats beside the bare handler: median of interleaved rounds.

    What a delivery takes of a processor stays comparable where other work slows down one round and not the next.
    """
    bodies = [delivery(number, number % 10) for number in range(200)]
    with embedded_valkey(folder / "valkey") as redis:
        async with rig(folder, redis) as one, bare(redis) as simple:
            process, url = await one.start("gateway")
            await rate(url, bodies, 2.0)  # all of them are stored now
            measured = {"bare_xadd": simple, "repeats": (process.pid, url)}
            rounds = [{name: await _round(*of, bodies) for name, of in measured.items()} for _ in range(ROUNDS)]
            fresh: list[Any] = [delivery(number, number % 50) for number in range(1_000, 21_000)]
            distinct = await rate(url, fresh)
            memory = resident_mb(process.pid)
    (bare_rate, bare_cpu), (own_rate, own_cpu) = (
        [percentile(values, 0.5) for values in zip(*(one[name] for one in rounds), strict=True)] for name in measured
    )
    return {
        "bare_xadd_per_second": round(bare_rate),
        "repeats_per_second": round(own_rate),
        "ratio": round(own_rate / bare_rate, 2),
        "bare_xadd_cpu_us": round(bare_cpu),
        "repeats_cpu_us": round(own_cpu),
        "cpu_ratio": round(bare_cpu / own_cpu, 2),
        "distinct_per_second": round(distinct),
        "gateway_rss_mb": memory,
    }


async def _round(pid: int, url: str, bodies: Sequence[bytes]) -> tuple[float, float]:
    """Deliveries a second, and microseconds of a processor for each."""
    before = cpu_seconds(pid)
    taken = await rate(url, bodies)
    return taken, (cpu_seconds(pid) - before) / (taken * SECONDS) * 1e6
