"""What do the rules conclude from metrics, events and load taken together?

One check for all resources, because they explain each other: a throttled table fails a function, a
function that fails lets its queue grow. What could not be read is missing here and told elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from connectors.cloudwatch import describing, events
from connectors.cloudwatch.databases import Instance
from connectors.cloudwatch.investigation import Investigation
from connectors.cloudwatch.readings import Readings
from connectors.cloudwatch.rules.database import exhaustion
from connectors.cloudwatch.rules.database_flow import flow
from connectors.cloudwatch.rules.finding import Facts
from connectors.cloudwatch.rules.levels import levels
from connectors.cloudwatch.rules.order import ordered
from connectors.cloudwatch.rules.services import services
from connectors.evidence import Evidence, Finding, Observation
from connectors.together import beside, every


async def causes(case: Investigation) -> Observation:
    """The rules, over whatever could be read."""
    targets = await case.targets()
    if not targets:
        return await case.without("AWS resource")
    known: list[list[Facts]] = await every([partial(database_facts, case), partial(service_facts, case)])
    facts = [fact for one in known for fact in one]
    findings = ordered([one for fact in facts for one in judged(fact)])
    looked = sum(len(fact.readings.by_name) for fact in facts)
    searched = (
        f"rules over {looked} metrics, events and load of {', '.join(t.name for t in targets[:6])}: nothing is wrong"
    )
    return Observation(evidence=tuple(_behind(case, facts, findings)), findings=tuple(findings), searched=searched)


def judged(fact: Facts) -> list[Finding]:
    """What the rules for this kind of resource say."""
    if fact.target.service.key == "rds":
        return [*exhaustion(fact), *flow(fact)]
    return [*levels(fact), *services(fact)]


async def service_facts(case: Investigation) -> list[Facts]:
    """Everything that is known about each resource that is no database instance."""
    await beside(case.readings.or_none, case.timeouts.or_none, case.usual.or_none)
    readings = {group.target: group for group in await case.readings.or_none() or ()}
    targets = [target for target in await case.targets() if target.service.key != "rds" and target in readings]
    limits, usual = await case.timeouts.or_none() or {}, await case.usual.or_none() or {}
    return [
        Facts(target, readings[target], states=limits.get(target, {}), usual=usual.get(target, {}))
        for target in targets
    ]


async def database_facts(case: Investigation) -> list[Facts]:
    """Everything that is known about each database; what failed is missing, not an error here."""
    targets = await case.of_service("rds")
    await beside(
        case.readings.or_none, case.db_events.or_none, case.limits.or_none, case.loads.or_none, case.usual.or_none
    )
    readings = {group.target: group for group in await case.readings.or_none() or ()}
    happened = await case.db_events.or_none() or []
    instances = await case.instances.or_none() or {}
    limits = await case.limits.or_none() or {}
    loads = await case.loads.or_none() or {}
    usual = await case.usual.or_none() or {}
    found = await case.alarms.or_none()
    alarms = [one for one in found.alarms if one.state == "ALARM" and one.threshold is not None] if found else []
    return [
        Facts(
            target=target,
            readings=readings.get(target, Readings(target)),
            events=tuple(e for e in happened if e.subject.name in (target.name, _cluster(instances, target.name))),
            peers=tuple(group for other, group in readings.items() if other != target),
            instance=instances.get(target.name),
            limit=limits.get(target.name),
            load=loads.get(target.name),
            usual=usual.get(target, {}),
            alarmed={one.metric: one.threshold or 0.0 for one in alarms if target in one.targets},
        )
        for target in targets
    ]


def _cluster(instances: Mapping[str, Instance], name: str) -> str:
    known = instances.get(name)
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
