"""What does a workload ask for? The part of its specification that explains failures, without another call.

Whoever reads that a container was killed for memory asks next for its limit: the image, limits, ports, probes and
placement of every workload at which a rule found a cause stand beside what was found.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import observed
from connectors.kubernetes.view import View


def asked_for(check: str, view: View, subject: Subject) -> Evidence | None:
    """The specification of a workload's pods in a few lines; None for what is none."""
    if subject not in view.workloads:
        return None
    spec = view.pod_spec(subject)
    rows = [row for row in (*_containers(spec), *_placement(spec), *_volumes(spec)) if row[1]]
    words = "; ".join(": ".join(row) for row in rows)
    return observed(check, subject, f"What {subject.name} asks for", words, rows, part="asked for")


def _containers(spec: Json) -> Iterator[tuple[str, str]]:
    for kind, containers in (("container", spec.get("containers")), ("init container", spec.get("initContainers"))):
        for one in containers or []:
            yield f"{kind} {one.get('name')}", "; ".join(_parts(one))


def _parts(container: Json) -> Iterator[str]:
    yield str(container.get("image") or "no image")
    if words := [*(container.get("command") or []), *(container.get("args") or [])]:
        yield "runs " + o.short(" ".join(map(str, words)), 120)
    for name in ("limits", "requests"):
        if held := o.at(container, "resources", name):
            yield f"{name} " + " ".join(f"{key}={value}" for key, value in held.items())
    if ports := [str(one.get("containerPort")) for one in container.get("ports") or []]:
        yield "ports " + " ".join(ports)
    for word, probe in o.probes(container):
        protocol, port, path = o.handler(probe)
        asked = " ".join(part for part in (protocol, str(port or ""), o.short(path, 60)) if part)
        yield f"{word.lower()} probe {asked}, {_timing(probe)}"


def _timing(probe: Json) -> str:
    """The API's own defaults where nothing is set."""
    every, within, times = probe.get("periodSeconds", 10), probe.get("timeoutSeconds", 1), probe.get("failureThreshold")
    after = f" after {probe['initialDelaySeconds']} s" if probe.get("initialDelaySeconds") else ""
    return f"every {every} s within {within} s{after}, fails at {times or 3}"


def _placement(spec: Json) -> Iterator[tuple[str, str]]:
    selector = spec.get("nodeSelector") or {}
    yield "node selector", ", ".join(f"{key}={value}" for key, value in selector.items())
    tolerated = (f"{one.get('key', 'all')}:{one.get('effect', 'all')}" for one in spec.get("tolerations") or [])
    yield "tolerates", ", ".join(tolerated)
    account = str(spec.get("serviceAccountName") or "")
    yield "service account", account if account != "default" else ""


def _volumes(spec: Json) -> Iterator[tuple[str, str]]:
    claims = (o.at(one, "persistentVolumeClaim", "claimName") for one in spec.get("volumes") or [])
    yield "claims", ", ".join(str(claim) for claim in claims if claim)
