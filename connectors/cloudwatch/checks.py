"""Which questions does the connector answer by itself? A table; each row's function returns an observation.

A refusal touches only its own row: the check that owns a call tells of its failure, the rules work
with what the others brought.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

from connectors.cloudwatch import describing, events
from connectors.cloudwatch.investigation import Investigation
from connectors.cloudwatch.readings import Reading, Readings
from connectors.cloudwatch.rules.database import exhaustion
from connectors.cloudwatch.rules.database_flow import flow
from connectors.cloudwatch.rules.finding import Facts
from connectors.cloudwatch.rules.order import ordered
from connectors.contract import Check
from connectors.evidence import Evidence, Finding, Observation

_SHOWN_ALARMS = 12
_SHOWN_METRICS = 12
_SHOWN_EVENTS = 12


class Row(NamedTuple):
    """One check. `services` are the kinds of targets it is about; without any it does not ask for targets."""

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
        return Observation(searched=_no_targets(case))
    readings = await case.readings()
    region = case.aws.options.region
    changed = sorted((r for group in readings for r in group.by_name.values() if r.shifted), key=_telling)
    evidence = [describing.overview(group, "metrics") for group in readings]
    evidence += [describing.reading(r, case.span, region, "metrics") for r in changed[:_SHOWN_METRICS]]
    read = sum(len(group.by_name) for group in readings)
    return Observation(
        evidence=tuple(evidence),
        searched=f"{read} metrics of {len(targets)} resources ({', '.join(str(t.subject) for t in targets[:4])})",
        partial=_unread(targets, readings),
    )


def _telling(reading: Reading) -> tuple[bool, float]:
    return (reading.metric.role == "traffic", -(reading.shift.score if reading.shift else 0.0))


def _no_targets(case: Investigation) -> str:
    said = f" called like {', '.join(case.names[:6])}" if case.names else ""
    return f"no AWS resource{said} is named by the scope, watched by its alarms or active in CloudWatch"


def _unread(targets: Sequence[object], readings: Sequence[Readings]) -> str:
    missing = [t for t in targets if t not in [group.target for group in readings]]
    return f"no data points for {', '.join(str(getattr(t, 'subject', t)) for t in missing[:4])}" if missing else ""


async def databases(case: Investigation) -> Observation:
    """State and size of the scope's databases."""
    if not await case.of_service("rds", "aurora"):
        return Observation(searched="no database in the scope")
    instances = await case.instances()
    targets = {target.name: target for target in await case.of_service("rds")}
    evidence = [describing.instance(one, targets[name]) for name, one in instances.items() if name in targets]
    return Observation(evidence=tuple(evidence), searched=f"databases {', '.join(targets)}: none is known to RDS")


async def database_events(case: Investigation) -> Observation:
    """RDS' own events about them."""
    targets = await case.of_service("rds", "aurora")
    if not targets:
        return Observation(searched="no database in the scope")
    found = events.newest(await case.db_events(), _SHOWN_EVENTS)
    names = ", ".join(target.name for target in targets)
    return Observation(
        evidence=tuple(events.evidence(event, "database events") for event in found), searched=f"RDS events of {names}"
    )


async def database_load(case: Investigation) -> Observation:
    """What their sessions wait for."""
    targets = {target.name: target for target in await case.of_service("rds")}
    if not targets:
        return Observation(searched="no database in the scope")
    loads = await case.loads()
    evidence = tuple(describing.database_load(one, targets[n]) for n, one in loads.items() if n in targets)
    partial_text = "; ".join(one.partial for one in loads.values() if one.partial)
    return Observation(evidence=evidence, searched="Performance Insights is off", partial=partial_text)


async def database_causes(case: Investigation) -> Observation:
    """The rules about databases, over whatever of the above could be read."""
    targets = await case.of_service("rds")
    if not targets:
        return Observation(searched="no database in the scope")
    facts = await database_facts(case)
    findings = ordered([one for fact in facts for rule in (exhaustion, flow) for one in rule(fact)])
    looked = sum(len(fact.readings.by_name) for fact in facts)
    searched = f"rules over {looked} metrics, events and load of {', '.join(t.name for t in targets)}: nothing is wrong"
    return Observation(evidence=tuple(_behind(case, facts, findings)), findings=tuple(findings), searched=searched)


async def database_facts(case: Investigation) -> list[Facts]:
    """Everything that is known about each database; what failed is missing, not an error here."""
    targets = await case.of_service("rds")
    readings = {group.target: group for group in await case.readings.or_none() or ()}
    happened = await case.db_events.or_none() or []
    instances = await case.instances.or_none() or {}
    limits = await case.limits.or_none() or {}
    loads = await case.loads.or_none() or {}
    return [
        Facts(
            target=target,
            readings=readings.get(target, Readings(target)),
            events=tuple(e for e in happened if e.subject.name in (target.name, _cluster(instances, target.name))),
            peers=tuple(group for other, group in readings.items() if other != target),
            instance=instances.get(target.name),
            limit=limits.get(target.name),
            load=loads.get(target.name),
        )
        for target in targets
    ]


def _cluster(instances: object, name: str) -> str:
    known = instances.get(name) if isinstance(instances, dict) else None
    return known.cluster if known else ""


def _behind(case: Investigation, facts: Sequence[Facts], findings: Sequence[Finding]) -> list[Evidence]:
    """The evidence that the findings rest on. Other checks bring the same under the same keys."""
    wanted = {key for one in findings for key in (*one.rests_on, *one.contradicted_by)}
    region = case.aws.options.region
    made: dict[str, Evidence] = {}
    for fact in facts:
        for one in fact.readings.by_name.values():
            made[one.key] = describing.reading(one, case.span, region, "metrics")
        for event in fact.events:
            made[event.key] = events.evidence(event, "database events")
        if fact.load:
            made[fact.load_key] = describing.database_load(fact.load, fact.target)
        if fact.instance:
            made[fact.instance_key] = describing.instance(fact.instance, fact.target)
    return [evidence for key, evidence in made.items() if key in wanted]


_DATABASE_CAUSES = (
    "DatabaseCPUSaturated", "DatabaseStorageExhausted", "DatabaseConnectionsExhausted", "DatabaseMemoryExhausted",
    "DatabaseIOSaturated", "DatabaseReplicationLag", "DatabaseFailover", "DatabaseLockContention",
)  # fmt: skip

CHECKS: tuple[Row, ...] = (
    Row("alarms", "Which alarms of the scope are in ALARM, and since when?", alarms),
    Row("metrics", "Which metrics of the scope's AWS resources changed?", metrics, _DATABASE_CAUSES[:6]),
    Row("databases", "Are the databases available, and how large are they?", databases),
    Row("database events", "What does RDS report about the databases?", database_events, ("DatabaseFailover",)),
    Row("database load", "What do the databases' sessions wait for?", database_load, ("DatabaseLockContention",)),
    Row("database causes", "What is wrong with the databases?", database_causes, _DATABASE_CAUSES),
)  # fmt: skip


def bound(case: Investigation, timeout: float) -> list[Check]:
    """The checks, bound to one investigation."""
    return [
        Check(name=row.name, question=row.question, run=partial(row.run, case), timeout=timeout, decides=row.decides)
        for row in CHECKS
    ]
