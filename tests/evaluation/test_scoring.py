"""Scoring: right means cause and object, and claiming nothing where nothing is wrong."""

from __future__ import annotations

import pytest

from chatops.evaluation.case import HEALTHY, Label
from chatops.evaluation.running import Run
from chatops.evaluation.scoring import Outcome
from chatops.evaluation.scoring import outcome as score
from chatops.triage.investigate import Case
from connectors.evidence import Subject
from tests.evaluation.outcomes import guess, outcome
from tests.factories import diagnosis, hypothesis, incident


def run(*hypotheses: tuple[str, Subject, float]) -> Run:
    made = tuple(
        hypothesis(id=f"H{rank}", rank=rank, cause=cause, subject=subject, confidence=confidence)
        for rank, (cause, subject, confidence) in enumerate(hypotheses, 1)
    )
    return Run(Case(incident(), diagnosis(hypotheses=made)), calls=7, missing=("q",))


CART = Subject(kind="Deployment", namespace="shop", name="cart")
OTHER = Subject(kind="Deployment", namespace="shop", name="orders")


def test_cause_and_object_must_both_be_right() -> None:
    found = score(
        "one",
        Label(cause="oom_killed", object="app/cart"),
        run(("OOMKilled", OTHER, 0.8), ("TrafficSurge", CART, 0.3), ("OOMKilled", CART, 0.2)),
    )
    assert [(g.right_cause, g.right_object, g.right) for g in found.guesses] == [
        (True, False, False),
        (False, True, False),
        (True, True, True),
    ]
    assert (found.right_within(1), found.right_within(2), found.right_within(3)) == (False, False, True)
    assert (found.expected, found.expected_object, found.calls, found.missing) == ("OOMKilled", "app/cart", 7, 1)


def test_on_a_healthy_case_a_claim_is_false_and_a_thought_is_not() -> None:
    thought = score("one", Label(cause=HEALTHY), run(("OOMKilled", CART, 0.49)))
    claim = score("one", Label(cause=HEALTHY), run(("OOMKilled", CART, 0.5)))
    assert (thought.right_within(1), claim.right_within(1)) == (True, False)
    assert not claim.guesses[0].right_cause


def test_without_a_label_nothing_is_right_or_expected() -> None:
    found = score("one", None, run(("OOMKilled", CART, 0.9)))
    assert (found.expected, found.right_within(1)) == ("", False)


@pytest.mark.parametrize("expected", ["OOMKilled", HEALTHY])
def test_no_answer_is_never_right(expected: str) -> None:
    assert not Outcome(name="one", expected=expected, error="unreadable").right_within(3)


def test_claims_are_what_is_held_for_likely() -> None:
    found = outcome("one", "OOMKilled", guess(0.9), guess(0.5), guess(0.4))
    assert [g.confidence for g in found.claims] == [0.9, 0.5]
