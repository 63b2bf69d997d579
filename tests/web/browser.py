"""A headless Chromium for tests, driven over its own debugging protocol: nothing to install but the browser."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
DESKTOP, PHONE = (1280, 900), (390, 844)


needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed (apt-get install chromium)")


def axe_source() -> str:
    """The axe-core script (npm `axe-core`) from AXE_PATH, NODE_PATH or a node_modules folder; skips by name without."""
    folders = [Path(part) for part in os.environ.get("NODE_PATH", "").split(os.pathsep) if part]
    folders.append(Path(__file__).parents[2] / "node_modules")
    found = [Path(os.environ.get("AXE_PATH", "-")), *(folder / "axe-core" / "axe.min.js" for folder in folders)]
    for path in found:
        if path.is_file():
            return path.read_text("utf-8")
    pytest.skip("axe-core is not installed (npm install axe-core, or AXE_PATH=…/axe.min.js)")


class Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self.problems: list[str] = []
        """Script errors and refused resources, as the console shows them."""

    async def listen(self) -> None:
        """Read what the browser says until it closes."""
        async for message in self._socket:
            told = json.loads(message.data)
            if told.get("id") in self._waiting:
                self._waiting.pop(told["id"]).set_result(told)
            elif told.get("method") == "Runtime.exceptionThrown":
                self.problems.append(str(told["params"]["exceptionDetails"]))
            elif told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                self.problems.append(told["params"]["entry"]["text"])

    async def call(self, method: str, **params: Any) -> Any:
        """One command of the protocol."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        told = await asyncio.wait_for(self._waiting[number], 30)
        assert "error" not in told, told["error"]
        return told["result"]

    async def open(self, url: str, size: tuple[int, int] = DESKTOP, *, dark: bool = False) -> None:
        """Go to a page, at a size, in light or dark."""
        for domain in ("Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.look(size, dark=dark)
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def look(self, size: tuple[int, int], *, dark: bool = False) -> None:
        """Change size and colour scheme."""
        width, height = size
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def eval(self, script: str) -> Any:
        """The value of an expression; promises are awaited."""
        told = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, condition: str, seconds: float = 15) -> None:
        """Wait until an expression is true."""
        async with asyncio.timeout(seconds):
            while not await self.eval(f"Boolean({condition})"):  # noqa: ASYNC110 - the browser has no event for it
                await asyncio.sleep(0.05)

    async def press(self, key: str, **more: Any) -> None:
        """Press a key where the focus is."""
        text = {"Enter": "\r"}.get(key, "")
        codes = {"Enter": 13, "Escape": 27, "Tab": 9}
        common = {"key": key, "code": key, "windowsVirtualKeyCode": codes.get(key, 0), **more}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    async def type(self, text: str) -> None:
        """Type where the focus is."""
        await self.call("Input.insertText", text=text)

    async def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write a PNG of what is seen, or of the whole page."""
        told = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(told["data"]))

    async def violations(self, axe: str) -> list[str]:
        """What axe-core finds wrong: rule and where."""
        # By the debugging protocol, so that the page's own content security policy stays as it is.
        await self.eval(f"{axe};0")
        found = await self.eval("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))")
        return [f"{rule}: {nodes}" for rule, nodes in found]


@contextlib.asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Tab]:
    """A browser with one empty tab; ends with the block."""
    arguments = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}", "--no-first-run"]
    arguments += ["--disable-gpu", "--disable-background-networking", "--no-sandbox", "--hide-scrollbars"]
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *arguments, "about:blank", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [row for row in await answer.json() if row["type"] == "page"]
            async with http.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                listening = asyncio.create_task(tab.listen())
                yield tab
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _port(path: Path) -> int:
    def told() -> str:
        return path.read_text() if path.exists() else ""

    async with asyncio.timeout(20):
        while not (text := await asyncio.to_thread(told)):  # noqa: ASYNC110 - written by another process
            await asyncio.sleep(0.05)
    return int(text.splitlines()[0])
