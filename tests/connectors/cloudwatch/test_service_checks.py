"""Each service is asked on its own: refusals, hangs and unknown names cost one row."""

from typing import Any

import pytest

from connectors.contract import ConnectorError
from tests.connectors.cloudwatch.standin import Raw, Refused
from tests.connectors.cloudwatch.world import World, calm, connected, inquiry, investigate, jump, seen


async def test_a_label_that_names_nothing_of_aws_is_no_error() -> None:
    def unknown(_: Any) -> Any:
        raise Refused("ResourceNotFoundException", 404)

    outcome = await seen(World().answers("eks", "DescribeCluster", unknown), ClusterName="home-grown")
    assert "clusters" not in outcome.errors or outcome.errors["clusters"].kind == "forbidden"


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Refused("AccessDenied", 403), "forbidden"),
        (Refused("Throttling", 400), "throttled"),
        (Refused("InternalFailure", 500), "unreachable"),
        (Raw(b"<html>gateway</html>"), "garbage"),
    ],
)
async def test_every_failure_is_a_row_of_its_own(failure: Exception, kind: str) -> None:
    def fail(_: Any) -> Any:
        raise failure

    world = World().metrics("carts", WriteThrottleEvents=jump(0, 80), ConsumedWriteCapacityUnits=calm(300))
    world.answers("dynamodb", "DescribeTable", fail).answers("cloudtrail", "LookupEvents", fail)
    outcome = await seen(world, TableName="carts")
    assert outcome.causes == ["TableThrottled"]
    assert (outcome.errors["functions"].kind, outcome.errors["changes"].kind) == (kind, kind)
    assert "metrics" not in outcome.errors


async def test_a_source_that_hangs_ends_in_time() -> None:
    world = World()
    world.account.delay = 0.8
    with connected(world, timeout=0.2) as connector:
        check = next(c for c in connector.checks(inquiry({"TableName": "carts"})) if c.name == "metrics")
        with pytest.raises(ConnectorError) as caught:
            await check.run()
    assert caught.value.kind == "timeout"


async def test_a_scope_without_aws_asks_little_and_says_so() -> None:
    world = World()
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(namespace="shop", workload="cart"))
    assert outcome.errors == {}
    assert outcome.findings == []
    assert {operation for _, operation, _ in world.account.calls} == {
        "DescribeAlarms",
        "ListMetrics",
        "DescribeAlarmHistory",
    }
    assert "cart" in outcome.observations["metrics"].skipped


async def test_where_nothing_leads_anywhere_because_alarms_could_not_be_read_nothing_counts_as_looked_at() -> None:
    world = World()

    def refused(_: object) -> Any:
        raise Refused("AccessDenied", 403)

    world.answers("cloudwatch", "DescribeAlarms", refused)
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(namespace="shop", workload="cart"))
    assert {error.kind for error in outcome.errors.values()} == {"forbidden"}
    assert {"alarms", "metrics", "causes", "databases", "containers", "logs", "changes"} <= outcome.errors.keys()


async def test_calls_do_not_grow_with_the_alarms_of_others() -> None:
    world = World()
    rows = [{"AlarmName": f"other-{i}", "StateValue": "ALARM"} for i in range(100)]
    world.answers("cloudwatch", "DescribeAlarms", {"MetricAlarms": rows})
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(namespace="shop", workload="cart"))
    assert len(world.account.calls) <= 4
    assert "100 of them not about this scope" in outcome.observations["alarms"].searched
