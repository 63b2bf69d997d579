"""What do many outcomes say? Accuracy, confusion, calibration, false causes and cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median
from typing import Literal

from pydantic import Field

from chatops.evaluation.scoring import Guess, Outcome
from connectors.evidence import Value

SCHEMA: Literal["chatops.evaluation/1"] = "chatops.evaluation/1"
NOTHING = "(nothing)"
_EDGES = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Accuracy(Value):
    """Shares of cases that were right, by both cause and object where nothing else is said."""

    cases: int
    at_1: float
    at_3: float
    cause_at_1: float
    object_at_1: float


class OfCause(Value):
    """The accuracy on the cases of one cause."""

    cause: str
    accuracy: Accuracy


class Confused(Value):
    """How often one cause was answered first where another was expected."""

    expected: str
    answered: str
    cases: int


class Bin(Value):
    """Hypotheses of like confidence: what they promised, and how many of them were right."""

    low: float
    high: float
    hypotheses: int
    confidence: float
    right: float


class Calibration(Value):
    """How well confidence says how often a hypothesis is right. Errors are means weighted by the bins' sizes."""

    bins: tuple[Bin, ...]
    expected_error: float | None
    """Over all hypotheses; None without any."""
    expected_error_first: float | None
    """Over the first hypothesis of each case."""


class Healthy(Value):
    """Cases in which nothing was wrong, and what was claimed in them all the same."""

    cases: int
    with_false_cause: int
    false_causes: tuple[str, ...]


class Cost(Value):
    """What a case takes: calls to the sources, seconds to the answer."""

    calls_mean: float
    calls_most: int
    seconds_median: float
    seconds_most: float


class Figures(Value):
    """The whole evaluation: `chatops eval --format json`."""

    schema_: Literal["chatops.evaluation/1"] = Field(default=SCHEMA, alias="schema", serialization_alias="schema")
    accuracy: Accuracy
    causes: tuple[OfCause, ...]
    confusion: tuple[Confused, ...]
    calibration: Calibration
    healthy: Healthy
    false_claims: tuple[str, ...]
    """What was claimed and not right, in cases in which something was wrong."""
    cost: Cost
    cases: tuple[Outcome, ...]


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Count. Cases without a label count for the cost alone; a case without an answer is a wrong one."""
    faulty = [one for one in outcomes if one.expected and not one.healthy]
    by_cause: dict[str, list[Outcome]] = defaultdict(list)
    for one in faulty:
        by_cause[one.expected].append(one)
    return Figures(
        accuracy=_accuracy(faulty),
        causes=tuple(OfCause(cause=cause, accuracy=_accuracy(by_cause[cause])) for cause in sorted(by_cause)),
        confusion=_confusion(faulty),
        calibration=_calibration([one for one in outcomes if one.expected]),
        healthy=_healthy([one for one in outcomes if one.healthy]),
        false_claims=tuple(_told(one, g) for one in faulty for g in one.claims if not g.right),
        cost=_cost([one for one in outcomes if not one.error]),
        cases=tuple(outcomes),
    )


def _accuracy(outcomes: Sequence[Outcome]) -> Accuracy:
    def share(right: list[bool]) -> float:
        return mean(right) if right else 0.0

    return Accuracy(
        cases=len(outcomes),
        at_1=share([one.right_within(1) for one in outcomes]),
        at_3=share([one.right_within(3) for one in outcomes]),
        cause_at_1=share([any(guess.right_cause for guess in one.guesses[:1]) for one in outcomes]),
        object_at_1=share([any(guess.right_object for guess in one.guesses[:1]) for one in outcomes]),
    )


def _confusion(outcomes: Sequence[Outcome]) -> tuple[Confused, ...]:
    pairs = Counter((one.expected, one.guesses[0].cause if one.guesses else NOTHING) for one in outcomes)
    return tuple(Confused(expected=e, answered=a, cases=n) for (e, a), n in sorted(pairs.items()))


def _calibration(outcomes: Sequence[Outcome]) -> Calibration:
    every = _bins([guess for one in outcomes for guess in one.guesses])
    first = _bins([one.guesses[0] for one in outcomes if one.guesses])
    return Calibration(bins=every, expected_error=_error(every), expected_error_first=_error(first))


def _bins(guesses: Sequence[Guess]) -> tuple[Bin, ...]:
    bins = []
    for low, high in pairwise(_EDGES):
        inside = [g for g in guesses if low <= g.confidence < high or g.confidence == high == _EDGES[-1]]
        if inside:
            bins.append(
                Bin(
                    low=low,
                    high=high,
                    hypotheses=len(inside),
                    confidence=mean(g.confidence for g in inside),
                    right=mean(g.right for g in inside),
                )
            )
    return tuple(bins)


def _error(bins: Sequence[Bin]) -> float | None:
    total = sum(one.hypotheses for one in bins)
    return sum(one.hypotheses * abs(one.confidence - one.right) for one in bins) / total if total else None


def _healthy(outcomes: Sequence[Outcome]) -> Healthy:
    false = [_told(one, guess) for one in outcomes for guess in one.claims]
    wrong = sum(bool(one.claims) for one in outcomes)
    return Healthy(cases=len(outcomes), with_false_cause=wrong, false_causes=tuple(false))


def _told(one: Outcome, guess: Guess) -> str:
    return f"{one.name}: {guess.cause} {guess.object} {guess.confidence:.2f}"


def _cost(outcomes: Sequence[Outcome]) -> Cost:
    calls, seconds = [one.calls for one in outcomes], [one.seconds for one in outcomes]
    return Cost(
        calls_mean=mean(calls) if calls else 0.0,
        calls_most=max(calls, default=0),
        seconds_median=median(seconds) if seconds else 0.0,
        seconds_most=max(seconds, default=0.0),
    )
