"""Which workloads pass requests on by routes: proxies, API gateways, front doors?

By what they run – the image or a container speaks of a router that is known – and, among workloads that are reached
from outside, by their name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.view import View

_SOFTWARE = re.compile(
    r"(?:^|[/:_-])(?:nginx|openresty|envoy|traefik|haproxy|kong|apisix|zuul|tyk|caddy|httpd|krakend|[\w-]*gateway)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:^|-)(?:gateway|gw|proxy|ingress|router|edge|ui|dashboard)(?:-|$)", re.IGNORECASE)
_SIDECARS = re.compile(r"istio/proxyv2|linkerd|envoy-sidecar", re.IGNORECASE)


def routes(view: View, workload: Subject) -> bool:
    """Whether a workload is a router, as far as can be told."""
    containers = o.containers(view.pod_spec(workload))
    if any(_SOFTWARE.search(image) and not _SIDECARS.search(image) for one in containers
           if (image := str(one.get("image") or "").rpartition("@")[0] or str(one.get("image") or ""))):  # fmt: skip
        return True
    if re.search(r"(?:^|-)gateway(?:-|$)", workload.name, re.IGNORECASE):
        return True
    return bool(_NAME.search(workload.name)) and entered(view, workload)


def entered(view: View, workload: Subject) -> bool:
    """Whether requests from outside the cluster reach it first."""
    return any((o.namespace(one), o.name(one)) in view.entrances for one in view.services_of.get(workload, []))


def config_maps(pod_spec: Json) -> list[str]:
    """Names of the config maps that a pod mounts, or of which it takes single values: routes are files or texts."""
    found = [o.at(one, "configMap", "name") for one in pod_spec.get("volumes") or []]
    for one in pod_spec.get("volumes") or []:
        found += [o.at(source, "configMap", "name") for source in o.at(one, "projected", "sources") or []]
    for container in o.containers(pod_spec):
        found += [o.at(one, "valueFrom", "configMapKeyRef", "name") for one in container.get("env") or []]
    return list(dict.fromkeys(str(name) for name in found if name and not str(name).endswith("root-ca.crt")))


def configurations(view: View) -> Iterator[tuple[str, str]]:
    """Namespace and name of the config maps of routers, those that are reached from outside first."""
    known = [one for one in view.workloads if routes(view, one)]
    mounted = (
        (workload.namespace, name)
        for workload in sorted(known, key=lambda one: (not entered(view, one), str(one)))
        for name in config_maps(view.pod_spec(workload))
    )
    yield from dict.fromkeys(mounted)
