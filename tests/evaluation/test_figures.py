"""Figures: counted by hand on a handful of outcomes."""

from __future__ import annotations

import pytest

from chatops.evaluation.case import HEALTHY
from chatops.evaluation.figures import NOTHING, figures
from tests.evaluation.outcomes import guess, outcome

WRONG = guess(0.8, right=False, cause="TrafficSurge")


def test_accuracy_counts_labelled_faults_alone_and_failures_as_wrong() -> None:
    found = figures(
        [
            outcome("a", "OOMKilled", guess()),
            outcome("b", "OOMKilled", WRONG, WRONG, guess()),
            outcome("c", "OOMKilled", guess(object_right=False)),
            outcome("d", "TrafficSurge", error="broken"),
            outcome("e", "", guess()),
            outcome("f", HEALTHY),
        ]
    )
    every = found.accuracy
    assert (every.cases, every.at_1, every.at_3, every.cause_at_1, every.object_at_1) == (4, 0.25, 0.5, 0.5, 0.25)
    of = {row.cause: row.accuracy for row in found.causes}
    assert of["OOMKilled"].at_1 == pytest.approx(1 / 3)
    assert of["OOMKilled"].at_3 == pytest.approx(2 / 3)
    assert (of["TrafficSurge"].cases, of["TrafficSurge"].at_3) == (1, 0.0)


def test_confusion_says_what_was_answered_where_something_else_was_expected() -> None:
    found = figures([outcome("a", "OOMKilled", WRONG), outcome("b", "OOMKilled", WRONG), outcome("c", "OOMKilled")])
    assert [(row.expected, row.answered, row.cases) for row in found.confusion] == [
        ("OOMKilled", NOTHING, 1),
        ("OOMKilled", "TrafficSurge", 2),
    ]


def test_calibration_sets_what_was_promised_against_what_was_right() -> None:
    found = figures(
        [outcome("a", "OOMKilled", guess(0.9), guess(0.1, right=False)), outcome("b", "OOMKilled", guess(1.0))]
        + [outcome(f"c{i}", "OOMKilled", WRONG if i < 1 else guess(0.8)) for i in range(5)]
    ).calibration
    assert [(one.low, one.hypotheses) for one in found.bins] == [(0.0, 1), (0.8, 5), (0.9, 2)]
    assert [one.right for one in found.bins] == [0.0, 0.8, 1.0]
    assert [one.confidence for one in found.bins] == pytest.approx([0.1, 0.8, 0.95])
    assert found.expected_error == pytest.approx((0.1 * 1 + 0.0 * 5 + 0.05 * 2) / 8)
    assert found.expected_error_first == pytest.approx(0.05 * 2 / 7)


def test_without_hypotheses_there_is_no_calibration() -> None:
    found = figures([outcome("a", "OOMKilled")]).calibration
    assert (found.bins, found.expected_error, found.expected_error_first) == ((), None, None)


def test_false_causes_on_healthy_cases_are_named() -> None:
    found = figures([outcome("a", HEALTHY, WRONG, guess(0.4, right=False)), outcome("b", HEALTHY)]).healthy
    assert (found.cases, found.with_false_cause) == (2, 1)
    assert found.false_causes == ("a: TrafficSurge Deployment shop/cart 0.80",)


def test_false_claims_on_faulty_cases_are_named() -> None:
    found = figures([outcome("a", "OOMKilled", guess(), guess(0.6, right=False)), outcome("b", "OOMKilled", guess())])
    assert found.false_claims == ("a: OOMKilled Deployment shop/cart 0.60",)


def test_cost_leaves_out_what_did_not_run() -> None:
    cost = figures(
        [
            outcome("a", "", calls=10, seconds=1.0),
            outcome("b", "", calls=30, seconds=3.0),
            outcome("c", "", error="broken"),
        ]
    ).cost
    assert (cost.calls_mean, cost.calls_most, cost.seconds_median, cost.seconds_most) == (20, 30, 2.0, 3.0)


def test_no_cases_are_no_figures_and_no_error() -> None:
    found = figures([])
    assert (found.accuracy.cases, found.cost.calls_most, found.healthy.cases) == (0, 0, 0)
