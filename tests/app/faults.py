"""A way over TCP that can hang or be cut: what a healthy server cannot do by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

Mode = Literal["open", "hang", "cut"]


@dataclass
class FaultyWay:
    """Forwards to an upstream: `open`; `hang`, where nothing moves either way; `cut`, where connections are reset."""

    upstream: tuple[str, int]
    url: str = ""
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _cut: bool = False
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def set(self, mode: Mode) -> None:
        """Change what happens to connections, those that are there included."""
        self._cut = mode == "cut"
        if self._cut:
            for writer in list(self._writers):
                writer.transport.abort()
        if mode == "hang":
            self._open.clear()
        else:
            self._open.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._writers.add(writer)
        try:
            if self._cut:
                return
            await self._open.wait()
            there, back = await asyncio.open_connection(*self.upstream)
            self._writers.add(back)
            try:
                await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
            finally:
                self._writers.discard(back)
                back.close()
        except OSError:
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._open.wait()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


@contextlib.asynccontextmanager
async def faulty_way(url: str) -> AsyncIterator[FaultyWay]:
    """A way to the server of a URL, open at first; its own `url` has the same path."""
    parts = urlsplit(url)
    way = FaultyWay((parts.hostname or "127.0.0.1", parts.port or 80))
    way.set("open")
    server = await asyncio.start_server(way.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    way.url = parts._replace(netloc=f"{host}:{port}").geturl()
    try:
        yield way
    finally:
        way.set("cut")
        server.close()
