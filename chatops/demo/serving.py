"""How does the demo serve HTTP on loopback inside its own process, and end with it?"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import uvicorn

from chatops.app.serve import Server

ASGIApp = Callable[..., Any]
TRIES = 50


class NoFreePort(Exception):
    """None of the ports that were tried is free."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket at the port or the next free one; port 0 is any."""
    for candidate in [port] if port == 0 else range(port, port + TRIES):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # see app.serve.bind
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, candidate))
            sock.listen(128)
        except OSError:
            sock.close()
            continue
        return sock
    raise NoFreePort(f"no free port on {host} from {port} to {port + TRIES - 1}")


def address(sock: socket.socket) -> str:
    """The URL of what listens on the socket."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, sock: socket.socket) -> AsyncIterator[str]:
    """Serve an application on a socket while the block runs; yields its URL once it answers."""
    url = address(sock)
    config = uvicorn.Config(app, log_config=None, lifespan="off", access_log=False, timeout_graceful_shutdown=2)
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]), name=f"serve {url}")
    try:
        while not server.started:
            await asyncio.sleep(0.01)
            if task.done():
                await task
        yield url
    finally:
        server.should_exit = True
        await task
        sock.close()
