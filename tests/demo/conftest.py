"""A world that stands still, served by the stand-ins."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from chatops.demo.incidents import checkout_oom
from chatops.demo.world import Stage

NOW = 1_700_000_100.0


@pytest.fixture
def stage() -> Stage:
    return Stage(checkout_oom.build(NOW))


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
