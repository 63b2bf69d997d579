"""How is something broken in the shop? Releases, pods that do not start, events, and the traffic that suffers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatops.demo.incidents.shop import Scene, chatter, error_rule, healthy, named, world
from chatops.demo.kubernetes.cluster import MINUTE, NAMESPACE, Cluster, Object, Run, stamp
from chatops.demo.metrics import Phase, Usage
from chatops.demo.world import PodLog, World

CALLERS: Mapping[str, tuple[str, ...]] = {
    "catalog": ("storefront",),
    "cart": ("storefront",),
    "checkout": ("storefront",),
    "orders": ("checkout", "storefront"),
    "payments": ("checkout",),
    "storefront": (),
}
SINCE = 14 * MINUTE
"""How long ago it broke."""
Change = Callable[[Object], None]


@dataclass(frozen=True)
class Fault:
    """One case: what is wrong with what, and the world that shows it."""

    name: str
    cause: str
    """A code of the catalogue; `healthy` where nothing is wrong."""
    object: str
    """`app/NAME`, `node/NAME` or `namespace/NAME`."""
    build: Callable[[float], World]
    question: str = "part of the shop cannot be reached"


def released(
    now: float, name: str, runs: Sequence[Run] | None = None, *, change: Change | None = None, **fields: Any
) -> Cluster:
    """The shop after a change of one workload's pods: its old ReplicaSet is scaled down, the new one is as `runs` say."""
    old = named(name)
    new = replace(old, age=SINCE, **fields)
    cluster = healthy(now, without=[name])
    cluster.deployment(new, runs, revision=8)
    if change:
        alter(cluster, name, change)
    before = cluster.revision(old, 7, [], wanted=0)
    before["metadata"]["name"] += "old"
    cluster.settle(name)
    return cluster


def alter(cluster: Cluster, name: str, change: Change) -> None:
    """Change the pod spec of a workload wherever it stands: in the Deployment, its ReplicaSets and its pods."""
    specs = [cluster.get("apps/v1/deployments", name)["spec"]["template"]["spec"]]
    specs += [row["spec"]["template"]["spec"] for row in replicasets(cluster, name)]
    specs += [pod["spec"] for pod in cluster.pods(name)]
    for spec in specs:
        change(spec)


def replicasets(cluster: Cluster, name: str) -> list[Object]:
    """The ReplicaSets of a workload."""
    return [r for r in cluster.objects["apps/v1/replicasets"] if r["metadata"]["labels"].get("app") == name]


def refused(cluster: Cluster, name: str, message: str) -> None:
    """The API server refuses the pods of a workload: none exists, and its ReplicaSet says why."""
    for pod in cluster.pods(name):
        cluster.objects["v1/pods"].remove(pod)
    (row, *_) = replicasets(cluster, name)
    wanted = cluster.get("apps/v1/deployments", name)["spec"]["replicas"]
    row["spec"]["replicas"] = wanted
    failure = cluster.condition("ReplicaFailure", "True", "FailedCreate", SINCE - 5, message)
    row["status"] = {"replicas": 0, "observedGeneration": 1, "conditions": [failure]}
    cluster.event(
        "ReplicaSet", row["metadata"]["name"], "FailedCreate", f"Error creating: {message}", 40,
        first=SINCE - 5, count=14, source="replicaset-controller",
    )  # fmt: skip
    cluster.settle(name)
    cluster.get("apps/v1/deployments", name)["status"]["conditions"].append(dict(failure))


def unscheduled(cluster: Cluster, name: str, message: str, *, event: bool = True) -> None:
    """The scheduler finds no node for the pods of a workload."""
    for pod in cluster.pods(name):
        pod["spec"].pop("nodeName", None)
        known = [cluster.condition("PodScheduled", "False", "Unschedulable", SINCE - 2, message)] if event else []
        pod["status"] = {"phase": "Pending", "qosClass": "Burstable", "conditions": known}
        if event:
            cluster.event(
                "Pod", pod["metadata"]["name"], "FailedScheduling", message, 45,
                first=SINCE - 2, count=6, source="default-scheduler",
            )  # fmt: skip
    cluster.settle(name)


def events(
    cluster: Cluster, name: str, reason: str, message: str, *, count: int = 20, source: str = "kubelet", ago: float = 20
) -> None:
    """The same warning about every pod of a workload, since it broke."""
    for pod in cluster.pods(name):
        cluster.event(
            "Pod", pod["metadata"]["name"], reason, message, ago, first=SINCE - 15, count=count, source=source
        )


def crashing(cluster: Cluster, code: int = 1, reason: str = "Error", *, restarts: int = 7) -> Run:
    """A container that ends again and again."""
    ended = {
        "exitCode": code,
        "reason": reason,
        "startedAt": stamp(cluster.now - 100),
        "finishedAt": stamp(cluster.now - 90),
    }
    wait = "back-off 5m0s restarting failed container"
    return Run("CrashLoopBackOff", wait, restarts=restarts, ended=ended, ready=False)


def spoken(
    cluster: Cluster, name: str, broken: Sequence[str], usual: Sequence[str] = (), *, last: bool = False
) -> tuple[PodLog, ...]:
    """The logs of a workload's pods: as usual before it broke, `broken` since; `last` also of the run before."""
    calm = usual or ('level=info msg="request served" status=200',)
    before = chatter(cluster.now - 3600, cluster.now - SINCE, 15, calm)
    after = chatter(cluster.now - SINCE + 10, cluster.now + 7200, 9, broken)
    found = []
    for pod in cluster.pods(name):
        at = pod["metadata"]["name"]
        found.append(PodLog(NAMESPACE, at, name, (*before, *after)))
        if last:
            found.append(PodLog(NAMESPACE, at, name, after[:12], previous=True))
    return tuple(found)


def suffering(
    cluster: Cluster, name: str, *, share: float = 1.0, logs: tuple[PodLog, ...] = (), usage: Usage | None = None,
    latency: float = 0.0,
) -> World:  # fmt: skip
    """The world: the workload serves `share` less, its callers fail or wait for it."""
    onset = cluster.now - SINCE + 20
    scene = Scene(cluster, onset, logs=logs, usage=usage or Usage())
    rows = dict(scene.traffic)
    victim = rows[name]
    slow = latency or victim.latency
    rows[name] = replace(victim, phases=(Phase(onset, victim.rps * (1 - share), 0.0 if share == 1 else 0.05, slow),))
    for depth, caller in enumerate(CALLERS[name]):
        one = rows[caller]
        errors = 0.002 if latency else share * (0.42 if depth == 0 else 0.2)
        rows[caller] = replace(one, phases=(Phase(onset, one.rps, errors, one.latency + latency),), code="502")
    told = next(iter(CALLERS[name]), name)
    return world(replace(scene, traffic=rows), error_rule(told), {"namespace": NAMESPACE, "service": told})


def calling(cluster: Cluster, name: str, error: str) -> tuple[PodLog, ...]:
    """What the direct caller of a workload logs since it broke."""
    caller = next(iter(CALLERS[name]))
    line = f'level=error msg="upstream failed" upstream=http://{name} error="{error}"'
    return spoken(cluster, caller, (line, 'level=info msg="request served" status=200'))
