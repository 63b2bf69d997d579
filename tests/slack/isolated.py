"""Run pytest in a network of its own, with nothing in it but loopback (Linux; `unshare --map-root-user --net`).

The Slack emulator binds all interfaces and cannot be told otherwise: in here nobody else can reach it.
`python -m tests.slack.isolated ARGS…` is what runs inside.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

import pytest

MARK = "CHATOPS_TEST_ISOLATED"
_SIOCSIFFLAGS = 0x8914
_UP_AND_RUNNING = 0x1 | 0x40


def possible() -> bool:
    """Whether this machine lets us have a network of our own."""
    tool = shutil.which("unshare")
    return bool(tool) and subprocess.run([tool or "", "-rn", "true"], capture_output=True, check=False).returncode == 0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with these arguments inside."""
    command = [
        "unshare",
        "-rn",
        sys.executable,
        "-m",
        "tests.slack.isolated",
        "-o",
        "addopts=--strict-markers",
        *arguments,
    ]
    return subprocess.run(
        command, env={**os.environ, MARK: "1"}, capture_output=True, text=True, check=False, timeout=110
    )


def loopback_up() -> None:
    """Bring loopback up: a new network has it, switched off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))


if __name__ == "__main__":
    loopback_up()
    sys.exit(pytest.main(sys.argv[1:]))
