"""Consequences are lowered by what explains them, if that began no later; causes stand."""

from datetime import timedelta

import pytest

from connectors.causes import BY_CODE
from connectors.cloudwatch.rules.levels import LEVELS
from connectors.cloudwatch.rules.order import RELATIONS, TRIGGERED, ordered
from connectors.evidence import Finding, Role, Subject
from tests.connectors.cloudwatch.world import ONSET

ORDERS, CARTS = Subject(kind="DBInstance", name="orders"), Subject(kind="DBInstance", name="carts")


def found(
    cause: str, minutes: float = 0, subject: Subject = ORDERS, confidence: float = 0.8, role: Role = Role.CAUSE
) -> Finding:
    return Finding(cause=cause, subject=subject, statement=cause, rests_on=("x",), confidence=confidence, role=role,
                   onset=ONSET + timedelta(minutes=minutes), rule="test")  # fmt: skip


def surest(*findings: Finding) -> list[str]:
    return [one.cause for one in ordered(findings) if one.confidence >= 0.5]


def test_what_follows_is_lowered_and_says_from_what() -> None:
    effect = ordered([found("DatabaseStorageExhausted"), found("DatabaseIOSaturated", 5)])[1]
    assert effect.confidence < 0.5
    assert "follows from DatabaseStorageExhausted" in effect.statement


@pytest.mark.parametrize(
    "cause",
    [
        found("DatabaseStorageExhausted", 10),
        found("DatabaseStorageExhausted", subject=CARTS),
        found("DatabaseStorageExhausted", confidence=0.4),
        found("DatabaseStorageExhausted", role=Role.CONTEXT),
    ],
    ids=["later", "elsewhere", "unsure", "context"],
)
def test_what_came_later_lies_elsewhere_or_is_unsure_explains_nothing(cause: Finding) -> None:
    assert "DatabaseIOSaturated" in surest(cause, found("DatabaseIOSaturated"))


def test_what_more_traffic_exhausts_is_the_cause_and_says_why() -> None:
    findings = found("TrafficSurge", confidence=0.6), found("FunctionThrottled", 1)
    surge, throttled = ordered(findings)
    assert surge.confidence < 0.5 <= throttled.confidence
    assert "more calls than the concurrency allows" in throttled.statement


def test_traffic_is_a_cause_only_where_something_suffers() -> None:
    slow = found("LatencyIncrease", 2, CARTS, 0.4, Role.SYMPTOM)
    assert surest(found("TrafficSurge")) == []
    assert surest(found("TrafficSurge"), slow) == ["TrafficSurge"]


def test_every_cause_of_the_tables_is_in_the_catalogue() -> None:
    codes = {code for relation in RELATIONS for code in (relation.cause, relation.effect)} | set(TRIGGERED)
    assert (codes | {level.cause for level in LEVELS}) - BY_CODE.keys() == set()


def test_no_relation_goes_both_ways() -> None:
    pairs = {(relation.cause, relation.effect) for relation in RELATIONS}
    assert {(b, a) for a, b in pairs} & pairs == set()
