"""Which metrics of which Azure resources are read by themselves, and what does a bad value mean? One row a metric."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from connectors import changes
from connectors.evidence import Evidence, Finding, Role, Series, Subject

_CLEAR = 4.0


class Metric(NamedTuple):
    """A metric of a type of resource; `limit` is the level from which it is bad, 0 where only a clear rise is."""

    type: str
    name: str
    aggregation: str
    cause: str
    limit: float = 0.0
    confidence: float = 0.5
    role: Role = Role.CAUSE


_SQL = "microsoft.sql/servers/databases"
_POSTGRES = "microsoft.dbforpostgresql/flexibleservers"
_AKS = "microsoft.containerservice/managedclusters"

METRICS: tuple[Metric, ...] = (
    Metric(_SQL, "cpu_percent", "Average", "DatabaseCPUSaturated", 90, 0.55),
    Metric(_SQL, "storage_percent", "Maximum", "DatabaseStorageExhausted", 95, 0.7),
    Metric(_SQL, "log_write_percent", "Average", "DatabaseIOSaturated", 90, 0.5),
    Metric(_SQL, "deadlock", "Total", "DatabaseLockContention", 0, 0.4),
    Metric(_SQL, "workers_percent", "Maximum", "DatabaseConnectionsExhausted", 90, 0.5),
    Metric(_POSTGRES, "cpu_percent", "Average", "DatabaseCPUSaturated", 90, 0.55),
    Metric(_POSTGRES, "storage_percent", "Maximum", "DatabaseStorageExhausted", 95, 0.7),
    Metric("microsoft.documentdb/databaseaccounts", "NormalizedRUConsumption", "Maximum", "TableThrottled", 99, 0.55),
    Metric("microsoft.web/sites", "Http5xx", "Total", "ErrorRateIncrease", 0, 0.35, Role.SYMPTOM),
    Metric("microsoft.web/sites", "HttpResponseTime", "Average", "LatencyIncrease", 0, 0.35, Role.SYMPTOM),
    Metric(_AKS, "node_cpu_usage_percentage", "Maximum", "NodeCPUSaturated", 95, 0.4),
    Metric(_AKS, "node_disk_usage_percentage", "Maximum", "NodeDiskPressure", 90, 0.45),
    Metric("microsoft.storage/storageaccounts", "SuccessE2ELatency", "Average", "LatencyIncrease", 0, 0.3,
           Role.SYMPTOM),
    Metric("microsoft.cdn/profiles", "Percentage5XX", "Average", "ErrorRateIncrease", 0, 0.35, Role.SYMPTOM),
    Metric("microsoft.network/applicationgateways", "UnhealthyHostCount", "Average", "LoadBalancerTargetsUnhealthy", 1,
           0.5),
    Metric("microsoft.network/natgateways", "DroppedPackets", "Total", "NATPortsExhausted", 0, 0.4),
    Metric("microsoft.servicebus/namespaces", "DeadletteredMessages", "Maximum", "QueueBacklog", 0, 0.35),
)  # fmt: skip


def of(resource: str) -> list[Metric]:
    """The rows for a resource, by the type in its id."""
    kind = type_of(resource)
    return [row for row in METRICS if row.type == kind]


def type_of(resource: str) -> str:
    """`microsoft.sql/servers/databases` of an id; empty where it is none."""
    _, named, after = resource.lower().rpartition("/providers/")
    parts = [part for part in after.split("/") if named and part]
    return "/".join([parts[0], *parts[1::2]]) if len(parts) >= 3 else ""


def subject_of(resource: str) -> Subject:
    """The resource as people call it: its last type and name."""
    parts = [part for part in resource.split("/") if part]
    if len(parts) < 2:
        return Subject(kind="Subscription", name=resource or "unknown")
    group = parts[parts.index("resourceGroups") + 1] if "resourceGroups" in parts[:-1] else ""
    return Subject(kind=parts[-2], namespace=group, name=parts[-1])


def told(
    row: Metric, resource: str, series: Series, onset: datetime | None, query: str
) -> tuple[Evidence, Finding] | None:
    """What is said of a metric that is bad now and was not before; None where it is well."""
    shift = changes.shift(series.points, onset.timestamp() if onset else None, row.limit / 20)
    if shift is None or shift.score < _CLEAR or shift.after <= shift.before:
        return None
    if row.limit and not shift.after >= row.limit > shift.before:
        return None
    subject = subject_of(resource)
    since = datetime.fromtimestamp(shift.onset, UTC) if shift.onset else None
    statement = f"{row.name} of {subject.name} went from {shift.before:g} to {shift.after:g}" + (
        f" at {since:%H:%M:%S}" if since else ""
    )
    drawn = series.model_copy(
        update={"before": shift.before, "after": shift.after, "threshold": row.limit or None, "name": row.name}
    )
    item = Evidence(
        key=f"azure/metrics/{resource.lower()}/{row.name}",
        source="azure",
        check="metrics",
        title=f"{row.name} of {subject.name}",
        summary=statement,
        subject=subject,
        onset=since,
        query=query,
        body=drawn,
    )
    finding = Finding(
        cause=row.cause,
        subject=subject,
        statement=statement,
        role=row.role,
        rests_on=(item.key,),
        confidence=row.confidence,
        onset=since,
        rule=f"metric {row.name}",
    )
    return item, finding
