"""What is said that a port speaks, and what do its pods speak? A mesh goes by what is said.

Services say it by `appProtocol` or by a port's name; pods show it by how their probes ask and what their ports are
called, callers by what they log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers.routing import service_state
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case
from connectors.kubernetes.view import View

_PROTOCOL_ERROR = re.compile(
    r"reset reason: protocol error|malformed HTTP|http2: (?:frame too large|failed reading)|server preface"
    r"|HTTP/2 error",
    re.IGNORECASE,
)


def spoken(view: View) -> Iterator[Case]:
    """Ports that are said to speak HTTP where gRPC is spoken, or the other way round: a mesh goes by what is said."""
    for service in view.all("services"):
        pods = view.selected_pods(service)
        if not pods:
            continue
        subject = Subject(kind="Service", namespace=o.namespace(service), name=o.name(service))
        for port in o.spec(service).get("ports") or []:
            said, wanted = _said(port), port.get("targetPort") or port.get("port")
            if not said or not (port.get("appProtocol") or _meshed(pods[0])):
                continue
            asked, errors = _spoken(pods[0], wanted), _misunderstood(view, subject)
            known = asked or _named(pods[0], wanted)
            if said == known or (not known and not (errors and _alone(view, subject, said))):
                continue
            if said == "http2" and (known in ("", "grpc") or not errors):
                continue  # who answers a probe by HTTP may speak HTTP/2 as well
            pods_speak = f"its pods speak {known} there" if known else "and its callers log errors of the protocol"
            words = f"Service {subject.name} says that port {port.get('port')} is {said}, {pods_speak}"
            suffering = [view.workload_of(pods[0]), *view.callers.get((subject.namespace, subject.name), [])]
            confidence = 0.78 if asked or (known and errors) else 0.6
            yield case("protocol said", "ServiceProtocolMismatch", subject, words, confidence,
                       [service_state(view, service)], explains=suffering)  # fmt: skip


def _alone(view: View, service: Subject, said: str) -> bool:
    """Whether a service's callers call others as well, none of which is said to speak this."""
    called = {
        (meant.namespace, meant.service)
        for caller in view.callers.get((service.namespace, service.name), [])
        for _, meant in view.calls_of.get(caller, [])
    } - {(service.namespace, service.name)}
    others = [found for key in called if (found := view.find("services", *key)) is not None]
    return bool(others) and not any(_said(port) == said for one in others for port in o.spec(one).get("ports") or [])


def _said(port: Json) -> str:
    """`http`, `http2` or `grpc` by `appProtocol` or the port's name as meshes read it; empty for anything else."""
    word = str(port.get("appProtocol") or port.get("name") or "").lower().rpartition("/")[2].split("-")[0]
    return {"http": "http", "http2": "http2", "h2c": "http2", "grpc": "grpc"}.get(word, "")


def said_of(view: View, workload: Subject, pod: Json, number: int | None) -> set[str]:
    """What the services of a workload say that a port of its pods speaks."""
    containers = o.containers(o.spec(pod))
    ports = [port for one in view.services_of.get(workload, []) for port in o.spec(one).get("ports") or []]
    there = (port for port in ports if o.port_number(port.get("targetPort") or port.get("port"), containers) == number)
    return {said for port in there if (said := _said(port))}


def _misunderstood(view: View, service: Subject) -> bool:
    """Whether a caller's log speaks of a protocol that its callee does not understand."""
    callers = view.callers.get((service.namespace, service.name), [])
    pods = [pod for caller in callers for pod in view.pods_by_workload.get(caller, [])]
    return any(_PROTOCOL_ERROR.search(line.text) for pod in pods for _, line in view.log(pod))


def _spoken(pod: Json, wanted: object) -> str:
    """`http` or `grpc` by how the container's probes ask the port; empty where they do not tell."""
    containers = o.containers(o.spec(pod))
    number = o.port_number(wanted, containers)
    asked = {
        protocol
        for container in containers
        for _, probe in o.probes(container)
        for protocol, written, _ in [o.handler(probe)]
        if number and o.port_number(written, [container]) == number and o.ready(pod)
    } & {"HTTP", "gRPC"}
    return next(iter(asked)).lower() if len(asked) == 1 else ""


def _named(pod: Json, wanted: object) -> str:
    """What the container says that its port speaks, by the port's name; empty where the name does not tell."""
    containers = o.containers(o.spec(pod))
    number = o.port_number(wanted, containers)
    ports = [port for one in containers for port in one.get("ports") or [] if port.get("containerPort") == number]
    return _said({"name": ports[0].get("name")}) if ports and o.ready(pod) else ""


def _meshed(pod: Json) -> bool:
    """Whether a mesh's proxy runs beside the container."""
    return any("proxy" in str(one.get("name")) for one in o.containers(o.spec(pod), init=True)[1:])


RULES = (spoken,)
