"""Outcomes for tests of the figures."""

from __future__ import annotations

from chatops.evaluation.scoring import Guess, Outcome


def guess(confidence: float = 0.9, *, right: bool = True, cause: str = "OOMKilled", object_right: bool = True) -> Guess:
    return Guess(
        cause=cause,
        object="Deployment shop/cart",
        confidence=confidence,
        right_cause=right,
        right_object=right and object_right,
    )


def outcome(name: str = "one", expected: str = "OOMKilled", *guesses: Guess, **rest: object) -> Outcome:
    return Outcome.model_validate({"name": name, "expected": expected, "guesses": guesses, **rest})
