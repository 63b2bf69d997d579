from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.triage.ranking import CAP, rank
from connectors.causes import BY_CODE
from connectors.evidence import Coverage, Finding, Role, Subject
from tests.triage.hypotheses import BLIND, CART, FINE, NODE, WEB, evidence, found, inquiry


def ranked(*findings: Finding, coverage: tuple[Coverage, ...] = FINE, **scope: Any) -> list[tuple[str, str, float]]:
    hypotheses = rank(findings, evidence(list(findings)), coverage, inquiry(**scope))
    return [(one.cause, one.subject.name, one.confidence) for one in hypotheses]


def test_one_finding_becomes_a_hypothesis_that_cites_its_evidence() -> None:
    only = found("OOMKilled", CART, 0.9, rests_on=("a", "b", "gone"), contradicted_by=("c",), mechanism="memory")
    hypothesis = rank([only], evidence([only])[:2] + evidence([only])[3:], FINE, inquiry())[0]
    assert (hypothesis.id, hypothesis.rank, hypothesis.kind) == ("H1", 1, "capacity")
    assert hypothesis.supporting == ("E1", "E2")
    assert hypothesis.contradicting == ("E4",)
    assert hypothesis.mechanism == "memory"


def test_symptoms_context_and_what_rests_on_nothing_are_no_hypotheses() -> None:
    findings = [
        found("RolloutStuck", CART, 0.9, role=Role.SYMPTOM), found("BadRelease", CART, 0.9, role=Role.CONTEXT),
        found("OOMKilled", CART, 0.9, rests_on=()),
    ]  # fmt: skip
    assert ranked(*findings) == []


def test_two_sources_strengthen_each_other_and_two_pods_of_one_rule_do_not() -> None:
    once = ranked(found("OOMKilled", CART, 0.7))[0][2]
    assert ranked(found("OOMKilled", CART, 0.7), found("OOMKilled", CART, 0.7, key="again"))[0][2] == once
    both = ranked(found("OOMKilled", CART, 0.7), found("OOMKilled", CART, 0.7, rule="memory over limit"))[0][2]
    assert once < both <= CAP


def test_a_pod_of_another_kind_of_the_same_name_is_merged() -> None:
    service = Subject(kind="Service", namespace="shop", name="cart")
    assert len(ranked(found("CPUOverload", CART, 0.6), found("CPUOverload", service, 0.6, rule="other"))) == 1


def test_the_same_fault_in_two_clusters_is_two_and_what_knows_no_cluster_is_of_the_only_one() -> None:
    east, west = (CART.model_copy(update={"cluster": name}) for name in ("east", "west"))
    anywhere = found("OOMKilled", CART, 0.6, rule="memory over limit")
    both = [found("OOMKilled", east, 0.7), found("OOMKilled", west, 0.7, key="again")]
    assert [one.subject.cluster for one in rank(both, evidence(both), FINE, inquiry())] == ["east", "west"]
    joined = [both[0], anywhere]
    (only,) = rank(joined, evidence(joined), FINE, inquiry())
    assert only.subject == east
    assert only.confidence > rank(both[:1], evidence(both[:1]), FINE, inquiry())[0].confidence


def test_a_specific_cause_in_one_cluster_says_nothing_of_another() -> None:
    east, west = (CART.model_copy(update={"cluster": name}) for name in ("east", "west"))
    apart = [found("ErrorRateIncrease", east, 0.6), found("InvalidCredentials", west, 0.9, key="again")]
    together = [apart[0], found("InvalidCredentials", east, 0.9, key="again")]
    told = [
        {one.cause: one.confidence for one in rank(two, evidence(two), FINE, inquiry())} for two in (apart, together)
    ]
    assert told[0]["ErrorRateIncrease"] > told[1]["ErrorRateIncrease"]


@pytest.mark.parametrize(
    ("generic", "specific"),
    [
        ("NodeNotReady", "KubeletUnavailable"),
        ("KubeletUnavailable", "ContainerRuntimeUnavailable"),
        ("ImagePullFailure", "IncorrectImageReference"),
        ("ErrorRateIncrease", "InvalidCredentials"),
        ("BadRelease", "OOMKilled"),
        ("FunctionErrors", "CloudAccessDenied"),
        ("DatabaseConnectionsExhausted", "DatabaseLockContention"),
        ("IncorrectDependencyAddress", "GatewayMisroute"),
        ("DatabaseReadOnly", "VolumeMountPermissionDenied"),
    ],
)
def test_the_specific_goes_before_the_generic(generic: str, specific: str) -> None:
    assert ranked(found(generic, CART, 0.95), found(specific, CART, 0.8))[0][0] == specific


def test_a_consequence_falls_below_what_explains_it() -> None:
    node = found("ContainerRuntimeUnavailable", NODE, 0.8, explains=(CART, WEB))
    order = ranked(found("PodSandboxFailure", CART, 0.9), node, found("ApplicationCrash", WEB, 0.85))
    assert order[0][:2] == ("ContainerRuntimeUnavailable", "n1")
    assert order[1][2] < 0.65


def test_what_explains_each_other_is_left_as_it_is() -> None:
    first = found("OOMKilled", CART, 0.9, explains=(WEB,))
    second = found("InvalidCredentials", WEB, 0.6, explains=(CART,))
    assert ranked(first, second)[0][:2] == ("OOMKilled", "cart")


def test_confidence_is_stretched_and_claims_nothing_that_was_not_claimed() -> None:
    stretched = [ranked(found("OOMKilled", CART, sure))[0][2] for sure in (0.2, 0.4, 0.5, 0.6, 0.8, 0.97)]
    assert stretched == sorted(stretched)
    assert stretched[0] < 0.2
    assert stretched[1] < 0.4
    assert stretched[2] == 0.5
    assert stretched[3] > 0.6
    assert stretched[4] > 0.8
    assert stretched[5] == CAP


def test_equally_likely_causes_share_the_doubt() -> None:
    alone = ranked(found("OOMKilled", CART, 0.9))[0][2]
    shared = ranked(found("OOMKilled", CART, 0.9), found("InvalidCredentials", WEB, 0.9))
    assert shared[0][2] < alone


def test_at_most_five() -> None:
    subjects = [Subject(kind="Deployment", namespace="shop", name=f"s{n}") for n in range(9)]
    assert len(ranked(*(found("OOMKilled", one, 0.5) for one in subjects))) == 5


def test_blind_guesses_are_not_claimed() -> None:
    assert ranked(found("ApplicationCrash", CART, 0.9), coverage=BLIND)[0][2] < 0.5
    assert ranked(found("InsufficientCPU", CART, 0.9), coverage=BLIND)[0][2] >= 0.75


CODES = st.sampled_from(sorted(BY_CODE))
SUBJECTS = st.sampled_from([CART, WEB, NODE])


@st.composite
def any_finding(draw: st.DrawFn) -> Finding:
    explains = tuple(draw(st.lists(SUBJECTS, max_size=3)))
    return found(
        draw(CODES), draw(SUBJECTS), draw(st.floats(0, 1)), explains=explains, rule=draw(st.sampled_from("ab"))
    )


@given(st.lists(any_finding(), max_size=12), st.sampled_from([FINE, BLIND]))
def test_ranks_are_ordered_bounded_and_independent_of_the_order_of_findings(
    findings: list[Finding], coverage: tuple[Coverage, ...]
) -> None:
    known = evidence(findings)
    hypotheses = rank(findings, known, coverage, inquiry())
    confidences = [one.confidence for one in hypotheses]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= one <= CAP for one in confidences)
    assert [one.rank for one in hypotheses] == list(range(1, len(hypotheses) + 1))
    again = rank(list(reversed(findings)), known, coverage, inquiry())
    assert [(one.cause, one.subject.name, one.confidence) for one in again] == [
        (one.cause, one.subject.name, one.confidence) for one in hypotheses
    ]


def test_a_log_that_names_the_database_and_the_cloud_that_blames_it_tell_one_story() -> None:
    database = Subject(kind="DBInstance", name="orders-db")
    said = "web logs: no free connections, host=orders-db"
    teller = found("DatabaseConnectionsExhausted", WEB, 0.8, statement=said)
    blamed = found("DatabaseConnectionsExhausted", database, 0.6)
    (cause, name, confidence), *others = ranked(teller, blamed)
    assert (cause, name, others) == ("DatabaseConnectionsExhausted", "orders-db", [])
    assert confidence > 0.8
    elsewhere = found(
        "DatabaseConnectionsExhausted", WEB, 0.8, statement="web logs: no free connections, host=orders-db2"
    )
    assert len(ranked(elsewhere, blamed)) == 2, "another database is another story"
