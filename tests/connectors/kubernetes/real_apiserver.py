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

import pytest


@dataclass(frozen=True)
class RealApi:
    """Where it is, and the tokens of an administrator and of an account that may do nothing."""

    address: str
    ca_file: str
    admin: str
    nobody: str

    def call(self, path: str, body: dict[str, Any] | None = None, method: str = "") -> dict[str, Any]:
        """The answer to the administrator's request: a GET, or with a body a POST, where no method is given."""
        headers = {"Authorization": f"Bearer {self.admin}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.address + path, data, headers, method=method or None)
        context = ssl.create_default_context(cafile=self.ca_file)
        with urllib.request.urlopen(request, context=context, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def kubeconfig(self, path: Path) -> Path:
        """Write the administrator's kubeconfig there."""
        written = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": self.address, "certificate-authority": self.ca_file}}],
            "users": [{"name": "u", "user": {"token": self.admin}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        path.write_text(json.dumps(written))
        return path


def find(name: str) -> str | None:
    """The binary, where KUBEBUILDER_ASSETS points to or on PATH."""
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    return shutil.which(name, path=os.pathsep.join(filter(None, (assets, os.environ.get("PATH", "")))))


@contextlib.contextmanager
def real_api(work: Path) -> Iterator[RealApi]:
    """An API server and its etcd, started, ready, and ended afterwards; skips where one of them is missing."""
    apiserver, etcd = find("kube-apiserver"), find("etcd")
    if apiserver is None or etcd is None:
        pytest.skip(f"needs {'kube-apiserver' if apiserver is None else 'etcd'} (KUBEBUILDER_ASSETS or PATH)")
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
