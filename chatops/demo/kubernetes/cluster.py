"""How does a small cluster look as API objects? A builder that turns a row per workload into what its controllers make.

An incident takes the healthy shop and breaks something in it; what a controller would then do is
stated by the incident, because a demo shows a moment, not a simulation.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chatops.demo.kubernetes.endpoints import endpoints, ready, selected, subsets
from chatops.demo.kubernetes.nodes import HEALTHY, worker
from chatops.demo.kubernetes.resources import BY_KEY

Object = dict[str, Any]
NAMESPACE = "shop"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def stamp(when: float) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def suffix(text: str, length: int) -> str:
    """Letters as generated names have them; the same for the same text."""
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_ALPHABET[b % len(_ALPHABET)] for b in digest[:length])


@dataclass(frozen=True)
class Workload:
    """A Deployment with its Service, as its chart would describe it."""

    name: str
    version: str
    replicas: int = 2
    port: int = 8080
    cpu: str = "250m"
    memory: str = "256Mi"
    env: Mapping[str, str] = field(default_factory=dict)
    age: float = 9 * DAY
    namespace: str = NAMESPACE
    repository: str = "registry.example.com/shop"

    @property
    def image(self) -> str:
        """The image reference."""
        return f"{self.repository}/{self.name}:{self.version}"


@dataclass(frozen=True)
class Run:
    """The state of a pod's container: by default it runs and is ready since the pod started."""

    waiting: str = ""
    message: str = ""
    restarts: int = 0
    ended: Mapping[str, Any] | None = None
    """`terminated` of the last run, with times as API strings."""
    ready: bool = True
    started: float | None = None


class Cluster:
    """Objects under construction; `now` is the moment the alert fires."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.objects: dict[str, list[Object]] = {}
        self._events = 0
        self._addresses = 10

    def add(self, key: str, name: str, age: float, body: Mapping[str, Any], namespace: str = "", **meta: Any) -> Object:
        """Add an object with its metadata; `key` is `v1/pods`, age in seconds."""
        resource = BY_KEY[key]
        uid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{key}/{namespace}/{name}"))
        metadata = {
            "name": name,
            "uid": uid,
            "creationTimestamp": stamp(self.now - age),
            "resourceVersion": "1000",
            **meta,
        }
        if namespace:
            metadata["namespace"] = namespace
        item = {"apiVersion": resource.group_version, "kind": resource.kind, "metadata": metadata, **body}
        self.objects.setdefault(key, []).append(item)
        return item

    def get(self, key: str, name: str) -> Object:
        """An object that was added; a change of it changes the cluster."""
        return next(item for item in self.objects[key] if item["metadata"]["name"] == name)

    def pods(self, workload: str) -> list[Object]:
        """The pods of a workload, oldest first."""
        return [p for p in self.objects["v1/pods"] if p["metadata"].get("labels", {}).get("app") == workload]

    def node(self, name: str, zone: str) -> None:
        """A healthy worker with its lease."""
        conditions = [self.condition(kind, state, why, 40 * DAY, beat=20) for kind, state, why in HEALTHY]
        labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone, "kubernetes.io/os": "linux"}
        self.add("v1/nodes", name, 40 * DAY, worker(name, suffix(name, 12), conditions), labels=labels)
        lease = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": stamp(self.now - 5)}
        self.add("coordination.k8s.io/v1/leases", name, 40 * DAY, {"spec": lease}, "kube-node-lease")

    def condition(self, kind: str, status: str, reason: str, ago: float, message: str = "", beat: float = 0) -> Object:
        """One row of a `conditions` list."""
        found: Object = {"type": kind, "status": status, "reason": reason, "message": message}
        found["lastTransitionTime"] = stamp(self.now - ago)
        if beat:
            found["lastHeartbeatTime"] = stamp(self.now - beat)
        return found

    def deployment(self, w: Workload, runs: Sequence[Run] | None = None, revision: int = 7) -> Object:
        """The whole of a workload: Deployment, current ReplicaSet, pods, Service, endpoints."""
        self.add("v1/serviceaccounts", w.name, w.age, {}, w.namespace)
        annotations = {"deployment.kubernetes.io/revision": str(revision), "meta.helm.sh/release-name": "shop"}
        spec = {
            "replicas": w.replicas,
            "revisionHistoryLimit": 10,
            "selector": {"matchLabels": {"app": w.name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "progressDeadlineSeconds": 600,
            "template": self._template(w),
        }
        labels = {"app": w.name, "app.kubernetes.io/part-of": "shop", "app.kubernetes.io/version": w.version}
        item = self.add(
            "apps/v1/deployments", w.name, 90 * DAY, {"spec": spec}, w.namespace, labels=labels, annotations=annotations
        )
        item["metadata"]["generation"] = revision
        self.revision(w, revision, runs if runs is not None else [Run()] * w.replicas)
        self.service(w)
        self.settle(w.name)
        return item

    def _template(self, w: Workload) -> Object:
        def probe(misses: int) -> Object:
            asks = {"path": "/healthz", "port": w.port}
            return {"httpGet": asks, "periodSeconds": 10, "timeoutSeconds": 2, "failureThreshold": misses}

        container = {
            "name": w.name,
            "image": w.image,
            "ports": [{"name": "http", "containerPort": w.port, "protocol": "TCP"}],
            "env": [{"name": k, "value": v} for k, v in w.env.items()],
            "resources": {"requests": {"cpu": w.cpu, "memory": w.memory}, "limits": {"memory": w.memory}},
            "readinessProbe": probe(3),
            "livenessProbe": probe(6),
        }
        spec = {"serviceAccountName": w.name, "containers": [container], "restartPolicy": "Always"}
        return {"metadata": {"labels": {"app": w.name, "version": w.version}}, "spec": spec}

    def revision(self, w: Workload, revision: int, runs: Sequence[Run], *, wanted: int | None = None) -> Object:
        """A ReplicaSet with its pods, the image of `w` in it; `w.age` is the release's age."""
        digest = suffix(f"{w.name}-{w.image}-{w.memory}", 9)
        name, template = f"{w.name}-{digest}", self._template(w)
        template["metadata"]["labels"]["pod-template-hash"] = digest
        labels = dict(template["metadata"]["labels"])
        owner = self.owner("apps/v1/deployments", w.name, w.namespace)
        serving = sum(r.ready for r in runs)
        status = {
            "replicas": len(runs),
            "readyReplicas": serving,
            "availableReplicas": serving,
            "fullyLabeledReplicas": len(runs),
        }
        spec = {
            "replicas": len(runs) if wanted is None else wanted,
            "selector": {"matchLabels": {"app": w.name, "pod-template-hash": digest}},
            "template": template,
        }
        annotations = {"deployment.kubernetes.io/revision": str(revision)}
        replicaset = self.add(
            "apps/v1/replicasets", name, w.age, {"spec": spec, "status": status}, w.namespace,
            labels=labels, annotations=annotations, ownerReferences=[owner],
        )  # fmt: skip
        for number, run in enumerate(runs):
            self._pod(w, f"{name}-{suffix(f'{name}{number}', 5)}", labels, run, number)
        return replicaset

    def owner(self, key: str, name: str, namespace: str = NAMESPACE) -> Object:
        """An owner reference to something that is or will be in the cluster."""
        resource = BY_KEY[key]
        uid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{key}/{namespace}/{name}"))
        return {
            "apiVersion": resource.group_version,
            "kind": resource.kind,
            "name": name,
            "uid": uid,
            "controller": True,
        }

    def _pod(self, w: Workload, name: str, labels: Mapping[str, str], run: Run, number: int) -> None:
        nodes = [n["metadata"]["name"] for n in self.objects["v1/nodes"]]
        self._addresses += 1
        address = f"10.42.{number}.{self._addresses}"
        spec = {**self._template(w)["spec"], "nodeName": nodes[(number + len(w.name)) % len(nodes)]}
        started = self.now - w.age + 4
        state = "True" if run.ready else "False"
        why = "" if run.ready else "ContainersNotReady"
        status = {
            "phase": "Pending" if run.waiting and not run.restarts else "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "qosClass": "Burstable",
            "startTime": stamp(started),
            "conditions": [
                self.condition("PodScheduled", "True", "", w.age),
                self.condition("Initialized", "True", "", w.age - 1),
                self.condition("ContainersReady", state, why, min(w.age, 4 * MINUTE)),
                self.condition("Ready", state, why, min(w.age, 4 * MINUTE)),
            ],
            "containerStatuses": [self._container_status(w, run, started)],
        }
        owner = self.owner("apps/v1/replicasets", name.rpartition("-")[0], w.namespace)
        self.add(
            "v1/pods",
            name,
            w.age,
            {"spec": spec, "status": status},
            w.namespace,
            labels=dict(labels),
            ownerReferences=[owner],
        )

    def _container_status(self, w: Workload, run: Run, started: float) -> Object:
        running = {"running": {"startedAt": stamp(run.started or started)}}
        waiting = {"waiting": {"reason": run.waiting, "message": run.message}}
        return {
            "name": w.name,
            "image": w.image,
            "imageID": ""
            if run.waiting and not run.restarts
            else f"{w.repository}/{w.name}@sha256:{suffix(w.image, 40)}",
            "ready": run.ready,
            "started": not run.waiting,
            "restartCount": run.restarts,
            "state": waiting if run.waiting else running,
            "lastState": {"terminated": dict(run.ended)} if run.ended else {},
        }

    def service(self, w: Workload) -> None:
        """The Service before a workload; `settle` fills in its endpoints."""
        ports = [{"name": "http", "port": 80, "targetPort": w.port, "protocol": "TCP"}]
        spec = {"type": "ClusterIP", "clusterIP": f"10.96.0.{len(self.objects['v1/serviceaccounts']) + 20}"}
        body: Object = {"spec": {**spec, "selector": {"app": w.name}, "ports": ports}}
        self.add("v1/services", w.name, 90 * DAY, body, w.namespace, labels={"app": w.name})
        self.add("v1/endpoints", w.name, 90 * DAY, {"subsets": []}, w.namespace, labels={"app": w.name})
        labels = {"kubernetes.io/service-name": w.name}
        body = {"addressType": "IPv4", "endpoints": [], "ports": [{"name": "http", "port": w.port, "protocol": "TCP"}]}
        self.add(
            "discovery.k8s.io/v1/endpointslices",
            f"{w.name}-{suffix(w.name, 5)}",
            90 * DAY,
            body,
            w.namespace,
            labels=labels,
        )

    def settle(self, name: str) -> None:
        """Bring endpoints and the Deployment's status in line with the pods, as the controllers do."""
        service = self.get("v1/services", name)
        chosen = selected(self.objects["v1/pods"], service)
        self.get("v1/endpoints", name)["subsets"] = subsets(service, chosen)
        slices = self.get("discovery.k8s.io/v1/endpointslices", f"{name}-{suffix(name, 5)}")
        slices["endpoints"] = endpoints(chosen)
        deployment = self.get("apps/v1/deployments", name)
        deployment["status"] = self._deployment_status(name, deployment)

    def _deployment_status(self, name: str, deployment: Object) -> Object:
        pods, wanted = self.pods(name), deployment["spec"]["replicas"]
        count = sum(ready(p) for p in pods)
        image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
        enough = count >= wanted - max(1, wanted // 4) and count > 0
        available = ("True", "MinimumReplicasAvailable") if enough else ("False", "MinimumReplicasUnavailable")
        return {
            "observedGeneration": deployment["metadata"]["generation"],
            "replicas": len(pods),
            "updatedReplicas": sum(p["spec"]["containers"][0]["image"] == image for p in pods),
            "readyReplicas": count,
            "availableReplicas": count,
            "unavailableReplicas": max(0, wanted - count),
            "conditions": [
                self.condition("Available", *available, ago=5 * MINUTE),
                self.condition("Progressing", "True", "NewReplicaSetAvailable", ago=5 * MINUTE),
            ],
        }

    def event(
        self,
        kind: str,
        name: str,
        reason: str,
        message: str,
        ago: float,
        *,
        first: float | None = None,
        count: int = 1,
        warning: bool = True,
        source: str = "kubelet",
        namespace: str = NAMESPACE,
    ) -> None:
        """An event about an object; `ago` is when it was last seen, `first` when first (seconds before now)."""
        self._events += 1
        key = next((k for k in BY_KEY if BY_KEY[k].kind == kind), "v1/pods")
        involved = {"kind": kind, "name": name, "uid": self.owner(key, name, namespace)["uid"]}
        involved["apiVersion"] = BY_KEY[key].group_version
        if kind != "Node":
            involved["namespace"] = namespace
        body = {
            "involvedObject": involved,
            "type": "Warning" if warning else "Normal",
            "reason": reason,
            "message": message,
            "count": count,
            "firstTimestamp": stamp(self.now - (first if first is not None else ago)),
            "lastTimestamp": stamp(self.now - ago),
            "eventTime": None,
            "source": {"component": source},
            "reportingComponent": source,
            "reportingInstance": "",
        }
        where = "default" if kind == "Node" else namespace
        self.add("v1/events", f"{name}.{suffix(f'{name}{self._events}', 12)}", first or ago, body, where)
