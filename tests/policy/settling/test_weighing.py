"""The verdict follows from what stands, never from what was wished."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.domain.diagnosis import Hypothesis
from chatops.policy.settling.weighing import cap, order, untrusted_only, verdict
from connectors.evidence import Coverage, State
from tests.persona.cases import FINDING, HYPOTHESIS, OOM, evidence

CHECKED = Coverage(source="kubernetes", check="pods", state=State.CHECKED)
FAILED = Coverage(source="prometheus", check="up", state=State.FAILED)


def standing(confidence: float, cause: str = "OOMKilled", **more: Any) -> Hypothesis:
    return HYPOTHESIS.model_copy(update={"confidence": confidence, "cause": cause, **more})


@pytest.mark.parametrize(
    ("proposed", "ranked", "disputed", "expected"),
    [
        ("identified", [standing(0.9)], False, "identified"),
        ("identified", [standing(0.9)], True, "probable"),
        ("identified", [standing(0.74)], False, "probable"),
        ("identified", [standing(0.39)], False, "inconclusive"),
        ("identified", [standing(0.9), standing(0.85, "CPUThrottling")], False, "probable"),
        ("identified", [standing(0.9), standing(0.85)], False, "identified"),
        ("identified", [standing(0.9), standing(0.89, "X", status="ruled out")], False, "identified"),
        ("probable", [standing(0.9)], False, "probable"),
        ("inconclusive", [standing(0.9)], False, "inconclusive"),
        ("healthy", [standing(0.9)], False, "probable"),
        ("blocked", [standing(0.9)], False, "inconclusive"),
        ("identified", [standing(0.1, status="ruled out")], False, "inconclusive"),
    ],
)
def test_verdicts(proposed: Any, ranked: list[Hypothesis], disputed: bool, expected: str) -> None:
    assert verdict(proposed, ranked, (FINDING,), (CHECKED,), disputed) == expected


@pytest.mark.parametrize(
    ("proposed", "findings", "coverage", "expected"),
    [
        ("healthy", (), (CHECKED,), "healthy"),
        ("healthy", (), (), "inconclusive"),
        ("healthy", (), (CHECKED, FAILED), "inconclusive"),
        ("healthy", (FINDING,), (CHECKED,), "inconclusive"),
        ("identified", (), (CHECKED,), "inconclusive"),
        ("identified", (), (FAILED,), "blocked"),
        ("blocked", (), (CHECKED, FAILED), "blocked"),
        ("blocked", (), (CHECKED,), "inconclusive"),
    ],
)
def test_without_a_cause(proposed: Any, findings: Any, coverage: Any, expected: str) -> None:
    assert verdict(proposed, (), findings, coverage, False) == expected


@pytest.mark.parametrize(
    ("state", "alone", "agreed"),
    [
        (State.SKIPPED, 0.7, 0.95),
        (State.NOT_CONFIGURED, 0.7, 0.95),
        (State.FAILED, 0.6, 0.85),
        (State.NO_DATA, 0.7, 0.95),
        (State.CHECKED, 0.7, 0.95),
    ],
)
def test_a_check_that_tells_no_such_cause_counts_unless_a_rule_has_found_it(
    state: State, alone: float, agreed: float
) -> None:
    own = Coverage(source="kubernetes", check="pods", state=state, decides=("OOMKilled", "ImagePullFailure"))
    two = (OOM, evidence(2))
    assert cap("OOMKilled", two, (), (own, CHECKED)) == alone
    assert cap("OOMKilled", two, (), (own,), agreed=True) == agreed
    assert cap("CPUThrottling", two, (), (CHECKED,)) == 0.95


def test_what_a_model_has_asked_for_is_more_than_what_the_checks_read() -> None:
    own = CHECKED.model_copy(update={"decides": ("OOMKilled",)})
    assert cap("OOMKilled", (OOM, evidence(3)), (), (own,), silent=None) == 0.95
    missing = own.model_copy(update={"state": State.SKIPPED})
    assert cap("OOMKilled", (OOM, evidence(3)), (), (missing,), silent=None) == 0.7


def test_the_order() -> None:
    listed = [
        standing(0.1, id="H1", status="ruled out"),
        standing(0.3, id="H2"),
        standing(0.9, id="H3"),
        standing(0.5, id="H4"),
    ]
    ranked = sorted(listed, key=lambda one: order(one, frozenset({"H4"})))
    assert [one.id for one in ranked] == ["H3", "H2", "H4", "H1"]


def test_trust() -> None:
    users = evidence(2, untrusted=True)
    assert untrusted_only([users])
    assert untrusted_only([users, users.model_copy(update={"query": "kubectl logs cart-1 -n shop"})])
    assert untrusted_only([users.model_copy(update={"query": "aws logs tail /aws/lambda/pay"})])
    assert not untrusted_only([users, OOM])
    assert not untrusted_only([users.model_copy(update={"query": "kubectl get events -n shop"})])
