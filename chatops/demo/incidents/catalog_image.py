"""A hot fix of catalog was released with a tag that was never pushed: new pods cannot pull it, the old ones serve."""

from __future__ import annotations

from dataclasses import replace

from chatops.demo.incidents.shop import Incident, Scene, healthy, named, rule, world
from chatops.demo.kubernetes.cluster import MINUTE, NAMESPACE, Cluster, Run
from chatops.demo.metrics import Phase, Traffic
from chatops.demo.world import World

RELEASED = 13 * MINUTE
TAG = "2026.11.3-hotifx"


def build(now: float) -> World:
    """The world at the moment the alert fires."""
    old = named("catalog")
    new = replace(old, version=TAG, age=RELEASED, replicas=3)
    cluster = healthy(now, without=["catalog"])
    pull = f'Back-off pulling image "{new.image}": ErrImagePull: {_not_found(new.image)}'
    stuck = Run("ImagePullBackOff", pull, ready=False)
    deployment = cluster.deployment(new, [stuck, stuck], revision=12)
    cluster.revision(old, 11, [Run(), Run()])
    cluster.settle("catalog")
    late = "ReplicaSet has timed out progressing."
    deployment["status"]["conditions"][1] = cluster.condition(
        "Progressing", "False", "ProgressDeadlineExceeded", 3 * MINUTE, late
    )
    _events(cluster, new.image)
    onset = now - RELEASED
    scene = Scene(cluster, onset)
    rows = dict(scene.traffic)
    rows["catalog"] = Traffic("catalog", 65.0, latency=0.03, phases=(Phase(onset + 60, 64.0, 0.004, 0.07),))
    return world(replace(scene, traffic=rows), RULE, {"namespace": NAMESPACE, "deployment": "catalog"})


def _not_found(image: str) -> str:
    return (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
        f'failed to resolve reference "{image}": {image}: not found'
    )


def _events(cluster: Cluster, image: str) -> None:
    for pod in cluster.pods("catalog"):
        if pod["status"]["phase"] != "Pending":
            continue
        name, failed = pod["metadata"]["name"], f'Failed to pull image "{image}": {_not_found(image)}'
        cluster.event("Pod", name, "Pulling", f'Pulling image "{image}"', 130, first=RELEASED, count=7, warning=False)
        cluster.event("Pod", name, "Failed", failed, 130, first=RELEASED - 2, count=7)
        cluster.event("Pod", name, "Failed", "Error: ErrImagePull", 130, first=RELEASED - 2, count=7)
        cluster.event("Pod", name, "BackOff", f'Back-off pulling image "{image}"', 15, first=RELEASED - 20, count=52)


RULE = rule(
    "KubeDeploymentRolloutStuck",
    'kube_deployment_status_replicas_unavailable{namespace="shop",deployment="catalog"} > 0',
    "The rollout of Deployment shop/catalog does not finish",
    "warning",
)
INCIDENT = Incident(
    name="catalog-image",
    title="A rollout of catalog does not finish",
    story="The hot fix was released with a misspelt image tag; the old pods keep serving with one replica less.",
    question="the catalog hotfix is not live, what is going on?",
    cause="IncorrectImageReference",
    build=build,
)
