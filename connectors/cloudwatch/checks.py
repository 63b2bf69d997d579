"""Which questions does the connector answer by itself? A table; each row's function returns an observation.

A refusal touches only its own row: the check that owns a call tells of its failure, the rules work
with what the others brought.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

from connectors.cloudwatch import cost, describing
from connectors.cloudwatch import database_checks as database
from connectors.cloudwatch import service_checks as service
from connectors.cloudwatch.cause_checks import causes
from connectors.cloudwatch.confirming import confirmed_by
from connectors.cloudwatch.investigation import Investigation
from connectors.cloudwatch.readings import Reading, Readings
from connectors.contract import Check
from connectors.evidence import Observation

_SHOWN_ALARMS = 12
_SHOWN_METRICS = 12


class Row(NamedTuple):
    """One check; `decides` are the causes that stay open when it fails."""

    name: str
    question: str
    run: Callable[[Investigation], Awaitable[Observation]]
    decides: tuple[str, ...] = ()


async def alarms(case: Investigation) -> Observation:
    """The alarms in ALARM that are about the scope, with their history; the rest is counted."""
    found = await case.alarms()
    chosen = await case.scoped_alarms()
    history = await case.history.or_none()
    region = case.aws.options.region
    shown = sorted(chosen, key=lambda alarm: (alarm.since is None, alarm.since))[:_SHOWN_ALARMS]
    evidence = tuple(describing.alarm(one, region, found.query, history or ()) for one in shown)
    others = len([alarm for alarm in found.alarms if alarm not in chosen])
    notes = []
    if history is None and shown:
        notes.append("the alarms' history could not be read")
    if len(chosen) > len(shown):
        notes.append(f"{len(chosen) - len(shown)} more alarms of the scope are not shown")
    if found.more:
        notes.append("there are more alarms than were read")
    searched = f"{len(found.alarms)} alarms in ALARM, {others} of them not about this scope"
    return Observation(evidence=evidence, searched=searched, partial="; ".join(notes))


async def metrics(case: Investigation) -> Observation:
    """What changed among the metrics of the scope's resources."""
    targets = await case.targets()
    if not targets:
        return await case.without("resource")
    readings = await case.readings()
    region = case.aws.options.region
    changed = sorted((r for group in readings for r in group.by_name.values() if r.shifted), key=_telling)
    evidence = [describing.overview(group, "metrics") for group in readings]
    evidence += [describing.reading(r, case.span, region, "metrics") for r in changed[:_SHOWN_METRICS]]
    read = sum(len(group.by_name) for group in readings)
    return Observation(
        evidence=tuple(evidence),
        searched=f"{read} metrics of {len(targets)} resources ({', '.join(str(t.subject) for t in targets[:4])})",
        partial="; ".join(filter(None, (_unread(targets, readings), case.left_out))),
        watched=sum(1 for group in readings if group.by_name),
    )


def _telling(reading: Reading) -> tuple[bool, float]:
    return (reading.metric.role == "traffic", -(reading.shift.score if reading.shift else 0.0))


def _unread(targets: Sequence[object], readings: Sequence[Readings]) -> str:
    missing = [t for t in targets if t not in [group.target for group in readings]]
    return f"no data points for {', '.join(str(getattr(t, 'subject', t)) for t in missing[:4])}" if missing else ""


_DATABASE_CAUSES = (
    "DatabaseCPUSaturated", "DatabaseStorageExhausted", "DatabaseConnectionsExhausted", "DatabaseMemoryExhausted",
    "DatabaseIOSaturated", "DatabaseReplicationLag",
)  # fmt: skip
_SERVICE_CAUSES = (
    "FunctionThrottled", "FunctionErrors", "QueueBacklog", "TableThrottled", "CacheEvictions", "TrafficSurge",
    "VolumeIOSaturated", "NATPortsExhausted", "StreamThrottled", "DeliveryFailed", "SearchClusterUnhealthy",
)  # fmt: skip

CHECKS: tuple[Row, ...] = (
    Row("alarms", "Which alarms of the scope are in ALARM, and since when?", alarms),
    Row("metrics", "Which metrics of the scope's AWS resources changed?", metrics),
    Row("causes", "What do metrics, events and load say is wrong?", causes, (*_DATABASE_CAUSES, *_SERVICE_CAUSES)),
    Row("databases", "Are the databases available, and how large are they?", database.databases),
    Row("database events", "What does RDS report about the databases?", database.database_events,
        ("DatabaseFailover", "DatabaseStorageExhausted")),
    Row("database load", "What do the databases' sessions wait for?", database.database_load,
        ("DatabaseLockContention",)),
    Row("logs", "Which errors are new in the scope's log groups?", service.logs, ("CloudAccessDenied",)),
    Row("containers", "Do the ECS services run, and why did tasks stop?", service.containers,
        ("CloudDeploymentFailed", "OOMKilled", "ImagePullFailure")),
    Row("clusters", "What does EKS report about control plane, nodes and add-ons?", service.clusters),
    Row("load balancers", "Which targets are unhealthy, and why?", service.load_balancers,
        ("LoadBalancerTargetsUnhealthy",)),
    Row("instances", "Are instances, volumes and gateways impaired?", service.instances, ("CloudInstanceImpaired",)),
    Row("edge", "What do health checks and distributions say?", service.edge),
    Row("functions", "In what state are functions, tables and queues?", service.functions, ("FunctionThrottled",)),
    Row("messaging", "In what state are streams, brokers and rules, and why do workflows fail?", service.messaging,
        ("WorkflowFailed", "BrokerUnavailable")),
    Row("stores", "In what state are search domains, file systems and certificates?", service.stores,
        ("CertificateExpired",)),
    Row("stacks", "Which CloudFormation stacks changed or failed?", service.stacks, ("CloudDeploymentFailed",)),
    Row("scaling", "Could the Auto Scaling groups scale?", service.scaling, ("CloudQuotaExceeded",)),
    Row("cache events", "What does ElastiCache report?", service.caches),
    Row("changes", "Who changed what around the onset?", service.changes, ("ConfigChange", "CloudAccessDenied")),
    Row("service graph", "Where do failures begin among the services?", service.graph),
)  # fmt: skip
COST = Row("cost", "Which services cost more than they used to?", cost.cost)
"""Asked only where somebody speaks of money."""


def bound(case: Investigation, timeout: float) -> list[Check]:
    """The checks, bound to one investigation."""
    rows = (*CHECKS, COST) if cost.asked(case.inquiry) else CHECKS
    return [
        Check(name=row.name, question=row.question, run=partial(_run, row, case), timeout=timeout, decides=row.decides)
        for row in rows
    ]


async def _run(row: Row, case: Investigation) -> Observation:
    return confirmed_by(await row.run(case), case.aws.options.region)
