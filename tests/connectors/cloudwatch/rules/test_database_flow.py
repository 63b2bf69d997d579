"""What happens to a database: the order in time decides what is the cause and what suffers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.cloudwatch.databases import Instance
from connectors.cloudwatch.events import Event
from connectors.cloudwatch.load import Load, Statement, Wait
from connectors.cloudwatch.readings import Readings
from connectors.cloudwatch.rules import database_flow as rules
from connectors.cloudwatch.rules.finding import Facts
from connectors.evidence import Finding, Role
from tests.connectors.cloudwatch.world import ONSET, Curve, calm, jump, readings, target

REPLICA, SOURCE = target("rds", "orders-replica"), target("rds", "orders")


def facts(*said: tuple[float, str], known: dict[str, Any] | None = None, **curves: Curve) -> Facts:
    """An hour of a replica's metrics, with RDS' events at minutes from the onset."""
    events = tuple(
        Event(ONSET + timedelta(minutes=minutes), REPLICA.subject, text, "RDS", "q") for minutes, text in said
    )
    return Facts(REPLICA, readings(REPLICA, **curves), events, **(known or {}))


def writing(**curves: Curve) -> dict[str, Any]:
    """The source it replays."""
    instance = Instance("orders-replica", source="arn:aws:rds:eu-west-1:1:db:orders")
    return {"peers": (readings(SOURCE, **curves),), "instance": instance}


def loaded(kind: str, *, top: float = 1.0, sessions: tuple[float, float] = (1.0, 9.0)) -> Load:
    """All sessions wait for one kind of thing; there are more of them than at first."""
    curve = tuple((ONSET.timestamp() + 60 * n, sessions[0] if n < 10 else sessions[1]) for n in range(20))
    statements = (Statement("UPDATE stock", top), Statement("SELECT 1", 1.0))
    return Load(waits=(Wait(kind, kind, 5.0),), statements=statements, sessions=curve)


def only(found: list[Finding]) -> Finding:
    (one,) = found
    return one


def test_calm_is_nothing() -> None:
    assert rules.flow(facts()) == []
    assert rules.flow(facts(ReplicaLag=calm(2), DiskQueueDepth=calm(0.4), CommitThroughput=calm(100))) == []


def test_a_replica_lags_because_its_source_writes_more() -> None:
    behind: dict[str, Any] = {"ReplicaLag": jump(1, 300)}
    alone = only(rules.replication(facts(**behind)))
    because = only(rules.replication(facts(known=writing(WriteIOPS=jump(100, 900)), **behind)))
    assert because.confidence > alone.confidence
    assert "WriteIOPS of orders rose" in because.statement
    assert because.mechanism
    assert len(because.rests_on) == 2


def test_writes_that_rose_after_the_lag_did_not_cause_it() -> None:
    late = only(rules.replication(facts(known=writing(WriteIOPS=jump(100, 900, 12)), ReplicaLag=jump(1, 300))))
    assert (late.mechanism, len(late.rests_on)) == ("", 1)


def test_another_database_that_writes_more_is_not_its_source() -> None:
    other = Readings(target("rds", "carts"), readings(SOURCE, WriteIOPS=jump(100, 900)).by_name)
    known = {"peers": (other,), "instance": Instance("orders-replica", source="orders")}
    assert only(rules.replication(facts(known=known, ReplicaLag=jump(1, 300)))).mechanism == ""


def test_lag_by_events_alone_unless_somebody_elses_lag_was_measured() -> None:
    said = (-2.0, "replica is behind its source")
    assert only(rules.replication(facts(said))).confidence == 0.5
    assert rules.replication(facts(said, known={"peers": (readings(SOURCE, ReplicaLag=calm(400)),)})) == []
    over = only(rules.replication(facts(said, ReplicaLag=jump(300, 1))))
    assert over.role == Role.CONTEXT


@pytest.mark.parametrize(
    ("text", "happened"),
    [
        ("Multi-AZ instance failover completed", True),
        ("Failing over to a new primary", True),
        ("not attempting failover: no standby", False),
        ("failover priority changed", False),
        ("Automatic failover was enabled", False),
    ],
)
def test_a_failover_is_one_that_took_place(text: str, happened: bool) -> None:
    assert bool(rules.failover(facts((-1, text)))) is happened


def test_a_failover_tells_what_led_to_it_within_a_quarter_of_an_hour() -> None:
    trigger, old = (-10.0, "The host is unhealthy"), (-40.0, "Reboot requested")
    found = only(rules.failover(facts(old, trigger, (-1, "failover completed"))))
    assert 'after "The host is unhealthy"' in found.statement
    assert found.onset == ONSET - timedelta(minutes=1)


def test_locks_need_a_load_that_waits_for_them_and_has_grown() -> None:
    found = only(rules.locks(facts(known={"load": loaded("Lock", top=9.0)})))
    assert "UPDATE stock" in found.statement
    assert rules.locks(facts(known={"load": loaded("Lock", sessions=(9.0, 9.0))})) == [], "as it always waits"
    assert rules.locks(facts(known={"load": loaded("CPU")})) == []
    assert rules.locks(facts(Deadlocks=jump(0, 9))) == [], "without the load nobody knows what waits"


def test_io_by_credits_by_a_queue_or_by_log_writes() -> None:
    credits = only(rules.io(facts(BurstBalance=jump(90, 0))))
    assert credits.confidence == 0.85
    queue = only(rules.io(facts(DiskQueueDepth=jump(1, 60), ReadLatency=jump(0.001, 0.05))))
    assert "ReadLatency rose" in queue.statement
    assert rules.io(facts(DiskQueueDepth=calm(60))) == [], "a queue that is as deep as ever"
    log = {"load": loaded("IO:WAL")}
    assert only(rules.io(facts(known=log, WriteIOPS=jump(100, 900)))).rule == "cloudwatch.DatabaseLogWrites"
    lagging = {**log, "peers": (readings(SOURCE, ReplicaLag=jump(1, 300)),)}
    assert rules.io(facts(known=lagging, WriteIOPS=jump(100, 900))) == [], "its replica's lag tells of the writes"


@pytest.mark.parametrize(
    ("status", "told"),
    [("available", False), ("backing-up", False), ("stopped", True), ("inaccessible-encryption-credentials", True)],
)
def test_a_database_that_does_not_run(status: str, told: bool) -> None:
    assert bool(rules.status(facts(known={"instance": Instance("orders", status=status)}))) is told


def test_traffic_needs_two_metrics_no_single_statement_and_another_day() -> None:
    more: dict[str, Any] = {"CommitThroughput": jump(100, 900), "NetworkReceiveThroughput": jump(1e6, 9e6)}
    assert only(rules.surge(facts(**more))).cause == "TrafficSurge"
    assert rules.surge(facts(CommitThroughput=jump(100, 900))) == []
    assert rules.surge(facts(known={"load": loaded("CPU", top=9.0)}, **more)) == []
    usual = {"CommitThroughput": 900.0, "NetworkReceiveThroughput": 9e6}
    assert rules.surge(facts(known={"usual": usual}, **more)) == [], "as every day at this time"


def test_maintenance_is_for_a_person_to_judge() -> None:
    found = only(rules.restarts(facts((-3, "Applied parameter group, DB instance restarted"))))
    assert (found.role, found.confidence) == (Role.CONTEXT, 0.3)
