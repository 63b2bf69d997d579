"""Which metrics of Google Cloud are read by themselves, and what does a bad value mean? One row a metric.

A level is bad where it is above its limit now and was below before; a rate where it has clearly risen. What only
suffers (errors, latency) is told as a symptom: its cause is somewhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from connectors import changes
from connectors.contract import Scope
from connectors.evidence import Evidence, Finding, Role, Series, Subject

_CLEAR = 4.0


class Metric(NamedTuple):
    """A metric: its type and further filter, how it is aligned, which label names its object, and what it may mean.

    `limit` is the level from which it is bad; 0 where only a clear rise is.
    """

    type: str
    kind: str
    label: str
    aligner: str
    title: str
    cause: str
    limit: float = 0.0
    confidence: float = 0.5
    role: Role = Role.CAUSE
    filter: str = ""
    field: str = ""
    """The field of the scope that narrows it to the label, where one does."""


METRICS: tuple[Metric, ...] = (
    Metric("cloudsql.googleapis.com/database/cpu/utilization", "CloudSQLInstance", "database_id", "ALIGN_MEAN",
           "CPU of Cloud SQL", "DatabaseCPUSaturated", 0.9, 0.55),
    Metric("cloudsql.googleapis.com/database/disk/utilization", "CloudSQLInstance", "database_id", "ALIGN_MEAN",
           "disk of Cloud SQL", "DatabaseStorageExhausted", 0.95, 0.7),
    Metric("cloudsql.googleapis.com/database/memory/utilization", "CloudSQLInstance", "database_id", "ALIGN_MEAN",
           "memory of Cloud SQL", "DatabaseMemoryExhausted", 0.95, 0.5),
    Metric("cloudsql.googleapis.com/database/replication/replica_lag", "CloudSQLInstance", "database_id", "ALIGN_MEAN",
           "replication lag of Cloud SQL in seconds", "DatabaseReplicationLag", 60.0, 0.5),
    Metric("run.googleapis.com/request_count", "CloudRunService", "service_name", "ALIGN_RATE",
           "5xx answers of Cloud Run per second", "ErrorRateIncrease", 0.0, 0.4, Role.SYMPTOM,
           'metric.labels.response_code_class="5xx"', "service"),
    Metric("cloudfunctions.googleapis.com/function/execution_count", "CloudFunction", "function_name", "ALIGN_RATE",
           "failed executions of functions per second", "FunctionErrors", 0.0, 0.45, Role.CAUSE,
           'metric.labels.status!="ok"', "service"),
    Metric("loadbalancing.googleapis.com/https/request_count", "LoadBalancer", "url_map_name", "ALIGN_RATE",
           "5xx answers of the load balancer per second", "ErrorRateIncrease", 0.0, 0.35, Role.SYMPTOM,
           "metric.labels.response_code_class=500"),
    Metric("serviceruntime.googleapis.com/quota/exceeded", "Quota", "service", "ALIGN_COUNT_TRUE",
           "refusals for quota", "CloudQuotaExceeded", 1.0, 0.55),
    Metric("pubsub.googleapis.com/subscription/oldest_unacked_message_age", "Subscription", "subscription_id",
           "ALIGN_MAX", "age of the oldest message in seconds", "QueueBacklog", 600.0, 0.45),
    Metric("compute.googleapis.com/nat/dropped_sent_packets_count", "CloudNAT", "gateway_name", "ALIGN_RATE",
           "packets that NAT dropped per second", "NATPortsExhausted", 0.0, 0.55, Role.CAUSE,
           'metric.labels.reason="OUT_OF_RESOURCES"'),
)  # fmt: skip


class Bad(NamedTuple):
    """A series that is bad: before, now, and since when (unix seconds) where that can be told."""

    series: Series
    before: float
    now: float
    since: float | None


def words(metric: Metric, scope: Scope) -> str:
    """The filter for a metric: what it adds, and the scope where it narrows it."""
    parts = [f'metric.type="{metric.type}"', metric.filter]
    name = str(getattr(scope, metric.field)) if metric.field else ""
    if name and '"' not in name:
        parts.append(f'resource.labels.{metric.label}="{name}"')
    return " AND ".join(part for part in parts if part)


def bad(metric: Metric, found: Sequence[Series], onset: datetime | None) -> Iterator[Bad]:
    """The series that are bad now and were not before."""
    begin = onset.timestamp() if onset else None
    for one in found:
        shift = changes.shift(one.points, begin, metric.limit / 20)
        if shift is None:
            continue
        rose = shift.after > shift.before and shift.score >= _CLEAR
        if rose and (not metric.limit or shift.after >= metric.limit > shift.before):
            yield Bad(one, shift.before, shift.after, shift.onset)


def told(metric: Metric, one: Bad, query: str, source: str, check: str) -> tuple[Evidence, Finding]:
    """What is said of a bad series."""
    name = one.series.labels.get(metric.label) or "unknown"
    subject = Subject(kind=metric.kind, name=name)
    since = datetime.fromtimestamp(one.since, UTC) if one.since else None
    statement = f"{name}: {metric.title} went from {one.before:g} to {one.now:g}" + (
        f" at {since:%H:%M:%S}" if since else ""
    )
    drawn = one.series.model_copy(
        update={"before": one.before, "after": one.now, "threshold": metric.limit or None, "unit": metric.title}
    )
    item = Evidence(
        key=f"{source}/{check}/{metric.type}/{name}/{hash_of(one.series)}",
        source=source,
        check=check,
        title=f"{metric.title}: {name}",
        summary=statement,
        subject=subject,
        onset=since,
        query=query,
        body=drawn,
    )
    finding = Finding(
        cause=metric.cause,
        subject=subject,
        statement=statement,
        role=metric.role,
        rests_on=(item.key,),
        confidence=metric.confidence,
        onset=since,
        rule=f"metric {metric.type}",
    )
    return item, finding


def hash_of(series: Series) -> str:
    """What tells series of one object apart, the same in every run."""
    return ",".join(f"{name}={value}" for name, value in sorted(series.labels.items()))
