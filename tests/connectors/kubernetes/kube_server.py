"""A small Kubernetes API over real HTTP for tests: lists with paging and selectors, logs, reviews, faults."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.contract import ConnectorSettings
from connectors.kubernetes.connector import KubernetesConnector
from connectors.kubernetes.opening import open_connector
from connectors.kubernetes.resources import Resource

Json = dict[str, Any]
Fault = Callable[["Handler"], None]


@dataclass
class Api:
    """What the server serves: objects by plural, logs by pod, faults by the last word of the path."""

    objects: dict[str, list[Json]] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    """By `pod`, `pod/container` or `pod/container/previous`."""
    faults: dict[str, Fault] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    operated: list[Resource] = field(default_factory=list)
    """Custom kinds: where there are some, discovery is answered as newer servers do."""
    denied: set[str] = field(default_factory=set)
    latency: float = 0.0
    seen: list[str] = field(default_factory=list)
    """Requests as `METHOD path?query`."""
    tokens: list[str] = field(default_factory=list)
    """Values of the Authorization header."""
    page_limit: int = 100_000
    released: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over: lets requests that hang go."""

    def asked(self, plural: str) -> list[str]:
        """Requests for a kind."""
        return [one for one in self.seen if urlsplit(one.split(" ")[1]).path.endswith("/" + plural)]


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        return

    def answer(self, body: Any, status: int = 200, **headers: str) -> None:
        """Send JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status: int, reason: str, message: str, **headers: str) -> None:
        """Send a Status object."""
        body = {"kind": "Status", "status": "Failure", "reason": reason, "message": message, "code": status}
        self.answer(body, status, **headers)

    def do_GET(self) -> None:
        """Lists, objects, logs."""
        api = self.server.api
        api.seen.append(f"GET {self.path}")
        api.tokens.append(self.headers.get("Authorization", ""))
        time.sleep(api.latency)
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        parts = [part for part in url.path.split("/") if part]
        if fault := api.faults.get(parts[-1]):
            fault(self)
        elif url.path == "/version":
            self.answer({"gitVersion": "v1.34.0"})
        elif url.path == "/apis" and api.operated and "as=APIGroupDiscoveryList" in self.headers["Accept"]:
            self.answer(discovery(api))
        elif url.path == "/apis":
            self.answer({"kind": "APIGroupList", "groups": [{"name": name} for name in api.groups]})
        elif parts[-1] == "log":
            self._log(parts[-2], query)
        else:
            self._objects(parts, query)

    def do_POST(self) -> None:
        """Access reviews; everything else is refused."""
        api = self.server.api
        api.seen.append(f"POST {self.path}")
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith("/selfsubjectaccessreviews"):
            self.refuse(403, "Forbidden", "read only")
            return
        wanted = sent["spec"]["resourceAttributes"]
        name = "/".join(filter(None, (wanted["resource"], wanted.get("subresource"))))
        self.answer({"status": {"allowed": name not in api.denied}}, 201)

    def _log(self, pod: str, query: dict[str, str]) -> None:
        logs, one = self.server.api.logs, f"{pod}/{query.get('container', '')}"
        own = f"{one}/previous" if query.get("previous") == "true" else one
        text = logs.get(own, logs.get(pod))
        if text is None:
            self.refuse(400, "BadRequest", f"container in pod {pod!r} is waiting to start")
        else:
            self.answer(text.encode())

    def _objects(self, parts: list[str], query: dict[str, str]) -> None:
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = rest[1] if rest[0] == "namespaces" and len(rest) > 2 else ""
        rest = rest[2:] if namespace else rest
        items = self.server.api.objects.get(rest[0])
        if items is None:
            self.refuse(404, "NotFound", "the server could not find the requested resource")
            return
        items = [one for one in items if namespace in ("", one["metadata"].get("namespace"))]
        if len(rest) > 1:
            found = next((one for one in items if one["metadata"]["name"] == rest[1]), None)
            if found is None:
                self.refuse(404, "NotFound", f'{rest[0]} "{rest[1]}" not found')
            else:
                self.answer(found)
            return
        self._page([one for one in items if _selected(one, query)], query)

    def _page(self, items: list[Json], query: dict[str, str]) -> None:
        begin = int(query.get("continue", 0))
        end = begin + min(int(query.get("limit", 10**9)), self.server.api.page_limit)
        token = str(end) if end < len(items) else ""
        self.answer(
            {"kind": "List", "metadata": {"continue": token, "resourceVersion": "7"}, "items": items[begin:end]}
        )


def discovery(api: Api) -> Json:
    """The aggregated discovery document of a server with these groups and custom kinds."""
    groups: dict[str, dict[str, list[Json]]] = {name: {"v1": []} for name in api.groups}
    for row in api.operated:
        versions = groups.setdefault(row.group, {})
        versions.setdefault(row.api.rpartition("/")[2], []).append(
            {
                "resource": row.plural,
                "responseKind": {"group": row.group, "version": row.api.rpartition("/")[2], "kind": row.kind},
                "scope": "Namespaced" if row.namespaced else "Cluster",
                "verbs": ["get", "list", "watch"],
                "subresources": [{"subresource": "status", "verbs": ["get"]}],
            }
        )
    items = [
        {
            "metadata": {"name": name},
            "versions": [{"version": version, "resources": kinds} for version, kinds in versions.items()],
        }
        for name, versions in groups.items()
    ]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}


def _selected(one: Json, query: dict[str, str]) -> bool:
    labels = one["metadata"].get("labels") or {}
    for part in filter(None, query.get("labelSelector", "").split(",")):
        key, _, value = part.partition("=")
        if labels.get(key) != value:
            return False
    for part in filter(None, query.get("fieldSelector", "").split(",")):
        path, unlike, value = part.partition("!=") if "!=" in part else part.partition("=")
        having: Any = one
        for key in path.split("."):
            having = (having or {}).get(key) if isinstance(having, dict) else None
        if (str(having) == value) == (unlike == "!="):
            return False
    return True


class Server(ThreadingHTTPServer):
    """The server with its API."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, api: Api) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.api = api


@contextmanager
def serving(api: Api) -> Iterator[str]:
    """Serve on a free port; yields the address."""
    server = Server(api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        api.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def connector_for(address: str, **options: Any) -> KubernetesConnector:
    """A connector to the server."""
    made = open_connector(ConnectorSettings(options={"server": address, "timeout": 2.0, **options}))
    assert isinstance(made, KubernetesConnector)
    return made


def hang(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.server.api.released.wait(20)
    handler.close_connection = True


def garbage(handler: Handler) -> None:
    """Answer something that is no JSON."""
    handler.answer(b"<html>It works!</html>")


def forbidden(handler: Handler) -> None:
    """Answer as RBAC does."""
    handler.refuse(403, "Forbidden", 'is forbidden: User "bot" cannot list resource')
