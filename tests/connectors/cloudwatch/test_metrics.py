"""Metrics are read in few calls, at a resolution that exists, and counts have zeros where nothing was counted."""

from datetime import timedelta

import pytest

from connectors.cloudwatch.metrics import Range, Wanted, filled, range_of, read, usual
from connectors.contract import Window
from tests.connectors.cloudwatch.standin import serving
from tests.connectors.cloudwatch.world import NOW, ONSET, World, calm, client, target

SPAN = Range(NOW - timedelta(hours=2), NOW, 60)


async def test_five_hundred_queries_go_in_one_call() -> None:
    world = World()
    tables = [target("dynamodb", f"t{i}") for i in range(70)]
    for table in tables:
        world.metrics(table.name, ThrottledRequests=calm(1))
    wanted = [Wanted(table, metric) for table in tables for metric in table.service.metrics]
    with serving(world.account) as account:
        aws = client(account.url)
        found = await read(aws, wanted, SPAN, ONSET)
        aws.close()
    assert len(wanted) == 630
    assert len(account.asked("GetMetricData")) == 2
    assert len(found) == 70


async def test_global_services_are_read_where_their_metrics_live() -> None:
    world = World().metrics("E1", Requests=calm(10)).metrics("jobs", NumberOfMessagesSent=calm(3))
    wanted = [
        Wanted(t, m) for t in (target("cloudfront", "E1", "Global"), target("sqs", "jobs")) for m in t.service.metrics
    ]
    with serving(world.account) as account:
        aws = client(account.url)
        found = await read(aws, wanted, SPAN, None)
        regions = {region for _, region in aws._clients}
        aws.close()
    assert {group.target.name for group in found} == {"E1", "jobs"}
    assert regions == {"us-east-1", "eu-west-1"}


@pytest.mark.parametrize(
    ("age", "length", "period"),
    [(0, 1, 60), (0, 12, 180), (20, 1, 300), (100, 1, 3600), (0, 48, 720)],
)
def test_the_resolution_exists_and_is_fine_enough(age: int, length: int, period: int) -> None:
    end = NOW - timedelta(days=age)
    span = range_of(Window(start=end - timedelta(hours=length), end=end), NOW)
    assert span.period == period
    assert span.end - span.start >= timedelta(hours=2)


def test_a_baseline_is_read_before_the_onset() -> None:
    window = Window(start=NOW - timedelta(hours=1), end=NOW, onset=NOW - timedelta(hours=4))
    assert range_of(window, NOW).start <= NOW - timedelta(hours=5)


async def test_the_usual_level_is_that_of_the_same_time_on_other_days() -> None:
    def course(minutes: float) -> float:
        return {0: 900.0, -1: 800.0, -7: 300.0}.get(round(minutes / 1440), 0.0)

    world = World().metrics("orders", DatabaseConnections=course)
    orders = target("rds", "orders")
    wanted = [Wanted(orders, metric) for metric in orders.service.metrics if metric.name == "DatabaseConnections"]
    with serving(world.account) as account:
        aws = client(account.url)
        found = await usual(aws, wanted, SPAN, NOW)
        aws.close()
    assert found == {orders: {"DatabaseConnections": 800.0}}
    assert len(account.asked("GetMetricData")) == 2


def test_counts_have_zeros_up_to_the_newest_sample() -> None:
    start = SPAN.start.timestamp()
    points = filled([(start + 600, 4.0), (start + 720, 2.0)], SPAN, start + 900)
    assert points[0] == (start, 0.0)
    assert dict(points)[start + 660] == 0.0
    assert (dict(points)[start + 600], points[-1]) == (4.0, (start + 900, 0.0))
