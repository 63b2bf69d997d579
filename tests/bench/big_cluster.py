"""A synthetic cluster of any size behind a Kubernetes API: lists in pages, field selectors, nothing else.

Run as a process of its own (`python -m tests.bench.big_cluster PODS EVENTS WARNING_SHARE LATENCY_MS`), it prints its
address. Objects are encoded once, so that what is measured is the reader and not this server.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

NAMESPACE = "shop"
BROKEN = "app-7"
"""The workload whose containers are killed for memory."""
REPLICAS = 10
PODS_PER_NODE = 50
Json = dict[str, Any]
Encoded = Mapping[str, tuple[bytes, ...]]


def stamp(ago: timedelta) -> str:
    """A time as the API writes it."""
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%SZ")


LONG, LATELY = timedelta(days=20), timedelta(minutes=12)


def meta(name: str, ago: timedelta = LONG, **more: Any) -> Json:
    """Metadata with the managed fields that make up half of what a real server sends."""
    fields: Json = {f"f:field-{n}": {"f:value": {}, "f:time": {}} for n in range(24)}
    managed = [{"manager": "kubelet", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": fields}]
    return {"name": name, "namespace": NAMESPACE, "uid": f"uid-{name}", "resourceVersion": "7",
            "creationTimestamp": stamp(ago), "managedFields": managed, **more}  # fmt: skip


def owned(kind: str, name: str) -> list[Json]:
    """An owner reference."""
    return [{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}]


def template(app: str) -> Json:
    """A pod template."""
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3}
    container = {
        "name": "app", "image": f"registry.example.com/{app}:1.4.2", "ports": [{"containerPort": 8080}],
        "env": [{"name": f"SETTING_{n}", "value": f"value-{n}"} for n in range(12)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "livenessProbe": probe, "readinessProbe": probe,
    }  # fmt: skip
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container], "serviceAccountName": "default"}}


def pod(app: str, number: int, node: str) -> Json:
    """A pod that runs, or one of the broken workload's."""
    name = f"{app}-5d8f7c9b6d-{number:05d}"
    broken = app == BROKEN
    killed = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "startedAt": stamp(timedelta(minutes=4)),
                             "finishedAt": stamp(timedelta(minutes=1))}}  # fmt: skip
    state = {
        "name": "app", "image": f"registry.example.com/{app}:1.4.2", "imageID": "x", "ready": not broken,
        "started": not broken, "restartCount": 5 if broken else 0, "lastState": killed if broken else {},
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting"}}
        if broken else {"running": {"startedAt": stamp(LONG)}},
    }  # fmt: skip
    true = "False" if broken else "True"
    conditions = [
        {"type": kind, "status": "True" if kind in ("PodScheduled", "Initialized") else true,
         "lastTransitionTime": stamp(LATELY if broken else LONG)}
        for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    ]  # fmt: skip
    spec = {**template(app)["spec"], "nodeName": node}
    status = {"phase": "Running", "podIP": "10.0.0.1", "hostIP": "10.1.0.1", "conditions": conditions,
              "containerStatuses": [state], "startTime": stamp(LONG)}  # fmt: skip
    owner = owned("ReplicaSet", f"{app}-5d8f7c9b6d")
    labels = {"app": app, "pod-template-hash": "5d8f7c9b6d"}
    return {"metadata": meta(name, labels=labels, ownerReferences=owner), "spec": spec, "status": status}


def sets(app: str) -> Iterator[tuple[str, Json]]:
    """A workload's Deployment, its replica sets (with an old one), and its Service."""
    selector = {"matchLabels": {"app": app}}
    ready = 0 if app == BROKEN else REPLICAS
    counts = {"replicas": REPLICAS, "readyReplicas": ready, "availableReplicas": ready, "observedGeneration": 1}
    spec = {"replicas": REPLICAS, "selector": selector, "template": template(app)}
    yield "deployments", {"metadata": meta(app, generation=1), "spec": spec,
                          "status": {**counts, "updatedReplicas": REPLICAS}}  # fmt: skip
    for revision, (suffix, size) in enumerate((("66b6c48dd5", 0), ("5d8f7c9b6d", REPLICAS)), 1):
        annotations = {"deployment.kubernetes.io/revision": str(revision)}
        about = meta(f"{app}-{suffix}", ownerReferences=owned("Deployment", app), annotations=annotations)
        yield "replicasets", {"metadata": about, "spec": {**spec, "replicas": size}, "status": {"replicas": size}}
    ports = [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]
    yield "services", {"metadata": meta(app), "spec": {"selector": {"app": app}, "ports": ports, "type": "ClusterIP"}}


def node(name: str) -> Json:
    """A node that is well."""
    size = {"cpu": "64", "memory": "256Gi", "pods": "250"}
    conditions = [{"type": "Ready", "status": "True", "lastHeartbeatTime": stamp(timedelta(seconds=20)),
                   "lastTransitionTime": stamp(LONG)}]  # fmt: skip
    about = {**meta(name, labels={"kubernetes.io/hostname": name}), "namespace": None}
    return {"metadata": about, "spec": {}, "status": {"capacity": size, "allocatable": size, "conditions": conditions}}


def event(number: int, subject: str, kind: str) -> Json:
    """An event about a pod."""
    reason, text = ("BackOff", "Back-off restarting failed container app in pod") if kind == "Warning" else (
        "Pulled", "Container image already present on machine")  # fmt: skip
    ago = timedelta(seconds=number % 3000)
    return {
        "metadata": meta(f"{subject}.{number:x}", ago), "type": kind, "reason": reason, "message": f"{text} {subject}",
        "involvedObject": {"kind": "Pod", "namespace": NAMESPACE, "name": subject, "uid": f"uid-{subject}"},
        "count": 3, "firstTimestamp": stamp(timedelta(seconds=3000)), "lastTimestamp": stamp(ago),
        "source": {"component": "kubelet", "host": "node-1"},
    }  # fmt: skip


def cluster(pods: int, events: int, warnings: float) -> Encoded:
    """Encoded objects by plural; warnings stand before the other events."""
    apps = [f"app-{n}" for n in range(pods // REPLICAS)]
    nodes = [f"node-{n}" for n in range(max(3, pods // PODS_PER_NODE))]
    objects: dict[str, list[Json]] = {"pods": [], "nodes": [node(one) for one in nodes]}
    for index, app in enumerate(apps):
        objects["pods"] += [pod(app, n, nodes[(index + n) % len(nodes)]) for n in range(REPLICAS)]
        for plural, one in sets(app):
            objects.setdefault(plural, []).append(one)
    names = [str(one["metadata"]["name"]) for one in objects["pods"]]
    broken = [name for name in names if name.startswith(f"{BROKEN}-")]
    loud = int(events * warnings)
    # Every warning but one in ten is about pods that are well again: what a busy cluster looks like.
    about = [(broken if n % 10 == 0 else names)[n % (len(broken) if n % 10 == 0 else len(names))] for n in range(loud)]
    objects["warnings"] = [event(n, name, "Warning") for n, name in enumerate(about)]
    objects["normal"] = [event(n, names[n % len(names)], "Normal") for n in range(events - loud)]
    return {plural: tuple(json.dumps(one).encode() for one in rows) for plural, rows in objects.items()}


class Handler(BaseHTTPRequestHandler):
    """Lists in pages; a namespace has everything, the others nothing."""

    protocol_version = "HTTP/1.1"

    def __init__(self, objects: Encoded, latency: float, *args: Any) -> None:
        self.objects, self.latency = objects, latency
        super().__init__(*args)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

    def do_GET(self) -> None:
        """Answer one list."""
        time.sleep(self.latency)
        url = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(url.query).items()}
        parts = url.path.strip("/").split("/")
        if parts[-1] == "log":
            self._send(b"2026-01-01T00:00:00Z out of memory\n", "text/plain")
        elif parts == ["apis"]:
            self._send(b'{"kind":"APIGroupList","groups":[]}')
        else:
            self._list(parts, asked)

    def _list(self, parts: Sequence[str], asked: Mapping[str, str]) -> None:
        elsewhere = "namespaces" in parts[:-1] and parts[parts.index("namespaces") + 1] != NAMESPACE
        rows = () if elsewhere else self._rows(parts[-1], asked.get("fieldSelector", ""))
        start, size = int(asked.get("continue") or 0), int(asked.get("limit") or len(rows) or 1)
        token = str(start + size) if start + size < len(rows) else ""
        head = json.dumps({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "9", "continue": token}})
        self._send(b'%s,"items":[%s]}' % (head[:-1].encode(), b",".join(rows[start : start + size])))

    def _rows(self, plural: str, fields: str) -> tuple[bytes, ...]:
        if plural != "events":
            return self.objects.get(plural, ())
        if "involvedObject.kind=Node" in fields:
            return ()
        if "involvedObject.name=" in fields:
            name = fields.split("involvedObject.name=")[1].split(",")[0].encode()
            return tuple(row for row in self.objects["warnings"] if name in row)
        return self.objects["warnings"] + (() if "type!=Normal" in fields else self.objects["normal"])

    def _send(self, body: bytes, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until the process is ended."""
    pods, events, warnings, latency = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    objects = cluster(pods, events, warnings)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, objects, latency / 1000))
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
