from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatops.triage.ranking import rank
from chatops.triage.weighing import BEFORE, LONG_BEFORE, Weighing
from connectors.contract import FiringAlert, Inquiry, Scope, Window
from connectors.evidence import Evidence, Finding, ResourceState, Role, Subject
from tests.triage.hypotheses import CART, FINE, NOW, WEB, evidence, found, inquiry

STATE = ResourceState(columns=("phase",), rows=(("Pending",),))


def ranked(*findings: Finding, **scope: Any) -> list[tuple[str, str, float]]:
    hypotheses = rank(findings, evidence(list(findings)), FINE, inquiry(**scope))
    return [(one.cause, one.subject.name, one.confidence) for one in hypotheses]


def test_what_lies_in_the_scope_goes_first() -> None:
    assert ranked(found("OOMKilled", CART, 0.8), found("OOMKilled", WEB, 0.75), workload="web")[0][1] == "web"
    elsewhere = Subject(kind="Deployment", namespace="other", name="batch")
    assert ranked(found("OOMKilled", elsewhere, 0.9), found("OOMKilled", CART, 0.6))[0][1] == "cart"


@pytest.mark.parametrize("where", ["annotations", "dimensions"])
def test_what_the_alert_names_lies_in_the_scope(where: str) -> None:
    database = Subject(kind="DBInstance", name="orders")
    only = found("DatabaseCPUSaturated", database, 0.72)
    asked = inquiry(service="rds", **({"dimensions": {"DBInstanceIdentifier": "orders"}} if where[0] == "d" else {}))
    if where == "annotations":
        alert = FiringAlert(name="cpu", annotations={"db_instance": "orders"})
        asked = asked.model_copy(update={"alerts": (alert,)})
    assert rank([only], evidence([only]), FINE, asked)[0].confidence > 0.72


def alarming(dimensions: dict[str, str]) -> Inquiry:
    return inquiry().model_copy(update={"scope": Scope(account="1", region="eu-west-1", dimensions=dimensions)})


@pytest.mark.parametrize(
    ("dimensions", "sure"),
    [
        ({"InstanceId": "i-0abc"}, False),
        ({"LoadBalancer": "app/shop/1"}, True),
        ({"QueueName": "orders"}, True),
        ({"ClusterName": "shop", "InstanceId": "i-0abc"}, True),
        ({}, True),
    ],
)
def test_an_alarm_about_a_machine_is_not_explained_by_whatever_is_broken_in_the_cluster(
    dimensions: dict[str, str], sure: bool
) -> None:
    cause = found("OOMKilled", CART, 0.95)
    (told,) = rank([cause], evidence([cause]), FINE, alarming(dimensions))
    assert (told.confidence >= 0.5) is sure


def test_a_machine_that_alarms_and_serves_the_cluster_is() -> None:
    node = Subject(kind="EC2Instance", name="i-0abc")
    cause = found("OOMKilled", CART, 0.95, explains=(node,))
    assert rank([cause], evidence([cause]), FINE, alarming({"InstanceId": "i-0abc"}))[0].confidence >= 0.5


def test_long_before_the_onset_and_contradicted_count_less() -> None:
    now = found("OOMKilled", CART, 0.8, onset=NOW - timedelta(minutes=9))
    assert ranked(now, found("OOMKilled", WEB, 0.82, onset=NOW - timedelta(hours=9)))[0][1] == "cart"
    assert ranked(now, found("OOMKilled", WEB, 0.9, contradicted_by=("x",)))[0][1] == "cart"


def test_what_was_broken_all_along_is_not_what_broke_now_unless_it_is_asked_for() -> None:
    old = found("ApplicationCrash", WEB, 0.6, onset=NOW - timedelta(days=9))
    assert ranked(old)[0][2] < 0.5
    assert ranked(found("InvalidCredentials", CART, 0.6, onset=NOW), old)[0][1] == "cart"
    assert ranked(old, workload="web")[0][2] > 0.5


def left(
    *, began: timedelta, told: bool = False, state: bool = True, symptom: Subject | None = None, since: int = 5
) -> float:
    """What is left of a cause of cart that began so long before now, and that web's trouble would follow from.

    `told` is whether an alert says when the trouble began.
    """
    asked = inquiry() if told else inquiry().model_copy(update={"window": Window.ending(NOW)})
    cause = found("MissingSecret", CART, 0.9, onset=NOW - began, explains=(WEB,))
    seen: list[Evidence] = [one.model_copy(update={"body": STATE if state else None}) for one in evidence([cause])]
    suffers = [found("ErrorRateIncrease", symptom, 0.9, role=Role.SYMPTOM, onset=NOW - timedelta(minutes=since))] if (
        symptom
    ) else []  # fmt: skip
    weighing = Weighing.of(asked, seen, [cause, *suffers])
    return weighing.factor(cause, frozenset(cause.explains), cause.rests_on)


HOURS, DAYS = timedelta(hours=5), timedelta(days=9)


def test_what_has_been_so_for_hours_and_is_so_now_may_be_what_is_complained_of() -> None:
    assert left(began=HOURS) == BEFORE
    assert left(began=HOURS, state=False) == LONG_BEFORE  # seen once, and nothing says that it still is so
    assert left(began=DAYS) == LONG_BEFORE  # people live with it


def test_where_an_alert_says_when_it_began_an_older_state_has_to_explain_what_suffers_since() -> None:
    assert left(began=HOURS, told=True) == LONG_BEFORE
    assert left(began=HOURS, told=True, symptom=WEB) == BEFORE
    assert left(began=HOURS, told=True, symptom=Subject(kind="Deployment", namespace="shop", name="ads")) == LONG_BEFORE
    assert left(began=HOURS, told=True, symptom=WEB, since=300) == LONG_BEFORE  # it suffered as long before
    assert left(began=DAYS, told=True, symptom=WEB) == LONG_BEFORE


def test_what_began_lately_counts_in_full() -> None:
    assert left(began=timedelta(minutes=9), told=True) == 1.0
    assert left(began=timedelta(minutes=100), told=True) == BEFORE
