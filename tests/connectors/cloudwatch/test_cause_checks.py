"""Databases and services end to end: what AWS answers, over HTTP, to causes. Healthy ones have none."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.evidence import Role
from tests.connectors.cloudwatch.standin import Refused
from tests.connectors.cloudwatch.world import (
    NOW,
    ONSET,
    Curve,
    World,
    calm,
    connected,
    database,
    described,
    inquiry,
    investigate,
    jump,
    ramp,
)

GIB = 1024.0**3
ORDERS = {"DBInstanceIdentifier": "orders"}


def well(**changes: Curve) -> World:
    """A calm database called orders."""
    name = "orders"
    curves = {
        "CPUUtilization": calm(22),
        "DatabaseConnections": calm(80),
        "FreeStorageSpace": calm(60 * GIB, 0.0),
        "FreeableMemory": calm(6 * GIB),
        "ReadIOPS": calm(900),
        "WriteIOPS": calm(400),
        "DiskQueueDepth": calm(0.4),
        "CommitThroughput": calm(120),
        "NetworkReceiveThroughput": calm(4e6),
    }
    world = World().metrics(name, **(curves | changes))
    world.answers("rds", "DescribeDBInstances", described(database(name)))
    return world.answers("rds", "DescribeEvents", {"Events": []})


def told(*texts: str, name: str = "orders", minutes: float = -2) -> Callable[[Any], Any]:
    """RDS events of one database, a minute apart."""
    rows = [
        {
            "SourceIdentifier": name,
            "Message": text,
            "Date": ONSET + timedelta(minutes=minutes + i),
            "EventCategories": [],
        }
        for i, text in enumerate(texts)
    ]
    return lambda params: {"Events": rows if params.get("SourceIdentifier") == name else []}


def with_load(world: World, waits: dict[str, float], sql: dict[str, float], sessions: Curve | None = None) -> World:
    """Performance Insights: waits by name, statements by text."""
    world.answers("rds", "DescribeDBInstances", described(database("orders", PerformanceInsightsEnabled=True)))
    points = [{"Timestamp": ONSET + timedelta(minutes=m), "Value": (sessions or calm(4))(m)} for m in range(-5, 20)]
    rows: list[dict[str, Any]] = [{"Key": {"Metric": "db.load.avg"}, "DataPoints": points}]
    for name, value in waits.items():
        dimensions = {"db.wait_event.name": name, "db.wait_event.type": name.split(":")[0]}
        flat = [{"Timestamp": ONSET + timedelta(minutes=m), "Value": value} for m in range(20)]
        rows.append({"Key": {"Metric": "db.load.avg", "Dimensions": dimensions}, "DataPoints": flat})
    keys = [{"Dimensions": {"db.sql_tokenized.statement": text}, "Total": value} for text, value in sql.items()]
    world.answers("pi", "GetResourceMetrics", {"MetricList": rows})
    return world.answers("pi", "DescribeDimensionKeys", {"Keys": keys})


async def causes(world: World, **dimensions: str) -> tuple[list[str], dict[str, Any]]:
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(dimensions or ORDERS))
    return outcome.causes, {finding.cause: finding for finding in reversed(outcome.findings)}


async def test_a_calm_database_has_no_cause() -> None:
    found, findings = await causes(well())
    assert (found, findings) == ([], {})


async def test_noise_has_no_cause() -> None:
    world = well(CPUUtilization=calm(45, 0.3), DatabaseConnections=calm(120, 0.25), DiskQueueDepth=calm(3, 0.4))
    assert (await causes(world))[0] == []


@pytest.mark.parametrize(
    ("metric", "curve"),
    [
        ("CPUUtilization", jump(30, 96, -15, -5)),
        ("FreeStorageSpace", jump(40 * GIB, 1 * GIB, -15, -6)),
        ("ReplicaLag", jump(1, 400, -12, -3)),
        ("DiskQueueDepth", jump(1, 60, -12, -4)),
    ],
)
async def test_what_has_recovered_is_no_cause(metric: str, curve: Curve) -> None:
    found, findings = await causes(well(**{metric: curve}))
    assert found == []
    assert all(finding.role is not Role.CAUSE or finding.confidence < 0.5 for finding in findings.values())


async def test_a_threshold_crossed_for_two_minutes_is_no_cause() -> None:
    assert (await causes(well(CPUUtilization=jump(40, 99, 17.5))))[0] == []


async def test_cpu_with_one_heavy_statement() -> None:
    world = with_load(
        well(CPUUtilization=jump(25, 95)), {"CPU": 6.0, "IO:DataFileRead": 1.0}, {"SELECT a": 6, "SELECT b": 1}
    )
    found, findings = await causes(world)
    assert found == ["DatabaseCPUSaturated"]
    assert findings["DatabaseCPUSaturated"].confidence >= 0.85
    assert "SELECT a" in findings["DatabaseCPUSaturated"].statement
    assert abs((findings["DatabaseCPUSaturated"].onset - ONSET).total_seconds()) <= 120


async def test_cpu_without_more_than_the_metric_is_less_sure() -> None:
    found, findings = await causes(well(CPUUtilization=jump(25, 95)))
    assert found == ["DatabaseCPUSaturated"]
    assert findings["DatabaseCPUSaturated"].confidence < 0.8


async def test_cpu_that_follows_more_traffic() -> None:
    world = well(
        CPUUtilization=jump(25, 95, 1), CommitThroughput=jump(100, 400), NetworkReceiveThroughput=jump(4e6, 1.5e7)
    )
    found, findings = await causes(world)
    assert found == ["DatabaseCPUSaturated"]
    assert findings["TrafficSurge"].confidence < 0.5
    assert "more traffic needs more CPU" in findings["DatabaseCPUSaturated"].statement


async def test_connections_that_idle_at_the_limit() -> None:
    world = well(DatabaseConnections=ramp(200, 492), CPUUtilization=jump(18, 48, 4))
    world.answers("rds", "DescribeEvents", told("DB instance is approaching max_connections: 470 of 500."))
    world = with_load(world, {"Client:ClientRead": 5, "CPU": 0.6}, {"BEGIN": 5})
    found, findings = await causes(world)
    assert found == ["DatabaseConnectionsExhausted"]
    assert findings["DatabaseConnectionsExhausted"].confidence >= 0.85


async def test_connections_that_leak_before_the_limit_is_known() -> None:
    world = with_load(well(DatabaseConnections=ramp(150, 460)), {"Client:ClientRead": 5, "CPU": 0.6}, {"BEGIN": 5})
    found, findings = await causes(world)
    assert found == ["DatabaseConnectionsExhausted"]
    assert findings["DatabaseConnectionsExhausted"].confidence < 0.6


async def test_connections_that_rose_over_the_threshold_of_their_alarm() -> None:
    alarm = {
        "AlarmName": "orders-connections",
        "StateValue": "ALARM",
        "Namespace": "AWS/RDS",
        "MetricName": "DatabaseConnections",
        "Threshold": 180.0,
        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "orders"}],
    }
    world = well(DatabaseConnections=jump(40, 197)).answers("cloudwatch", "DescribeAlarms", {"MetricAlarms": [alarm]})
    assert (await causes(world))[0] == ["DatabaseConnectionsExhausted"]
    steady = well(DatabaseConnections=calm(197)).answers("cloudwatch", "DescribeAlarms", {"MetricAlarms": [alarm]})
    assert (await causes(steady))[0] == []


async def test_a_load_that_waits_for_log_writes() -> None:
    world = with_load(well(WriteIOPS=jump(500, 9000)), {"IO:WALWrite": 9, "CPU": 1}, {"UPDATE a": 9}, jump(1, 10))
    assert (await causes(world))[0] == ["DatabaseIOSaturated"]


async def test_a_load_that_waits_for_log_writes_as_it_always_does() -> None:
    world = with_load(well(), {"IO:WALWrite": 9, "CPU": 1}, {"UPDATE a": 9})
    assert (await causes(world))[0] == []


async def test_the_limit_that_was_set_is_read_from_the_parameter_group() -> None:
    world = well(DatabaseConnections=ramp(60, 197))
    grouped = database("orders", DBParameterGroups=[{"DBParameterGroupName": "ours"}])
    world.answers("rds", "DescribeDBInstances", described(grouped))
    world.answers(
        "rds", "DescribeDBParameters", {"Parameters": [{"ParameterName": "max_connections", "ParameterValue": "200"}]}
    )
    found, findings = await causes(world)
    assert found == ["DatabaseConnectionsExhausted"]
    assert "of 200" in findings["DatabaseConnectionsExhausted"].statement


async def test_many_connections_well_below_the_limit_are_no_cause() -> None:
    world = well(DatabaseConnections=jump(100, 330))
    world.answers("rds", "DescribeEvents", told("Connections are rising: 410 of 500 max_connections."))
    assert (await causes(world))[0] == []


async def test_storage_that_runs_out() -> None:
    world = well(FreeStorageSpace=ramp(15 * GIB, 0.4 * GIB), WriteIOPS=jump(400, 5000))
    found, findings = await causes(world)
    assert found[0] == "DatabaseStorageExhausted"
    assert "WriteIOPS rose" in findings["DatabaseStorageExhausted"].mechanism


async def test_storage_by_events_alone_when_the_metric_is_missing() -> None:
    world = well()
    del world.curves[("orders", "FreeStorageSpace")]
    world.answers("rds", "DescribeEvents", told("Free storage space is low.", "DB instance ran out of storage space."))
    assert (await causes(world))[0] == ["DatabaseStorageExhausted"]


async def test_storage_that_was_grown_in_time_is_no_cause() -> None:
    world = well(FreeStorageSpace=jump(2.5 * GIB, 80 * GIB, -5))
    texts = ("Free storage space is low: 2.5 GB remaining.", "Allocated storage has been increased to 200 GB.")
    world.answers("rds", "DescribeEvents", told(*texts, minutes=-8))
    assert (await causes(world))[0] == []


async def test_a_replica_behind_a_source_that_writes_more() -> None:
    world = well(WriteIOPS=jump(3000, 18000), TransactionLogsGeneration=jump(8e6, 2.5e8))
    world.metrics("orders-replica", ReplicaLag=ramp(1, 1200), CPUUtilization=calm(30))
    world.answers("rds", "DescribeDBInstances", described(
        database("orders", ReadReplicaDBInstanceIdentifiers=["orders-replica"]),
        database("orders-replica", ReadReplicaSourceDBInstanceIdentifier="orders"),
    ))  # fmt: skip
    found, findings = await causes(world)
    assert found == ["DatabaseReplicationLag"]
    lag = findings["DatabaseReplicationLag"]
    assert (str(lag.subject), lag.confidence >= 0.8) == ("DBInstance orders-replica", True)
    assert any("orders/" in key and key.endswith("TransactionLogsGeneration") for key in lag.rests_on)


async def test_events_about_lag_that_the_metric_denies() -> None:
    world = well(ReplicaLag=calm(1.2))
    world.answers("rds", "DescribeEvents", told("Read replica replication lag exceeded 600 seconds."))
    assert (await causes(world))[0] == []


async def test_a_failover_with_what_led_to_it() -> None:
    world = well(DatabaseConnections=jump(80, 0, 0, 2))
    world.answers("rds", "DescribeEvents", told(
        "The primary host of the RDS Multi-AZ instance is unhealthy.", "Multi-AZ instance failover started.",
        "Multi-AZ instance failover completed."))  # fmt: skip
    found, findings = await causes(world)
    assert found == ["DatabaseFailover"]
    assert "unhealthy" in findings["DatabaseFailover"].statement


async def test_lock_contention() -> None:
    world = with_load(well(), {"Lock:transactionid": 9, "CPU": 1}, {"UPDATE stock": 8, "SELECT b": 1}, jump(1, 10))
    found, findings = await causes(world)
    assert found == ["DatabaseLockContention"]
    assert "UPDATE stock" in findings["DatabaseLockContention"].statement


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        (
            {"FreeableMemory": ramp(6 * GIB, 0.1 * GIB), "SwapUsage": ramp(0.05 * GIB, 2 * GIB)},
            "DatabaseMemoryExhausted",
        ),
        ({"BurstBalance": ramp(90, 0)}, "DatabaseIOSaturated"),
        ({"DiskQueueDepth": jump(1, 60), "WriteLatency": jump(0.002, 0.05)}, "DatabaseIOSaturated"),
        ({"CPUCreditBalance": ramp(200, 0), "CPUUtilization": calm(20)}, "DatabaseCPUSaturated"),
    ],
)
async def test_what_else_a_database_runs_out_of(changes: dict[str, Curve], cause: str) -> None:
    assert (await causes(well(**changes)))[0] == [cause]


async def test_a_stopped_database() -> None:
    world = well()
    world.answers("rds", "DescribeDBInstances", described(database("orders", DBInstanceStatus="stopped")))
    assert (await causes(world))[0] == ["DependencyUnavailable"]


async def test_a_full_volume_explains_what_follows_from_it() -> None:
    world = well(
        FreeStorageSpace=ramp(10 * GIB, 0.1 * GIB, 6), DiskQueueDepth=jump(1, 50, 6), WriteLatency=jump(0.01, 20, 6)
    )
    found, findings = await causes(world)
    assert found == ["DatabaseStorageExhausted"]
    assert findings["DatabaseIOSaturated"].confidence < 0.5


async def test_two_faults_at_once_are_both_told() -> None:
    world = well(CPUUtilization=jump(25, 97), FreeStorageSpace=ramp(12 * GIB, 0.3 * GIB))
    assert set((await causes(world))[0]) == {"DatabaseCPUSaturated", "DatabaseStorageExhausted"}


async def test_a_throttled_table_explains_the_function_and_its_queue() -> None:
    world = World().metrics("carts", WriteThrottleEvents=jump(0, 80))
    world.metrics("pay", Errors=jump(0, 500, 1), Invocations=calm(900))
    world.metrics("jobs", ApproximateAgeOfOldestMessage=ramp(2, 2000), ApproximateNumberOfMessagesVisible=ramp(1, 900))
    found, _ = await causes(world, TableName="carts", FunctionName="pay", QueueName="jobs")
    assert found == ["TableThrottled"]


@pytest.mark.parametrize(
    ("service", "operation", "check"),
    [
        ("rds", "DescribeEvents", "database events"),
        ("rds", "DescribeDBInstances", "databases"),
        ("cloudwatch", "DescribeAlarms", "alarms"),
    ],
)
async def test_what_one_service_refuses_the_others_make_up_for(service: str, operation: str, check: str) -> None:
    world = well(CPUUtilization=jump(25, 95))

    def refuse(_: Any) -> Any:
        raise Refused("AccessDenied", 403)

    world.answers(service, operation, refuse)
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(ORDERS))
    assert outcome.causes == ["DatabaseCPUSaturated"]
    assert outcome.errors[check].kind == "forbidden"


async def test_without_metrics_nothing_is_claimed() -> None:
    world = well(CPUUtilization=jump(25, 95))

    def refuse(_: Any) -> Any:
        raise Refused("AccessDenied", 403)

    world.answers("cloudwatch", "GetMetricData", refuse)
    with connected(world) as connector:
        outcome = await investigate(connector, inquiry(ORDERS))
    assert outcome.causes == []
    assert "cloudwatch:GetMetricData" in outcome.errors["metrics"].detail


def test_now_is_after_the_onset() -> None:
    assert ONSET < NOW


async def test_traffic_that_rises_every_day_at_this_time_is_no_surge() -> None:
    def course(minutes: float) -> float:
        return ramp(100, 400)((minutes + 720) % 1440 - 720)

    usual = well(CommitThroughput=course, NetworkReceiveThroughput=course, CPUUtilization=jump(25, 95, 1))
    found, findings = await causes(usual)
    assert found == ["DatabaseCPUSaturated"]
    assert "TrafficSurge" not in findings
