"""A real Alertmanager fires, repeats and resolves into the running app: one thread, edited, green at the end."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from chatops.store import RedisStore
from tests.app.processes import TOKEN, rig, until

BINARY = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.real,
    pytest.mark.skipif(BINARY is None, reason="Alertmanager is missing (Debian: prometheus-alertmanager)"),
]

CONFIG = """
route: {{receiver: chatops, group_by: [alertname, namespace], group_wait: 0s, group_interval: 1s, repeat_interval: 2s}}
receivers:
  - name: chatops
    webhook_configs:
      - url: {url}/webhooks/alertmanager
        send_resolved: true
        http_config: {{authorization: {{type: Bearer, credentials: {token}}}}}
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def alertmanager(folder: Path, app: str) -> AsyncIterator[str]:
    """Alertmanager that sends to the app; yields its address."""
    config, port = folder / "alertmanager.yml", free_port()
    config.write_text(CONFIG.format(url=app, token=TOKEN))
    process = await asyncio.create_subprocess_exec(
        str(BINARY), f"--config.file={config}", f"--storage.path={folder / 'am'}", "--cluster.listen-address=",
        f"--web.listen-address=127.0.0.1:{port}", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as http:
            for _ in range(200):
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"{url}/-/ready") as answer:
                        if answer.status == 200:
                            break
                await asyncio.sleep(0.05)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def send(url: str, *, ends: bool = False) -> None:
    """Tell Alertmanager of the alert, as Prometheus does."""
    now = datetime.datetime.now(datetime.UTC)
    alert = {
        "labels": {"alertname": "HighErrorRate", "namespace": "shop", "deployment": "checkout", "severity": "critical"},
        "annotations": {"summary": "checkout fails"},
        "startsAt": (now - datetime.timedelta(minutes=5)).isoformat(),
        "endsAt": (now if ends else now + datetime.timedelta(minutes=5)).isoformat(),
    }
    async with aiohttp.ClientSession() as http, http.post(f"{url}/api/v2/alerts", json=[alert]) as answer:
        assert answer.status == 200


async def test_fire_repeat_and_resolve_are_one_thread(tmp_path: Path, store: RedisStore, valkey_url: str) -> None:
    async with rig(tmp_path, valkey_url) as one:
        one.gate.set()
        process, app = await one.start("both")
        async with alertmanager(tmp_path, app) as url:
            await send(url)
            await until(lambda: "memory" in one.root())
            await asyncio.sleep(5)
            assert one.posted().count("root") == 1, "repeats tell nothing anew"
            await send(url, ends=True)
            await until(
                lambda: any(
                    call.get("text", "").lower().startswith(("✅", "🟢", "resolved"))
                    or "esolved" in call.get("text", "")
                    for call in one.slack.of("chat.update")
                )
            )
        assert one.posted().count("root") == 1
        (incident,) = await store.recent()
        assert incident.status == "resolved"
        assert await one.end(process) == 0
