"""What is read about databases beside their metrics, one function per check."""

from __future__ import annotations

from connectors.cloudwatch import describing, events
from connectors.cloudwatch.investigation import Investigation
from connectors.evidence import Observation

_SHOWN_EVENTS = 12


async def databases(case: Investigation) -> Observation:
    """State and size of the scope's databases."""
    if not await case.of_service("rds", "aurora"):
        return await case.without("database")
    instances = await case.instances()
    targets = {target.name: target for target in await case.of_service("rds")}
    evidence = [describing.instance(one, targets[name]) for name, one in instances.items() if name in targets]
    return Observation(evidence=tuple(evidence), searched=f"databases {', '.join(targets)}: none is known to RDS")


async def database_events(case: Investigation) -> Observation:
    """RDS' own events about them."""
    targets = await case.of_service("rds", "aurora")
    if not targets:
        return await case.without("database")
    found = events.newest(await case.db_events(), _SHOWN_EVENTS)
    names = ", ".join(target.name for target in targets)
    return Observation(
        evidence=tuple(events.evidence(event, "database events") for event in found), searched=f"RDS events of {names}"
    )


async def database_load(case: Investigation) -> Observation:
    """What their sessions wait for."""
    targets = {target.name: target for target in await case.of_service("rds")}
    if not targets:
        return await case.without("database")
    loads = await case.loads()
    evidence = tuple(describing.database_load(one, targets[n]) for n, one in loads.items() if n in targets)
    partial_text = "; ".join(one.partial for one in loads.values() if one.partial)
    return Observation(evidence=evidence, searched="Performance Insights is off", partial=partial_text)
