"""What the checks of one investigation share: every fetch once, errors too, and what follows from what."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio
import pytest

from connectors.cloudwatch.investigation import Investigation
from connectors.contract import ConnectorError
from tests.connectors.cloudwatch.standin import Account, serving
from tests.connectors.cloudwatch.test_cause_checks import ORDERS, well, with_load
from tests.connectors.cloudwatch.world import (
    NOW,
    World,
    calm,
    client,
    database,
    described,
    inquiry,
)


@pytest.fixture
def world() -> World:
    return well()


@pytest.fixture
def case(world: World) -> Any:
    with serving(world.account) as account:
        aws = client(account.url)
        yield Investigation(aws, inquiry(ORDERS), NOW)
        aws.close()


def asked(account: Account, *operations: str) -> list[int]:
    return [len(account.asked(one)) for one in operations]


async def test_whoever_asks_first_asks_for_all(case: Investigation, world: World) -> None:
    async with anyio.create_task_group() as group:
        for call in (case.targets, case.readings, case.readings, case.instances, partial(case.of_service, "rds")):
            group.start_soon(call)
    assert asked(world.account, "DescribeAlarms", "DescribeDBInstances", "GetMetricData") == [1, 1, 1]


async def test_an_error_is_shared_and_costs_the_others_only_what_it_knew(case: Investigation, world: World) -> None:
    del world.account.answers[("rds", "DescribeDBInstances")]
    for _ in range(2):
        with pytest.raises(ConnectorError, match="not authorized"):
            await case.instances()
    assert asked(world.account, "DescribeDBInstances") == [1]
    assert [one.name for one in await case.targets()] == ["orders"]


async def test_replicas_and_sources_are_looked_at_too(case: Investigation, world: World) -> None:
    rows = (
        database("orders", ReadReplicaDBInstanceIdentifiers=["orders-replica"]),
        database("orders-replica", ReadReplicaSourceDBInstanceIdentifier="orders"),
    )
    world.answers("rds", "DescribeDBInstances", described(*rows))
    assert set(await case.instances()) == {"orders", "orders-replica"}
    assert {one.name for one in await case.targets()} == {"orders", "orders-replica"}


async def test_loads_of_those_that_are_measured_and_the_error_where_none_could_be(
    case: Investigation, world: World
) -> None:
    with_load(world, {"CPU": 3.0}, {})
    assert set(await case.loads()) == {"orders"}
    del world.account.answers[("pi", "GetResourceMetrics")], world.account.answers[("pi", "DescribeDimensionKeys")]
    again = Investigation(case.aws, case.inquiry, NOW)
    with pytest.raises(ConnectorError):
        await again.loads()


async def test_a_wider_one_asks_only_for_what_the_hosts_change(case: Investigation, world: World) -> None:
    await case.targets()
    before = asked(world.account, "DescribeAlarms")
    host = "carts.abc.eu-west-1.rds.amazonaws.com"
    wider = case.following(case.inquiry.model_copy(update={"hosts": (host,)}))
    world.answers("rds", "DescribeDBInstances", described(database("orders"), database("carts")))
    assert {one.name for one in await wider.targets()} == {"orders", "carts"}
    assert asked(world.account, "DescribeAlarms") == before


async def test_a_host_without_a_resource_in_its_name_is_looked_for_among_the_active(
    case: Investigation, world: World
) -> None:
    found = await case.answering(["orders.abc.eu-west-1.rds.amazonaws.com"])
    assert [one.name for one in found.values()] == ["orders"]
    assert asked(world.account, "ListMetrics") == [0], "a name that tells is not looked for"
    assert await case.answering(["orders-lb-123.eu-west-1.elb.amazonaws.com"]) == {}
    assert asked(world.account, "ListMetrics") == [1]


async def test_a_function_that_may_not_be_read_takes_nothing_from_the_others(world: World) -> None:
    def config(params: Mapping[str, Any]) -> Mapping[str, Any]:
        if "thumbs" in str(params):
            return world.account.answer("lambda", "nothing", params)  # refused
        return {"FunctionName": "resize", "Timeout": 30}

    world = World().metrics("resize", Errors=calm(0)).answers("lambda", "GetFunctionConfiguration", config)
    with serving(world.account) as account:
        aws = client(account.url)
        case = Investigation(aws, inquiry({"FunctionName": "resize"}), NOW)
        assert [dict(one) for one in (await case.timeouts()).values()] == [{"timeout_ms": "30000.0"}]
        aws.close()
