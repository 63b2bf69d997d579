"""How the Kubernetes API is asked: raw JSON lists with paging, logs and access reviews, through one `Caller`.

The only file that touches the SDK. It uses the SDK for what is hard (kubeconfig, exec plugins, in-cluster tokens,
TLS, proxies) and reads bodies as plain JSON: the typed models cost ten times as much and reject real objects.
The SDK is imported on the first call, in that call's thread.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from connectors.calls import IMPORTING, Caller, Throttled, in_words, innermost, late, load
from connectors.contract import ConnectorError, ErrorKind
from connectors.kubernetes import wire
from connectors.kubernetes.resources import Resource

Json = dict[str, Any]

PAGE = 2500
"""Objects per page, about 12 MB of pods: pages come one after the other, each a round trip."""
MAX_PAGES = 6
LOG_BYTES = 256 * 1024

_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
_KINDS: dict[int, ErrorKind] = {401: "forbidden", 403: "forbidden", 404: "not_found", 429: "throttled", 410: "rejected"}
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
_BARE = ("apiVersion", "kind", "metadata")


@dataclass(frozen=True)
class Access:
    """Which cluster, and as whom. Everything empty: in-cluster when running in a pod, otherwise not configured."""

    kubeconfig: str = ""
    context: str = ""
    server: str = ""
    token: str = field(default="", repr=False)
    ca_file: str = ""
    verify: bool = True
    timeout: float = 6.0
    """Seconds for one call, on the wire."""

    @classmethod
    def of(cls, options: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Access | None:
        """From a connector's settings and the environment; None where no cluster is configured."""
        known = {name: options[name] for name in cls.__dataclass_fields__ if options.get(name) not in (None, "")}
        access = cls(**known)
        if access.server or access.kubeconfig:
            return access
        kubeconfig = environ.get("KUBECONFIG", "")
        default = Path(environ.get("HOME", "/")) / ".kube" / "config"
        if kubeconfig or default.is_file():
            return cls(**{**known, "kubeconfig": kubeconfig or str(default)})
        return access if environ.get("KUBERNETES_SERVICE_HOST") and _SERVICE_ACCOUNT.is_file() else None


@dataclass(frozen=True)
class Listing:
    """The objects of a list; `truncated` says that there were more than were read."""

    items: tuple[Json, ...]
    truncated: bool = False


@dataclass
class KubeClient:
    """Calls of one cluster, read-only. Raises `ConnectorError` only."""

    access: Access
    caller: Caller = field(default_factory=lambda: Caller("kubernetes", explain, limit=16))
    _api: Any = None
    _lock: Lock = field(default_factory=Lock)

    async def load(self) -> None:
        """Import the SDK; no cluster is asked."""
        await load("kubernetes.client", "kubernetes.config")

    async def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        fields: str = "",
        labels: str = "",
        page: int = PAGE,
        pages: int = MAX_PAGES,
        cached: bool = True,
        whole: bool = False,
    ) -> Listing:
        """Every object of a kind, page by page; `cached` lets the server answer from its watch cache.

        `whole` is with `managedFields`: who wrote which field, and when.
        """
        params: dict[str, str | int] = {"limit": page}
        if fields:
            params["fieldSelector"] = fields
        if labels:
            params["labelSelector"] = labels
        try:
            return await self._pages(resource, resource.path(namespace), params, pages, cached, whole)
        except ConnectorError as error:
            if error.kind != "not_found" or not resource.fallback:
                raise
        path = resource.path(namespace, api=resource.fallback)
        return await self._pages(resource, path, params, pages, cached, whole)

    async def _pages(
        self, resource: Resource, path: str, params: Mapping[str, str | int], pages: int, cached: bool, whole: bool
    ) -> Listing:
        items: list[Json] = []
        token = ""
        for number in range(pages):
            asked = dict(params) | ({"continue": token} if token else {"resourceVersion": "0"} if cached else {})
            try:
                accept = _METADATA_LIST if resource.metadata_only else "application/json"
                raw = await self._bytes(_query("GET", path, asked), "GET", path, asked, accept)
                found, token = wire.page(raw, resource, _query("GET", path, asked), whole=whole)
            except ConnectorError as error:
                # 410: the token of this page has expired. What was read is still true.
                if number and error.kind == "rejected":
                    return Listing(tuple(items), truncated=True)
                raise
            items += found
            if not token:
                return Listing(tuple(items))
        return Listing(tuple(items), truncated=True)

    async def get(self, path: str, params: Mapping[str, Any] | None = None, accept: str = "application/json") -> Json:
        """One JSON document."""
        query = _query("GET", path, params or {})
        raw = await self._bytes(query, "GET", path, params or {}, accept)
        return wire.document(raw, query)

    async def one(self, resource: Resource, namespace: str, name: str) -> Json:
        """One object. Of kinds whose contents are nobody's business only the metadata, whatever the server sends."""
        path = resource.path(namespace, name)
        if not resource.metadata_only:
            return await self.get(path)
        found = await self.get(path, accept=_METADATA)
        return {key: found[key] for key in _BARE if key in found}

    async def log(
        self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 300, since: int = 0
    ) -> str:
        """The last lines of a container, those of the last `since` seconds if given, each with the kubelet's time."""
        params = {"container": container, "tailLines": tail, "timestamps": "true", "limitBytes": LOG_BYTES}
        if previous:
            params["previous"] = "true"
        if since:
            params["sinceSeconds"] = since
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        # Typed as text, but real servers answer 406 to "text/plain".
        raw = await self._bytes(_query("GET", path, params), "GET", path, params, "application/json, */*")
        return raw.decode("utf-8", "replace")

    async def allowed(self, verb: str, resource: Resource, namespace: str = "", subresource: str = "") -> bool:
        """Whether the server would let us: a SelfSubjectAccessReview, which changes nothing."""
        group = resource.api.rpartition("/")[0]
        attributes = {"verb": verb, "resource": resource.plural, "group": group, "namespace": namespace}
        if subresource:
            attributes["subresource"] = subresource
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        query = f"kubectl auth can-i {verb} {resource.plural}"
        raw = await self._bytes(query, "POST", path, {}, "application/json", review)
        return bool((wire.document(raw, query).get("status") or {}).get("allowed"))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._api is not None:
            self._api.rest_client.pool_manager.clear()

    async def _bytes(
        self, query: str, method: str, path: str, params: Mapping[str, Any], accept: str, body: Json | None = None
    ) -> bytes:
        def call() -> bytes:
            api = self._client()
            headers = {"Accept": accept, "User-Agent": "chatops"}
            if body is not None:
                headers["Content-Type"] = "application/json"
            _, url, sent, _, _ = api.param_serialize(method, path, header_params=headers, auth_settings=["BearerToken"])
            if params:
                url += "?" + urlencode(params)
            answer = api.rest_client.request(method, url, headers=sent, body=body, _request_timeout=self.access.timeout)
            raw: bytes = answer.read()
            if answer.status >= 400:
                raise _Refused(answer.status, raw, answer.headers.get("Retry-After"))
            return raw

        return await self.caller.thread(query, call, self.access.timeout + 1.0)

    def _client(self) -> Any:
        """The SDK's client, made by whichever thread comes first."""
        with self._lock:
            if self._api is None:
                self._api = _open(self.access)
            return self._api


class _Refused(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, body: bytes, retry_after: str | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.retry_after = retry_after

    def message(self) -> str:
        """The API server's own words, or the beginning of the body."""
        try:
            return str(json.loads(self.body)["message"])
        except (ValueError, KeyError, TypeError):
            return f"HTTP {self.status}: {self.body[:200].decode('utf-8', 'replace').strip()}"


def explain(error: Exception, query: str) -> ConnectorError | Throttled:
    """What an exception of the SDK or the wire means; raises again what it does not know."""
    with IMPORTING:
        import urllib3.exceptions as sent
        from kubernetes.client.exceptions import ApiException, OpenApiException
        from kubernetes.config.config_exception import ConfigException
    if isinstance(error, _Refused):
        return _refusal(error, query)
    if isinstance(error, sent.TimeoutError) and not isinstance(error, sent.NewConnectionError):
        return ConnectorError("timeout", query, late(error))
    if isinstance(error, (sent.HTTPError, OSError)):
        return ConnectorError("unreachable", query, innermost(error))
    if isinstance(error, ApiException) and not error.status:  # the SDK's own word for TLS that failed
        return ConnectorError("unreachable", query, in_words(str(error.reason)))
    if isinstance(error, (ConfigException, OpenApiException)):
        return ConnectorError("rejected", query, str(error))
    raise error


def _refusal(error: _Refused, query: str) -> ConnectorError | Throttled:
    kind: ErrorKind = _KINDS.get(error.status, "unreachable" if error.status >= 500 else "rejected")
    known = ConnectorError(kind, query, error.message())
    if kind == "throttled" and (error.retry_after or "").isdigit():
        return Throttled(known, float(error.retry_after or 0))
    return known


def _open(access: Access) -> Any:
    with IMPORTING:
        from kubernetes import client, config
    settings = client.Configuration()
    if access.server:
        settings.host = access.server.rstrip("/")
        settings.ssl_ca_cert = access.ca_file or None
        if access.token:
            settings.api_key = {"authorization": f"Bearer {access.token}"}
    elif access.kubeconfig:
        # The SDK says only that it found no configuration. Several files may be named, of which one has to exist.
        if not any(Path(part).expanduser().is_file() for part in access.kubeconfig.split(os.pathsep) if part):
            raise config.ConfigException(f"no such kubeconfig: {access.kubeconfig}")
        config.load_kube_config(  # type: ignore[no-untyped-call]
            access.kubeconfig, context=access.context or None, client_configuration=settings, persist_config=False
        )
    else:
        config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
    settings.verify_ssl = settings.verify_ssl and access.verify
    settings.retries = False  # the caller retries
    settings.connection_pool_maxsize = 16
    return client.ApiClient(settings)


def _query(method: str, path: str, params: Mapping[str, Any]) -> str:
    return f"{method} {path}" + (f"?{urlencode(params)}" if params else "")


def kubectl(*words: str) -> str:
    """A command that shows the same, quoted for a shell."""
    return shlex.join(("kubectl", *(word for word in words if word)))
