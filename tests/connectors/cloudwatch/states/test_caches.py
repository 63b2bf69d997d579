"""A cache that lost a node near the onset, by its own events and those of its group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.connectors.cloudwatch.standin import Refused
from tests.connectors.cloudwatch.world import ONSET, Outcome, World, calm, seen

FAILOVER = "Failover from master node carts-001 to replica node carts-002 completed"


def events(*rows: tuple[str, str, float]) -> World:
    """Events as source, message and minutes after the onset."""

    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        found = [
            {"SourceIdentifier": name, "Message": message, "Date": ONSET + timedelta(minutes=minutes)}
            for name, message, minutes in rows
            if name == params["SourceIdentifier"]
        ]
        return {"Events": found}

    return World().metrics("carts-001", CurrConnections=calm(300)).answers("elasticache", "DescribeEvents", answer)


async def cache(world: World, name: str = "carts-001") -> Outcome:
    return await seen(world, CacheClusterId=name)


async def test_a_failover_of_its_group_is_the_cause() -> None:
    outcome = await cache(events(("carts", FAILOVER, -1)))
    assert [(one.cause, one.subject.name) for one in outcome.findings] == [("DatabaseFailover", "carts-001")]


async def test_a_node_that_is_replaced_is_the_cause() -> None:
    outcome = await cache(events(("carts-001", "Recovering cache nodes 0001", -1)))
    assert outcome.causes == ["DatabaseFailover"]


@pytest.mark.parametrize(
    ("message", "minutes"), [(FAILOVER, -90.0), ("Snapshot succeeded for snapshot with ID nightly", -1.0)]
)
async def test_what_was_long_before_or_harmless_is_no_cause(message: str, minutes: float) -> None:
    assert (await cache(events(("carts", message, minutes)))).findings == []


async def test_a_cache_that_forms_no_group_is_asked_alone() -> None:
    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        if params["SourceType"] == "replication-group":
            raise Refused("ReplicationGroupNotFoundFault", 404)
        return {"Events": []}

    world = World().answers("elasticache", "DescribeEvents", answer)
    assert "cache events" not in (await cache(world)).errors
    assert (
        "cache events"
        not in (await cache(World().answers("elasticache", "DescribeEvents", {"Events": []}), "solo")).errors
    )
