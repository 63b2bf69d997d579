"""Containers that run badly: probes, ports, databases, memory, CPU, nobody at all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from chatops.demo.incidents.shop import healthy
from chatops.demo.kubernetes.cluster import DAY, Cluster, Object, Run, Workload, stamp
from chatops.demo.metrics import Usage
from chatops.demo.shapes import Shift, counter
from chatops.demo.world import World
from tests.bench.faults.scene import (
    SINCE,
    Change,
    Fault,
    alter,
    calling,
    crashing,
    events,
    released,
    spoken,
    suffering,
)


def _probe(which: str, **fields: object) -> Change:
    def change(spec: Object) -> None:
        probe = spec["containers"][0][which]
        if "httpGet" in fields:
            probe["httpGet"].update(fields["httpGet"])
        probe.update({key: value for key, value in fields.items() if key != "httpGet"})

    return change


def _killed(now: float, workload: str, change: Change, failed: str) -> World:
    """The kubelet kills a healthy container for its liveness probe."""
    ended = {"exitCode": 137, "reason": "Error", "finishedAt": stamp(now - 60), "startedAt": stamp(now - 130)}
    run = Run("CrashLoopBackOff", "back-off 2m40s restarting failed container", restarts=8, ended=ended, ready=False)
    cluster = released(now, workload, [run, run], change=change)
    events(cluster, workload, "Unhealthy", f"Liveness probe failed: {failed}", count=24)
    events(cluster, workload, "Killing", f"Container {workload} failed liveness probe, will be restarted", count=8)
    lines = (f'level=info msg="{workload} listening" addr=:8080', 'level=info msg="shutting down" signal=terminated')
    return suffering(cluster, workload, logs=spoken(cluster, workload, lines, last=True))


def _not_ready(now: float, workload: str, change: Change, failed: str) -> World:
    cluster = released(now, workload, [Run(ready=False)] * 2, change=change)
    events(cluster, workload, "Unhealthy", f"Readiness probe failed: {failed}", count=80)
    lines = (f'level=info msg="{workload} listening" addr=:8080',)
    return suffering(cluster, workload, logs=spoken(cluster, workload, lines))


def _crash(now: float, workload: str, lines: Sequence[str], code: int = 1, change: Change | None = None) -> World:
    cluster = released(now, workload, [crashing(Cluster(now), code)] * 2, change=change)
    events(cluster, workload, "BackOff", f"Back-off restarting failed container {workload}")
    return suffering(cluster, workload, logs=spoken(cluster, workload, lines, last=True))


def _fails(now: float, workload: str, lines: Sequence[str]) -> World:
    """It runs, is ready, and answers errors: only its log knows why."""
    cluster = released(now, workload)
    return suffering(cluster, workload, share=0.6, logs=spoken(cluster, workload, lines))


def _wrong_port(now: float) -> World:
    """It is told another port than its database's Service has."""

    def told(spec: Object) -> None:
        spec["containers"][0]["env"] = [
            {"name": "DATABASE_HOST", "value": "orders-mysql"},
            {"name": "DATABASE_PORT", "value": "3307"},
        ]

    cluster = released(now, "orders", [crashing(Cluster(now))] * 2, change=told)
    cluster.deployment(
        Workload("orders-mysql", "8.4.3", replicas=1, port=3306, repository="registry.example.com/tools")
    )
    cluster.get("v1/services", "orders-mysql")["spec"]["ports"] = [
        {"name": "mysql", "port": 3306, "targetPort": 3306, "protocol": "TCP"}
    ]
    cluster.settle("orders-mysql")
    events(cluster, "orders", "BackOff", "Back-off restarting failed container orders")
    lines = (_SQL, "Caused by: java.net.ConnectException: Connection refused (Connection refused)",
             "\tat orders.Store.open(Store.java:41) jdbc:mysql://orders-mysql:3307/orders")  # fmt: skip
    return suffering(cluster, "orders", logs=spoken(cluster, "orders", lines, last=True))


def _sidecar(spec: Object) -> None:
    spec["containers"].append({"name": "metrics-proxy", "image": "registry.example.com/tools/metrics-proxy:4.1",
                               "ports": [{"containerPort": 8080}], "args": ["--listen=:8080"], "resources": {}})  # fmt: skip


def _beside(now: float) -> World:
    cluster = released(now, "payments", [Run(ready=False)] * 2, change=_sidecar)
    for pod in cluster.pods("payments"):
        status = crashing(cluster)
        pod["status"]["containerStatuses"].append({
            "name": "metrics-proxy", "image": "registry.example.com/tools/metrics-proxy:4.1", "imageID": "sha256:2",
            "ready": False, "started": False, "restartCount": 7,
            "state": {"waiting": {"reason": status.waiting, "message": status.message}},
            "lastState": {"terminated": dict(status.ended or {})},
        })  # fmt: skip
        pod["status"]["containerStatuses"][0]["ready"] = True
    events(cluster, "payments", "BackOff", "Back-off restarting failed container metrics-proxy")
    taken = 'level=fatal msg="cannot listen" error="listen tcp :8080: bind: address already in use"'
    logs = spoken(cluster, "payments", ('level=info msg="payments listening" addr=:8080',))
    beside = tuple(
        type(log)(log.namespace, log.pod, "metrics-proxy", tuple((at, taken) for at, _ in log.lines[-40:]), previous)
        for log in logs
        for previous in (False, True)
    )
    return suffering(cluster, "payments", logs=(*logs, *beside))


def _nobody(now: float) -> World:
    cluster = released(now, "cart", [])
    cluster.get("apps/v1/deployments", "cart")["spec"]["replicas"] = 0
    cluster.settle("cart")
    cluster.event("Deployment", "cart", "ScalingReplicaSet", "Scaled down replica set cart-7c9 from 2 to 0", SINCE,
                  warning=False, source="deployment-controller")  # fmt: skip
    return suffering(cluster, "cart", logs=calling(cluster, "cart", "connect: connection refused"))


def _busy(now: float) -> World:
    cluster = healthy(now)

    def bounded(spec: Object) -> None:
        spec["containers"][0]["resources"]["limits"]["cpu"] = "500m"

    alter(cluster, "catalog", bounded)
    onset = now - SINCE + 20
    busy = {
        pod["metadata"]["name"]: counter(0.06, Shift(onset, 0.498, 30), since=now - 4 * DAY)
        for pod in cluster.pods("catalog")
    }
    return suffering(cluster, "catalog", share=0.3, usage=Usage(cpu=busy), latency=1.9)


_REFUSED = 'Get "http://10.42.1.14:9191/healthz": dial tcp 10.42.1.14:9191: connect: connection refused'
_PLAIN = 'Get "https://10.42.1.14:8080/healthz": http: server gave HTTP response to HTTPS client'
_SLOW = (
    'Get "http://10.42.1.14:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
)
_SQL = "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure"
FAULTS = (
    Fault("liveness-port", "LivenessProbeIncorrectPort", "app/checkout",
          partial(_killed, workload="checkout", change=_probe("livenessProbe", httpGet={"port": 9191}), failed=_REFUSED)),
    Fault("liveness-protocol", "LivenessProbeIncorrectProtocol", "app/catalog",
          partial(_killed, workload="catalog", change=_probe("livenessProbe", httpGet={"scheme": "HTTPS"}), failed=_PLAIN)),
    Fault("liveness-timing", "LivenessProbeIncorrectTiming", "app/orders",
          partial(_killed, workload="orders", failed=_SLOW,
                  change=_probe("livenessProbe", initialDelaySeconds=0, periodSeconds=1, timeoutSeconds=1, failureThreshold=1))),
    Fault("readiness-port", "ReadinessProbeIncorrectPort", "app/payments",
          partial(_not_ready, workload="payments", change=_probe("readinessProbe", httpGet={"port": 9191}), failed=_REFUSED)),
    Fault("readiness-protocol", "ReadinessProbeIncorrectProtocol", "app/catalog",
          partial(_not_ready, workload="catalog", change=_probe("readinessProbe", httpGet={"scheme": "HTTPS"}), failed=_PLAIN)),
    Fault("readiness-path", "ReadinessProbeIncorrectPath", "app/checkout",
          partial(_not_ready, workload="checkout", change=_probe("readinessProbe", httpGet={"path": "/ready"}),
                  failed="HTTP probe failed with statuscode: 404")),
    Fault("sidecar-port", "SidecarPortConflict", "app/payments", _beside),
    Fault("scaled-to-zero", "WorkloadScaledToZero", "app/cart", _nobody),
    Fault("cpu", "CPUOverload", "app/catalog", _busy, "the shop is slow"),
    Fault("credentials", "InvalidCredentials", "app/orders",
          partial(_crash, workload="orders",
                  lines=("java.sql.SQLException: Access denied for user 'orders'@'10.42.1.14' (using password: YES)",
                         "\tat com.mysql.cj.jdbc.exceptions.SQLError.createSQLException(SQLError.java:130)"))),
    Fault("database-port", "IncorrectDependencyPort", "app/orders", _wrong_port),
    Fault("database-read-only", "DatabaseReadOnly", "app/orders",
          partial(_fails, workload="orders",
                  lines=('level=error msg="insert failed" error="ERROR 1290 (HY000): The MySQL server is running with the '
                         '--read-only option so it cannot execute this statement"',))),
    Fault("database-connections", "DatabaseConnectionsExhausted", "app/orders",
          partial(_fails, workload="orders",
                  lines=('level=error msg="query failed" error="FATAL: sorry, too many clients already"',))),
)  # fmt: skip
