"""What would the Kubernetes API server answer? A read-only stand-in over the objects of the world that is on.

Lists with label and field selectors and paging, single objects, pod logs, discovery, access reviews
and watches that only hold; everything that writes is answered 403, as a read-only account would see it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from chatops.demo.kubernetes import selectors as kube_selectors
from chatops.demo.kubernetes.resources import BY_KEY, FORBIDDEN, GROUP_VERSIONS, RESOURCES, Resource
from chatops.demo.world import PodLog, Stage

Clock = Callable[[], float]
Object = Mapping[str, Any]
USER = "system:serviceaccount:chatops:chatops"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubject"


class _Refused(Exception):
    """An answer that is a Status: code, reason, message."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason = code, reason


def application(stage: Stage, clock: Clock = time.time) -> Starlette:
    """The stand-in's ASGI application."""
    api = _Api(stage, clock)

    async def endpoint(request: Request) -> Response:
        try:
            return await api.answer(request)
        except _Refused as refused:
            return JSONResponse(_status(refused), status_code=refused.code)
        except kube_selectors.BadSelector as bad:
            return JSONResponse(_status(_Refused(400, "BadRequest", str(bad))), status_code=400)

    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(routes=[Route("/{path:path}", endpoint, methods=every)])


def _status(refused: _Refused) -> dict[str, object]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": str(refused),
        "reason": refused.reason,
        "code": refused.code,
    }


def kubeconfig(url: str, namespace: str = "default") -> dict[str, object]:
    """A kubeconfig that leads to the stand-in."""
    context = {"cluster": "demo", "user": "demo", "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "demo",
        "clusters": [{"name": "demo", "cluster": {"server": url}}],
        "contexts": [{"name": "demo", "context": context}],
        "users": [{"name": "demo", "user": {}}],
    }


def _discovery(group_version: str) -> dict[str, object]:
    rows = [
        {
            "name": r.plural,
            "singularName": r.kind.lower(),
            "namespaced": r.namespaced,
            "kind": r.kind,
            "verbs": ["get", "list", "watch"],
            "shortNames": list(r.short),
        }
        for r in RESOURCES
        if r.group_version == group_version
    ]
    if group_version == "v1":
        rows.append({"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]})
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": rows}


def _groups() -> dict[str, object]:
    rows = []
    for group_version in GROUP_VERSIONS[1:]:
        version = {"groupVersion": group_version, "version": group_version.rpartition("/")[2]}
        rows.append({"name": group_version.rpartition("/")[0], "versions": [version], "preferredVersion": version})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": rows}


_FIXED: dict[str, dict[str, object]] = {
    "/version": {
        "major": "1",
        "minor": "34",
        "gitVersion": "v1.34.2",
        "gitCommit": "demo",
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
        "goVersion": "go1.24",
        "compiler": "gc",
        "platform": "linux/amd64",
    },
    "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
    "/apis": _groups(),
    "/api/v1": _discovery("v1"),
    **{f"/apis/{gv}": _discovery(gv) for gv in GROUP_VERSIONS[1:]},
}


class _Api:
    """The endpoints over one stage."""

    def __init__(self, stage: Stage, clock: Clock) -> None:
        self._stage = stage
        self._clock = clock

    async def answer(self, request: Request) -> Response:
        """Route one request by its path, as the API server does."""
        path = request.url.path.rstrip("/")
        if path in ("/healthz", "/livez", "/readyz"):
            return PlainTextResponse("ok")
        if path in _FIXED:
            return JSONResponse(_FIXED[path])
        if request.method == "POST" and path.startswith(REVIEWS):
            return JSONResponse(_review(await request.json()), status_code=201)
        resource, namespace, name, sub = self._parse(path)
        self._permit(request.method, resource, namespace)
        if name and sub == "log":
            return self._log(namespace, name, request)
        if name and not sub:
            return JSONResponse(self._one(resource, namespace, name))
        if sub:
            raise _Refused(404, "NotFound", "the server could not find the requested resource")
        return self._many(resource, namespace, request)

    def _parse(self, path: str) -> tuple[Resource, str, str, str]:
        parts = path.strip("/").split("/")
        head, rest = (parts[1:2], parts[2:]) if parts[0] == "api" else (parts[1:3], parts[3:])
        group_version, namespace = "/".join(head), ""
        if len(rest) >= 3 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        resource = BY_KEY.get(f"{group_version}/{rest[0]}") if rest else None
        if resource is None and group_version == "events.k8s.io/v1":
            resource = BY_KEY["v1/events"]
        if resource is None:
            raise _Refused(404, "NotFound", "the server could not find the requested resource")
        name, sub = [*rest[1:], "", ""][:2]
        return resource, namespace, name, sub

    def _permit(self, method: str, resource: Resource, namespace: str) -> None:
        verb = {"GET": "list", "HEAD": "get", "POST": "create", "PUT": "update", "DELETE": "delete"}.get(
            method, "patch"
        )
        if verb in ("list", "get") and resource.plural not in FORBIDDEN:
            return
        where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        raise _Refused(
            403,
            "Forbidden",
            f'{resource.plural} is forbidden: User "{USER}" cannot {verb} resource "{resource.plural}" '
            f'in API group "{resource.group}" {where}',
        )

    def _objects(self, resource: Resource, namespace: str) -> list[Object]:
        found = self._stage.world.objects.get(resource.key, ())
        return [o for o in found if not namespace or o["metadata"].get("namespace") == namespace]

    def _one(self, resource: Resource, namespace: str, name: str) -> Object:
        for item in self._objects(resource, namespace):
            if item["metadata"]["name"] == name:
                return item
        raise _Refused(404, "NotFound", f'{resource.plural} "{name}" not found')

    def _many(self, resource: Resource, namespace: str, request: Request) -> Response:
        query = request.query_params
        labels = kube_selectors.label_selector(query.get("labelSelector", ""))
        fields = kube_selectors.field_selector(query.get("fieldSelector", ""))
        items = [item for item in self._objects(resource, namespace) if labels(item) and fields(item)]
        if query.get("watch") in ("1", "true"):
            seconds = float(query.get("timeoutSeconds", "30"))
            return StreamingResponse(self._watch(items, seconds), media_type="application/json")
        return JSONResponse(self._page(resource, items, int(query.get("limit", "0")), query.get("continue", "")))

    def _page(self, resource: Resource, items: Sequence[Object], limit: int, token: str) -> dict[str, object]:
        start = int(base64.urlsafe_b64decode(token)) if token else 0
        end = min(start + limit, len(items)) if limit else len(items)
        meta: dict[str, object] = {"resourceVersion": str(int(self._stage.world.began))}
        if end < len(items):
            meta["continue"] = base64.urlsafe_b64encode(str(end).encode()).decode()
            meta["remainingItemCount"] = len(items) - end
        return {
            "kind": f"{resource.kind}List",
            "apiVersion": resource.group_version,
            "metadata": meta,
            "items": list(items[start:end]),
        }

    async def _watch(self, items: Sequence[Object], seconds: float) -> AsyncIterator[bytes]:
        for item in items:
            yield json.dumps({"type": "ADDED", "object": item}).encode() + b"\n"
        await asyncio.sleep(min(seconds, 30))

    def _log(self, namespace: str, name: str, request: Request) -> Response:
        query = request.query_params
        pod = self._one(BY_KEY["v1/pods"], namespace, name)
        container = _container(pod, query.get("container", ""))
        previous = query.get("previous") in ("1", "true")
        found = next((log for log in self._stage.world.logs if _is(log, namespace, name, container, previous)), None)
        if found is None:
            _explain_missing(pod, container, previous)
        text = _log_text(found, query, self._clock()) if found else ""
        limit = int(query.get("limitBytes", "0"))
        return PlainTextResponse(text.encode()[:limit] if limit else text)


def _is(log: PodLog, namespace: str, pod: str, container: str, previous: bool) -> bool:
    return (log.namespace, log.pod, log.container, log.previous) == (namespace, pod, container, previous)


def _container(pod: Object, wanted: str) -> str:
    spec = pod["spec"]
    names = [c["name"] for c in (*spec.get("initContainers", ()), *spec["containers"])]
    main = [c["name"] for c in spec["containers"]]
    if wanted and wanted not in names:
        message = f"container {wanted} is not valid for pod {pod['metadata']['name']}"
        raise _Refused(400, "BadRequest", message)
    if not wanted and len(main) > 1:
        choose = (
            f"a container name must be specified for pod {pod['metadata']['name']}, choose one of: [{' '.join(main)}]"
        )
        raise _Refused(400, "BadRequest", choose)
    return wanted or str(main[0])


def _explain_missing(pod: Object, container: str, previous: bool) -> None:
    """Say what the kubelet says when there is no log; a running container that wrote nothing is an empty answer."""
    name = pod["metadata"]["name"]
    statuses = {s["name"]: s for s in pod.get("status", {}).get("containerStatuses", ())}
    state = statuses.get(container, {}).get("state", {})
    if previous:
        raise _Refused(400, "BadRequest", f'previous terminated container "{container}" in pod "{name}" not found')
    if "waiting" in state:
        why = {"ImagePullBackOff": "trying and failing to pull image", "ErrImagePull": "image can't be pulled"}
        reason = state["waiting"].get("reason", "")
        message = f'container "{container}" in pod "{name}" is waiting to start: {why.get(reason, reason)}'
        raise _Refused(400, "BadRequest", message)


def _log_text(log: PodLog, query: Mapping[str, str], now: float) -> str:
    since = now - float(query["sinceSeconds"]) if query.get("sinceSeconds") else 0.0
    if query.get("sinceTime"):
        since = datetime.fromisoformat(query["sinceTime"]).timestamp()
    lines = [(at, text) for at, text in log.lines if since <= at <= now]
    tail = int(query.get("tailLines", "-1"))
    if tail >= 0:
        lines = lines[len(lines) - tail :] if tail else []
    stamped = query.get("timestamps") in ("1", "true")
    return "".join(f"{_nano(at)} {text}\n" if stamped else f"{text}\n" for at, text in lines)


def _nano(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def _review(body: Mapping[str, Any]) -> dict[str, object]:
    """Answer SelfSubjectAccessReview and SelfSubjectRulesReview: everything readable but secrets."""
    if body.get("kind") == "SelfSubjectRulesReview":
        rule = {"verbs": ["get", "list", "watch"], "apiGroups": ["*"], "resources": ["*"]}
        return {**body, "status": {"resourceRules": [rule], "nonResourceRules": [], "incomplete": False}}
    asked = body.get("spec", {}).get("resourceAttributes", {})
    reads = asked.get("verb") in ("get", "list", "watch") and asked.get("resource") not in FORBIDDEN
    return {**body, "status": {"allowed": reads, "reason": "" if reads else "the demo's account only reads"}}
