"""Processes, store, sources and Slack fail at random for a while: every accepted alert ends in exactly one thread.

`CHATOPS_CHAOS_SECONDS` sets how long (two minutes by default, half an hour nightly), `CHATOPS_CHAOS_SEED` what fails
when.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chatops.domain.incident import Incident
from chatops.domain.ports import StoreUnavailable
from chatops.embedded import embedded_valkey
from chatops.store import RedisStore, connect
from tests.app.faults import FaultyWay, faulty_way
from tests.app.processes import Rig, rig
from tests.bench.webhook import HEADERS, delivery

SECONDS = float(os.environ.get("CHATOPS_CHAOS_SECONDS", "120"))
SEED = int(os.environ.get("CHATOPS_CHAOS_SEED", "1"))
PAUSE = 1.5
"""Seconds between alerts: each is two messages, and Slack takes one a second in a channel."""
CHANNELS = 3
STRIKE_EVERY = 2
RESOLVED_EVERY = 4
TWIN_EVERY, TWIN = 6, 4
"""One of so many is of one outage with the others of its kind, which only what is found in the cluster tells."""
SETTLE = 240
"""Seconds for what is under way at the end."""
SETTLED = ("answered", "failed", "resolved")
BUSY = ("Gathering facts", "Still gathering", "Waits for its turn")
Answer = tuple[int, dict[str, Any], dict[str, str]]

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SECONDS + SETTLE + 120)]


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
    slack: FaultyWay
    source: FaultyWay
    rng: random.Random
    running: dict[str, tuple[asyncio.subprocess.Process, str]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    coming: list[str] = field(default_factory=list)
    passing: set[asyncio.Task[None]] = field(default_factory=set)

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
            self.coming = self.rng.sample(sorted(KINDS), len(KINDS))
        what = self.coming.pop()
        self.done[what] += 1
        await KINDS[what](self)
        await self.keep_alive()

    async def kill(self, role: str) -> None:
        await self.one.kill(self.running[f"{role}-{self.rng.randrange(2)}"][0])

    async def refuse(self) -> None:
        """Slack's next answers are errors."""
        down: Answer = (500, {"ok": False, "error": "internal_error"}, {})
        slow: Answer = (429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
        for method in ("chat.postMessage", "chat.update"):
            self.one.slack.scripted[method].extend(self.rng.choices([down, slow], k=2))

    async def for_a_while(self, way: FaultyWay, seconds: float) -> None:
        """Hang, then cut what hung, then go on."""

        async def fault() -> None:
            way.set("hang")
            await asyncio.sleep(seconds)
            way.set("cut")
            way.set("open")

        task = asyncio.create_task(fault())
        self.passing.add(task)
        task.add_done_callback(self.passing.discard)


KINDS: dict[str, Callable[[Chaos], Awaitable[None]]] = {
    "a gateway killed": lambda found: found.kill("gateway"),
    "a worker killed": lambda found: found.kill("worker"),
    "another worker killed": lambda found: found.kill("worker"),
    "Valkey killed": lambda found: found.valkey.kill(),
    "Slack refuses": lambda found: found.refuse(),
    "Slack hangs": lambda found: found.for_a_while(found.slack, 4),
    "the cluster hangs": lambda found: found.for_a_while(found.source, 8),
}


def server_of(one: Rig) -> str:
    """The cluster's address, as the app is told it."""
    described = json.loads(Path(one.environment["KUBECONFIG"]).read_text())
    return str(described["clusters"][0]["cluster"]["server"])


def move_server(one: Rig, url: str) -> None:
    """Tell the app another address of the cluster."""
    config = Path(one.environment["KUBECONFIG"])
    config.write_text(config.read_text().replace(server_of(one), url))


@contextlib.asynccontextmanager
async def chaos(tmp_path: Path) -> AsyncIterator[Chaos]:
    routes = [{"match": {"namespace": f"ns{n}"}, "channel": f"C{n + 1}"} for n in range(CHANNELS)]
    routes.append({"match": {"namespace": "shop"}, "channel": "C4"})
    settings = {
        "CHATOPS_STORM__CORRELATE_FROM": "1",  # each alert is one incident, so that they can be counted
        "CHATOPS_STORM__CROWDED": "100000",
        "CHATOPS_ROUTES": json.dumps(routes),
        "CHATOPS_GATHER_SECONDS": "6",
    }
    valkey = Valkey(tmp_path / "valkey")
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(valkey.stack)
        valkey.start()
        one = await stack.enter_async_context(rig(tmp_path, valkey.url, settings))
        one.gate.set()
        slack = await stack.enter_async_context(faulty_way(one.environment["CHATOPS_SLACK__BASE_URL"]))
        one.environment["CHATOPS_SLACK__BASE_URL"] = slack.url
        source = await stack.enter_async_context(faulty_way(server_of(one)))
        move_server(one, source.url)
        found = Chaos(one, valkey, slack, source, random.Random(SEED))
        for name in ("gateway-0", "gateway-1", "worker-0", "worker-1"):
            await found.start(name)
        yield found
        await asyncio.gather(*found.passing)


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


async def told(found: Chaos, number: int, resolves: bool) -> None:
    """An alert, its repeat by another connection, and where it resolves, that too."""

    def body(status: str) -> bytes:
        told = delivery(number, number % CHANNELS, "critical", status)
        own = f'"ns{number % CHANNELS}"'.encode()
        return told.replace(own, b'"shop"') if number % TWIN_EVERY == TWIN else told

    await asyncio.gather(accepted(found, body("firing")), accepted(found, body("firing")))
    if resolves:
        await asyncio.sleep(found.rng.uniform(1, 10))
        await accepted(found, body("resolved"))


async def settled(found: Chaos, store: RedisStore, number: int) -> list[Incident]:
    """All incidents, once each has its end and nothing that is shown says that it goes on."""
    incidents: list[Incident] = []
    for _ in range(SETTLE):
        await found.keep_alive()
        with contextlib.suppress(StoreUnavailable):
            incidents = list(await store.recent(limit=10_000))
            ended = len(incidents) >= number and all(one.status in SETTLED for one in incidents)
            if ended and not busy(found) and len(roots(found)) >= number:
                return incidents
        await asyncio.sleep(1)
    return incidents


def roots(found: Chaos) -> list[dict[str, Any]]:
    """The first messages of all threads, as they stand."""
    every = [message for messages in found.one.slack.messages.values() for message in messages.values()]
    return [message for message in every if message["metadata"]["event_payload"]["slot"] == "root"]


def busy(found: Chaos) -> list[str]:
    """Threads that say something is still being done."""
    return [str(root["text"]) for root in roots(found) if any(word in str(root) for word in BUSY)]


async def test_every_accepted_alert_ends_in_one_thread(tmp_path: Path) -> None:
    async with chaos(tmp_path) as found:
        sending: list[asyncio.Task[None]] = []
        begun, number = time.monotonic(), 0
        while time.monotonic() - begun < SECONDS:
            sending.append(asyncio.create_task(told(found, number, number % RESOLVED_EVERY == 0)))
            number += 1
            await asyncio.sleep(PAUSE)
            if number % STRIKE_EVERY == 0:
                await found.strike()
        await asyncio.gather(*sending)
        await asyncio.gather(*found.passing)
        store = RedisStore(connect(found.valkey.url))
        incidents = await settled(found, store, number)
        diagnosed = {one.id: await store.diagnosis(one.id) for one in incidents}
        await store.client.aclose()
        shown = Counter(root["metadata"]["event_payload"]["incident"] for root in roots(found))
        unfinished = busy(found)
    counted = dict(Counter(one.status for one in incidents))
    joined = {one.id: one.joined_to for one in incidents if one.joined_to}
    print(f"{number} alerts, {len(incidents)} incidents, {len(joined)} joined late, {counted}, {dict(found.done)}")
    assert set(found.done) == set(KINDS), "too short: not everything has failed"
    mains = {one.id: one for one in incidents if not one.joined_to}
    assert joined, "nothing was joined late"
    assert {one: main for one, main in joined.items() if one not in mains[main].joined} == {}, found.done
    fingerprints = Counter(alert.fingerprint for one in mains.values() for alert in one.alerts)
    assert fingerprints == Counter({f"alertmanager:{one:016x}": 1 for one in range(number)}), found.done
    assert {one.id: one.status for one in incidents if one.status not in SETTLED} == {}, found.done
    assert shown == Counter({one.id: 1 for one in incidents}), found.done
    assert unfinished == [], found.done
    unsaid = [one.id for one in mains.values() if one.status != "resolved" and diagnosed[one.id] is None]
    assert unsaid == [], found.done
