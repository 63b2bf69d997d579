"""Do callers call services that exist, at ports that they have?

Addresses in environment and arguments against the services of the cluster, with the callers' logs as witnesses. A
name that nothing has and nobody complains about is often a leftover: alone it is a weak hint.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes.addresses import Reference, Target, references, stem
from connectors.kubernetes.analyzers.routing import renumbered, service_state
from connectors.kubernetes.reporting import Case, case, log_lines, observed
from connectors.kubernetes.snapshot import LogLine
from connectors.kubernetes.view import View

CHECK = "dependencies"
_EVERYBODYS = frozenset({80, 443, 3000, 5000, 8000, 8080, 8443, 9090})
"""Ports that any service may have: they tell of none."""
SHARED_BY = 3
"""So many callers with the same dangling name: then it is the name's fault and not one caller's."""
_TROUBLE = re.compile(
    r"no such host|not known|resolve|UnknownHost|ENOTFOUND|NXDOMAIN|getaddrinfo|name resolution"
    r"|refused|unreachable|timed? ?out|no route|unavailable|UnableToConnect|cannot connect|can't connect"
    r"|could not connect|connection failed|error|exception",
    re.IGNORECASE,
)


def missing(view: View) -> Iterator[Case]:
    """Addresses that lead to no service."""
    if not view.read("services"):
        return
    namespaces = {o.namespace(one) for one in view.all("services")}
    callers: dict[Target, list[tuple[Subject, Reference]]] = defaultdict(list)
    for workload, reference, meant in view.calls:
        if meant.namespace in namespaces and view.find("services", meant.namespace, meant.service) is None:
            callers[meant].append((workload, reference))
    for meant, found in callers.items():
        if len({workload for workload, _ in found}) >= SHARED_BY:
            yield _shared(view, meant, found)
            continue
        for workload, reference in found:
            yield _dangling(view, workload, reference, meant)


def _dangling(view: View, workload: Subject, reference: Reference, meant: Target) -> Case:
    witness = _witness(view, workload, reference.host)
    like = _alike(view, workload, reference, meant)
    like = like or (_uncalled(view, workload, reference) if witness else "")
    confidence = 0.25 + (0.4 if like else 0) + (0.3 if witness else 0)
    words = (
        f"{workload.name} is told to call {reference.value} ({reference.variable}), and there is no service "
        f"{meant.service}" + (f"; {like} exists" if like else "")
    )
    if witness:
        words += f"; its log: {o.short(witness.summary, 200)}"
    cause = "IncorrectDependencyAddress" if like else "ServiceNotFound"
    proof = [environment(workload, reference), witness]
    return case(
        "address of no service", cause, workload, words, confidence, proof, explains=_with_callers(view, workload)
    )


def _shared(view: View, meant: Target, found: list[tuple[Subject, Reference]]) -> Case:
    """A service that many call and that does not exist."""
    names = sorted({workload.name for workload, _ in found})
    witness = next((one for workload, ref in found if (one := _witness(view, workload, ref.host))), None)
    own = Subject(kind="Deployment", namespace=meant.namespace, name=meant.service)
    exists = own in view.workloads
    subject = Subject(kind="Service", namespace=meant.namespace, name=meant.service)
    words = f"{len(names)} workloads call {meant.service} ({', '.join(names[:4])}), and there is no such service"
    confidence = 0.2 + (0.35 if exists else 0) + (0.3 if witness else 0)
    proof = [environment(*found[0]), witness]
    return case(
        "called by many", "ServiceNotFound", subject, words, confidence, proof, explains=[one for one, _ in found]
    )


def ports(view: View) -> Iterator[Case]:
    """Addresses whose port the service does not have."""
    for workload, reference, meant in view.calls:
        service = view.find("services", meant.namespace, meant.service)
        if service is None or renumbered(view, service, reference.port):
            continue
        offered = [int(one["port"]) for one in o.spec(service).get("ports") or [] if one.get("port")]
        headless = o.spec(service).get("clusterIP") == "None"
        if not reference.port or not offered or reference.port in offered or headless:
            continue
        words = (
            f"{workload.name} calls {reference.host} at port {reference.port} ({reference.variable}), "
            f"the service has {', '.join(map(str, offered))}"
        )
        # A port that is set by itself, or inside a database's URL, is a wrong port; in a pair it is a wrong address.
        pair = "//" not in reference.value and str(reference.port) in reference.value
        cause = "IncorrectDependencyAddress" if pair else "IncorrectDependencyPort"
        witness = _witness(view, workload, reference.host)
        proof = [environment(workload, reference), service_state(view, service), witness]
        yield case("port of no service", cause, workload, words, 0.93 if witness else 0.85, proof,
                   explains=_with_callers(view, workload))  # fmt: skip


def strangers(view: View) -> Iterator[Case]:
    """Variables that are named after one service and lead to another."""
    plainly = {(o.namespace(one), _plain(o.name(one))): o.name(one) for one in view.all("services")}
    for workload, reference, meant in view.calls:
        wanted = stem(reference.variable)
        if (
            not wanted
            or view.find("services", meant.namespace, meant.service) is None
            or _plain(meant.service) == wanted
        ):
            continue
        named = plainly.get((workload.namespace, wanted))
        if named is None or wanted in _plain(meant.service) or _plain(meant.service) in wanted:
            continue
        words = (
            f"{workload.name} is told to call {reference.value} as {reference.variable}, and there is a service {named}"
        )
        witness = _witness(view, workload, reference.host)
        yield case(
            "address of another service",
            "IncorrectDependencyAddress",
            workload,
            words,
            0.88 if witness else 0.8,
            [environment(workload, reference), witness],
            explains=_with_callers(view, workload),
        )


def foreign(view: View) -> Iterator[Case]:
    """Names that begin like a service of the caller's namespace and end in another place."""
    for workload, spec in view.workloads.items():
        local = {(meant.namespace, meant.service) for _, meant in view.calls_of.get(workload, [])}
        for reference in references(o.template(spec)):
            first, _, rest = reference.host.partition(".")
            own = (workload.namespace, first)
            if (
                not rest
                or own in local
                or view.find("services", *own) is None
                or rest.split(".")[0] == workload.namespace
            ):
                continue
            witness = _witness(view, workload, reference.host)
            words = (
                f"{workload.name} is told to call {reference.value} ({reference.variable}), and {first} is a service "
                "of its own namespace"
            )
            yield case("address elsewhere", "IncorrectDependencyAddress", workload, words, 0.88 if witness else 0.4,
                       [environment(workload, reference), witness], explains=_with_callers(view, workload))  # fmt: skip


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _with_callers(view: View, workload: Subject) -> list[Subject]:
    """The workload, and who calls its services: they suffer with it."""
    names = [(o.namespace(one), o.name(one)) for one in view.services_of.get(workload, [])]
    return [workload, *(caller for key in names for caller in view.callers.get(key, []) if caller != workload)]


def _alike(view: View, workload: Subject, reference: Reference, meant: Target) -> str:
    """A service that was probably meant: named by the variable, or with a similar name; not one it calls already."""
    called = {other.service for _, other in view.calls_of.get(workload, [])}
    names = [o.name(one) for one in view.all("services") if o.namespace(one) == meant.namespace]
    names = [name for name in names if name not in called]
    wanted = stem(reference.variable)
    for name in names:
        begins = meant.service.startswith(name + "-") or name.startswith(meant.service + "-")
        if begins or (wanted and _plain(name) == wanted):
            return name
    return next(iter(difflib.get_close_matches(meant.service, names, n=1, cutoff=0.85)), "")


def _uncalled(view: View, workload: Subject, reference: Reference) -> str:
    """The one service at the port of an address, where the workload does not call it: it was meant."""
    if not reference.port or reference.port in _EVERYBODYS:
        return ""
    called = {other.service for _, other in view.calls_of.get(workload, [])}
    serving = [
        o.name(one) for one in view.all("services") if o.namespace(one) == workload.namespace
        and any(port.get("port") == reference.port for port in o.spec(one).get("ports") or [])
    ]  # fmt: skip
    return serving[0] if len(serving) == 1 and serving[0] not in called else ""


def _witness(view: View, workload: Subject, host: str) -> Evidence | None:
    """Lines of the workload's log that name the host in trouble."""
    for pod in view.pods_by_workload.get(workload, []):
        by_container: dict[str, list[LogLine]] = defaultdict(list)
        for container, line in view.log(pod):
            if host in line.text and _TROUBLE.search(line.text):
                by_container[container].append(line)
        for container, lines in by_container.items():
            return log_lines("logs", pod, container, lines, part=f"names-{host}")
    return None


def environment(workload: Subject, reference: Reference) -> Evidence:
    """An address that a workload is configured with."""
    rows = [("container", reference.container), (reference.variable, reference.value)]
    words = f"{reference.variable}={reference.value} in container {reference.container}"
    title = f"Address in the configuration of {workload.name}"
    return observed(CHECK, workload, title, words, rows, part=f"env-{reference.variable}-{reference.host}")


RULES = (missing, ports, strangers, foreign)
DECIDES = ("IncorrectDependencyAddress", "IncorrectDependencyPort", "ServiceNotFound")
