"""The names of recording rules are read by their form, whoever wrote them."""

from __future__ import annotations

import pytest

from connectors.prometheus.recorded_rules import meaning


@pytest.mark.parametrize(
    ("name", "entity", "signal", "unit"),
    [
        ("service:cpu_usage_cores", "workload", "cpu", "cores"),
        ("workload:cpu_throttled_seconds:rate1m", "workload", "throttling", "s/s"),
        ("job:http_requests:rate5m", "workload", "traffic", "req/s"),
        ("service:requests_per_second", "workload", "traffic", "req/s"),
        ("namespace_app:request_duration_seconds:p99", "workload", "latency_p95", "seconds"),
        ("service:latency_milliseconds:p50", "workload", "latency_p50", "milliseconds"),
        ("service:errors:ratio_rate5m", "workload", "errors", "ratio"),
        ("instance:node_cpu_utilisation:rate5m", "node", "cpu", "ratio"),
        ("node:tcp_retransmits", "node", "retransmits", "segments/s"),
        ("instance:node_memory_utilisation:ratio", "node", "memory", "ratio"),
        ("service:memory_usage_bytes", "workload", "memory", "bytes"),
        ("service:network_receive_packets_per_second", "workload", "received", "packets/s"),
    ],
)
def test_a_name_says_what_is_measured_of_what(name: str, entity: str, signal: str, unit: str) -> None:
    found = meaning(name)
    assert found is not None
    assert (found.entity, found.signal, found.unit) == (entity, signal, unit)


@pytest.mark.parametrize("name", ["up", "cpu_usage", "cluster:nodes", "service:", "prober:cpu"])
def test_other_names_say_nothing(name: str) -> None:
    assert meaning(name) is None


def test_a_success_ratio_is_an_error_ratio_upside_down() -> None:
    found = meaning("service:request_success_ratio")
    assert found is not None
    assert (found.signal, found.inverted) == ("errors", True)


def test_the_quantile_may_be_a_label() -> None:
    signals = {q: m.signal for q in ("0.5", "0.95", "0.99") if (m := meaning("service:latency_milliseconds", q))}
    assert signals == {"0.5": "latency_p50", "0.95": "latency_p95", "0.99": "latency_p95"}
