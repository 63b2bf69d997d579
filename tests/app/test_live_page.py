"""The page of an incident that runs, in a browser: it fills itself, survives its server, and is not loaded anew."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chatops.domain.incident import TimelineEntry
from chatops.store import RedisStore
from chatops.web.access import signed_path
from tests.app.processes import rig
from tests.web.browser import chromium, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.timeout(400)]


async def test_it_fills_itself_and_goes_on_when_its_server_is_back(
    tmp_path: Path, store: RedisStore, valkey_url: str
) -> None:
    async with rig(tmp_path, valkey_url) as one, chromium(tmp_path / "profile") as tab:
        served, url = await one.start("both")
        assert await one.alert(url) == 202
        [incident] = await store.recent()
        await tab.open(url + signed_path(incident.id, b"k", datetime.now(UTC) + timedelta(hours=1)))
        await tab.eval("window.loaded_once = true")
        await tab.until("document.body.classList.contains('online')", 60)
        assert "memory limit" not in await tab.eval("document.getElementById('content').textContent")
        one.gate.set()
        await tab.until("document.getElementById('content').textContent.includes('memory limit')", 60)
        await tab.eval("document.querySelector('details').open = true")

        await one.kill(served)
        await tab.until("document.body.classList.contains('offline')", 60)
        assert "memory limit" in await tab.eval("document.body.textContent"), "what is known stays readable"
        await one.start("both", port=urlsplit(url).port or 0)
        await tab.until("document.body.classList.contains('online')", 60)
        await store.note(incident.id, TimelineEntry(at=datetime.now(UTC), kind="statement", text="rolled back by hand"))
        await tab.until("document.body.textContent.includes('rolled back by hand')", 60)
        assert await tab.eval("window.loaded_once === true"), "the page was not loaded again"
        assert await tab.eval("document.querySelector('details').open"), "what was unfolded stays so"
        await asyncio.sleep(0.2)
        refused = [text for text in tab.problems if "ERR_CONNECTION" not in text and "ERR_INCOMPLETE" not in text]
        assert refused == []
