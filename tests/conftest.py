"""What many tests need: a real Valkey, emptied between tests, and a clock."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

from chatops.embedded import embedded_valkey
from chatops.store import RedisStore, connect

hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")
"""A busy machine is slow; no clock decides over a test."""

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def logs_as_they_come() -> Iterator[None]:
    """What a test sets up for logs ends with it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real Valkey that lives as long as the tests."""
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[RedisStore]:
    """An empty store; fails the test that leaves a key without a time to live."""
    client = connect(valkey_url)
    await client.flushall()
    yield RedisStore(client)
    eternal = [key async for key in client.scan_iter() if await client.ttl(key) == -1]
    await client.aclose()
    assert not eternal, f"keys without a time to live: {eternal}"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A private state directory."""
    return tmp_path / "state"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Where all optional parts must be there (`CHATOPS_ALL_PARTS`, as in CI), a skip for want of one is a failure."""
    report = yield
    if report.skipped and os.environ.get("CHATOPS_ALL_PARTS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: a part is missing: {report.longrepr[-1]}"
    return report
