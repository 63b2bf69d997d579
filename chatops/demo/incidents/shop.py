"""What is the shop when nothing is wrong? Three nodes, six services, their traffic, and what is always a bit odd.

Every incident starts from this, so that what it adds is what is wrong. The shop is not spotless: a
job's pod has finished, a container restarted days ago, an event is left from a slow probe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatops.demo.alerting import webhook
from chatops.demo.kubernetes.cluster import DAY, HOUR, MINUTE, NAMESPACE, Cluster, Workload, stamp
from chatops.demo.metrics import Traffic, Usage, deployment_series, node_series, pod_series, service_series
from chatops.demo.world import Cloud, Line, PodLog, Rule, Target, World

CLUSTER = "demo"
SERVICES: tuple[Workload, ...] = (
    Workload("storefront", "5.21.0", replicas=3, env={"CART_URL": "http://cart", "CATALOG_URL": "http://catalog"}),
    Workload("catalog", "2026.11.2", replicas=3, age=4 * DAY),
    Workload("cart", "1.18.4", replicas=2, port=8081, age=12 * DAY),
    Workload("checkout", "2.13.1", replicas=3, age=6 * DAY, env={"ORDERS_URL": "http://orders"}),
    Workload("orders", "3.4.0", replicas=2, age=8 * DAY, env={"DATABASE_HOST": "orders-db.example.internal"}),
    Workload("payments", "1.9.2", replicas=2, age=20 * DAY),
)
TRAFFIC: tuple[Traffic, ...] = (
    Traffic("storefront", 42.0),
    Traffic("catalog", 65.0, latency=0.03),
    Traffic("cart", 18.0, latency=0.02),
    Traffic("checkout", 6.5, latency=0.12),
    Traffic("orders", 5.0, latency=0.08),
    Traffic("payments", 3.0, latency=0.2),
)
NODES = {"worker-1": "eu-west-1a", "worker-2": "eu-west-1b", "worker-3": "eu-west-1c"}


@dataclass(frozen=True)
class Incident:
    """One incident that can be fired: `build` makes its world for the moment it fires."""

    name: str
    title: str
    story: str
    """What is wrong, for whoever chooses it; the app never sees this."""
    question: str
    """What somebody might type about it."""
    cause: str
    """The code of `connectors.causes` that is right; empty where nothing is wrong."""
    build: Callable[[float], World]


@dataclass
class Scene:
    """What an incident changes of the healthy shop, collected before it becomes a world."""

    cluster: Cluster
    onset: float
    traffic: Mapping[str, Traffic] = field(default_factory=lambda: {t.service: t for t in TRAFFIC})
    usage: Usage = field(default_factory=Usage)
    logs: tuple[PodLog, ...] = ()
    lost: Mapping[str, float] = field(default_factory=dict)
    cloud: Cloud = field(default_factory=Cloud)


def healthy(now: float, changed: Iterable[Workload] = (), without: Iterable[str] = ()) -> Cluster:
    """The cluster: `changed` rows replace those of the same name, `without` are left to the incident."""
    cluster = Cluster(now)
    for namespace in (NAMESPACE, "kube-system", "default"):
        cluster.add("v1/namespaces", namespace, 200 * DAY, {"status": {"phase": "Active"}})
    for node, zone in NODES.items():
        cluster.node(node, zone)
    rows = {w.name: w for w in (*SERVICES, *changed)}
    for row in rows.values():
        if row.name not in set(without):
            cluster.deployment(row)
    quota = {"hard": {"requests.memory": "16Gi", "pods": "60"}, "used": {"requests.memory": "3840Mi", "pods": "16"}}
    cluster.add("v1/resourcequotas", "shop", 100 * DAY, {"spec": {"hard": quota["hard"]}, "status": quota}, NAMESPACE)
    _oddities(cluster)
    return cluster


def _oddities(cluster: Cluster) -> None:
    """Things that are true and have nothing to do with anything: a good diagnosis leaves them alone."""
    if "payments" in {d["metadata"]["name"] for d in cluster.objects["apps/v1/deployments"]}:
        pod = cluster.pods("payments")[0]
        status = pod["status"]["containerStatuses"][0]
        ended = {"reason": "Error", "exitCode": 1, "finishedAt": stamp(cluster.now - 3 * DAY)}
        status.update(restartCount=1, lastState={"terminated": ended})
        status["state"] = {"running": {"startedAt": stamp(cluster.now - 3 * DAY + 5)}}
        message = "Readiness probe failed: Get http://10.42.0.19:8080/healthz: context deadline exceeded"
        cluster.event("Pod", pod["metadata"]["name"], "Unhealthy", message, 47 * MINUTE)


def named(name: str) -> Workload:
    """A service's row."""
    return next(w for w in SERVICES if w.name == name)


def chatter(start: float, end: float, every: float, lines: Sequence[str]) -> tuple[Line, ...]:
    """Log lines in turn at a steady pace."""
    count = max(0, int((end - start) / every))
    return tuple((start + i * every, lines[i % len(lines)]) for i in range(count))


def usual_logs(cluster: Cluster, workload: str, lines: Sequence[str]) -> tuple[PodLog, ...]:
    """An hour of ordinary lines for every pod of a workload."""
    spoken = chatter(cluster.now - HOUR, cluster.now + 2 * HOUR, 12, lines)
    return tuple(PodLog(NAMESPACE, p["metadata"]["name"], workload, spoken) for p in cluster.pods(workload))


def targets(cluster: Cluster, lost: Mapping[str, float]) -> tuple[Target, ...]:
    """Scrape targets: every node's exporter and every ready pod."""
    refused = "dial tcp: i/o timeout"
    nodes = [Target("node-exporter", f"{n}:9100", {"node": n}, refused if n in lost else "") for n in NODES]
    pods = [
        Target(p["metadata"]["labels"]["app"], f"{p['status']['podIP']}:8080", {"namespace": NAMESPACE})
        for p in cluster.objects["v1/pods"]
        if p["metadata"]["namespace"] == NAMESPACE
        and p["status"].get("containerStatuses", [{"ready": False}])[0]["ready"]
    ]
    return (*nodes, *pods)


def world(scene: Scene, rule: Rule, labels: Mapping[str, str]) -> World:
    """The scene as a world whose alert is the rule's."""
    cluster = scene.cluster
    series = [
        *(s for t in scene.traffic.values() for s in service_series(t, cluster.now)),
        *pod_series(cluster, scene.usage),
        *deployment_series(cluster, scene.onset),
        *node_series(cluster, scene.lost),
    ]
    firing = replace(rule, firing_since=cluster.now)
    spoken = {log.pod for log in scene.logs}
    rest = (log for t in TRAFFIC for log in usual_logs(cluster, t.service, _LINES) if log.pod not in spoken)
    return World(
        began=cluster.now,
        objects=cluster.objects,
        logs=(*scene.logs, *rest),
        series=tuple(series),
        rules=(firing, *(r for r in RULES if r.name != rule.name)),
        targets=targets(cluster, scene.lost),
        cloud=scene.cloud,
        trigger=webhook(rule, {"cluster": CLUSTER, **labels}, cluster.now),
    )


_LINES = ('level=info msg="request served" status=200', 'level=info msg="cache refreshed" entries=412')


def rule(name: str, expr: str, summary: str, severity: str = "critical", **annotations: str) -> Rule:
    """An alerting rule in one line."""
    return Rule(name, expr, labels={"severity": severity}, annotations={"summary": summary, **annotations})


ERROR_RATIO = (
    'sum by (namespace, service) (rate(http_requests_total{{namespace="shop",service="{0}",code=~"5.."}}[5m]))'
    ' / sum by (namespace, service) (rate(http_requests_total{{namespace="shop",service="{0}"}}[5m])) > 0.05'
)


def error_rule(service: str) -> Rule:
    """The error-ratio alert of one service."""
    name = f"{service.capitalize()}HighErrorRate"
    return rule(name, ERROR_RATIO.format(service), f"{service} answers more than 5% of its requests with an error")


RULES: tuple[Rule, ...] = (
    *(error_rule(t.service) for t in TRAFFIC),
    rule("KubeNodeNotReady", 'kube_node_status_condition{condition="Ready",status="true"} == 0', "A node is not ready"),
    rule(
        "DeploymentReplicasMissing", "kube_deployment_status_replicas_unavailable > 0",
        "A Deployment has fewer replicas than it wants", "warning",
    ),
)  # fmt: skip
