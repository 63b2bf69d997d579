"""A real Prometheus with back-filled data for the tests marked `real`, and the stand-in for the others."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.address import Options
from connectors.contract import Inquiry, Scope, Window
from connectors.prometheus.client import Prometheus
from connectors.prometheus.survey import Survey
from tests.connectors.prometheus.server import PrometheusStandIn
from tests.connectors.prometheus.synthetic import Fault, shop

RULES = """
groups:
- name: shop
  rules:
  - alert: PaymentsLate
    expr: >-
      histogram_quantile(0.95, sum by (le, destination_service_name)
      (rate(istio_request_duration_milliseconds_bucket[3m]))) > 60
    for: 2m
    labels: {severity: page}
"""
CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 15s}}
rule_files: ["{rules}"]
scrape_configs:
- job_name: nobody
  static_configs: [{{targets: ["127.0.0.1:{dead}"]}}]
"""


END = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""When everybody asks, in tests with the stand-in."""


@pytest.fixture
def server() -> Iterator[PrometheusStandIn]:
    """An empty stand-in."""
    stand_in = PrometheusStandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def client(server: PrometheusStandIn) -> Iterator[Prometheus]:
    """A client of the stand-in."""
    prometheus = Prometheus(Options(url=server.url))
    yield prometheus
    prometheus.close()


@pytest.fixture
def inquiry() -> Inquiry:
    """About the namespace `shop`, in the last hour, nobody knows since when."""
    return Inquiry(scope=Scope(namespace="shop"), window=Window.ending(END))


@pytest.fixture
def survey(client: Prometheus, inquiry: Inquiry) -> Survey:
    """The survey of that inquiry."""
    return Survey(client, inquiry)


@dataclass(frozen=True)
class Served:
    """A running Prometheus: its address, and the end of its data."""

    url: str
    end: datetime


@pytest.fixture(scope="session")
def prometheus_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Fault], Served]]:
    """Starts a real Prometheus over the shop with a fault; each fault once a session."""
    missing = [binary for binary in ("prometheus", "promtool") if shutil.which(binary) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)} on the PATH")
    running: dict[Fault, tuple[subprocess.Popen[bytes], Served]] = {}

    def serve(fault: Fault) -> Served:
        if fault not in running:
            running[fault] = _start(tmp_path_factory.mktemp(fault), fault)
        return running[fault][1]

    yield serve
    for process, _ in running.values():
        process.terminate()
    for process, _ in running.values():
        process.wait(20)


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(where: Path, fault: Fault) -> tuple[subprocess.Popen[bytes], Served]:
    end = time.time()
    (where / "metrics.om").write_text(shop(end, fault).openmetrics())
    (where / "rules.yml").write_text(RULES)
    (where / "prometheus.yml").write_text(CONFIG.format(rules=where / "rules.yml", dead=free_port()))
    blocks = [
        "promtool",
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "-q",
        str(where / "metrics.om"),
        str(where / "data"),
    ]
    subprocess.run(blocks, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={where}/prometheus.yml",
        f"--storage.tsdb.path={where}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (where / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    _wait(f"http://127.0.0.1:{port}/-/ready", process, where / "log")
    return process, Served(f"http://127.0.0.1:{port}", datetime.fromtimestamp(end, UTC))


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            pytest.fail(f"prometheus ended:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("prometheus was not ready within 20 s")
