"""What do running containers log about what they depend on?

Refused credentials, databases that are full or read-only, ports where nobody answers. A complaint of one caller is
about that caller's configuration; the same complaint of many is about what they have in common.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from connectors.evidence import Evidence, Role, Subject
from connectors.kubernetes import addresses, crashes, routers, stores
from connectors.kubernetes import objects as o
from connectors.kubernetes.analyzers.routing import renumbered
from connectors.kubernetes.crashes import Row
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, log_lines
from connectors.kubernetes.snapshot import LogLine
from connectors.kubernetes.view import View
from connectors.patterns import quote

CHECK = "logs"
_RECOVERED = 180.0
"""Seconds of other lines after a complaint, after which a container that is ready has got over it."""
MANY = 3
"""So many callers with the same complaint: then it is about what they call."""
_COMPLAINED = frozenset({
    "InvalidCredentials", "DatabaseReadOnly", "DatabaseConnectionsExhausted", "DiskFull", "VolumeMountPermissionDenied",
    "CertificateExpired", "RBACForbidden", "DNSResolutionFailure", "DatabaseMemoryExhausted", "DatabaseSchemaMismatch",
    "ProcessLimitReached", "ClockSkew", "DatabaseLockContention", "CloudAccessDenied", "RateLimited",
    "DatabaseStorageExhausted",
})  # fmt: skip
_OFTEN = {"DatabaseLockContention": 3, "RateLimited": 3}
"""Complaints that one line does not make: of a deadlock now and then, or one call too many, nobody suffers."""
_OF_THE_STORE = frozenset({"DatabaseReadOnly", "DatabaseConnectionsExhausted", "DatabaseMemoryExhausted",
                           "DatabaseLockContention", "DatabaseStorageExhausted"})  # fmt: skip
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*(?::[0-9a-f]*){2,}")
_NOT_REACHED = re.compile(
    r"communications link failure|connection refused|ECONNREFUSED|can't connect to (?:local )?\w+ server"
    r"|could not connect|failed to connect|unable to connect|connect timed out|connection to \S+ refused",
    re.IGNORECASE,
)


class Complaint(NamedTuple):
    """What one workload says, with the lines."""

    workload: Subject
    pod: Json
    row: Row
    lines: list[tuple[str, LogLine]]

    @property
    def texts(self) -> list[str]:
        """The lines' words."""
        return [line.text for _, line in self.lines]


def complaints(view: View) -> Iterator[Case]:
    """Complaints of running containers, by what they are about."""
    heard = list(_heard(view))
    about: dict[tuple[str, Subject], list[Complaint]] = defaultdict(list)
    for one in heard:
        about[one.row.cause, _subject(view, one)].append(one)
    for (cause, subject), found in about.items():
        yield _complained(cause, subject, found)
    by_store: dict[Subject, list[Complaint]] = defaultdict(list)
    for one in heard:
        store = _store(view, one)
        if one.row.cause == "InvalidCredentials" and store is not None:
            by_store[store].append(one)
    for store, found in by_store.items():
        if len({one.workload for one in found}) >= MANY:
            yield _complained("InvalidCredentials", store, found)


def _complained(cause: str, subject: Subject, found: list[Complaint]) -> Case:
    first = found[0]
    names = sorted({one.workload.name for one in found})
    count = sum(len(one.lines) for one in found)
    words = f"{', '.join(names[:4])} logs that {first.row.means} ({count} lines): {quote(first.texts[-1], 200)}"
    confidence = first.row.confidence - (0.08 if all(o.ready(one.pod) for one in found) else 0)
    confidence = min(0.95, confidence + 0.03 * (len(names) - 1))
    return case("logged complaint", cause, subject, words, confidence, [_quoted(one) for one in found[:4]],
                onset=min((line.at for one in found for _, line in one.lines if line.at), default=None),
                explains=[one.workload for one in found])  # fmt: skip


def _quoted(one: Complaint) -> Evidence | None:
    return log_lines("logs", one.pod, one.lines[0][0], [line for _, line in one.lines], part=one.row.cause)


def _heard(view: View) -> Iterator[Complaint]:
    for workload, pods in view.pods_by_workload.items():
        for pod in pods:
            lines = lines_of(view, pod)
            meaning = crashes.meaning([line.text for _, line in lines], _COMPLAINED) if lines else None
            if meaning is not None:
                row, texts = meaning
                if row.cause == "DNSResolutionFailure" and crashes.unresolved(texts):
                    continue  # it says which name: the rules for names know more
                told = set(texts)
                telling = [one for one in lines if one[1].text in told]
                if len(telling) < _OFTEN.get(row.cause, 1):
                    continue
                if not o.ready(pod) or goes_on(lines, telling, _RECOVERED):
                    yield Complaint(workload, pod, row, telling)
                    break


def lines_of(view: View, pod: Json) -> list[tuple[str, LogLine]]:
    """Container and line: lines of the last half hour; the previous run's only where the pod is not well."""
    lines = view.log(pod, previous=False if o.ready(pod) else None)
    return [(name, line) for name, line in lines if line.at is None or view.recent(line.at, 30)]


def _store(view: View, one: Complaint) -> Subject | None:
    service = stores.used_by(view, one.workload, one.texts)
    return stores.workload_behind(view, service) if service else None


def _subject(view: View, one: Complaint) -> Subject:
    """Whose fault it is: a database that is full or read-only itself, a client that it refuses, or who complains."""
    if any(stores.is_store(service) for service in view.services_of.get(one.workload, [])):
        return (_refused(view, one) if one.row.cause == "InvalidCredentials" else None) or one.workload
    if one.row.cause not in _OF_THE_STORE:
        return one.workload
    return stores.elsewhere(view, one.workload, one.texts) or _store(view, one) or one.workload


def _refused(view: View, one: Complaint) -> Subject | None:
    """The client of which a database says that it refused it: by the address that it names."""
    named = {address for text in one.texts for address in _ADDRESS.findall(text)}
    pods = (pod for pod in view.pods if not o.spec(pod).get("hostNetwork") and o.status(pod).get("podIP") in named)
    clients = {view.workload_of(pod) for pod in pods} - {one.workload}
    return next(iter(clients)) if len(clients) == 1 else None


def unreachable(view: View) -> Iterator[Case]:
    """Dependencies that do not answer at the host and port that a log names."""
    for workload, pods in view.pods_by_workload.items():
        for pod in pods:
            lines = lines_of(view, pod)
            found = crashes.unanswered([line.text for _, line in lines])
            if any(_NOT_REACHED.search(line.text) for _, line in lines):
                found = crashes.data_sources([line.text for _, line in lines]) | found
            named = (_at_address(view, pod, workload, key, texts, lines) for key, texts in found.items())
            done = next((one for one in named if one), None) or _of_store(view, pod, workload, lines)
            if done is not None:
                yield done
                break


def _at_address(
    view: View, pod: Json, workload: Subject, key: tuple[str, int], texts: list[str], lines: list[tuple[str, LogLine]]
) -> Case | None:
    host, port = key
    meant = addresses.target(host, o.namespace(pod), view.namespaces) or addresses.Target(
        host.split(".")[0], o.namespace(pod)
    )
    service = view.find("services", meant.namespace, meant.service) or _by_address(view, host)
    if service is None:
        return _in_another_namespace(view, pod, workload, port, [one for one in lines if one[1].text in texts])
    offered = [int(one["port"]) for one in o.spec(service).get("ports") or [] if one.get("port")]
    telling = [(name, line) for name, line in lines if line.text in texts]
    quoted = log_lines("logs", pod, telling[0][0], [line for _, line in telling], part=f"refused-{host}-{port}")
    if offered and port not in offered and not renumbered(view, service, port):
        words = f"{workload.name} calls {o.name(service)} at port {port}, which serves {', '.join(map(str, offered))}"
        routed = routers.routes(view, workload) and not stores.is_store(service)
        cause = "GatewayMisroute" if routed else "IncorrectDependencyPort"
        return case("refused port", cause, workload, f"{words}: {quote(texts[-1], 180)}", 0.9,
                    [quoted], onset=telling[0][1].at, explains=[workload])  # fmt: skip
    target = stores.workload_behind(view, service)
    subject = target or Subject(kind="Service", namespace=o.namespace(service), name=o.name(service))
    words = f"{o.name(service)} does not answer {workload.name} at port {port}: {quote(texts[-1], 180)}"
    return case("refused connection", "DependencyUnavailable", subject, words, 0.3, [quoted], role=Role.SYMPTOM,
                onset=telling[0][1].at, explains=[workload])  # fmt: skip


def _in_another_namespace(
    view: View, pod: Json, workload: Subject, port: int, telling: list[tuple[str, LogLine]]
) -> Case | None:
    """A store in a namespace that is not looked at: where to look next, and not what is wrong there."""
    store = stores.elsewhere(view, workload, [line.text for _, line in telling]) if port in stores.PORTS else None
    if store is None:
        return None
    quoted = log_lines("logs", pod, telling[0][0], [line for _, line in telling], part=f"refused-{store.name}-{port}")
    words = (
        f"{store.name} in namespace {store.namespace}, which was not looked at, does not answer {workload.name} at "
        f"port {port}: {quote(telling[-1][1].text, 180)}"
    )
    return case("refused connection", "DependencyUnavailable", store, words, 0.45, [quoted], onset=telling[0][1].at,
                explains=[workload])  # fmt: skip


def _of_store(view: View, pod: Json, workload: Subject, lines: list[tuple[str, LogLine]]) -> Case | None:
    """A store that is well and does not answer this one caller: then the caller asks at the wrong place."""
    telling = [(name, line) for name, line in lines if _NOT_REACHED.search(line.text) and stores.families(line.text)]
    if not telling or (o.ready(pod) and not goes_on(lines, telling, _RECOVERED)):
        return None
    service = stores.used_by(view, workload, [line.text for _, line in telling])
    if service is None or not stores.healthy(view, service):
        return None
    if _others_complain(view, workload, service):
        return None
    quoted = log_lines("logs", pod, telling[0][0], [line for _, line in telling], part="store-refused")
    words = f"{workload.name} does not reach {o.name(service)}, which is ready: {quote(telling[-1][1].text, 180)}"
    confidence = 0.62 if o.ready(pod) else 0.72
    return case("store refuses one caller", "IncorrectDependencyPort", workload, words, confidence, [quoted],
                onset=telling[0][1].at, explains=[workload])  # fmt: skip


def _others_complain(view: View, workload: Subject, service: Json) -> bool:
    """Whether another caller of the same store does not reach it either."""
    for other, pods in view.pods_by_workload.items():
        texts = [line.text for pod in pods for _, line in lines_of(view, pod) if _NOT_REACHED.search(line.text)]
        if other != workload and texts and any(stores.families(text) for text in texts):
            used = stores.used_by(view, other, texts)
            if used is not None and o.name(used) == o.name(service):
                return True
    return False


def _by_address(view: View, host: str) -> Json | None:
    return next((one for one in view.all("services") if o.spec(one).get("clusterIP") == host), None)


def goes_on(lines: list[tuple[str, LogLine]], telling: list[tuple[str, LogLine]], seconds: float) -> bool:
    """Whether the last of the telling lines came at most so many seconds before the last line of all."""
    last, end = last_of(telling), last_of(lines)
    return last is None or end is None or (end - last).total_seconds() <= seconds


def last_of(lines: list[tuple[str, LogLine]]) -> datetime | None:
    """The time of the last line that has one."""
    return max((line.at for _, line in lines if line.at), default=None)


RULES = (complaints, unreachable)
DECIDES = ("InvalidCredentials", "DatabaseReadOnly", "DatabaseConnectionsExhausted", "IncorrectDependencyPort")
