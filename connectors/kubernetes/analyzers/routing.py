"""Do services lead to their pods, and do callers call services that exist?

Selector against labels, target port against what the pods listen on, protocol against protocol; addresses in the
callers' environment against the services that exist, with the callers' logs as witnesses.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import listening
from connectors.kubernetes import objects as o
from connectors.kubernetes.addresses import Reference, Target
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, log_lines, observed
from connectors.kubernetes.snapshot import LogLine
from connectors.kubernetes.view import View

CHECK = "services"
_UNRESOLVED = re.compile(
    r"no such host|name or service not known|could not resolve|couldn't resolve|UnknownHost|nodename nor servname|ENOTFOUND"
    r"|name resolution|NXDOMAIN|getaddrinfo", re.IGNORECASE,
)  # fmt: skip
_TROUBLE = re.compile(
    r"refused|unreachable|timed? ?out|no route|unavailable|UnableToConnect|cannot connect|can't connect|could not connect"
    r"|connection failed|error|exception", re.IGNORECASE,
)  # fmt: skip


def selectors(view: View) -> Iterator[Case]:
    """Services whose selector matches no pod although pods for them exist."""
    for service in view.all("services"):
        selector = o.spec(service).get("selector")
        if not selector or o.spec(service).get("type") == "ExternalName" or view.selected_pods(service):
            continue
        if service in view.services_selecting_templates:
            continue  # its workload exists: there are no pods, which is another rule's matter
        subject = _subject(service)
        near = _nearest(view, service)
        called = view.callers.get((subject.namespace, subject.name), [])
        selects = ", ".join(f"{key}={value}" for key, value in selector.items())
        words = f"The selector of service {subject.name} ({selects}) matches no pod"
        if near:
            words += f"; the pods of {near.name} carry {_labels(view, near)}"
        confidence = 0.93 if near else 0.5 if called else 0.35
        yield case("selector matches nothing", "ServiceSelectorMismatch", subject, words, confidence,
                   [service_state(view, service)], explains=[*([near] if near else []), *called])  # fmt: skip


def ports(view: View) -> Iterator[Case]:
    """Target ports on which the selected pods do not listen."""
    for service in view.all("services"):
        pods = view.selected_pods(service)
        if not pods:
            continue
        pod = pods[0]
        subject = _subject(service)
        for port in o.spec(service).get("ports") or []:
            wanted = port.get("targetPort") or port.get("port")
            why = _no_listener(view, pod, wanted, str(port.get("protocol") or "TCP"))
            if why is None:
                continue
            cause, detail, confidence = why
            words = f"Service {subject.name} sends port {port.get('port')} to {wanted}: {detail}"
            yield case("target port", cause, subject, words, confidence, [service_state(view, service), _ports(view, pod)],
                       explains=[view.workload_of(pod), *view.callers.get((subject.namespace, subject.name), [])])  # fmt: skip


def _no_listener(view: View, pod: Json, wanted: object, protocol: str) -> tuple[str, str, float] | None:
    containers = o.containers(o.spec(pod), init=True)
    declared = [port for one in containers for port in one.get("ports") or []]
    number = o.port_number(wanted, containers)
    if number is None:
        names = ", ".join(str(one.get("name") or one.get("containerPort")) for one in declared) or "none"
        return "ServicePortMismatch", f"no container port has this name (there are: {names})", 0.93
    same = [one for one in declared if one.get("containerPort") == number]
    if same and all(str(one.get("protocol") or "TCP") != protocol for one in same):
        return "ServiceProtocolMismatch", f"it sends {protocol}, the container port is {same[0].get('protocol')}", 0.92
    lines: dict[str, list[str]] = {}
    for name, line in view.log(pod):
        lines.setdefault(name, []).append(line.text)
    known: dict[int, str] = {}
    for one in containers:
        known |= listening.listens(one, lines.get(str(one.get("name")), [])).known
    if number in known or not known:
        return None
    listed = ", ".join(f"{port} ({source})" for port, source in list(known.items())[:4])
    return "ServicePortMismatch", f"the pods listen on {listed}", 0.93 if declared else 0.75


def addresses(view: View) -> Iterator[Case]:
    """Addresses in the environment that lead to no service, or to a port that the service does not have."""
    if not view.read("services"):
        return
    for workload, reference, meant in view.calls:
        service = view.find("services", meant.namespace, meant.service)
        if service is None:
            found = _missing(view, workload, reference, meant)
        else:
            found = _wrong_port(view, workload, reference, service)
        if found is not None:
            yield found


def _missing(view: View, workload: Subject, reference: Reference, meant: Target) -> Case | None:
    if meant.namespace not in {o.namespace(one) for one in view.all("services")}:
        return None  # that namespace was not read
    like = _alike(view, meant)
    witness, pod_name = _witness(view, workload, reference.host, _UNRESOLVED)
    confidence = 0.3 + (0.3 if like else 0) + (0.33 if witness else 0)
    words = f"{workload.name} is told to call {reference.value} ({reference.variable}), and there is no service {meant.service}"
    if like:
        words += f"; {like} exists"
    if witness:
        words += f"; its log: {o.short(witness.body.patterns[0].example if witness.body else witness.summary, 160)}"  # type: ignore[union-attr]
    proof = [_environment(workload, reference), witness]
    cause = "IncorrectDependencyAddress" if like or witness else "ServiceNotFound"
    return case("address of no service", cause, workload, words, confidence, proof,
                explains=[workload, *_downstream(view, workload)])  # fmt: skip


def _wrong_port(view: View, workload: Subject, reference: Reference, service: Json) -> Case | None:
    offered = [int(one["port"]) for one in o.spec(service).get("ports") or [] if one.get("port")]
    headless = o.spec(service).get("clusterIP") == "None"
    if not reference.port or not offered or reference.port in offered or headless:
        return None
    words = f"{workload.name} calls {reference.host} at port {reference.port} ({reference.variable}), the service has {offered}"
    witness, _ = _witness(view, workload, reference.host, _TROUBLE)
    proof = [_environment(workload, reference), service_state(view, service), witness]
    return case("port of no service", "IncorrectDependencyPort", workload, words, 0.93 if witness else 0.85, proof,
                explains=[workload, *_downstream(view, workload)])  # fmt: skip


def _downstream(view: View, workload: Subject) -> list[Subject]:
    """Who calls the services of this workload: they suffer with it."""
    names = [(o.namespace(one), o.name(one)) for one in view.services_of.get(workload, [])]
    return [caller for key in names for caller in view.callers.get(key, []) if caller != workload]


def _alike(view: View, meant: Target) -> str:
    """A service with a similar name, or whose name is the beginning of this one."""
    names = [o.name(one) for one in view.all("services") if o.namespace(one) == meant.namespace]
    for name in names:
        if meant.service.startswith(name + "-") or name.startswith(meant.service + "-"):
            return name
    return next(iter(difflib.get_close_matches(meant.service, names, n=1, cutoff=0.85)), "")


def _witness(view: View, workload: Subject, host: str, trouble: re.Pattern[str]) -> tuple[Evidence | None, str]:
    """Lines of the workload's log that name the host in trouble."""
    for pod in view.pods_by_workload.get(workload, []):
        by_container: dict[str, list[LogLine]] = {}
        for container, line in view.log(pod):
            if host in line.text and (trouble.search(line.text) or _TROUBLE.search(line.text)):
                by_container.setdefault(container, []).append(line)
        for container, lines in by_container.items():
            return log_lines("logs", pod, container, lines, part=f"names-{host}"), o.name(pod)
    return None, ""


def _nearest(view: View, service: Json) -> Subject | None:
    """The workload that the service was most likely meant for: same name, or labels that share most with the selector."""
    namespace, name = o.namespace(service), o.name(service)
    selector = o.spec(service).get("selector") or {}
    best, score = None, 0.0
    for workload, spec in view.workloads.items():
        if workload.namespace != namespace:
            continue
        having = o.at(spec, "spec", "template", "metadata", "labels") or {}
        shared = sum(having.get(key) == value for key, value in selector.items()) / len(selector)
        valued = sum(value in having.values() for value in selector.values()) / len(selector)
        points = (1.0 if workload.name == name else 0.0) + 0.6 * shared + 0.5 * valued
        if points > score and points >= 0.5:
            best, score = workload, points
    return best


def _labels(view: View, workload: Subject) -> str:
    having = o.at(view.workloads.get(workload), "spec", "template", "metadata", "labels") or {}
    return ", ".join(f"{key}={value}" for key, value in list(having.items())[:4])


def _subject(service: Json) -> Subject:
    return Subject(kind="Service", namespace=o.namespace(service), name=o.name(service))


def service_state(view: View, service: Json) -> Evidence:
    """A service: selector, ports, how many pods it selects and how many of them are ready."""
    subject = _subject(service)
    pods = view.selected_pods(service)
    selector = ", ".join(f"{key}={value}" for key, value in (o.spec(service).get("selector") or {}).items())
    listed = ", ".join(
        f"{one.get('port')}→{one.get('targetPort', one.get('port'))}/{one.get('protocol') or 'TCP'}"
        for one in o.spec(service).get("ports") or []
    )
    count = f"{sum(o.ready(pod) for pod in pods)} ready of {len(pods)}"
    rows = [("type", str(o.spec(service).get("type") or "ClusterIP")), ("selector", selector), ("ports", listed), ("pods", count)]
    return observed(CHECK, subject, f"Service {subject.name}", "; ".join(": ".join(row) for row in rows), rows)


def _ports(view: View, pod: Json) -> Evidence:
    workload = view.workload_of(pod)
    rows = [
        (str(one.get("name")), ", ".join(f"{port} ({source})" for port, source in listening.listens(one, []).known.items()))
        for one in o.containers(o.spec(pod), init=True)
    ]
    words = "; ".join(": ".join(row) for row in rows)
    return observed(CHECK, workload, f"Ports of {workload.name}", words, rows, part="ports")


def _environment(workload: Subject, reference: Reference) -> Evidence:
    rows = [("container", reference.container), (reference.variable, reference.value)]
    words = f"{reference.variable}={reference.value} in container {reference.container}"
    return observed(CHECK, workload, f"Address in the environment of {workload.name}", words, rows, part=f"env-{reference.variable}")


RULES = (selectors, ports, addresses)
DECIDES = (
    "ServiceSelectorMismatch", "ServicePortMismatch", "ServiceProtocolMismatch", "IncorrectDependencyAddress",
    "ServiceNotFound",
)  # fmt: skip
