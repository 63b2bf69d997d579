"""Do ingresses, gateways and mesh routes lead to services and subsets that exist, and to the right ones?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.addresses import target
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed
from connectors.kubernetes.view import View

CHECK = "gateways"


class Route(NamedTuple):
    """One way from a route object to a service."""

    owner: Subject
    match: str
    service: str
    namespace: str
    port: object
    subset: str = ""


def routes(view: View) -> Iterator[Route]:
    """Every route of ingresses, Istio virtual services and Gateway API routes."""
    for one in view.all("ingresses"):
        yield from _ingress(one)
    for one in view.all("virtualservices"):
        yield from _virtual_service(view, one)
    for one in view.all("httproutes"):
        yield from _http_route(one)


def _owner(one: Json, kind: str) -> Subject:
    return Subject(kind=kind, namespace=o.namespace(one), name=o.name(one))


def _ingress(one: Json) -> Iterator[Route]:
    owner = _owner(one, "Ingress")
    backends = [("the default", o.spec(one).get("defaultBackend"))]
    for rule in o.spec(one).get("rules") or []:
        paths = o.at(rule, "http", "paths") or []
        backends += [(f"{rule.get('host') or '*'}{path.get('path') or '/'}", path.get("backend")) for path in paths]
    for match, backend in backends:
        service = (backend or {}).get("service")
        if service:
            port = o.at(service, "port", "number") or o.at(service, "port", "name")
            yield Route(owner, match, str(service.get("name")), owner.namespace, port)


def _virtual_service(view: View, one: Json) -> Iterator[Route]:
    owner = _owner(one, "VirtualService")
    namespaces = {o.namespace(service) for service in view.all("services")} | {owner.namespace}
    for kind in ("http", "tcp", "tls"):
        for rule in o.spec(one).get(kind) or []:
            match = ", ".join(map(str, o.spec(one).get("hosts") or ["*"])) + _uris(rule)
            for way in rule.get("route") or []:
                host = str(o.at(way, "destination", "host") or "")
                meant = target(host, owner.namespace, namespaces)
                if meant and way.get("weight") != 0:
                    port = o.at(way, "destination", "port", "number")
                    subset = str(o.at(way, "destination", "subset") or "")
                    yield Route(owner, match, meant.service, meant.namespace, port, subset)


def _uris(rule: Json) -> str:
    uris = [
        str(next(iter(uri.values()), "")) for one in rule.get("match") or [] if isinstance(uri := one.get("uri"), dict)
    ]
    return " " + ", ".join(uris) if uris else ""


def _http_route(one: Json) -> Iterator[Route]:
    owner = _owner(one, "HTTPRoute")
    for rule in o.spec(one).get("rules") or []:
        paths = [str(o.at(match, "path", "value") or "/") for match in rule.get("matches") or []]
        for way in rule.get("backendRefs") or []:
            if way.get("kind", "Service") == "Service" and way.get("weight") != 0:
                namespace = str(way.get("namespace") or owner.namespace)
                yield Route(owner, ", ".join(paths) or "/", str(way.get("name")), namespace, way.get("port"))


def misroutes(view: View) -> Iterator[Case]:
    """Routes to services, ports and subsets that do not exist, or to another service than the path names."""
    if not view.read("services"):
        return
    read = {o.namespace(one) for one in view.all("services")}
    for route in routes(view):
        if route.namespace not in read:
            continue
        why = _wrong(view, route)
        if why is not None:
            words, confidence = why
            statement = (
                f"{route.owner.kind} {route.owner.name} sends {route.match} to {route.service}:{route.port}, {words}"
            )
            yield case("route", "GatewayMisroute", _subject(view, route), statement, confidence, [_state(route)],
                       explains=_reached(view, route))  # fmt: skip


def _wrong(view: View, route: Route) -> tuple[str, float] | None:
    service = view.find("services", route.namespace, route.service)
    if service is None:
        return "which does not exist", 0.9
    ports = {one.get("port") for one in o.spec(service).get("ports") or []}
    names = {one.get("name") for one in o.spec(service).get("ports") or []}
    if route.port and route.port not in ports and route.port not in names:
        return f"which serves {', '.join(map(str, ports))}", 0.9
    if route.subset and not _subset_has_pods(view, route, service):
        return f"whose subset {route.subset} has no pods", 0.88
    better = _named(view, route)
    if better:
        return f"while there is a service {better}", 0.75
    return None


def _subset_has_pods(view: View, route: Route, service: Json) -> bool:
    for rule in view.all("destinationrules"):
        if str(o.spec(rule).get("host", "")).split(".")[0] != route.service:
            continue
        for subset in o.spec(rule).get("subsets") or []:
            if subset.get("name") == route.subset:
                wanted = subset.get("labels") or {}
                return any(o.matches(wanted, o.labels(pod)) for pod in view.selected_pods(service))
    return not view.read("destinationrules")


def _named(view: View, route: Route) -> str | None:
    """A service that the path, or else the route object's own name, speaks of and the route does not lead to."""
    return other_named(view, route.match, route.service) or other_named(view, route.owner.name, route.service)


def other_named(view: View, said: str, service: str) -> str | None:
    """A service that a path or name speaks of, where it does not speak of this one."""
    words = [word for word in re.split(r"[^a-z0-9]+", said.lower()) if len(word) >= 4 and word not in _COMMON]
    plain = re.sub(r"[^a-z0-9]", "", service.lower())
    if not words or any(word in plain or plain in word or _stem(word) in plain for word in words):
        return None
    for word in words:
        for name in sorted(view.service_names):
            parts = re.split(r"[^a-z0-9]+", name.lower())
            if word == "".join(parts) or word in parts or _stem(word) in parts:
                return name
    return None


_COMMON = frozenset({
    "service", "services", "ingress", "gateway", "route", "routes", "http", "https", "proxy", "main", "public",
    "external", "internal", "default", "location", "server", "upstream", "path",
})  # fmt: skip


def _stem(word: str) -> str:
    """A path's segment as a service may be called: without `service` or the plural's letter at its end."""
    return re.sub(r"(?:services?|svc|s)$", "", word) or word


def _subject(view: View, route: Route) -> Subject:
    """The route object; the cause is its, whoever is not reached."""
    return route.owner


def _reached(view: View, route: Route) -> list[Subject]:
    service = view.find("services", route.namespace, route.service)
    return [view.workload_of(pod) for pod in view.selected_pods(service)[:1]] if service else []


def _state(route: Route) -> Evidence:
    rows = [
        ("match", route.match),
        ("service", route.service),
        ("port", str(route.port or "")),
        ("subset", route.subset),
    ]
    words = f"{route.match} → {route.namespace}/{route.service}:{route.port or ''}"
    return observed(
        CHECK, route.owner, f"Route of {route.owner.kind} {route.owner.name}", words, rows, part=route.match
    )


_REFUSED = {
    "gateways": ("Accepted", "Programmed"),
    "httproutes": ("Accepted", "ResolvedRefs"),
}
"""Kinds of the Gateway API, and the conditions without which they do not work."""


def refused(view: View) -> Iterator[Case]:
    """Gateways and routes that their controller refuses, in its own words."""
    for plural, needed in _REFUSED.items():
        for one in view.all(plural):
            for where, conditions in _reported(one):
                bad = [c for c in conditions if c.get("type") in needed and c.get("status") == "False"]
                if bad and bad[0].get("reason") != "Pending":
                    yield _refusal(_owner(one, str(one.get("kind"))), where, bad[0])


_PATIENCE = 5.0
"""Minutes within which a controller takes what is its."""


def untaken(view: View) -> Iterator[Case]:
    """Gateways and routes that no controller has taken: their class, or their gateway, is nobody's."""
    for plural, kind, field in (("gateways", "class", "gatewayClassName"), ("httproutes", "gateway", "parentRefs")):
        for one in view.all(plural):
            named = o.spec(one).get(field)
            if not named or view.recent(o.created(one), _PATIENCE) or _taken(one):
                continue
            owner = _owner(one, str(one.get("kind")))
            which = named if isinstance(named, str) else ", ".join(str(ref.get("name")) for ref in named)
            words = f"No controller has taken {owner.kind} {owner.name}: {kind} {which} is not there or is nobody's"
            proof = observed(CHECK, owner, f"Status of {owner.kind} {owner.name}", words, [(kind, which)], part="taken")
            yield case("nobody's", "GatewayMisroute", owner, words, 0.7, [proof])


def _taken(one: Json) -> bool:
    """Whether anybody has judged it. The API server itself writes that it waits for a controller."""
    said = [condition for _, conditions in _reported(one) for condition in conditions]
    return any(condition.get("status") in ("True", "False") for condition in said)


def _reported(one: Json) -> Iterator[tuple[str, list[Json]]]:
    """Conditions of the object itself and, of a route, those that each gateway reports."""
    yield "", o.status(one).get("conditions") or []
    for parent in o.status(one).get("parents") or []:
        yield str(o.at(parent, "parentRef", "name") or ""), parent.get("conditions") or []


def _refusal(owner: Subject, where: str, condition: Json) -> Case:
    said = f"{condition.get('type')}: {condition.get('reason')}: {condition.get('message')}"
    by = f" at gateway {where}" if where else ""
    words = f"{owner.kind} {owner.name} does not work{by}: {said}"
    onset = o.when(condition.get("lastTransitionTime"))
    proof = observed(CHECK, owner, f"What the controller says of {owner.kind} {owner.name}", words, part=f"status{by}",
                     onset=onset)  # fmt: skip
    return case("gateway condition", "GatewayMisroute", owner, words, 0.72, [proof], onset=onset)


RULES = (misroutes, refused, untaken)
DECIDES = ("GatewayMisroute",)
