"""The app in processes of its own, as an operator runs it, against stand-ins in the test's process."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from chatops.demo.incidents import BY_NAME
from chatops.demo.kubernetes import api as kube_api
from chatops.demo.serving import listen, serving
from chatops.demo.workspace.delivery import signature
from chatops.demo.world import Stage
from tests.slack import web_api

ROOT = Path(__file__).parents[2]
TOKEN = "t0ken"
COMMAND = "from chatops.cli import main; main()"


@dataclass
class Rig:
    """Stand-ins for a cluster and a workspace, and the processes that were started."""

    slack: web_api.SlackApi
    environment: dict[str, str]
    gate: asyncio.Event
    began: float = field(default_factory=time.time)
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, role: str, port: int = 0, **settings: str) -> tuple[asyncio.subprocess.Process, str]:
        """Start `chatops serve --role …`, with other settings; return the process and its address once it listens."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COMMAND, "serve", "--role", role, "--port", str(port),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env={**self.environment, **settings},
        )  # fmt: skip
        self.running.append(process)
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        found = re.search(r"http://[\d.:]+", line)
        assert found, f"it did not start: {line!r}"
        return process, found.group()

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        process.send_signal(signal.SIGKILL)
        await process.communicate()

    async def end(self, process: asyncio.subprocess.Process) -> int:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        assert process.returncode is not None
        return process.returncode

    async def alert(self, url: str, **changes: Any) -> int:
        """Send the incident's alert as Alertmanager does; return the status."""
        trigger = BY_NAME["checkout-oom"].build(self.began).trigger
        assert trigger is not None
        body = json.loads(json.dumps({**trigger.body, **changes}))
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession() as http, http.post(url + trigger.path, json=body, headers=headers) as answer:
            return answer.status

    def posted(self) -> list[str]:
        """The slots of the messages that were posted, in order."""
        return [str(call["metadata"]["event_payload"]["slot"]) for call in self.slack.of("chat.postMessage")]

    def root(self) -> str:
        """The text of the root message as it stands."""
        found = [
            text for messages in self.slack.messages.values() for text in messages.values() if not text.get("thread_ts")
        ]
        return str(found[0]["text"]) if found else ""


@contextlib.asynccontextmanager
async def rig(
    tmp_path: Path, redis_url: str, environment: Mapping[str, str] | None = None, *, latency: float = 0.0
) -> AsyncIterator[Rig]:
    """A broken shop behind a Kubernetes API, and a workspace; `gate` holds the pods back until it is set."""
    stage, gate = Stage(BY_NAME["checkout-oom"].build(time.time())), asyncio.Event()
    cluster = kube_api.application(stage, time.time)

    async def gated(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(latency)
        if scope.get("path", "").endswith("/pods"):
            await gate.wait()
        await cluster(scope, receive, send)

    api = web_api.SlackApi(clock=time.time, present=True)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(web_api.serve(api))
        listener = listen("127.0.0.1", 0)
        stack.callback(listener.close)
        url = await stack.enter_async_context(serving(gated, listener))
        config = tmp_path / "kubeconfig"
        config.write_text(json.dumps(kube_api.kubeconfig(url, "shop")))
        base = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        settings = {
            "HOME": str(tmp_path),
            "KUBECONFIG": str(config),
            "CHATOPS_REDIS__URL": redis_url,
            "CHATOPS_LINK_SECRET": "k",
            "CHATOPS_SLACK__BASE_URL": api.base_url,
            "CHATOPS_SLACK__BOT_TOKEN": "xoxb-test",
            "CHATOPS_SLACK__SIGNING_SECRET": "secret",
            "CHATOPS_SLACK__CHANNEL": "C1",
            "CHATOPS_WEBHOOKS__TOKEN": TOKEN,
            "CHATOPS_LEASE_SECONDS": "2",
            "CHATOPS_GATHER_SECONDS": "60",
            "CHATOPS_MODEL__PROVIDER": "none",
        }
        one = Rig(api, {**base, **settings, **(environment or {})}, gate)
        try:
            yield one
        finally:
            gate.set()
            for process in one.running:
                if process.returncode is None:
                    await one.kill(process)


Sent = tuple[bytes, dict[str, str]]


def signed(told: Mapping[str, Any], *, command: bool = False) -> Sent:
    """A request as Slack sends it: an event as JSON, a command's fields, else what a person pressed or filled in."""
    is_event = "event" in told
    form = urlencode(told if command else {"payload": json.dumps(told)})
    body, stamp = (json.dumps(told) if is_event else form).encode(), str(int(time.time()))
    return body, {
        "content-type": "application/json" if is_event else "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature("secret", stamp, body),
    }


async def deliver(gateway: str, sent: Sent) -> None:
    """Send what was signed; it has to be accepted."""
    body, headers = sent
    async with (
        aiohttp.ClientSession() as http,
        http.post(gateway + "/slack/events", data=body, headers=headers) as answer,
    ):
        assert (answer.status, await answer.read()) == (200, b""), "accepted"


async def until(condition: Callable[[], Any], seconds: float = 150, *, wanted: object = True) -> None:
    """Wait for a condition, or for what it answers to be what is wanted; fail where it does not come true."""
    for _ in range(int(seconds * 100)):
        found = condition()
        found = await found if inspect.isawaitable(found) else found
        if found == wanted or (wanted is True and found):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"it did not happen: {found!r} instead of {wanted!r}")
