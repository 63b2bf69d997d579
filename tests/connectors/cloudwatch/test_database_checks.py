"""State, events and load of the scope's databases, and what is said where there is none."""

from __future__ import annotations

import pytest

from connectors.evidence import Observation
from tests.connectors.cloudwatch.test_cause_checks import told, well, with_load
from tests.connectors.cloudwatch.world import World, connected, inquiry


async def run(world: World, name: str, **dimensions: str) -> Observation:
    with connected(world) as connector:
        asked = inquiry(dimensions or {"DBInstanceIdentifier": "orders"})
        return await next(one for one in connector.checks(asked) if one.name == name).run()


@pytest.mark.parametrize("check", ["databases", "database events", "database load"])
async def test_without_a_database_nothing_is_asked(check: str) -> None:
    world = World()
    found = await run(world, check, FunctionName="resize")
    assert (found.evidence, found.searched) == ((), "no database in the scope")
    assert not [call for call in world.account.calls if call[0] in ("rds", "pi")]


async def test_the_state_and_size_of_one() -> None:
    found = await run(well(), "databases")
    assert ["db.m6g.xlarge" in one.summary for one in found.evidence] == [True]


async def test_its_latest_events_a_dozen_at_most() -> None:
    world = well().answers("rds", "DescribeEvents", told(*(f"backup {n}" for n in range(20)), minutes=-25))
    found = await run(world, "database events")
    assert len(found.evidence) == 12
    assert "backup 19" in "".join(one.title + one.summary for one in found.evidence)
    assert "backup 3" not in "".join(one.summary for one in found.evidence)


async def test_what_its_sessions_wait_for_where_that_is_measured() -> None:
    off = await run(well(), "database load")
    assert (off.evidence, off.searched) == ((), "Performance Insights is off")
    measured = await run(with_load(well(), {"Lock:tuple": 4.0}, {"UPDATE stock": 3.0}), "database load")
    assert "Lock:tuple" in str(measured.evidence[0])
