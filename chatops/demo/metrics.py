"""Which series would a healthy shop export? kube-state-metrics, cAdvisor, node exporter and the services' own.

The names are those of the exporters that nearly everybody runs, so that the connectors' own queries
find what they would find in a real Prometheus.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chatops.demo.kubernetes.cluster import DAY, NAMESPACE, Cluster, Object
from chatops.demo.prometheus.samples import Sampled, sampled
from chatops.demo.shapes import Levels, Shape, Shift, counter, gauge

HISTORY = 2 * DAY
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
KSM = "kube-state-metrics"
_SIZES = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


@dataclass(frozen=True)
class Phase:
    """Traffic from a moment on: requests per second, share of errors (0–1), mean latency in seconds."""

    at: float
    rps: float
    errors: float = 0.002
    latency: float = 0.06


@dataclass(frozen=True)
class Traffic:
    """What a service serves, and how that changes."""

    service: str
    rps: float
    errors: float = 0.002
    latency: float = 0.06
    phases: tuple[Phase, ...] = ()
    code: str = "500"


@dataclass(frozen=True)
class Usage:
    """What containers use where it is not the usual: pod name → shape."""

    memory: Mapping[str, Shape] = field(default_factory=dict)
    cpu: Mapping[str, Shape] = field(default_factory=dict)
    restarts: Mapping[str, Shape] = field(default_factory=dict)


def quantity(text: str) -> float:
    """`256Mi` in bytes, `250m` in cores."""
    if text[-2:] in _SIZES:
        return float(text[:-2]) * _SIZES[text[-2:]]
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


def _phased(traffic: Traffic, of: str, weight: float = 1.0) -> tuple[float, tuple[Shift, ...]]:
    """A rate over the phases: of `ok` or failed requests, or of requests below a latency (`le`)."""

    def rate(rps: float, errors: float, latency: float) -> float:
        if of == "le":
            return rps * (1 - math.exp(-weight / latency)) if math.isfinite(weight) else rps
        return rps * (errors if of == "failed" else 1 - errors)

    first = rate(traffic.rps, traffic.errors, traffic.latency)
    return first, tuple(Shift(p.at, rate(p.rps, p.errors, p.latency), 45) for p in traffic.phases)


def service_series(traffic: Traffic, now: float) -> list[Sampled]:
    """Requests by code, and their durations as a histogram."""
    since, name = now - HISTORY, traffic.service
    labels = {"namespace": NAMESPACE, "service": name, "job": name}
    found = []
    for of, code in (("ok", "200"), ("failed", traffic.code)):
        base, shifts = _phased(traffic, of)
        shape = counter(base, *shifts, since=since)
        found.append(sampled("http_requests_total", shape, code=code, method="GET", **labels))
    for le in (*BUCKETS, math.inf):
        base, shifts = _phased(traffic, "le", le)
        text = "+Inf" if math.isinf(le) else f"{le:g}"
        shape = counter(base, *shifts, since=since, noise=0.0)
        found.append(sampled("http_request_duration_seconds_bucket", shape, le=text, **labels))
    base, shifts = _phased(traffic, "le", math.inf)
    found.append(sampled("http_request_duration_seconds_count", counter(base, *shifts, since=since, noise=0), **labels))
    spent = tuple(Shift(p.at, p.rps * p.latency, 45) for p in traffic.phases)
    total = counter(traffic.rps * traffic.latency, *spent, since=since, noise=0)
    return [*found, sampled("http_request_duration_seconds_sum", total, **labels)]


def pod_series(cluster: Cluster, usage: Usage | None = None) -> list[Sampled]:
    """Container memory, CPU, restarts, limits, readiness and phase of every pod; of one without a node its phase."""
    return [s for pod in cluster.objects["v1/pods"] for s in _pod(pod, cluster.now, usage or Usage())]


def _phase(pod: Object, born: float) -> Sampled:
    meta = pod["metadata"]
    named = {"namespace": meta["namespace"], "pod": meta["name"], "phase": pod["status"]["phase"], "job": KSM}
    return sampled("kube_pod_status_phase", gauge(1, noise=0, since=born), **named)


def _pod(pod: Object, now: float, usage: Usage) -> list[Sampled]:
    born = _born(pod)
    if "containerStatuses" not in pod["status"] or "limits" not in pod["spec"]["containers"][0].get("resources", {}):
        return [_phase(pod, born)]
    meta, container = pod["metadata"], pod["spec"]["containers"][0]
    name, node = meta["name"], pod["spec"]["nodeName"]
    labels = {"namespace": meta["namespace"], "pod": name, "container": container["name"]}
    limit = quantity(container["resources"]["limits"]["memory"])
    status = pod["status"]["containerStatuses"][0]
    ready = float(status["ready"])
    memory = usage.memory.get(name) or gauge(limit * 0.52, noise=0.02, since=born)
    cpu = usage.cpu.get(name) or counter(0.06, since=born)
    restarts = usage.restarts.get(name) or gauge(float(status["restartCount"]), noise=0, since=born)
    where = {**labels, "node": node, "image": container["image"]}
    resource = {"resource": "memory", "unit": "byte", "node": node, "job": KSM, **labels}
    flag = {"job": KSM, **labels}
    return [
        sampled("container_memory_working_set_bytes", memory, **where),
        sampled("container_cpu_usage_seconds_total", cpu, **where),
        sampled("kube_pod_container_status_restarts_total", restarts, **flag),
        sampled("kube_pod_container_status_ready", gauge(ready, noise=0, since=born), **flag),
        sampled("kube_pod_container_resource_limits", gauge(limit, noise=0, since=born), **resource),
        _phase(pod, born),
        *_states(status, labels, born, now),
    ]


def _born(pod: Object) -> float:
    return datetime.fromisoformat(pod["metadata"]["creationTimestamp"]).timestamp()


def _states(status: Object, labels: Mapping[str, str], born: float, now: float) -> list[Sampled]:
    found = []
    waiting = status["state"].get("waiting", {}).get("reason")
    if waiting:
        shape = gauge(1, noise=0, since=max(born, now - 600))
        found.append(sampled("kube_pod_container_status_waiting_reason", shape, reason=waiting, **labels))
    ended = status["lastState"].get("terminated", {}).get("reason")
    if ended:
        shape = gauge(1, noise=0, since=max(born, now - 600))
        found.append(sampled("kube_pod_container_status_last_terminated_reason", shape, reason=ended, **labels))
    return found


def deployment_series(cluster: Cluster, onset: float) -> list[Sampled]:
    """Replicas wanted and available of every Deployment; what is missing now is missing since the onset."""
    found = []
    for item in cluster.objects["apps/v1/deployments"]:
        labels = {"namespace": item["metadata"]["namespace"], "deployment": item["metadata"]["name"]}
        labels["job"] = KSM
        wanted = float(item["spec"]["replicas"])
        available, since = float(item["status"]["availableReplicas"]), cluster.now - HISTORY
        shape = gauge(wanted, Shift(onset, available), noise=0, since=since)
        missing = gauge(0, Shift(onset, wanted - available), noise=0, since=since)
        found += [
            sampled("kube_deployment_spec_replicas", gauge(wanted, noise=0, since=since), **labels),
            sampled("kube_deployment_status_replicas_available", shape, **labels),
            sampled("kube_deployment_status_replicas_unavailable", missing, **labels),
        ]
    return found


def node_series(cluster: Cluster, lost: Mapping[str, float] | None = None) -> list[Sampled]:
    """Conditions, CPU, memory and scrape health of every node; `lost` nodes are silent since a moment."""
    since, found = cluster.now - HISTORY, list[Sampled]()
    for item in cluster.objects["v1/nodes"]:
        name = item["metadata"]["name"]
        gone = (lost or {}).get(name, math.inf)
        down = (Shift(gone, 0.0),) if math.isfinite(gone) else ()
        unknown = (Shift(gone + 40, 1.0),) if math.isfinite(gone) else ()
        ready = {"node": name, "condition": "Ready", "job": KSM}
        instance = {"instance": f"{name}:9100", "job": "node-exporter", "node": name}
        idle = counter(2.9, since=since)
        found += [
            sampled("kube_node_status_condition", gauge(1, *down, noise=0, since=since), status="true", **ready),
            sampled("kube_node_status_condition", gauge(0, *unknown, noise=0, since=since), status="unknown", **ready),
            sampled("up", gauge(1, *down, noise=0, since=since), **instance),
            sampled("up", gauge(1, *down, noise=0, since=since), job="kubelet", instance=f"{name}:10250", node=name),
            sampled("node_memory_MemTotal_bytes", gauge(16 * 2**30, noise=0, since=since, until=gone), **instance),
            sampled("node_memory_MemAvailable_bytes", gauge(9.1 * 2**30, since=since, until=gone), **instance),
            sampled("node_load1", gauge(0.9, noise=0.2, since=since, until=gone), **instance),
            Sampled(
                {"__name__": "node_cpu_seconds_total", "mode": "idle", "cpu": "0", **instance},
                type(idle)(Levels(0.72), since, until=gone),
            ),
        ]
    return found
