"""What do running containers log about what they depend on?

Refused credentials, databases that are full or read-only, ports where nobody answers. A complaint of one caller is
about that caller's configuration; the same complaint of many is about what they have in common.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.evidence import Role, Subject
from connectors.kubernetes import crashes
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, log_lines
from connectors.kubernetes.snapshot import LogLine
from connectors.kubernetes.view import View

CHECK = "logs"
MANY = 3


def complaints(view: View) -> Iterator[Case]:
    """What running containers log about their dependencies: refused credentials, full or read-only databases."""
    for workload, pods in view.pods_by_workload.items():
        for pod in pods:
            lines = [(name, line) for name, line in view.log(pod, previous=False) if _fresh(view, line)]
            meaning = crashes.meaning([line.text for _, line in lines])
            if meaning is None or meaning[0].cause not in _COMPLAINED:
                continue
            row, found = meaning
            telling = [(name, line) for name, line in lines if line.text in found]
            subject = _about(view, workload, [line.text for _, line in telling], row.cause)
            words = f"{workload.name} logs that {row.means} ({len(found)} lines): {o.short(found[-1], 200)}"
            quoted = log_lines("logs", pod, telling[0][0], [line for _, line in telling], part="complaints")
            confidence = row.confidence - (0.1 if o.ready(pod) else 0)
            yield case("logged complaint", row.cause, subject, words, confidence, [quoted],
                       onset=telling[0][1].at, explains=[workload])  # fmt: skip
            break


_COMPLAINED = {
    "InvalidCredentials", "DatabaseReadOnly", "DatabaseConnectionsExhausted", "DiskFull", "VolumeMountPermissionDenied",
    "CertificateExpired", "RBACForbidden", "DNSResolutionFailure",
}  # fmt: skip
_OF_THE_DATABASE = {"DatabaseReadOnly", "DatabaseConnectionsExhausted"}


def _fresh(view: View, line: LogLine) -> bool:
    return line.at is None or view.recent(line.at, 30)


def _about(view: View, workload: Subject, lines: list[str], cause: str) -> Subject:
    """Whose fault it is: a database that is full or read-only is named, where the caller says whom it calls."""
    if cause not in _OF_THE_DATABASE:
        return workload
    called = [(reference, meant) for caller, reference, meant in view.calls if caller == workload]
    stores = [meant for reference, meant in called if reference.port in DATABASE_PORTS or _named(reference.host)]
    for meant in stores:
        service = view.find("services", meant.namespace, meant.service)
        pods = view.selected_pods(service) if service else []
        if pods:
            return view.workload_of(pods[0])
    return workload


DATABASE_PORTS = {3306, 5432, 6379, 27017, 1433, 1521, 9042, 26257, 5672, 9092, 2379, 11211}
_STORES = (
    "mysql",
    "maria",
    "postgres",
    "pgsql",
    "mongo",
    "redis",
    "valkey",
    "sql",
    "database",
    "db-",
    "-db",
    "cassandra",
)


def _named(host: str) -> bool:
    return any(word in host.lower() for word in _STORES)


def refused_connections(view: View) -> Iterator[Case]:
    """Dependencies that do not answer at the host and port that a log names."""
    for workload, pods in view.pods_by_workload.items():
        for pod in pods:
            lines = [(name, line) for name, line in view.log(pod) if _fresh(view, line)]
            found = crashes.unanswered([line.text for _, line in lines])
            done = next(
                (one for key, texts in found.items() if (one := _unanswered(view, pod, workload, key, texts, lines))),
                None,
            )
            if done is not None:
                yield done
                break


def _unanswered(
    view: View, pod: Json, workload: Subject, key: tuple[str, int], texts: list[str], lines: list[tuple[str, LogLine]]
) -> Case | None:
    host, port = key
    service = view.find("services", o.namespace(pod), host.split(".")[0]) or _by_address(view, host)
    if service is None:
        return None
    offered = [int(one["port"]) for one in o.spec(service).get("ports") or [] if one.get("port")]
    telling = [(name, line) for name, line in lines if line.text in texts]
    quoted = log_lines("logs", pod, telling[0][0], [line for _, line in telling], part=f"refused-{host}-{port}")
    suffix = f"{o.short(texts[-1], 180)}"
    if offered and port not in offered:
        words = f"{workload.name} calls {o.name(service)} at port {port}, which serves {offered}: {suffix}"
        return case("refused port", "IncorrectDependencyPort", workload, words, 0.9, [quoted], onset=telling[0][1].at,
                    explains=[workload])  # fmt: skip
    target = next((view.workload_of(one) for one in view.selected_pods(service)), None)
    subject = target or Subject(kind="Service", namespace=o.namespace(service), name=o.name(service))
    words = f"{o.name(service)} does not answer {workload.name} at port {port}: {suffix}"
    return case("refused connection", "DependencyUnavailable", subject, words, 0.3, [quoted], role=Role.SYMPTOM,
                onset=telling[0][1].at, explains=[workload])  # fmt: skip


def _by_address(view: View, host: str) -> Json | None:
    return next((one for one in view.all("services") if o.spec(one).get("clusterIP") == host), None)


RULES = (complaints, refused_connections)
DECIDES = ("InvalidCredentials", "DatabaseReadOnly", "DatabaseConnectionsExhausted", "IncorrectDependencyPort")
