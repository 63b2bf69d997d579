import pytest

from chatops.demo.incidents.shop import healthy
from chatops.demo.metrics import (
    Phase,
    Traffic,
    deployment_series,
    node_series,
    pod_series,
    quantity,
    service_series,
)
from chatops.demo.prometheus import promql
from chatops.demo.prometheus.samples import Sampled

NOW = 1_700_000_100.0


def value(series: list[Sampled], expression: str) -> float:
    found = promql.instant(series, expression, NOW)
    assert isinstance(found, list)
    ((_, number),) = found
    return number


@pytest.mark.parametrize(("text", "number"), [("256Mi", 2**28), ("250m", 0.25), ("2", 2.0), ("1Gi", 2**30)])
def test_quantities(text: str, number: float) -> None:
    assert quantity(text) == number


def test_traffic_has_the_rate_the_errors_and_the_latency_it_says() -> None:
    series = service_series(Traffic("cart", 20, 0.0, 0.05, (Phase(NOW - 900, 10, 0.5, 0.5),)), NOW)
    assert value(series, "sum(rate(http_requests_total[5m]))") == pytest.approx(10, rel=0.02)
    assert value(series, 'sum(rate(http_requests_total{code="500"}[5m]))') == pytest.approx(5, rel=0.02)
    mean = "sum(rate(http_request_duration_seconds_sum[5m])) / sum(rate(http_request_duration_seconds_count[5m]))"
    assert value(series, mean) == pytest.approx(0.5, rel=0.02)
    p90 = "histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
    assert value(series, p90) == pytest.approx(1.2, rel=0.25)
    assert value(series, "sum(rate(http_requests_total[5m] offset 1h))") == pytest.approx(20, rel=0.02)


def test_every_pod_and_deployment_is_exported() -> None:
    cluster = healthy(NOW)
    pods = pod_series(cluster)
    assert value(pods, "count(container_memory_working_set_bytes)") == len(cluster.objects["v1/pods"])
    series = deployment_series(cluster, NOW - 600)
    assert value(series, "sum(kube_deployment_status_replicas_unavailable)") == 0


def test_a_lost_node_falls_silent() -> None:
    cluster = healthy(NOW)
    series = node_series(cluster, {"worker-3": NOW - 300})
    ready = 'kube_node_status_condition{condition="Ready",status="true",node="worker-3"}'
    assert value(series, ready) == 0
    assert value(series, ready + " offset 10m") == 1
    assert value(series, 'count(up{job="kubelet"} == 0)') == 1
    assert promql.instant(series, 'node_load1{node="worker-3"}', NOW) == []
