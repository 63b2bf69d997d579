"""Every kind of URL reaches a real server: an ACL user, a cluster, a Sentinel; the queue goes the same ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatops.store import RedisStore, close, connect
from chatops.triage.jobs import open_jobs
from tests import factories
from tests.store import servers


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
    port = servers.free_port()
    async with servers.server(tmp_path, *servers.plain(port)):
        await servers.answering(port, "ACL", "SETUSER", "app", "on", ">p@ss", "~*", "&*", "+@all")
        await tried(f"redis://app:p%40ss@127.0.0.1:{port}/0")


async def test_a_cluster(tmp_path: Path) -> None:
    async with servers.cluster(tmp_path) as found:
        await tried(found.url)


async def test_a_sentinel(tmp_path: Path) -> None:
    async with servers.guarded(tmp_path) as found:
        await tried(found.url)


def test_tls_options_without_tls_are_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="need rediss://"):
        connect("redis://127.0.0.1:6379/0?ssl_ca_certs=/ca.crt")
