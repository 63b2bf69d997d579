"""Which workloads are databases, queues and caches, and which of them does a workload use?

By the ports that such systems have by default and by the words in names of services; the user of one is known by
its addresses, by what its log names, or by sharing a name with it.
"""

from __future__ import annotations

import re

from connectors.evidence import Subject
from connectors.kubernetes import objects as o
from connectors.kubernetes import routers
from connectors.kubernetes.objects import Json
from connectors.kubernetes.view import View

FAMILIES: dict[str, tuple[frozenset[int], re.Pattern[str]]] = {
    "mysql": (
        frozenset({3306, 33060}),
        re.compile(r"mysql|maria|percona|jdbc|hikari|communications link", re.IGNORECASE),
    ),
    "postgresql": (frozenset({5432}), re.compile(r"postgres|pgsql|psycopg|pq:|PSQLException", re.IGNORECASE)),
    "redis": (frozenset({6379}), re.compile(r"redis|valkey|jedis|lettuce", re.IGNORECASE)),
    "mongodb": (frozenset({27017}), re.compile(r"mongo", re.IGNORECASE)),
    "rabbitmq": (frozenset({5672, 5671}), re.compile(r"rabbit|amqp", re.IGNORECASE)),
    "kafka": (
        frozenset({9092}),
        re.compile(r"kafka|broker may not be available|\[(?:Producer|Consumer) clientId=", re.IGNORECASE),
    ),
    "sqlserver": (frozenset({1433}), re.compile(r"sqlserver|mssql", re.IGNORECASE)),
    "cassandra": (frozenset({9042}), re.compile(r"cassandra|scylla", re.IGNORECASE)),
    "memcached": (frozenset({11211}), re.compile(r"memcache", re.IGNORECASE)),
    "elasticsearch": (frozenset({9200, 9300}), re.compile(r"elastic|opensearch|ClusterBlock", re.IGNORECASE)),
    "etcd": (frozenset({2379}), re.compile(r"\betcd", re.IGNORECASE)),
}

PORTS = frozenset(port for ports, _ in FAMILIES.values() for port in ports)
"""Every port that such systems have by default."""

_SQL = re.compile(r"java\.sql|SQLException|SQL\w*Exception|SQLSTATE|sqlalchemy|data ?source|database", re.IGNORECASE)
_SPEAK_SQL = frozenset({"mysql", "postgresql", "sqlserver"})


def families(text: str) -> set[str]:
    """The kinds of store that a text speaks of; all that speak SQL where it speaks of SQL only."""
    found = {name for name, (_, words) in FAMILIES.items() if words.search(text)}
    return found or (set(_SPEAK_SQL) if _SQL.search(text) else set())


def is_store(service: Json) -> bool:
    """Whether a service is at a port that such systems have."""
    ports = {one.get("port") for one in o.spec(service).get("ports") or []}
    return bool(ports & PORTS)


def stores(view: View, namespace: str) -> dict[str, list[Json]]:
    """Services of stores in a namespace, by kind."""
    found: dict[str, list[Json]] = {}
    for service in view.all("services"):
        if o.namespace(service) != namespace:
            continue
        ports = {one.get("port") for one in o.spec(service).get("ports") or []}
        for family, (known, words) in FAMILIES.items():
            if ports & known or (words.search(o.name(service)) and not ports & {80, 8080, 443}):
                found.setdefault(family, []).append(service)
    return found


def used_by(view: View, workload: Subject, lines: list[str]) -> Json | None:
    """The store that a workload complains about; None where that cannot be told."""
    text = "\n".join(lines[:50])
    spoken = families(text)
    called = {(meant.namespace, meant.service) for _, meant in view.calls_of.get(workload, [])}
    near = {workload.namespace, *(namespace for namespace, _ in called)}
    candidates = [
        service for namespace in sorted(near) for family, found in stores(view, namespace).items() for service in found
        if (not spoken or family in spoken)
        and (namespace == workload.namespace or (namespace, o.name(service)) in called)
    ]  # fmt: skip
    named = [one for one in candidates if re.search(rf"\b{re.escape(o.name(one))}\b", text)]
    known = [one for one in candidates if (o.namespace(one), o.name(one)) in called]
    for choice in (named, known, _namesakes(workload, candidates), candidates):
        unique = {o.name(one): one for one in choice}
        if len(unique) == 1 or (unique and choice is not candidates):
            return next(iter(unique.values()))
    for choice in (candidates, _nobodys(view, workload, candidates)):
        behind = {target for one in choice if (target := workload_behind(view, one))}
        if len(behind) == 1:
            return choice[0]
    return None


def elsewhere(view: View, workload: Subject, lines: list[str]) -> Subject | None:
    """The store in a namespace that is not looked at which a workload complains about, as its addresses name it.

    None where its own namespace has one that it may mean as well.
    """
    spoken = families("\n".join(lines[:50])) or set(FAMILIES)
    called = {
        meant: family
        for reference, meant in view.calls_of.get(workload, [])
        for family, (ports, words) in FAMILIES.items()
        if reference.port in ports or words.search(reference.value)
    }
    meant = [one for one, family in called.items() if family in spoken]
    if len(meant) != 1 or meant[0].namespace == workload.namespace or view.find("services", *reversed(meant[0])):
        return None
    return Subject(kind="Service", namespace=meant[0].namespace, name=meant[0].service)


def _nobodys(view: View, workload: Subject, candidates: list[Json]) -> list[Json]:
    """Stores that carry no other workload's name: what is left for everybody else."""
    stores_themselves = {workload_behind(view, one) for one in candidates}
    others = [one for one in view.workloads if one != workload and one not in stores_themselves]
    return [one for one in candidates if not any(_namesakes(other, [one]) for other in others)]


def _namesakes(workload: Subject, candidates: list[Json]) -> list[Json]:
    """Stores that carry the workload's name (`orders-mysql`, `mysql-orders` for `orders-service`), plainest first."""
    stem = re.sub(r"-?(service|svc|api|server)$", "", workload.name)
    word = re.compile(rf"^{re.escape(stem)}|-{re.escape(stem)}(?:-|$)")
    return sorted(
        (one for one in candidates if len(stem) > 3 and word.search(o.name(one))), key=lambda one: len(o.name(one))
    )


def configurations(view: View, most: int) -> list[tuple[str, str]]:
    """Namespace and name of the config maps that stores mount; none where that are too many to read."""
    behind = {target for one in view.all("services") if is_store(one) and (target := workload_behind(view, one))}
    found = {(one.namespace, name) for one in behind for name in routers.config_maps(view.pod_spec(one))}
    return sorted(found) if len(found) <= most else []


def workload_behind(view: View, service: Json) -> Subject | None:
    """The workload that a service leads to."""
    pods = view.selected_pods(service)
    return view.workload_of(pods[0]) if pods else None


def healthy(view: View, service: Json) -> bool:
    """Whether the store has a pod that is ready."""
    return any(o.ready(pod) for pod in view.selected_pods(service))
