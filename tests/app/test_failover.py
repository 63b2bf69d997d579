"""A Redis fails over while an incident is looked into: the app goes on, and tells it once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from chatops.store import close, connect
from tests.app.processes import rig, until
from tests.store import servers

pytestmark = pytest.mark.timeout(400)  # processes start slowly on a machine that does other work


async def told_once(folder: Path, url: str, fail_over: Callable[[], Awaitable[None]]) -> None:
    """An alert is taken, its investigation begun; the store fails over; the answer comes all the same."""
    async with rig(folder, url) as one:
        _, gateway = await one.start("gateway")
        worker, _ = await one.start("worker")
        assert await one.alert(gateway) == 202
        await until(lambda: one.posted() == ["root"])
        await fail_over()
        one.gate.set()
        await until(lambda: "memory" in one.root())
        await until(lambda: "evidence" in one.posted())
        # The first command after a failover may find the dead server; a sender that is told 503 repeats.
        assert 202 in [await one.alert(gateway) for _ in range(10)]
        assert await one.end(worker) == 0
        assert sorted(one.posted()) == ["evidence", "root"], "no message is posted twice"
        assert one.slack.problems == []


async def test_a_sentinel_chooses_another_primary(tmp_path: Path) -> None:
    async with servers.guarded(tmp_path) as found:
        await told_once(tmp_path, found.url, found.fail_over)


async def test_every_shard_of_a_cluster_dies_once(tmp_path: Path) -> None:
    async with servers.cluster(tmp_path) as found:

        async def one_after_the_other() -> None:
            for shard in range(len(found.primaries)):
                await found.fail_over(shard)

        await told_once(tmp_path, found.url, one_after_the_other)
        client = connect(f"redis+cluster://127.0.0.1:{found.ports[-1]}")
        eternal = [key async for key in client.scan_iter() if await client.ttl(key) == -1]
        await close(client)
        assert not eternal, "on a cluster, too, every key has a time to live"
