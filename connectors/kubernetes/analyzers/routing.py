"""Do services lead to their pods?

Selector against labels, target port against what the pods listen on, protocol against protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import listening
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed, told
from connectors.kubernetes.view import View

CHECK = "services"


def selectors(view: View) -> Iterator[Case]:
    """Services whose selector matches no pod although pods for them exist."""
    for service in view.all("services"):
        selector = o.spec(service).get("selector")
        if not selector or o.spec(service).get("type") == "ExternalName" or view.selected_pods(service):
            continue
        if (o.namespace(service), o.name(service)) in view.services_with_workload:
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
        if not pods or elsewhere(view, service):
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
            yield case(
                "target port",
                cause,
                subject,
                words,
                confidence,
                [service_state(view, service), _ports(view, pod)],
                explains=[view.workload_of(pod), *view.callers.get((subject.namespace, subject.name), [])],
            )


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


def renumbered(view: View, service: Json, called: int) -> bool:
    """Whether callers and pods agree on a port and only the service has another number: then the service is wrong."""
    ports = o.spec(service).get("ports") or []
    offered = {one.get("port") for one in ports}
    pods = view.selected_pods(service)
    containers = o.containers(o.spec(pods[0])) if pods else []
    reached = {o.port_number(one.get("targetPort") or one.get("port"), containers) for one in ports}
    return bool(called) and called not in offered and called in reached


def mapped(view: View) -> Iterator[Case]:
    """Services at another port than the one that callers ask for and pods listen on."""
    for service in view.all("services"):
        key = (o.namespace(service), o.name(service))
        asking = [
            (caller, reference) for caller in view.callers.get(key, [])
            for reference, meant in view.calls_of.get(caller, [])
            if (meant.namespace, meant.service) == key and renumbered(view, service, reference.port)
        ]  # fmt: skip
        if asking:
            caller, reference = asking[0]
            subject = _subject(service)
            listed = ", ".join(str(one.get("port")) for one in o.spec(service).get("ports") or [])
            words = f"Service {subject.name} is at port {listed}; {caller.name} calls it at {reference.port}, "
            words += "where its pods listen"
            yield case("port in between", "ServicePortMismatch", subject, words, 0.85, [service_state(view, service)],
                       explains=[who for who, _ in asking])  # fmt: skip


def exposed(view: View) -> Iterator[Case]:
    """Services that select another workload than the one they are named after, which exists."""
    for service in view.all("services"):
        led = elsewhere(view, service)
        if led is None:
            continue
        own, other = led
        subject = _subject(service)
        outside = o.spec(service).get("type") in ("LoadBalancer", "NodePort")
        words = f"Service {subject.name} leads to pods of {other.name}, not of {own.name}"
        cause = "GatewayMisroute" if outside else "ServiceSelectorMismatch"
        yield case("leads elsewhere", cause, subject, words, 0.88, [service_state(view, service)],
                   explains=[own, *view.callers.get((subject.namespace, subject.name), [])])  # fmt: skip


def governing(view: View) -> Iterator[Case]:
    """StatefulSets whose governing service does not exist: the names of their pods do not resolve."""
    if not view.read("services"):
        return
    for workload, spec in view.workloads.items():
        name = str(o.spec(spec).get("serviceName") or "") if workload.kind == "StatefulSet" else ""
        if not name or view.find("services", workload.namespace, name) is not None:
            continue
        named = re.compile(rf"\b{re.escape(workload.name)}-\d+\.{re.escape(name)}\b")
        callers = [
            one
            for one, pods in view.pods_by_workload.items()
            if any(named.search(line.text) for pod in pods for _, line in view.log(pod))
        ]
        subject = Subject(kind="Service", namespace=workload.namespace, name=name)
        words = f"StatefulSet {workload.name} names service {name} for its pods' names, and there is no such service"
        words += f"; {callers[0].name} logs such a name" if callers else ""
        rows = [("serviceName", name)]
        proof = observed(CHECK, workload, f"Governing service of {workload.name}", words, rows, part="governing")
        asked = re.search(rf"\b{re.escape(workload.name)}-\d+\b", view.snapshot.asked)
        yield case("no governing service", "ServiceNotFound", subject, words, 0.75 if callers or asked else 0.35,
                   [proof], explains=[workload, *callers])  # fmt: skip


def shared(view: View) -> Iterator[Case]:
    """Services that send requests to pods of two applications: one has its name, the other runs other images."""
    for service in view.all("services"):
        subject = _subject(service)
        chosen = dict.fromkeys(view.workload_of(pod) for pod in view.selected_pods(service))
        own = next((one for one in chosen if one.name == subject.name), None)
        others = [one for one in chosen if own and not _images(view, one) & _images(view, own)]
        if own is None or not others or elsewhere(view, service):
            continue
        selects = ", ".join(f"{key}={value}" for key, value in (o.spec(service).get("selector") or {}).items())
        words = f"The selector of service {subject.name} ({selects}) also matches pods of {others[0].name}"
        yield case("selector matches two", "ServiceSelectorMismatch", subject, words, 0.62,
                   [service_state(view, service)],
                   explains=[own, *view.callers.get((subject.namespace, subject.name), [])])  # fmt: skip


def _images(view: View, workload: Subject) -> set[str]:
    """The images of a workload without their tags."""
    images = (str(one.get("image") or "") for one in o.containers(view.pod_spec(workload)))
    return {re.sub(r"(:[\w.-]+)?(@.*)?$", "", one) for one in images}


def elsewhere(view: View, service: Json) -> tuple[Subject, Subject] | None:
    """The workload that a service is named after and the one it leads to, where these are two."""
    subject = _subject(service)
    own = next((one for key in _owners(subject) if (one := view.workload_named.get(key))), None)
    chosen = {view.workload_of(pod) for pod in view.selected_pods(service)}
    if own is None or not chosen or not view.pods_by_workload.get(own):
        return None
    if own in chosen or any(_named_after(subject.name, one.name) for one in chosen):
        return None
    return own, min(chosen, key=str)


def _owners(service: Subject) -> list[tuple[str, str]]:
    """Workloads that a service may be named after: its name, or its beginning up to a dash, the longest first."""
    words = service.name.split("-")
    return [(service.namespace, "-".join(words[:count])) for count in range(len(words), 0, -1)]


def _named_after(service: str, workload: str) -> bool:
    """Whether a service has a workload's name, perhaps with a word more (`web-external` and `web`)."""
    return service == workload or service.startswith(workload + "-")


def _nearest(view: View, service: Json) -> Subject | None:
    """The workload that the service was most likely meant for: same name, or labels that are most like the selector."""
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
    rows = [
        ("type", str(o.spec(service).get("type") or "ClusterIP")),
        ("selector", selector),
        ("ports", listed),
        ("pods", count),
    ]
    return observed(CHECK, subject, f"Service {subject.name}", "; ".join(": ".join(row) for row in rows), rows)


def _ports(view: View, pod: Json) -> Evidence:
    workload = view.workload_of(pod)
    rows = [
        (
            str(one.get("name")),
            ", ".join(f"{port} ({source})" for port, source in listening.listens(one, []).known.items()),
        )
        for one in o.containers(o.spec(pod), init=True)
    ]
    words = "; ".join(": ".join(row) for row in rows)
    return observed(CHECK, workload, f"Ports of {workload.name}", words, rows, part="ports")


_UNBALANCED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"quota|limit ?exceeded|too many", re.IGNORECASE), "CloudQuotaExceeded"),
    (re.compile(r"not authorized|access ?denied|forbidden|unauthorized", re.IGNORECASE), "CloudAccessDenied"),
    (re.compile(r""), "ReconcileFailed"),
)
"""Why the cloud makes no load balancer for a service, by its controller's words."""


def unbalanced(view: View) -> Iterator[Case]:
    """Services of type LoadBalancer that have no address, where the controller says why."""
    for service in view.all("services"):
        subject = _subject(service)
        events = view.events_of("Service", subject.namespace, subject.name, "SyncLoadBalancerFailed",
                                "FailedDeployModel", "FailedBuildModel")  # fmt: skip
        if o.spec(service).get("type") != "LoadBalancer" or o.at(service, "status", "loadBalancer", "ingress"):
            continue
        if events and view.recent(events[0].last, 60):
            cause = next(code for pattern, code in _UNBALANCED if pattern.search(events[0].message))
            words = f"Service {subject.name} gets no load balancer: {o.short(events[0].message, 300)}"
            yield case("no balancer", cause, subject, words, 0.65,
                       [told(CHECK, events[0]), service_state(view, service)])  # fmt: skip


RULES = (unbalanced, selectors, shared, ports, mapped, exposed, governing)
DECIDES = (
    "ServiceSelectorMismatch", "ServicePortMismatch", "ServiceProtocolMismatch", )  # fmt: skip
