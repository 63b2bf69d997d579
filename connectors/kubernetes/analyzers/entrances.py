"""Does anybody serve this ingress, and can its certificate be had? The class that it names, or the default one.

An ingress that no controller takes has no address in its status, and nothing says so: no event, no condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, log_lines, observed, told
from connectors.kubernetes.view import View

CHECK = "gateways"
_ANNOTATION = "kubernetes.io/ingress.class"
_ABSENT = re.compile(
    r"not found|does(?: not|n't) exist|no object matching|error (?:obtaining|getting|fetching)|invalid|missing",
    re.IGNORECASE,
)
_DEFAULT = "ingressclass.kubernetes.io/is-default-class"


def unserved(ingress: Json) -> bool:
    """Whether no controller has given it an address. Some never do: alone it says nothing."""
    return not o.at(ingress, "status", "loadBalancer", "ingress")


def classes(view: View) -> Iterator[Case]:
    """Ingresses without an address whose class does not exist, or which name none where none is the default."""
    if not view.read("ingressclasses"):
        return
    known = {o.name(one): one for one in view.all("ingressclasses")}
    served = any(not unserved(one) for one in view.all("ingresses"))
    for one in view.all("ingresses"):
        if not unserved(one):
            continue
        why = _wrong(one, known)
        if why is None:
            continue
        subject = Subject(kind="Ingress", namespace=o.namespace(one), name=o.name(one))
        words, confidence = why
        statement = f"No controller serves ingress {subject.name}: {words}"
        rows = [("class", _class(one)), ("classes", ", ".join(known) or "none"), ("address", "none")]
        proof = observed(CHECK, subject, f"Class of ingress {subject.name}", statement, rows, part="class")
        # Where others have an address, controllers here do give one.
        yield case("ingress class", "GatewayMisroute", subject, statement, confidence + (0.1 if served else 0.0),
                   [proof], explains=_behind(view, one),
                   commands=[("kubectl", "get", "ingressclasses"),
                             ("kubectl", "describe", "ingress", subject.name, "-n", subject.namespace)])  # fmt: skip


def certificates(view: View) -> Iterator[Case]:
    """TLS secrets that an ingress names and that, as its events or its controller's log say, cannot be had."""
    for one in view.all("ingresses"):
        subject = Subject(kind="Ingress", namespace=o.namespace(one), name=o.name(one))
        for secret in {str(tls["secretName"]) for tls in o.spec(one).get("tls") or [] if tls.get("secretName")}:
            proof = _without(view, subject, secret)
            if proof is not None:
                words = f"Ingress {subject.name} names TLS secret {secret}, which cannot be had: {proof.summary}"
                yield case("TLS secret missing", "MissingSecret", subject, words, 0.85, [proof], onset=proof.onset,
                           explains=_behind(view, one))  # fmt: skip


def _without(view: View, ingress: Subject, secret: str) -> Evidence | None:
    """What says that a secret of an ingress is not there: an event of the ingress, or lines of somebody's log."""
    name = re.compile(rf"(?<![\w.-]){re.escape(secret)}(?![\w-])")
    for event in view.events_of(ingress.kind, ingress.namespace, ingress.name):
        if name.search(event.message) and _ABSENT.search(event.message):
            return told(CHECK, event)
    for pod in view.pods:
        lines = [(c, line) for c, line in view.log(pod) if name.search(line.text) and _ABSENT.search(line.text)]
        if lines:
            return log_lines("logs", pod, lines[0][0], [line for _, line in lines], part="tls-secret")
    return None


def _class(ingress: Json) -> str:
    return str(o.spec(ingress).get("ingressClassName") or o.annotated(ingress).get(_ANNOTATION) or "")


def _wrong(ingress: Json, known: dict[str, Json]) -> tuple[str, float] | None:
    named = _class(ingress)
    there = f"; there is {', '.join(known)}" if known else "; there is no class at all"
    if named and named not in known:
        # Controllers that read the annotation do not need an object of that name.
        by_annotation = not o.spec(ingress).get("ingressClassName")
        return f"it names class {named}, which does not exist{there}", 0.35 if by_annotation else 0.8
    default = any(o.annotated(one).get(_DEFAULT) == "true" for one in known.values())
    if not named and known and not default:
        return f"it names no class, and none is the default{there}", 0.7
    return None


def _behind(view: View, ingress: Json) -> Iterator[Subject]:
    rules = o.spec(ingress).get("rules") or []
    backends = [path.get("backend") or {} for rule in rules for path in o.at(rule, "http", "paths") or []]
    for backend in [o.spec(ingress).get("defaultBackend") or {}, *backends]:
        service = view.find("services", o.namespace(ingress), str(o.at(backend, "service", "name") or ""))
        if service is not None:
            yield Subject(kind="Service", namespace=o.namespace(service), name=o.name(service))
            yield from (view.workload_of(pod) for pod in view.selected_pods(service)[:1])


RULES = (classes, certificates)
