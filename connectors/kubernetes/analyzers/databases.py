"""What do the configurations of databases and of their clients say, where nobody logs it?

A database that is started read-only or with hardly any connections, and a client that is told another password than
its database. Values are compared and never shown: only names of variables leave this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.evidence import Evidence, Subject
from connectors.kubernetes import addresses, routers, stores
from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json
from connectors.kubernetes.reporting import Case, case, observed, pod_state
from connectors.kubernetes.view import View

CHECK = "dependencies"
_READ_ONLY = re.compile(
    r"(?:^|\s)-{0,2}((?:super[-_])?read[-_]only|default_transaction_read_only)"
    r"(?:\s*=\s*(?:on|1|true|yes)\b|\s*$|\s+(?!=|off|0|false|no))",
    re.IGNORECASE | re.MULTILINE,
)
_CONNECTIONS = re.compile(
    r"(?:^|\s)-{0,2}(max[-_]connections|max[-_]?clients|max_?conns)[\s=:]+(\d+)\b", re.IGNORECASE | re.MULTILINE
)
_REPLICA = re.compile(
    r"(?:^|[-_./])(?:replicas?|slaves?|secondary|standby|readers?|read|ro)(?:[-_./\d]|$)", re.IGNORECASE
)
"""A copy that only reads, by a workload's or a file's name: it is read-only on purpose."""
_FEW = 10
"""Connections that the pool of one client takes by the defaults of common drivers."""
_PASSWORD = re.compile(r"[_.]?(?:PASSWORD|PASSWD|PASS|PWD)$", re.IGNORECASE)
_HOST = re.compile(r"[_.]?(?:ADDR|ADDRESS|HOST|HOSTNAME)S?$", re.IGNORECASE)


def limited(view: View) -> Iterator[Case]:
    """Databases whose own options forbid writes, or let hardly anybody in."""
    for workload, service in _databases(view):
        for where, text in _options(view, workload):
            hit = _READ_ONLY.search(text)
            if hit and not (_REPLICA.search(workload.name) or _REPLICA.search(where)):
                words = f"{workload.name} is started read-only ({hit[1]} in {where})"
                yield _told(view, workload, service, "DatabaseReadOnly", words, (where, o.short(hit[0].strip(), 80)))
            few = _CONNECTIONS.search(text)
            if few and int(few[2]) < _FEW:
                words = f"{workload.name} takes {few[2]} connections at most ({few[1]} in {where})"
                option = (where, o.short(few[0].strip(), 80))
                yield _told(view, workload, service, "DatabaseConnectionsExhausted", words, option)


def _told(view: View, workload: Subject, service: Json, cause: str, words: str, option: tuple[str, str]) -> Case:
    proof = observed(CHECK, workload, f"Options of {workload.name}", words, [option], part=f"options-{cause}")
    callers = view.callers.get((o.namespace(service), o.name(service)), [])
    return case("database's options", cause, workload, words, 0.72, [proof], explains=[workload, *callers])


def _databases(view: View) -> Iterator[tuple[Subject, Json]]:
    for workload in view.workloads:
        service = next((one for one in view.services_of.get(workload, []) if stores.is_store(one)), None)
        if service is not None:
            yield workload, service


def _options(view: View, workload: Subject) -> Iterator[tuple[str, str]]:
    """Where a database's options stand, and their text: arguments, and the files that it mounts."""
    spec = view.pod_spec(workload)
    for container in o.containers(spec):
        words = [str(one) for one in [*(container.get("command") or []), *(container.get("args") or [])]]
        yield "its arguments", " ".join(words)
    for name in routers.config_maps(spec):
        found = view.find("mounted_configs", workload.namespace, name)
        for key, text in (found or {}).get("data", {}).items():
            yield f"{name}/{key}", "\n".join(line for line in str(text).splitlines() if line.strip()[:1] not in "#;")


def passwords(view: View) -> Iterator[Case]:
    """Clients whose password for a database is written out and is none of those that the database is started with."""
    for database, service in _databases(view):
        known = _written(view.pod_spec(database))
        if known is None:
            continue
        for client in view.callers.get((o.namespace(service), o.name(service)), []):
            variable = _other_password(view, client, o.name(service), known)
            if variable is None or client == database:
                continue
            suffers = next((pod for pod in view.pods_by_workload.get(client, []) if not o.ready(pod)), None)
            words = f"{client.name} is told another password ({variable}) than any that {database.name} is started with"
            proof: list[Evidence | None] = [
                observed(CHECK, client, f"Password of {client.name}", words, [("variable", variable)], part="password"),
                pod_state("pods", suffers) if suffers else None,
            ]
            yield case("another password", "InvalidCredentials", client, words, 0.8 if suffers else 0.4, proof,
                       explains=[client])  # fmt: skip


def _written(spec: Json) -> set[str] | None:
    """The passwords that stand in a database's own variables; None where they come from somewhere else."""
    variables = [
        one for container in o.containers(spec) for one in container.get("env") or []
        if _PASSWORD.search(str(one.get("name")))
    ]  # fmt: skip
    elsewhere = any(container.get("envFrom") for container in o.containers(spec))
    if not variables or elsewhere or not all(one.get("value") for one in variables):
        return None
    return {str(one["value"]) for one in variables}


def _other_password(view: View, client: Subject, service: str, known: set[str]) -> str | None:
    """The variable beside the database's address that holds a password which is none of these."""
    for container in o.containers(view.pod_spec(client)):
        env = {str(one.get("name")): str(one.get("value") or "") for one in container.get("env") or []}
        for reference in addresses.references({"containers": [container]}):
            beside = _HOST.sub("", reference.variable)
            if reference.host.split(".")[0] != service or beside == reference.variable:
                continue
            for name, value in env.items():
                if value and value not in known and _PASSWORD.search(name) and _PASSWORD.sub("", name) == beside:
                    return name
    return None


RULES = (limited, passwords)
