"""`chatops serve`: the app behind uvicorn, with the ports it got, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator

import anyio
import anyio.to_thread
import uvicorn

from chatops import __version__
from chatops.app.application import Application, Role, open_application
from chatops.app.reload import Reloader
from chatops.settings import Settings, SettingsError
from chatops.telemetry import log, set_up_logs
from chatops.tracing import NoExporter, set_up_traces

_ENDS = (signal.SIGTERM, signal.SIGINT)
_LAST_SPANS = 5.0
"""Seconds to send what was traced last."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket on the port; SettingsError where it is taken."""
    # The protocol is named because asyncio switches off Nagle's algorithm only where it is: an answer of two segments
    # on a connection that stays open would wait 40 ms for the other side to acknowledge the first.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise SettingsError(f"port {port} (CHATOPS_PORT) on {host} cannot be used: {error.strerror}") from error
    return listener


def keep_what_stands() -> None:
    """Take what the start has made out of the garbage collection: it stays for the life of the process.

    A full collection over the modules and SDKs took 0.1 s, in which nobody was acknowledged.
    """
    gc.collect()
    gc.freeze()


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: one place decides when the process ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def http_server(app: object) -> Server:
    """A server for an ASGI app, quiet and quick to close."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    return Server(config)


async def serve(
    settings: Settings,
    role: Role = "both",
    said: Callable[[str], None] = print,
    again: Callable[[], Settings] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT: then take nothing new, finish what runs, and close; while it starts, end at once.

    With `again`, which reads the settings, changed files and SIGHUP bring in those that may change meanwhile.
    """
    loop = asyncio.get_running_loop()
    for ends in _ENDS:  # as the first process of a container a signal that nobody handles would be passed over
        loop.add_signal_handler(ends, sys.exit, 128 + ends)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(_traced(settings, role))
        app = await stack.enter_async_context(open_application(settings, role))
        listener = bind(settings.host, settings.port)
        port = listener.getsockname()[1]
        keep_what_stands()
        said(f"chatops {role}: listening on http://{settings.host}:{port}, {_state(app)}, {app.slack.says}")
        for ends in _ENDS:
            loop.add_signal_handler(ends, app.stop.set)

        def use(changed: Settings) -> None:
            set_up_logs(changed.log_level)
            app.use(changed)

        if again is not None:
            reloader = Reloader(settings, again, use, app.metrics)
            loop.add_signal_handler(signal.SIGHUP, reloader.asked.set)
            watching = asyncio.create_task(reloader.watch(), name="settings")
            stack.callback(watching.cancel)
        await run_until_stopped(app, listener)
        said("chatops: ended")


def _traced(settings: Settings, role: Role) -> Callable[[], Awaitable[None]]:
    """Send traces where the settings say; return what sends the last of them. SettingsError without the packages."""
    if not settings.traces.otlp_endpoint:
        return _nothing
    try:
        end = set_up_traces(settings.traces.otlp_endpoint, settings.traces.share, role, __version__)
    except NoExporter as error:
        raise SettingsError(f"traces.otlp_endpoint (CHATOPS_TRACES__OTLP_ENDPOINT): {error}") from error

    async def ended() -> None:
        with anyio.move_on_after(_LAST_SPANS):  # a receiver that is away must not hold the process
            await anyio.to_thread.run_sync(end, abandon_on_cancel=True)

    return ended


async def _nothing() -> None:
    """Without traces there is nothing to send."""


async def run_until_stopped(app: Application, listener: socket.socket) -> None:
    """Run server, worker and socket connection until `app.stop` is set or one of them fails."""
    server = http_server(app.web)
    parts = [
        asyncio.create_task(server.serve([listener]), name="http"),
        asyncio.create_task(app.work(), name="work"),
        asyncio.create_task(app.slack.listen(app.stop), name="slack"),
    ]
    stopping = asyncio.create_task(app.stop.wait())
    try:
        # Whatever ends first ends all: being told to stop, or a part that cannot go on.
        await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
    finally:
        app.stop.set()
        server.should_exit = True
        stopping.cancel()
        results = await asyncio.gather(*parts, return_exceptions=True)
        listener.close()
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            log.error("ended by an error", error=type(result).__name__)
            raise result


def _state(app: Application) -> str:
    embedded = app.redis_url.startswith("unix:") and app.settings.redis.url is None
    return "state in an embedded Valkey (no CHATOPS_REDIS__URL)" if embedded else "state in Redis"
