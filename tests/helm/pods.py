"""Runs a rendered pod's container as a process on loopback: its arguments, variables, settings and secret files."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.helm.chart import Document

_VARIABLE = re.compile(r"\$\((\w+)\)")


@dataclass
class Running:
    """A container that runs, and where it listens."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of a request; status 0 where nobody answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self.process.poll() is not None

    def end(self, seconds: float) -> int:
        """Ask it to end, as a kubelet does, and return its code; -9 where it does not."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@dataclass(frozen=True)
class Node:
    """Stands in for a kubelet: mounts are folders, names of services are ports on loopback."""

    root: Path
    config_maps: Mapping[str, Mapping[str, str]]
    secrets: Mapping[str, Mapping[str, str]]
    services: Mapping[str, int]
    """Name of a service with its port, as in an address, → the port on loopback."""

    def start(self, name: str, pod: Document, port: int, command: Sequence[str], **forced: str) -> Running:
        """Start the pod's first container with another program in front; `forced` variables win."""
        home = self.root / name
        mounts = {one["mountPath"]: self._mount(home, one["name"], pod) for one in pod["containers"][0]["volumeMounts"]}
        environment = self._environment(pod["containers"][0].get("env", ()), mounts) | forced
        arguments = [_expand(self._local(one, mounts), environment) for one in pod["containers"][0]["args"]]
        log, work = home / "log", home / "work"
        work.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            process = subprocess.Popen(
                [*command, *arguments], cwd=work, stdout=file, stderr=file,
                env={"PATH": os.environ["PATH"], **environment},
            )  # fmt: skip
        return Running(process, port, log)

    def _mount(self, home: Path, volume: str, pod: Document) -> Path:
        folder = home / volume
        volumes: dict[str, Document] = {one["name"]: one for one in pod.get("volumes", ())}
        source = volumes.get(volume, {})
        if "configMap" in source:
            _atomically(folder, self.config_maps[source["configMap"]["name"]])
        elif "projected" in source:
            _atomically(folder, self._projected(source["projected"]["sources"]))
        else:
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _projected(self, sources: Sequence[Document]) -> dict[str, str]:
        files = {}
        for source in sources:
            secret = self.secrets[source["secret"]["name"]]
            for item in source["secret"]["items"]:
                if item["key"] in secret:
                    files[item["path"]] = secret[item["key"]]
                elif not source["secret"].get("optional"):
                    raise KeyError(f"references non-existent secret key: {item['key']}")
        return files

    def _environment(self, rows: Sequence[Document], mounts: Mapping[str, Path]) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in rows:
            if "value" in row:
                found[row["name"]] = _expand(self._local(row["value"], mounts), found)
            else:
                reference = row["valueFrom"]["secretKeyRef"]
                found[row["name"]] = self.secrets[reference["name"]][reference["key"]]
        return found

    def _local(self, text: str, mounts: Mapping[str, Path]) -> str:
        # In one pass: what has been put in may begin with another mount's path.
        paths = "|".join(map(re.escape, sorted(mounts, key=len, reverse=True)))
        text = re.sub(rf"^({paths})(?=/|$)", lambda found: str(mounts[found[1]]), text)
        for address, port in self.services.items():
            text = text.replace(address, f"127.0.0.1:{port}")
        return text


def _expand(text: str, variables: Mapping[str, str]) -> str:
    """As Kubernetes does: what is not known stays as it is written."""
    return _VARIABLE.sub(lambda found: variables.get(found[1], found[0]), text)


def _atomically(folder: Path, files: Mapping[str, str]) -> None:
    """Write as a kubelet does: a hidden folder, a link to it, and a link to every file in it."""
    if folder.exists():
        shutil.rmtree(folder)
    hidden = folder / "..2026_05_04_12_00_00.1"
    hidden.mkdir(parents=True)
    for name, text in files.items():
        (hidden / name).write_text(text)
        (folder / name).symlink_to(Path("..data") / name)
    (folder / "..data").symlink_to(hidden.name)


def config_maps(documents: Sequence[Document]) -> dict[str, dict[str, Any]]:
    """Name → data of the config maps among rendered documents."""
    return {one["metadata"]["name"]: one["data"] for one in documents if one["kind"] == "ConfigMap"}


def secret_value(number: int) -> str:
    """A value that is a secret to nobody, made when it is needed."""
    return base64.b32encode(bytes([number]) * 10).decode()


APP = (sys.executable, "-c", "from chatops.cli import main; main()")
