"""A real kube-apiserver with etcd on loopback, started for a test session and ended with it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RealApi:
    """Where it is, and the tokens of an administrator and of an account that may do nothing."""

    address: str
    ca_file: str
    admin: str
    nobody: str

    def post(self, path: str, body: dict[str, Any]) -> None:
        """Create an object as the administrator."""
        headers = {"Authorization": f"Bearer {self.admin}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=self.ca_file), timeout=10):
            return


def find(name: str) -> str | None:
    """The binary, where KUBEBUILDER_ASSETS points to or on PATH."""
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    return shutil.which(name, path=os.pathsep.join(filter(None, (assets, os.environ.get("PATH", "")))))


@contextlib.contextmanager
def running(apiserver: str, etcd: str, work: Path) -> Iterator[RealApi]:
    """Start both, wait until the API is ready, and end both."""
    port, client, peer = _free_ports(3)
    admin, nobody = secrets.token_hex(8), secrets.token_hex(8)
    (work / "tokens.csv").write_text(f'{admin},admin,admin,system:masters\n{nobody},nobody,nobody,""\n')
    subprocess.run(["openssl", "genrsa", "-out", str(work / "sa.key"), "2048"], check=True, capture_output=True)
    storage, peers = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    commands = (
        [etcd, "--data-dir", str(work / "etcd"), "--listen-client-urls", storage, "--advertise-client-urls", storage,
         "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}",
         "--unsafe-no-fsync"],
        [apiserver, f"--etcd-servers={storage}", f"--cert-dir={work / 'certs'}", "--bind-address=127.0.0.1",
         "--advertise-address=127.0.0.1", f"--secure-port={port}", f"--service-account-issuer=https://127.0.0.1:{port}",
         f"--service-account-signing-key-file={work / 'sa.key'}", f"--service-account-key-file={work / 'sa.key'}",
         f"--token-auth-file={work / 'tokens.csv'}", "--authorization-mode=RBAC",
         "--disable-admission-plugins=ServiceAccount", "--service-cluster-ip-range=10.0.0.0/24",
         "--endpoint-reconciler-type=none"],
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        for number, command in enumerate(commands):
            log = stack.enter_context((work / f"{number}.log").open("wb"))
            process = subprocess.Popen(command, stdout=log, stderr=log)
            stack.callback(_end, process)
        api = RealApi(f"https://127.0.0.1:{port}", str(work / "certs" / "apiserver.crt"), admin, nobody)
        _wait(api)
        yield api


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(api: RealApi, seconds: float = 60) -> None:
    request = urllib.request.Request(f"{api.address}/readyz", headers={"Authorization": f"Bearer {api.admin}"})
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, urllib.error.URLError):
            context = ssl.create_default_context(cafile=api.ca_file)
            with urllib.request.urlopen(request, context=context, timeout=2):
                return
        time.sleep(0.2)
    raise TimeoutError("the API server did not become ready")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
