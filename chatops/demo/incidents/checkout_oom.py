"""A release of checkout keeps its price table in memory: every new pod is killed at its limit of 256 MiB."""

from __future__ import annotations

from dataclasses import replace

from chatops.demo.incidents.shop import Incident, Scene, chatter, error_rule, healthy, named, world
from chatops.demo.kubernetes.cluster import MINUTE, NAMESPACE, Cluster, Run, stamp
from chatops.demo.metrics import Phase, Traffic, Usage
from chatops.demo.shapes import Shape, Shift, gauge
from chatops.demo.world import PodLog, World

RELEASED = 16 * MINUTE
MIB = 2.0**20


def build(now: float) -> World:
    """The world at the moment the alert fires."""
    old = named("checkout")
    new = replace(old, version="2.14.0", age=RELEASED)
    cluster = healthy(now, without=["checkout"])
    runs = [_killed(now, restarts, ago) for restarts, ago in ((6, 70), (6, 125), (5, 35))]
    cluster.deployment(new, runs, revision=8)
    cluster.revision(old, 7, [], wanted=0)
    _events(cluster)
    onset = now - RELEASED + 2 * MINUTE
    scene = Scene(
        cluster, onset, usage=Usage(memory=_memory(cluster), restarts=_restarts(cluster)), logs=_logs(cluster)
    )
    rows = dict(scene.traffic)
    rows["checkout"] = Traffic("checkout", 6.5, latency=0.12, code="503", phases=(Phase(onset, 6.4, 0.41, 0.55),))
    rows["storefront"] = Traffic("storefront", 42.0, phases=(Phase(onset, 41.0, 0.055, 0.11),))
    labels = {"namespace": NAMESPACE, "service": "checkout", "team": "payments"}
    return world(replace(scene, traffic=rows), error_rule("checkout"), labels)


def _killed(now: float, restarts: int, ago: float) -> Run:
    ended = {
        "reason": "OOMKilled",
        "exitCode": 137,
        "startedAt": stamp(now - ago - 55),
        "finishedAt": stamp(now - ago),
    }
    message = "back-off 2m40s restarting failed container=checkout"
    return Run("CrashLoopBackOff", message, restarts, ended, ready=False)


def _events(cluster: Cluster) -> None:
    """What the kubelet and the controllers have said since the release."""
    replicaset = cluster.pods("checkout")[0]["metadata"]["ownerReferences"][0]["name"]
    cluster.event(
        "Deployment", "checkout", "ScalingReplicaSet", f"Scaled up replica set {replicaset} from 0 to 3", RELEASED,
        warning=False, source="deployment-controller",
    )  # fmt: skip
    for pod in cluster.pods("checkout"):
        name = pod["metadata"]["name"]
        message = f"Back-off restarting failed container checkout in pod {name}_shop"
        cluster.event("Pod", name, "BackOff", message, 20, first=13 * MINUTE, count=41)
        cluster.event("Pod", name, "Pulled", "Container image already present on machine", 90, count=6, warning=False)


def _memory(cluster: Cluster) -> dict[str, Shape]:
    """A saw: up to the limit within a minute, killed, and again."""
    found: dict[str, Shape] = {}
    for number, pod in enumerate(cluster.pods("checkout")):
        start = cluster.now - RELEASED + 30 + number * 20
        teeth: list[Shift] = []
        for tooth in range(90):
            at = start + tooth * 130
            teeth += [Shift(at, 252 * MIB, over=80), Shift(at + 85, 96 * MIB)]
        found[pod["metadata"]["name"]] = gauge(96 * MIB, *teeth, noise=0.01, since=start)
    return found


def _restarts(cluster: Cluster) -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for number, pod in enumerate(cluster.pods("checkout")):
        total = pod["status"]["containerStatuses"][0]["restartCount"]
        first = cluster.now - RELEASED + 120 + number * 20
        steps = [Shift(first + i * 130, float(i + 1)) for i in range(total)]
        found[pod["metadata"]["name"]] = gauge(0, *steps, noise=0, since=first - 90)
    return found


def _logs(cluster: Cluster) -> tuple[PodLog, ...]:
    boot = (
        'level=info msg="checkout 2.14.0 starting"',
        'level=info msg="price table: loading all markets into memory (was: on demand)" rows=1184213',
        'level=warn msg="heap above 80% of limit" heap_mib=211 limit_mib=256',
        'level=warn msg="heap above 95% of limit" heap_mib=247 limit_mib=256',
    )
    found = []
    for pod in cluster.pods("checkout"):
        ended = cluster.now - 40
        found.append(PodLog(NAMESPACE, pod["metadata"]["name"], "checkout", chatter(ended - 48, ended, 12, boot), True))
        found.append(PodLog(NAMESPACE, pod["metadata"]["name"], "checkout", chatter(ended - 48, ended, 12, boot)))
    return tuple(found)


INCIDENT = Incident(
    name="checkout-oom",
    title="Checkout fails after a release",
    story="Release 2.14.0 loads its whole price table at start and is killed at its memory limit, over and over.",
    question="checkout is failing for some customers since a few minutes",
    cause="OOMKilled",
    build=build,
)
