"""The PromQL stand-in against a real Prometheus: the same samples, the same questions, the same answers."""

from __future__ import annotations

import asyncio
import math
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import aiohttp
import pytest

from chatops.demo.incidents import checkout_oom
from chatops.demo.prometheus import promql
from chatops.demo.prometheus.samples import Sampled

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus is not installed (apt-get install prometheus)"),
]
SPAN = 5400
EXPRESSIONS = (
    "up",
    "sum(up)",
    'rate(http_requests_total{service="checkout"}[5m])',
    "sum by (service) (rate(http_requests_total[5m]))",
    'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))',
    "increase(http_requests_total{service='cart',code!='500'}[17m])",
    "irate(http_requests_total{service='cart'}[2m])",
    "histogram_quantile(0.95, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m])))",
    "topk(2, sum by (service) (rate(http_requests_total[10m])))",
    "bottomk(1, container_memory_working_set_bytes)",
    "max_over_time(container_memory_working_set_bytes{container='checkout'}[10m])",
    "avg_over_time(container_memory_working_set_bytes[5m] offset 7m)",
    "stddev_over_time(container_memory_working_set_bytes{container='cart'}[10m])",
    "quantile_over_time(0.9, container_memory_working_set_bytes{container='cart'}[10m])",
    "quantile by (container) (0.5, container_memory_working_set_bytes)",
    "deriv(container_memory_working_set_bytes{container='cart'}[10m])",
    "predict_linear(container_memory_working_set_bytes{container='cart'}[10m], 3600)",
    "delta(container_memory_working_set_bytes{container='cart'}[10m])",
    "changes(kube_pod_container_status_restarts_total[15m])",
    "count_over_time(up[5m])",
    "kube_deployment_status_replicas_unavailable > 0",
    "kube_deployment_status_replicas_unavailable > bool 0",
    "kube_deployment_spec_replicas - on (namespace, deployment) kube_deployment_status_replicas_available",
    "container_memory_working_set_bytes / on (namespace, pod, container) group_left kube_pod_container_resource_limits",
    "sum without (le, job) (http_request_duration_seconds_count)",
    "up and on (node) kube_node_status_condition{status='true'}",
    "up unless on (job) up{job='kubelet'}",
    "up == 0 or vector(3)",
    "absent(nothing{job='x',y=~'z'})",
    "max_over_time(sum(rate(http_requests_total[130s]))[20m:1m])",
    "label_replace(up, 'short', '$1', 'node', 'worker-(.*)')",
    "clamp_max(node_load1, 0.5) + round(node_load1, 0.5)",
    "-abs(node_load1) ^ 2 % 3",
    "scalar(sum(up)) * 2",
    "count(count by (node) (up))",
    "http_requests_total{service='cart'} offset 1h",
    "sum(rate(http_requests_total[5m]) > 1)",
    "sort_desc(sum by (service) (rate(http_requests_total[5m])))",
)


def openmetrics(series: list[Sampled], start: float, end: float) -> Iterator[str]:
    """The text that promtool makes blocks of."""
    names: dict[str, list[Sampled]] = {}
    for one in series:
        names.setdefault(one.labels["__name__"], []).append(one)
    for name, members in names.items():
        yield f"# TYPE {name} unknown"
        for one in members:
            inner = ",".join(f'{k}="{v}"' for k, v in one.labels.items() if k != "__name__")
            yield from (f"{name}{{{inner}}} {value!r} {at:.0f}" for at, value in one.between(start, end))
    yield "# EOF"


@pytest.fixture(scope="module")
def at() -> float:
    """A moment between two samples: whether a range holds the sample at its very start depends on the version."""
    return time.time() // 15 * 15 - 8


@pytest.fixture(scope="module")
def series(at: float) -> list[Sampled]:
    return list(checkout_oom.build(at).series)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, series: list[Sampled], at: float) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "series.txt").write_text("\n".join(openmetrics(series, at - SPAN, at)) + "\n")
    (folder / "prometheus.yml").write_text("global: {}\n")
    make = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "series.txt", "data"]
    subprocess.run(make, cwd=folder, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    run = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={address}"]
    with (folder / "log").open("wb") as log, subprocess.Popen(run, cwd=folder, stdout=log, stderr=log) as process:
        yield f"http://{address}"
        process.terminate()


@pytest.fixture
async def http(prometheus: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(prometheus) as session:
        async with asyncio.timeout(30):
            while not await _ready(session):  # noqa: ASYNC110 - another process starts
                await asyncio.sleep(0.1)
        yield session


async def _ready(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


def rows(result: Any) -> dict[tuple[tuple[str, str], ...], float]:
    """An answer of either as label set → value."""
    if isinstance(result, float):
        return {(): result}
    found: dict[tuple[tuple[str, str], ...], float] = {}
    for labels, value in result:
        found[tuple(sorted(labels.items()))] = float(value)
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
async def test_it_answers_as_prometheus_does(
    http: aiohttp.ClientSession, series: list[Sampled], at: float, expression: str
) -> None:
    async with http.get("/api/v1/query", params={"query": expression, "time": str(at)}) as answer:
        body: Mapping[str, Any] = await answer.json()
    assert body["status"] == "success", body
    data = body["data"]
    if data["resultType"] == "scalar":
        real = rows(float(data["result"][1]))
    else:
        real = rows([(row["metric"], row["value"][1]) for row in data["result"]])
    ours = rows(promql.instant(series, expression, at))
    assert ours.keys() == real.keys()
    for labels, value in real.items():
        same = math.isnan(value) and math.isnan(ours[labels])
        assert same or ours[labels] == pytest.approx(value, rel=1e-6, abs=1e-9), (labels, value, ours[labels])


@pytest.mark.parametrize("expression", ["sum(", "rate(up)", "up{", "sum by (x up", "nope(up)"])
async def test_what_prometheus_refuses_is_refused(http: aiohttp.ClientSession, expression: str) -> None:
    async with http.get("/api/v1/query", params={"query": expression}) as answer:
        assert answer.status == 400
    with pytest.raises((ValueError, promql.Unsupported)):
        promql.instant([], expression, 0)
