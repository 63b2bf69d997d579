"""The tables in a terminal: everything that has something in it, and nothing else."""

from __future__ import annotations

import io

from rich.console import Console

from chatops.evaluation.case import HEALTHY
from chatops.evaluation.figures import figures
from chatops.evaluation.scoring import Outcome
from chatops.evaluation.tables import show
from tests.evaluation.outcomes import guess, outcome


def shown(*outcomes: Outcome) -> str:
    out = io.StringIO()
    show(figures(outcomes), Console(file=out, width=140))
    return out.getvalue()


def test_right_answers_need_no_table_of_mistakes() -> None:
    text = shown(outcome("a", "OOMKilled", guess(), calls=12, seconds=0.5))
    assert "OOMKilled" in text
    assert "Calibration" in text
    assert "12.0 a case" in text
    for absent in ("Taken for", "Not right", "Healthy", "not in the recordings", "False claims"):
        assert absent not in text


def test_mistakes_are_shown_with_what_was_said_instead() -> None:
    text = shown(
        outcome("a", "OOMKilled", guess(0.8, right=False, cause="TrafficSurge"), expected_object="app/cart", missing=3),
        outcome("b", HEALTHY, guess(0.7, right=False)),
        outcome("c", "OOMKilled", error="the tape is broken"),
    )
    for part in (
        "Taken for another cause", "TrafficSurge", "app/cart", "with a false cause: 1", "b: OOMKilled",
        "the tape is broken", "3 queries were not in the recordings", "False claims",
    ):  # fmt: skip
        assert part in text


def test_cases_without_labels_have_their_cost_alone() -> None:
    text = shown(outcome("a", "", guess(), calls=3))
    assert "Accuracy" not in text
    assert "1 cases; calls: 3.0" in text
