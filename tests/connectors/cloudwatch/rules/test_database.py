"""What a database runs out of: what holds now, what has passed, and how sure each is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.cloudwatch.databases import GIB, Instance, Limit
from connectors.cloudwatch.events import Event
from connectors.cloudwatch.load import Load, Statement, Wait
from connectors.cloudwatch.rules.database import EXHAUSTION, connections, cpu, exhaustion, memory, storage
from connectors.cloudwatch.rules.finding import AS_BEFORE, RECOVERED, Facts
from connectors.evidence import Finding, Role
from tests.connectors.cloudwatch.world import ONSET, Curve, calm, jump, ramp, readings, target

ORDERS = target("rds", "orders")
SMALL = Instance("orders", status="available", size="db.t3.medium", storage_gib=100)


def facts(*said: str, known: dict[str, Any] | None = None, **curves: Curve) -> Facts:
    """An hour of these metrics, with RDS' events a minute apart before the onset."""
    events = tuple(
        Event(ONSET + timedelta(minutes=n - len(said)), ORDERS.subject, text, "RDS", "q") for n, text in enumerate(said)
    )
    return Facts(ORDERS, readings(ORDERS, **curves), events, **(known or {}))


def waiting(kind: str, *, statements: tuple[float, ...] = ()) -> dict[str, Any]:
    """All sessions wait for one thing; statements by their load."""
    texts = tuple(Statement(f"SELECT {n}", load) for n, load in enumerate(statements))
    return {"load": Load(waits=(Wait(kind, kind, 5.0),), statements=texts)}


def only(found: list[Finding]) -> Finding:
    (one,) = found
    return one


def test_nothing_that_is_read_is_nothing_that_is_told() -> None:
    assert exhaustion(facts()) == []
    calm_hour = facts(CPUUtilization=calm(20), DatabaseConnections=calm(40), FreeStorageSpace=calm(60 * GIB, 0.0))
    assert [rule(calm_hour) for rule in EXHAUSTION] == [[], [], [], []]


@pytest.mark.parametrize(
    ("known", "least", "most"),
    [
        ({}, 0.72, 0.72),
        (waiting("CPU"), 0.78, 0.78),
        (waiting("CPU", statements=(9.0, 1.0)), 0.9, 0.9),
        (waiting("Lock"), 0.45, 0.45),  # what its sessions wait for is something else
    ],
)
def test_cpu_is_as_sure_as_its_load_confirms_it(known: dict[str, Any], least: float, most: float) -> None:
    found = only(cpu(facts(known=known, CPUUtilization=jump(20, 97))))
    assert least <= found.confidence <= most
    assert (found.cause, found.role) == ("DatabaseCPUSaturated", Role.CAUSE)
    assert found.onset is not None
    assert abs((found.onset - ONSET).total_seconds()) <= 120
    assert (f"cloudwatch/load/{ORDERS.key}" in found.rests_on) is bool(known)


def test_cpu_that_has_calmed_is_context() -> None:
    found = only(cpu(facts(CPUUtilization=jump(20, 97, -20, -5))))
    assert (found.role, found.confidence) == (Role.CONTEXT, RECOVERED)


def test_used_up_credits_explain_a_cpu_that_is_not_even_busy() -> None:
    found = only(cpu(facts(CPUUtilization=jump(60, 20), CPUCreditBalance=jump(100, 0))))
    assert (found.rule, found.confidence) == ("cloudwatch.DatabaseCPUCredits", 0.75)
    assert cpu(facts(CPUUtilization=calm(5), CPUCreditBalance=jump(100, 0))) == [], "an idle one misses nothing"


EXACT = {"limit": Limit(100, "parameter group", True)}


def test_connections_at_the_limit_that_was_set() -> None:
    found = only(connections(facts(known=EXACT, DatabaseConnections=jump(40, 98))))
    assert "of 100" in found.statement
    surer = only(connections(facts("too many connections", known=EXACT, DatabaseConnections=jump(40, 98))))
    assert surer.confidence > found.confidence


def test_the_limit_that_rds_names_beats_the_one_that_was_computed() -> None:
    derived = {"limit": Limit(5000, "the class's memory", False)}
    found = only(connections(facts("too many connections: 98 of 100", known=derived, DatabaseConnections=jump(40, 98))))
    assert "98 connections of 100" in found.statement.replace(",", "")


def test_connections_that_idle_name_the_leak() -> None:
    found = only(connections(facts(known={**EXACT, **waiting("Client")}, DatabaseConnections=jump(40, 98))))
    assert "not working" in found.statement
    assert found.mechanism


def test_connections_that_were_at_the_limit_and_came_down() -> None:
    found = only(connections(facts("too many connections", known=EXACT, DatabaseConnections=jump(98, 20))))
    assert found.role == Role.CONTEXT
    assert connections(facts(known=EXACT, DatabaseConnections=jump(40, 70))) == []


def test_a_refusal_is_told_though_nothing_counts_connections() -> None:
    found = only(connections(facts("FATAL: remaining connection slots are reserved")))
    assert "connections refused" in found.statement
    assert found.onset == ONSET - timedelta(minutes=1)


def test_storage_that_is_full_by_rds_own_words_or_state() -> None:
    said = only(storage(facts("DB instance orders ran out of storage")))
    assert said.confidence == 0.95
    known = {"instance": SMALL._replace(status="storage-full")}
    stated = only(storage(facts(known=known)))
    assert (stated.confidence, f"cloudwatch/state/{ORDERS.key}" in stated.rests_on) == (0.95, True)


def test_storage_that_shrinks_below_a_twentieth_of_what_there_is() -> None:
    found = only(storage(facts(known={"instance": SMALL}, FreeStorageSpace=ramp(60 * GIB, 1 * GIB))))
    assert (found.cause, found.confidence) == ("DatabaseStorageExhausted", 0.88)
    assert "down from" in found.statement


def test_storage_that_is_low_as_ever_is_context() -> None:
    found = only(storage(facts(known={"instance": SMALL}, FreeStorageSpace=calm(3 * GIB, 0.0))))
    assert (found.role, found.confidence) == (Role.CONTEXT, 0.4)
    assert found.confidence <= AS_BEFORE


def test_storage_that_was_grown_after_it_was_full_is_over() -> None:
    grown = facts("ran out of storage", "storage was increased", FreeStorageSpace=calm(60 * GIB, 0.0))
    assert only(storage(grown)).role == Role.CONTEXT
    again = facts("storage was increased", "ran out of storage")
    assert only(storage(again)).role == Role.CAUSE, "full again after it was grown"


def test_who_fills_it_is_the_statement_or_the_metric_that_grew() -> None:
    shrinking: dict[str, Any] = {"FreeStorageSpace": ramp(60 * GIB, 1 * GIB)}
    statement = only(storage(facts(known=waiting("IO", statements=(9.0, 1.0)), **shrinking)))
    assert "SELECT 0" in statement.mechanism
    written = only(storage(facts(WriteIOPS=jump(100, 900), **shrinking)))
    assert "WriteIOPS rose" in written.mechanism


@pytest.mark.parametrize(
    ("said", "curves", "confidence"),
    [
        ((), {}, 0.6),
        ((), {"SwapUsage": jump(0.1 * GIB, 2 * GIB)}, 0.75),
        (("out of memory: the engine was restarted",), {}, 0.86),
    ],
)
def test_memory_that_is_short(said: tuple[str, ...], curves: dict[str, Curve], confidence: float) -> None:
    short: dict[str, Any] = {"FreeableMemory": jump(2 * GIB, 0.1 * GIB), **curves}
    found = only(memory(facts(*said, known={"instance": SMALL}, **short)))
    assert (found.cause, found.confidence) == ("DatabaseMemoryExhausted", confidence)
    assert (" and swaps" in found.statement) is bool(curves)


def test_memory_that_was_short_and_is_not_says_nothing() -> None:
    assert memory(facts(FreeableMemory=jump(2 * GIB, 0.1 * GIB, -20, -5))) == []
