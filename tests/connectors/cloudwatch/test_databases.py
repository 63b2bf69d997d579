"""Sizes, relations and limits of databases; what one may not read is not made up."""

from typing import Any

import pytest

from connectors.cloudwatch.databases import Instance, derived_limit, describe, memory_gib, vcpus
from connectors.contract import ConnectorError
from tests.connectors.cloudwatch.standin import Refused, serving
from tests.connectors.cloudwatch.world import World, client, database, described


@pytest.mark.parametrize(
    ("size", "cpus", "gib"),
    [
        ("db.r6g.2xlarge", 8, 64),
        ("db.m6g.xlarge", 4, 16),
        ("db.r5.large", 2, 16),
        ("db.t3.micro", 2, 1),
        ("db.t4g.2xlarge", 8, 32),
        ("db.serverless", 0, 0),
        ("", 0, 0),
    ],
)
def test_sizes_of_classes(size: str, cpus: int, gib: float) -> None:
    assert (vcpus(size), memory_gib(size)) == (cpus, gib)


def test_the_limit_an_engine_derives() -> None:
    postgres = derived_limit(Instance("a", engine="postgres", size="db.m6g.large"))
    assert postgres is not None
    assert (int(postgres.value), postgres.exact) == (901, False)
    large = derived_limit(Instance("a", engine="postgres", size="db.r6g.16xlarge"))
    assert large is not None
    assert large.value == 5000
    assert derived_limit(Instance("a", engine="oracle-ee", size="db.m6g.large")) is None
    assert derived_limit(Instance("a", engine="postgres", size="db.serverless")) is None


async def test_one_that_does_not_exist_costs_nothing() -> None:
    world = World().answers("rds", "DescribeDBInstances", described(database("orders")))
    with serving(world.account) as account:
        aws = client(account.url)
        found = await describe(aws, ["orders", "gone", "orders"])
        aws.close()
    assert list(found) == ["orders"]
    assert len(world.account.calls) == 2


async def test_where_all_are_refused_it_is_an_error() -> None:
    def refuse(_: Any) -> Any:
        raise Refused("AccessDenied", 403)

    world = World().answers("rds", "DescribeDBInstances", refuse)
    with serving(world.account) as account:
        aws = client(account.url)
        with pytest.raises(ConnectorError, match="allow rds:DescribeDBInstances"):
            await describe(aws, ["orders"])
        aws.close()
