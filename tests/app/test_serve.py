"""The listening socket, and a server that leaves signals alone."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from pathlib import Path

import pytest

from chatops.app.serve import bind, http_server, keep_what_stands
from chatops.settings import SettingsError
from tests.app.processes import rig


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_free_port_is_taken_in_either_family(host: str) -> None:
    with bind(host, 0) as listener:
        assert listener.getsockname()[1] > 0


def test_a_port_that_is_taken_is_named_with_its_setting() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"port {port} \(CHATOPS_PORT\) on 127.0.0.1 cannot be used: "):
            bind("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        pass  # it was let go


async def test_an_answer_in_two_parts_is_not_held_back() -> None:
    delayed: list[bool] = []

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = writer.get_extra_info("socket")
        delayed.append(not taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = bind("127.0.0.1", 0)
    async with await asyncio.start_server(accepted, sock=listener):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        await reader.read()
        writer.close()
    assert delayed == [False]


def test_the_server_installs_no_handlers_of_its_own() -> None:
    server = http_server(lambda *_: None)
    with server.capture_signals():
        assert server.should_exit is False
    assert server.config.lifespan == "off"
    assert server.config.access_log is False


def test_what_the_start_has_made_is_never_collected_again() -> None:
    before = gc.get_freeze_count()
    try:
        keep_what_stands()
        assert gc.get_freeze_count() > before
        assert len(gc.get_objects()) < 10_000  # what a full collection would walk over
    finally:
        gc.unfreeze()


async def test_told_to_end_while_it_still_starts_it_ends(tmp_path: Path) -> None:
    """A container's first process gets no signal that it has no handler for: the end would come by force, later."""
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    store = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with store, rig(tmp_path, f"redis://127.0.0.1:{store.sockets[0].getsockname()[1]}") as one:
        starting = asyncio.create_task(one.start("worker"))
        await asked.wait()
        (process,) = one.running
        process.send_signal(signal.SIGTERM)
        with pytest.raises(AssertionError, match="did not start"):
            await starting
        assert await process.wait() == 128 + signal.SIGTERM
