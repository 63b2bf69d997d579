"""Every panel of the dashboard shows something, in a real Prometheus that holds two hours of the app's own metrics."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from chatops.telemetry import Metrics
from tests.helm.test_telemetry import DASHBOARD

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]  # real servers are slow on a busy machine

BEGIN, STEP, SAMPLES = 1_770_000_000, 30, 240
LABELS = {"state": "failed", "engine": "model", "kind": "cache_read_input_tokens"}
"""Values that panels ask for by name; every other label has some value."""
VARIABLES = {"$__rate_interval": "5m", "$namespace": ".*"}


def an_app_at_work() -> CollectorRegistry:
    """Every metric written once, with every label."""
    metrics = Metrics()
    for metric in vars(metrics).values():
        if isinstance(metric, CollectorRegistry):
            continue
        child = (
            metric.labels(*(LABELS.get(name, f"a {name}") for name in metric._labelnames))
            if metric._labelnames
            else metric
        )
        child.observe(1) if hasattr(child, "observe") else child.inc()
    return metrics.registry


def history() -> Iterator[str]:
    """OpenMetrics text of an app that does the same again every half minute."""
    for family in an_app_at_work().collect():
        for sample in family.samples:
            labels = {"namespace": "ops", "pod": "w-1", "app_kubernetes_io_component": "worker", **sample.labels}
            text = ",".join(f'{name}="{value}"' for name, value in labels.items())
            for number in range(SAMPLES):
                yield f"{sample.name}{{{text}}} {sample.value * (number + 1)} {BEGIN + number * STEP}"
    yield "# EOF"


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    missing = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (PATH)")
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "history").write_text("\n".join(history()) + "\n")
    make = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(folder / "history"), str(folder / "data")]
    subprocess.run(make, check=True, capture_output=True, timeout=300)
    (folder / "prometheus.yml").write_text("{}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    run = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
           "--storage.tsdb.retention.time=100y", f"--web.listen-address={address}"]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(run, stdout=log, stderr=log)
    try:
        _wait(f"http://{address}/-/ready", process)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)


def ask(address: str, query: str) -> list[dict[str, object]]:
    """The series of an instant query at the end of the history."""
    asked = urllib.parse.urlencode({"query": query, "time": BEGIN + SAMPLES * STEP})
    with urllib.request.urlopen(f"{address}/api/v1/query?{asked}", timeout=10) as answer:
        result: list[dict[str, object]] = json.load(answer)["data"]["result"]
        return result


PANELS = [
    pytest.param(target["expr"], target["legendFormat"], id=f"{panel['title']}-{target['refId']}")
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", ())
]


@pytest.mark.parametrize(("query", "legend"), PANELS)
def test_every_panel_shows_something(prometheus: str, query: str, legend: str) -> None:
    for variable, value in VARIABLES.items():
        query = query.replace(variable, value)
    series = ask(prometheus, query)
    assert series, query
    for one in series:
        assert isinstance(one["value"], list)
        assert one["value"][1] not in ("NaN", "+Inf", "0"), query
        labels = one["metric"]
        assert isinstance(labels, dict)
        for name in legend.replace("}}", "{{").split("{{")[1::2]:
            assert name in labels, f"{legend} of {query}"
