"""A small cluster in memory for the rules' tests: healthy by default, one line breaks one thing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import ConnectorError
from connectors.evidence import Finding, Role
from connectors.kubernetes.checks import ROWS
from connectors.kubernetes.resources import OPERATED, Resource
from connectors.kubernetes.snapshot import LogLine, Snapshot
from connectors.kubernetes.view import View

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NS = "shop"
BY_KIND = {(row.group, row.kind): row for row in OPERATED}
Json = dict[str, Any]


def ago(seconds: float) -> str:
    """A timestamp of the API so many seconds before now."""
    return (NOW - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


class Cluster:
    """Objects by plural; every method adds one thing and returns it, for a test to change."""

    def __init__(self, nodes: Iterable[str] = ("n1", "n2")) -> None:
        self.objects: dict[str, list[Json]] = {
            plural: []
            for plural in (
                "pods", "services", "endpointslices", "events", "deployments", "replicasets", "statefulsets",
                "daemonsets",
                "jobs", "cronjobs", "resourcequotas", "persistentvolumeclaims", "horizontalpodautoscalers",
                "networkpolicies", "ingresses", "nodes", "persistentvolumes", "storageclasses", "leases", "system_pods",
            )
        }  # fmt: skip
        self.logs: dict[tuple[str, str, str, bool], list[LogLine]] = {}
        self.failures: dict[str, ConnectorError] = {}
        self.kinds: dict[str, Resource] = {}
        for name in nodes:
            self.node(name)

    def add(self, plural: str, kind: str, name: str, namespace: str = NS, **fields: Any) -> Json:
        """Any object."""
        metadata = {"name": name, "creationTimestamp": ago(3600)} | ({"namespace": namespace} if namespace else {})
        metadata |= fields.pop("metadata", {})
        made = {"kind": kind, "metadata": metadata, **fields}
        self.objects.setdefault(plural, []).append(made)
        return made

    def node(
        self, name: str, ready: str = "True", message: str = "kubelet is posting ready status", **spec: Any
    ) -> Json:
        """A node with 4 CPUs and 8 Gi, its lease renewed a moment ago."""
        condition = {
            "type": "Ready",
            "status": ready,
            "reason": "KubeletReady",
            "message": message,
            "lastTransitionTime": ago(9000),
        }
        lease = {"renewTime": ago(3), "holderIdentity": name}
        self.add("leases", "Lease", name, "kube-node-lease", spec=lease)
        labels = {"kubernetes.io/hostname": name}
        status = {"conditions": [condition], "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}
        return self.add("nodes", "Node", name, "", metadata={"labels": labels}, spec=spec, status=status)

    def app(
        self,
        name: str,
        port: int = 8080,
        *,
        env: dict[str, str] | None = None,
        ready: bool = True,
        node: str | None = "n1",
        pods: int = 1,
        service: bool = True,
        pod_spec: Json | None = None,
        container: Json | None = None,
        state: Json | None = None,
    ) -> Json:
        """A Deployment with its ReplicaSet, pods and service; returns the first. `state` updates the status."""
        main = {
            "name": "main",
            "image": f"registry.example/{name}:1",
            "env": [{"name": key, "value": value} for key, value in (env or {}).items()],
            "ports": [{"containerPort": port}],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        } | (container or {})
        spec = {"containers": [main], "serviceAccountName": "default"} | (pod_spec or {})
        template = {"metadata": {"labels": {"app": name}}, "spec": spec}
        made = self.add(
            "deployments", "Deployment", name,
            spec={"replicas": max(pods, 1), "selector": {"matchLabels": {"app": name}}, "template": template},
            status={"replicas": pods, "readyReplicas": pods if ready else 0, "conditions": []},
        )  # fmt: skip
        owner = [{"kind": "Deployment", "name": name, "controller": True}]
        set_name = f"{name}-5d9c7b8f6d"
        self.add(
            "replicasets", "ReplicaSet", set_name, metadata={"ownerReferences": owner},
            spec={"replicas": max(pods, 1), "template": template}, status={"replicas": pods},
        )  # fmt: skip
        for number in range(pods):
            self._pod(name, f"{set_name}-{'abcdefgh'[number] * 5}", set_name, spec, ready, node, state)
        if service:
            self.service(name, port)
        return made

    def _pod(
        self, app: str, name: str, owner: str, spec: Json, ready: bool, node: str | None, state: Json | None
    ) -> None:
        status: Json = {"phase": "Running" if node and ready else "Pending", "conditions": []}
        if node:
            running = {"name": "main", "ready": ready, "restartCount": 0, "state": {"running": {"startedAt": ago(600)}}}
            status["containerStatuses"] = [running | (state or {})]
            status["conditions"].append({"type": "Ready", "status": "True" if ready else "False"})
        else:
            status["conditions"].append({"type": "PodScheduled", "status": "False", "reason": "Unschedulable"})
        owners = [{"kind": "ReplicaSet", "name": owner, "controller": True}]
        placed = spec | ({"nodeName": node} if node else {})
        self.add(
            "pods",
            "Pod",
            name,
            metadata={"labels": {"app": app}, "ownerReferences": owners},
            spec=placed,
            status=status,
        )

    def pod(self, app: str) -> Json:
        """The first pod of an app."""
        return next(one for one in self.objects["pods"] if one["metadata"]["labels"]["app"] == app)

    def service(self, name: str, port: int = 8080, target: int | str | None = None, **spec: Any) -> Json:
        """A service that selects `app=<name>`."""
        ports = [{"port": port, "targetPort": port if target is None else target, "protocol": "TCP"}]
        return self.add(
            "services",
            "Service",
            name,
            spec={"selector": {"app": name}, "ports": ports, "clusterIP": "10.0.0.9"} | spec,
        )

    def event(self, kind: str, name: str, reason: str, message: str, count: int = 3, seconds: float = 30) -> Json:
        """A warning event, last seen so many seconds ago."""
        about = {"kind": kind, "name": name} | ({} if kind == "Node" else {"namespace": NS})
        return self.add(
            "events", "Event", f"{name}.{len(self.objects['events'])}", involvedObject=about, type="Warning",
            reason=reason,
            message=message, count=count, firstTimestamp=ago(seconds + 60), lastTimestamp=ago(seconds),
        )  # fmt: skip

    def pod_event(self, app: str, reason: str, message: str, **how: Any) -> Json:
        """A warning event of an app's pod."""
        return self.event("Pod", self.pod(app)["metadata"]["name"], reason, message, **how)

    def log(self, app: str, *lines: str, previous: bool = False, container: str = "main", seconds: float = 60) -> None:
        """Lines of the log of an app's pod, a minute old."""
        at = NOW - timedelta(seconds=seconds)
        self.logs[NS, self.pod(app)["metadata"]["name"], container, previous] = [LogLine(at, line) for line in lines]

    def operated(self, kind: str, name: str, group: str = "example.io", *, status: Json, **fields: Any) -> Json:
        """An object of an operator, of a kind that the cluster serves."""
        row = BY_KIND.get((group, kind)) or Resource(f"{kind.lower()}s", kind, f"{group}/v1")
        self.kinds[row.full] = row
        return self.add(row.full, kind, name, NS if row.namespaced else "", status=status, **fields)

    def forbid(self, plural: str) -> None:
        """A kind that may not be read."""
        self.objects.pop(plural, None)
        self.failures[plural] = ConnectorError("forbidden", f"GET {plural}", f"{plural} is forbidden")

    def view(self, asked: str = "") -> View:
        """What the rules see; `asked` are the words of question and alerts."""
        kinds = tuple(self.kinds.values())
        read = Snapshot(NOW, NS, None, self.objects, self.failures, set(), self.logs, asked=asked, operated=kinds)
        return View(read)


def ended_state(code: int, reason: str = "Error", restarts: int = 4) -> Json:
    """The status of a container in a crash loop."""
    return {
        "ready": False,
        "restartCount": restarts,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": code, "reason": reason, "finishedAt": ago(40)}},
    }


def findings(cluster: Cluster, asked: str = "") -> list[Finding]:
    """Every rule's findings, the surest cause first."""
    view = cluster.view(asked)
    found = [case.finding for row in ROWS for rule in row.rules for case in rule(view)]
    return sorted(found, key=lambda one: (one.role is not Role.CAUSE, -one.confidence))


def top(cluster: Cluster) -> str:
    """The surest cause as `Cause Kind/name`."""
    first = findings(cluster)[0]
    assert first.role is Role.CAUSE, first
    return f"{first.cause} {first.subject.kind}/{first.subject.name}"


def sure(cluster: Cluster, least: float = 0.5) -> list[str]:
    """Causes that are claimed with at least this confidence."""
    return [
        f"{one.cause} {one.subject.name}"
        for one in findings(cluster)
        if one.role is Role.CAUSE and one.confidence >= least
    ]
