"""The embedded Valkey keeps what it is told, and ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from chatops.embedded import EmbeddedFailed, embedded_valkey


def test_what_is_written_is_there_after_a_restart(state: Path) -> None:
    with embedded_valkey(state) as url:
        redis.Redis.from_url(url).set("key", "value", ex=60)
        with embedded_valkey(state) as same:
            assert same == url, "a second start shares the first server"
        assert redis.Redis.from_url(url).ping()
    with embedded_valkey(state) as url:
        assert redis.Redis.from_url(url).get("key") == b"value"


def test_its_socket_is_private(state: Path) -> None:
    with embedded_valkey(state) as url:
        path = url.removeprefix("unix://")
        assert os.stat(path).st_mode & 0o077 == 0
        assert os.stat(os.path.dirname(path)).st_mode & 0o077 == 0
    assert not os.path.exists(path)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    with embedded_valkey(tmp_path / ("long" * 30)) as url:
        assert len(url) < 100
        assert redis.Redis.from_url(url).ping()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_it_ends_when_its_parent_is_killed(state: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from chatops.embedded import embedded_valkey\n"
        f"with embedded_valkey(Path({str(state)!r})): print('up', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    socket = f"unix://{state.resolve()}/valkey.sock"
    for _ in range(200):
        try:
            redis.Redis.from_url(socket).ping()
        except redis.ConnectionError:
            return
        time.sleep(0.05)
    pytest.fail("the server outlived its parent")


def test_a_directory_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("in the way")
    with pytest.raises(EmbeddedFailed, match=r"valkey\.log"), embedded_valkey(tmp_path, seconds=5):
        pytest.fail("it must not start")
