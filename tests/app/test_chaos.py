"""Processes, store and Slack fail at random for a while: every accepted alert ends in exactly one thread.

`CHATOPS_CHAOS_SECONDS` sets how long (a minute by default, half an hour nightly), `CHATOPS_CHAOS_SEED` what fails when.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chatops.domain.incident import Incident
from chatops.domain.ports import StoreUnavailable
from chatops.embedded import embedded_valkey
from chatops.store import RedisStore, connect
from tests.app.processes import Rig, rig
from tests.bench.webhook import HEADERS, delivery

SECONDS = float(os.environ.get("CHATOPS_CHAOS_SECONDS", "50"))
SEED = int(os.environ.get("CHATOPS_CHAOS_SEED", "1"))
PAUSE = 2.5
"""Seconds between alerts: each is two messages, and Slack takes one a second in a channel."""
Answer = tuple[int, dict[str, Any], dict[str, str]]
KINDS = ("gateway", "worker", "worker", "valkey", "slack", "slack")
SETTLED = ("answered", "failed")

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SECONDS + 240)]


@dataclass
class Valkey:
    """A Valkey that can be killed and comes back with what it wrote."""

    folder: Path
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    url: str = ""

    def start(self) -> None:
        self.url = self.stack.enter_context(embedded_valkey(self.folder))

    async def kill(self) -> None:
        client = connect(self.url)
        pid = int((await client.info("server"))["process_id"])
        await client.aclose()
        os.kill(pid, 9)
        self.stack.close()
        await asyncio.sleep(0.5)
        self.start()


@dataclass
class Chaos:
    """Two gateways and two workers that are started again when they die, and what makes them die."""

    one: Rig
    valkey: Valkey
    rng: random.Random
    running: dict[str, tuple[asyncio.subprocess.Process, str]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    coming: list[str] = field(default_factory=list)

    async def start(self, name: str) -> None:
        self.running[name] = await self.one.start(name.split("-")[0])

    def urls(self) -> list[str]:
        live = [pair for name, pair in self.running.items() if name.startswith("gateway")]
        return [url for process, url in live if process.returncode is None]

    async def keep_alive(self) -> None:
        for name, (process, _) in list(self.running.items()):
            if process.returncode is not None:
                await self.start(name)

    async def strike(self) -> None:
        if not self.coming:
            self.coming = self.rng.sample(KINDS, len(KINDS))
        what = self.coming.pop()
        self.done[what] += 1
        if what == "valkey":
            await self.valkey.kill()
        elif what == "slack":
            down: Answer = (500, {"ok": False, "error": "internal_error"}, {})
            slow: Answer = (429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
            for method in ("chat.postMessage", "chat.update"):
                self.one.slack.scripted[method].extend(self.rng.choices([down, slow], k=2))
        else:
            await self.one.kill(self.running[f"{what}-{self.rng.randrange(2)}"][0])
        await self.keep_alive()


@contextlib.asynccontextmanager
async def chaos(tmp_path: Path) -> AsyncIterator[Chaos]:
    valkey = Valkey(tmp_path / "valkey")
    with valkey.stack:
        valkey.start()
        async with rig(tmp_path, valkey.url, {"CHATOPS_STORM__CORRELATE_MINUTES": "0"}) as one:
            one.gate.set()
            found = Chaos(one, valkey, random.Random(SEED))
            for name in ("gateway-0", "gateway-1", "worker-0", "worker-1"):
                await found.start(name)
            yield found
        valkey.stack.close()


async def accepted(found: Chaos, body: bytes) -> None:
    """Send until somebody takes it, as every alerting system does."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
        for _ in range(200):
            for url in found.urls():
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with http.post(f"{url}/webhooks/alertmanager", data=body, headers=HEADERS) as answer:
                        if answer.status == 202:
                            return
            await asyncio.sleep(0.2)
    raise AssertionError("nobody took it")


async def settled(store: RedisStore, number: int) -> list[Incident]:
    """All incidents, once each has its end."""
    incidents: list[Incident] = []
    for _ in range(180):
        with contextlib.suppress(StoreUnavailable):
            incidents = list(await store.recent(limit=1_000))
            if len(incidents) >= number and all(one.status in SETTLED for one in incidents):
                return incidents
        await asyncio.sleep(1)
    return incidents


async def test_every_accepted_alert_ends_in_one_thread(tmp_path: Path) -> None:
    async with chaos(tmp_path) as found:
        sending: list[asyncio.Task[None]] = []
        begun, number = time.monotonic(), 0
        while time.monotonic() - begun < SECONDS:
            body = delivery(number, severity="critical")
            sending += [asyncio.create_task(accepted(found, body)) for _ in range(2)]  # and its repeat
            number += 1
            await asyncio.sleep(PAUSE)
            if number % 2 == 0:
                await found.strike()
        await asyncio.gather(*sending)
        store = RedisStore(connect(found.valkey.url))
        incidents = await settled(store, number)
        await store.client.aclose()
        told = Counter(
            message["metadata"]["event_payload"]["incident"]
            for messages in found.one.slack.messages.values()
            for message in messages.values()
            if message["metadata"]["event_payload"]["slot"] == "root"
        )
    print(
        f"{number} alerts, {len(incidents)} incidents, {dict(Counter(one.status for one in incidents))}, {found.done}"
    )
    assert set(found.done) == set(KINDS), "too short: not everything has failed"
    fingerprints = Counter(alert.fingerprint for one in incidents for alert in one.alerts)
    assert fingerprints == Counter({f"alertmanager:{one:016x}": 1 for one in range(number)}), found.done
    assert {one.id: one.status for one in incidents if one.status not in SETTLED} == {}, found.done
    assert told == Counter({one.id: 1 for one in incidents}), found.done
