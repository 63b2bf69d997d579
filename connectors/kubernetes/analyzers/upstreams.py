"""Do the routes that proxies and API gateways are configured with lead to services that exist, and to the right ones?

Their configuration is text of many makes: what counts is an address (`proxy_pass http://name:8080`, `uri: lb://name`,
`server name:8080;`) and the path or name that stands beside it. Read are variables, arguments and the config maps
that a router mounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes import routers
from connectors.kubernetes.addresses import target
from connectors.kubernetes.analyzers.gateways import other_named
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed
from connectors.kubernetes.view import View

CHECK = "gateways"
_ADDRESS = re.compile(
    r"(?P<scheme>lb|https?|grpcs?|wss?)://(?P<host>[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9.-]+)?)(?::(?P<port>\d{2,5}))?"
    r"|^\s*server\s+(?P<host2>[A-Za-z][\w.-]*):(?P<port2>\d{2,5})\b"
)
_PATH = re.compile(
    r"(?:Path=|location\s+(?:[=~^*]+\s*)?|path(?:_?prefix)?[\"']?\s*[:=]\s*[\"']?)(/[\w/*.{}-]*)", re.IGNORECASE
)
_BLOCK = re.compile(r"^\s*(?:-\s|location\b|upstream\b|\}|\{|\[)")
_AROUND = 6
"""Lines in which the path of an address stands."""


class Upstream(NamedTuple):
    """One address in a router's configuration, the path beside it, and where it is written."""

    host: str
    port: int
    path: str
    balanced: bool
    """Found by a registry and not by DNS."""
    where: str
    line: str


def configured(view: View) -> Iterator[tuple[Subject, Upstream]]:
    """Every upstream of every router."""
    for workload in view.workloads:
        if routers.routes(view, workload):
            for where, text in _texts(view, workload):
                for one in upstreams(where, text):
                    yield workload, one


def _texts(view: View, workload: Subject) -> Iterator[tuple[str, str]]:
    spec = view.pod_spec(workload)
    for container in o.containers(spec):
        for one in container.get("env") or []:
            name, value = str(one.get("name")), str(one.get("value") or "")
            if "\n" in value or "{" in value or re.search(r"ROUTE|UPSTREAM|BACKEND|PROXY", name, re.IGNORECASE):
                yield name, f"{name.replace('_', ' ')}\n{value}"
        for word in [*(container.get("command") or []), *(container.get("args") or [])]:
            if "\n" in str(word) or "://" in str(word):
                yield "argument", str(word)
    for name in routers.config_maps(spec):
        found = view.find("mounted_configs", workload.namespace, name)
        for key, text in (found or {}).get("data", {}).items() if found else ():
            yield f"{name}/{key}", str(text)


def upstreams(where: str, text: str) -> Iterator[Upstream]:
    """Addresses in a text, each with the path that its block names."""
    lines = text.replace("\\n", "\n").splitlines()
    for at, line in enumerate(lines):
        if line.lstrip().startswith("#"):
            continue
        for hit in _ADDRESS.finditer(line):
            host, port = hit["host"] or hit["host2"], int(hit["port"] or hit["port2"] or 0)
            path = _path_beside(lines, at)
            yield Upstream(host, port, path, hit["scheme"] == "lb", where, line.strip())


def _path_beside(lines: list[str], at: int) -> str:
    """The path on the line itself, else below it or above it, within the block."""
    if hit := _PATH.search(lines[at]):
        return hit[1]
    for below in lines[at + 1 : at + _AROUND]:
        if hit := _PATH.search(below):
            return hit[1]
        if re.match(r"\s*-\s+(?:id|name)\b|\s*(?:location|server|upstream)\b|\s*\}", below):
            break
    for above in reversed(lines[max(0, at - _AROUND) : at]):
        if hit := _PATH.search(above):
            return hit[1]
        if _BLOCK.match(above):
            return above.strip(" -{")
    return ""


def misrouted(view: View) -> Iterator[Case]:
    """Upstreams that are no service, at ports that it has not, or other services than the path names."""
    if not view.read("services"):
        return
    namespaces = {o.namespace(one) for one in view.all("services")}
    for workload, one in configured(view):
        meant = target(one.host, workload.namespace, namespaces)
        if meant is None or meant.namespace not in namespaces:
            continue
        service = view.find("services", meant.namespace, meant.service)
        why = _wrong(view, one, meant.service, service)
        if why is not None:
            words, confidence = why
            route = f"{one.path or 'requests'} to {one.host}" + (f":{one.port}" if one.port else "")
            statement = f"{workload.name} routes {route} ({one.where}), {words}"
            yield case("router's upstream", "GatewayMisroute", workload, statement, confidence,
                       [_written(workload, one)], explains=[workload])  # fmt: skip


def _wrong(view: View, one: Upstream, name: str, service: Json | None) -> tuple[str, float] | None:
    if service is None:
        like = other_named(view, one.path, name) or _alike(view, name)
        if one.balanced:
            return (f"which nobody registers; there is a service {like}", 0.8) if like else None
        return "which does not exist" + (f"; there is a service {like}" if like else ""), 0.9 if like else 0.7
    offered = [int(port["port"]) for port in o.spec(service).get("ports") or [] if port.get("port")]
    if one.port and offered and one.port not in offered and o.spec(service).get("clusterIP") != "None":
        return f"which serves {', '.join(map(str, offered))}", 0.9
    better = other_named(view, one.path, name)
    return (f"while there is a service {better}", 0.78) if better else None


def _alike(view: View, name: str) -> str | None:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    known = {re.sub(r"[^a-z0-9]", "", one.lower()): one for one in view.service_names}
    return next((one for key, one in known.items() if len(plain) > 3 and (key in plain or plain in key)), None)


def _written(workload: Subject, one: Upstream) -> Evidence:
    rows = [("in", one.where), ("path", one.path), ("line", o.short(one.line, 160))]
    words = f"{one.path or 'upstream'} → {one.host}{f':{one.port}' if one.port else ''} in {one.where}"
    title = f"A route of {workload.name}"
    return observed(CHECK, workload, title, words, rows, part=f"upstream-{one.host}-{one.port}-{one.path}"[:80])


RULES = (misrouted,)
DECIDES = ("GatewayMisroute",)
