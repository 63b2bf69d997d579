"""A TCP proxy that keeps every answer back for a while, as a Redis far away does; requests go through at once."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path


async def _through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
    writer.close()


async def _late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass on every piece `seconds` after it came: pieces do not wait for each other."""
    loop, waiting = asyncio.get_running_loop(), deque[bytes]()
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            waiting.append(data)
            loop.call_later(seconds, lambda: writer.write(waiting.popleft()))
    loop.call_later(seconds, writer.close)


async def serve(socket: Path, seconds: float) -> None:
    """Stand before a server on a unix socket; prints the port, and runs until it is cancelled."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(str(socket))
        await asyncio.gather(_through(reader, back), _late(there, writer, seconds))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.asynccontextmanager
async def delayed(url: str, seconds: float) -> AsyncIterator[str]:
    """The URL of the same Redis (`unix://…`) whose answers come late; the proxy has a process of its own."""
    socket = url.removeprefix("unix://")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.delayed", socket, str(seconds), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield f"redis://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.terminate()
        await process.communicate()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2])))
