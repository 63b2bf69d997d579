"""A small shop in metrics: web calls orders, orders calls payments, on two nodes; with one fault at a time.

The series are what the usual exporters would give (a mesh, cAdvisor, kube-state-metrics, the node exporter,
a JVM), every 15 s for an hour. The fault lasts from 20 to 8 minutes before the end: it is over when asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Value = Callable[[float], float]
Fault = Literal["none", "cpu", "surge", "pod_delay", "node_delay", "node_loss", "errors", "states"]
STEP, HOUR = 15, 3600
BEGAN, ENDED = 1200, 480
"""Seconds before the end."""
CALLS = (("web", "orders"), ("orders", "payments"), ("web", "catalog"))
NODES = {"web": "node-1", "payments": "node-1", "orders": "node-2", "catalog": "node-2"}
PODS = {
    "web": "web-5d8f7c9b64-x2v5k",
    "catalog": "catalog-6c9d8f7b54-q8zlm",
    "orders": "orders-7f6b5c8d49-bk4wz",
    "payments": "payments-0",
}
BASE_MS = {"web": 40.0, "catalog": 8.0, "orders": 20.0, "payments": 5.0}
BUCKETS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500)


@dataclass
class Metrics:
    """Series by name and labels: (unix seconds, value), oldest first; and what kind each name is."""

    series: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, float]]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def add(
        self, kind: str, name: str, labels: Mapping[str, str], times: list[float], value: Callable[[float], float]
    ) -> None:
        """A gauge as it is, or a counter as the integral of its rate."""
        total, points = 0.0, []
        for t in times:
            total += value(t) * STEP
            points.append((t, total if kind == "counter" else value(t)))
        self.kinds[name] = kind
        self.series[name, tuple(sorted(labels.items()))] = points

    def openmetrics(self) -> str:
        """The text that `promtool tsdb create-blocks-from openmetrics` reads."""
        lines: list[str] = []
        for name in sorted(self.kinds):
            family = name.removesuffix("_total") if self.kinds[name] == "counter" else name
            known = self.kinds[name] == "gauge" or name.endswith("_total")
            lines.append(f"# TYPE {family if known else name} {self.kinds[name] if known else 'unknown'}")
            for (metric, labels), points in self.series.items():
                if metric == name:
                    inside = ",".join(f'{k}="{v}"' for k, v in labels)
                    lines += [f"{name}{{{inside}}} {value:.6f} {t:.0f}" for t, value in points]
        return "\n".join([*lines, "# EOF", ""])


def shop(end: float, fault: Fault) -> Metrics:
    """An hour of the shop up to `end`, with this fault."""
    end = end - end % STEP
    times = [end - HOUR + i * STEP for i in range(HOUR // STEP + 1)]
    world = _World(Metrics(), times, end, fault)
    for service in PODS:
        world.requests(service)
        world.containers(service)
    for node in ("node-1", "node-2"):
        world.node(node)
    world.states()
    return world.metrics


@dataclass
class _World:
    metrics: Metrics
    times: list[float]
    end: float
    fault: Fault

    def during(self, t: float) -> bool:
        return self.end - BEGAN <= t < self.end - ENDED

    def wobble(self, t: float) -> float:
        return 1 + 0.03 * math.sin(t / 40)

    def put(self, kind: str, name: str, labels: Mapping[str, str], value: Callable[[float], float]) -> None:
        self.metrics.add(kind, name, labels, self.times, value)

    def rate(self, service: str) -> Callable[[float], float]:
        surge = self.fault == "surge"
        return lambda t: 20 * self.wobble(t) * (4 if surge and self.during(t) else 1)

    def burning(self, service: str) -> Callable[[float], bool]:
        return lambda t: self.fault == "cpu" and service == "payments" and self.during(t)

    def failed(self, service: str) -> Callable[[float], float]:
        return lambda t: 0.3 if self.fault == "errors" and service == "payments" and self.during(t) else 0.001

    def delay(self, service: str, t: float) -> float:
        """Milliseconds added to every call of this service at this time."""
        if not self.during(t):
            return 0.0
        late: Mapping[str, Mapping[str, float]] = {
            "cpu": {"payments": 90, "orders": 90, "web": 90},
            "surge": {"web": 150},
            "pod_delay": {"payments": 200, "orders": 200, "web": 200},
            "node_delay": {"catalog": 200, "orders": 200, "web": 400},
        }
        return late.get(self.fault, {}).get(service, 0.0)

    def requests(self, service: str) -> None:
        to = {"destination_service_name": service, "destination_service_namespace": "shop", "reporter": "destination"}
        rate, failed = self.rate(service), self.failed(service)
        for caller in [a for a, b in CALLS if b == service] or ["unknown"]:
            labels = {**to, "source_workload": caller}
            good, bad = {**labels, "response_code": "200"}, {**labels, "response_code": "503"}
            self.put("counter", "istio_requests_total", good, lambda t: rate(t) * (1 - failed(t)))
            self.put("counter", "istio_requests_total", bad, lambda t: rate(t) * failed(t))
            for bound in (*map(str, BUCKETS), "+Inf"):
                share = self._share(service, float(bound))
                self.put("counter", "istio_request_duration_milliseconds_bucket", {**labels, "le": bound}, share)

    def _share(self, service: str, bound: float) -> Callable[[float], float]:
        """Requests per second not slower than this bound: durations are spread evenly around the base and its delay."""
        rate = self.rate(service)

        def value(t: float) -> float:
            low = BASE_MS[service] * 0.5 + self.delay(service, t)
            return rate(t) * max(0.0, min(1.0, (bound - low) / (BASE_MS[service] * 1.0)))

        return value

    def containers(self, service: str) -> None:
        pod = {"namespace": "shop", "pod": PODS[service]}
        inner = {**pod, "container": "app"}
        hot = self.burning(service)
        self.put("counter", "container_cpu_usage_seconds_total", inner, lambda t: 0.48 if hot(t) else 0.05)
        self.put("counter", "container_cpu_cfs_periods_total", inner, lambda t: 10)
        self.put("counter", "container_cpu_cfs_throttled_periods_total", inner, lambda t: 7 if hot(t) else 0)
        self.put("gauge", "container_memory_working_set_bytes", inner, lambda t: 120e6 * self.wobble(t))
        self.put("gauge", "kube_pod_container_resource_limits", {**inner, "resource": "cpu"}, lambda t: 0.5)
        self.put("gauge", "kube_pod_container_resource_limits", {**inner, "resource": "memory"}, lambda t: 256e6)
        self.put("gauge", "kube_pod_info", {**pod, "node": NODES[service]}, lambda t: 1)
        self.put("gauge", "hikaricp_connections_active", {**pod, "application": service, "pool": "main"}, lambda t: 3)
        self.put("gauge", "hikaricp_connections_max", {**pod, "application": service, "pool": "main"}, lambda t: 10)
        self.put(
            "gauge",
            "cache_entries",
            {**pod, "application": service},
            lambda t: 900 if hot(t) else 300,
        )

    def states(self) -> None:
        """What kube-state-metrics says: whole, but for the fault `states`, of which only the crash loop ends."""
        broken, gone = self.fault == "states", self.end - BEGAN
        inner = {"namespace": "shop", "pod": PODS["orders"], "container": "app"}
        waiting = {**inner, "reason": "CrashLoopBackOff"}
        ended = {**inner, "reason": "OOMKilled"}
        quota = {"namespace": "shop", "resourcequota": "q", "resource": "requests.cpu"}
        scaled = {"namespace": "shop", "deployment": "catalog"}
        ready = {"node": "node-2", "condition": "Ready", "status": "false"}
        loop: Value = lambda t: float(broken and self.during(t))  # noqa: E731
        self.put("gauge", "kube_pod_container_status_waiting_reason", waiting, loop)
        self.put("gauge", "kube_pod_container_status_last_terminated_reason", ended, _constant(1))
        self.put("counter", "kube_pod_container_status_restarts_total", inner, lambda t: loop(t) / 50)
        self.put("gauge", "kube_resourcequota", {**quota, "type": "used"}, _constant(4))
        self.put("gauge", "kube_resourcequota", {**quota, "type": "hard"}, _constant(4 if broken else 8))
        self.put("gauge", "kube_deployment_spec_replicas", scaled, lambda t: 0 if broken and t >= gone else 2)
        self.put("gauge", "kube_node_status_condition", ready, _constant(float(broken)))
        scheduler = {"job": "kube-scheduler", "instance": "m:1"}
        self.put("gauge", "up", scheduler, lambda t: 0 if broken and t >= gone else 1)

    def node(self, node: str) -> None:
        labels = {"instance": f"10.0.0.{node[-1]}:9100", "job": "node-exporter"}
        lossy = self.fault == "node_loss" and node == "node-2"
        self.put("gauge", "node_uname_info", {**labels, "nodename": node}, lambda t: 1)
        self.put("counter", "node_cpu_seconds_total", {**labels, "cpu": "0", "mode": "idle"}, lambda t: 0.9)
        self.put("gauge", "node_memory_MemAvailable_bytes", labels, lambda t: 6e9)
        self.put("gauge", "node_memory_MemTotal_bytes", labels, lambda t: 8e9)
        self.put("counter", "node_netstat_Tcp_RetransSegs", labels, lambda t: 12.0 if lossy and self.during(t) else 0.2)
        self.put("counter", "node_netstat_Tcp_OutSegs", labels, lambda t: 800)
        for unit in ("kubelet", "containerd", "kube-proxy"):
            for state in ("active", "inactive", "failed"):
                unit_labels = {**labels, "name": f"{unit}.service", "state": state}
                self.put("gauge", "node_systemd_unit_state", unit_labels, _constant(float(state == "active")))


def _constant(value: float) -> Callable[[float], float]:
    return lambda _: value


def rows(metrics: Metrics) -> Iterator[tuple[dict[str, str], list[tuple[float, float]]]]:
    """Labels with `__name__`, and points."""
    for (name, labels), points in metrics.series.items():
        yield {"__name__": name, **dict(labels)}, points
