"""Which of these conclusions is the cause of which? Consequences are lowered, never dropped.

One row per relation that holds in general: the first explains the second when it began no later. A
finding that is explained stays visible with a confidence below one half and says what explains it. More
traffic is another matter: what it exhausts is the cause, and the traffic tells why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from connectors.evidence import Finding, Role

_SLACK = timedelta(minutes=3)
"""Metrics come by the minute and onsets are estimates: what begins this much later may still be first."""
_LOWERED = 0.45


class Relation(NamedTuple):
    """`cause` explains `effect` on the same resource or, where `anywhere`, on any of the investigation."""

    cause: str
    effect: str
    why: str
    anywhere: bool = False


RELATIONS: tuple[Relation, ...] = (
    Relation("DatabaseStorageExhausted", "DatabaseIOSaturated", "writes block on a full volume"),
    Relation("DatabaseStorageExhausted", "DependencyUnavailable", "a full volume stops the instance"),
    Relation("DatabaseStorageExhausted", "DatabaseFailover", "a full volume stops the primary"),
    Relation("DatabaseStorageExhausted", "DatabaseLockContention", "writes that block hold their locks"),
    Relation("DatabaseMemoryExhausted", "DatabaseFailover", "the engine was restarted for want of memory"),
    Relation("DatabaseMemoryExhausted", "DatabaseIOSaturated", "what no longer fits in memory is read from disk"),
    Relation("DatabaseLockContention", "DatabaseConnectionsExhausted", "sessions that wait for locks pile up"),
    Relation("DatabaseReplicationLag", "TrafficSurge", "the writes that outrun the replica are the traffic"),
    Relation("DatabaseFailover", "DatabaseReplicationLag", "replicas follow a new source after a failover"),
    Relation("DatabaseFailover", "TrafficSurge", "clients reconnect after a failover"),
    Relation("TableThrottled", "FunctionErrors", "calls of the table are throttled", anywhere=True),
    Relation("DatabaseConnectionsExhausted", "FunctionErrors", "the function gets no connection", anywhere=True),
    Relation("DatabaseStorageExhausted", "FunctionErrors", "the function's writes fail", anywhere=True),
    Relation("CloudAccessDenied", "FunctionErrors", "the function's calls are denied", anywhere=True),
    Relation("FunctionThrottled", "QueueBacklog", "the consumer is throttled", anywhere=True),
    Relation("FunctionErrors", "QueueBacklog", "the consumer fails", anywhere=True),
    Relation("DatabaseStorageExhausted", "SearchClusterUnhealthy", "a full node takes no shards"),
    Relation("DatabaseMemoryExhausted", "SearchClusterUnhealthy", "a full heap drops nodes"),
    Relation("FunctionErrors", "WorkflowFailed", "the function of a task fails", anywhere=True),
    Relation("CloudAccessDenied", "WorkflowFailed", "a task may not call what it needs", anywhere=True),
    Relation("FunctionErrors", "DeliveryFailed", "the function that is called fails", anywhere=True),
    Relation("CloudAccessDenied", "DeliveryFailed", "the target may not be called", anywhere=True),
    Relation("CloudInstanceImpaired", "LoadBalancerTargetsUnhealthy", "the targets run on it", anywhere=True),
    Relation("CloudDeploymentFailed", "LoadBalancerTargetsUnhealthy", "the new tasks are never healthy", anywhere=True),
    Relation("CloudQuotaExceeded", "CloudDeploymentFailed", "the quota stops the deployment", anywhere=True),
    Relation("CloudAccessDenied", "CloudDeploymentFailed", "a denied call stops the deployment", anywhere=True),
)  # fmt: skip
TRIGGERED: Mapping[str, str] = {
    "DatabaseCPUSaturated": "more traffic needs more CPU",
    "DatabaseConnectionsExhausted": "more traffic opens more connections",
    "DatabaseIOSaturated": "more traffic needs more I/O",
    "FunctionThrottled": "more calls than the concurrency allows",
    "TableThrottled": "more requests than the capacity allows",
    "CacheEvictions": "more data than before",
    "StreamThrottled": "more records than the shards take",
    "QueueBacklog": "more messages than the consumers take",
    "CPUOverload": "more requests need more CPU",
}
"""What more traffic to the same resource exhausts, and why."""


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, with those lowered that another one explains."""
    lowered: list[Finding] = []
    for effect in findings:
        relation = next((r for r in RELATIONS for cause in findings if _explains(r, cause, effect)), None)
        lowered.append(_consequence(effect, relation) if relation else effect)
    return [_beside_traffic(one, lowered) for one in lowered]


def _beside_traffic(one: Finding, every: Sequence[Finding]) -> Finding:
    """What more traffic exhausts says so; traffic that exhausts something, or hurts nobody, is no cause by itself."""
    surges = [other for other in every if other.cause == "TrafficSurge" and other.role is Role.CAUSE]
    if one in surges:
        hurt = [other for other in every if other.cause != "TrafficSurge" and other.role is not Role.CONTEXT]
        exhausted = any(_triggers(one, other) for other in hurt)
        return one.model_copy(update={"confidence": min(one.confidence, _LOWERED)}) if exhausted or not hurt else one
    trigger = next((surge for surge in surges if _triggers(surge, one)), None)
    if trigger is None:
        return one
    statement = f"{one.statement} – {TRIGGERED[one.cause]}: {trigger.statement}"
    rests = tuple(dict.fromkeys((*one.rests_on, *trigger.rests_on)))
    return one.model_copy(update={"statement": statement, "rests_on": rests, "mechanism": TRIGGERED[one.cause]})


def _triggers(surge: Finding, effect: Finding) -> bool:
    if effect.cause not in TRIGGERED or effect.subject != surge.subject or effect.role is not Role.CAUSE:
        return False
    return surge.onset is None or effect.onset is None or surge.onset <= effect.onset + _SLACK


def _explains(relation: Relation, cause: Finding, effect: Finding) -> bool:
    if (relation.cause, relation.effect) != (cause.cause, effect.cause) or cause is effect:
        return False
    if Role.CONTEXT in (cause.role, effect.role) or cause.confidence < 0.5:
        return False
    if not relation.anywhere and cause.subject != effect.subject:
        return False
    return cause.onset is None or effect.onset is None or cause.onset <= effect.onset + _SLACK


def _consequence(effect: Finding, relation: Relation) -> Finding:
    statement = f"{effect.statement} – follows from {relation.cause}: {relation.why}"
    return effect.model_copy(update={"confidence": min(effect.confidence, _LOWERED), "statement": statement})
