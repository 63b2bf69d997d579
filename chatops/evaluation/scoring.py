"""Was the answer to a case right, and at which rank?"""

from __future__ import annotations

from chatops.domain.diagnosis import Hypothesis, Verdict
from chatops.evaluation.case import HEALTHY, Label
from chatops.evaluation.running import Run
from connectors.evidence import Value

CLAIMED = 0.5
"""From this confidence on a hypothesis is a claim: on a healthy case it is a false one."""


class Guess(Value):
    """A hypothesis against the label."""

    cause: str
    object: str
    confidence: float
    right_cause: bool
    right_object: bool

    @property
    def right(self) -> bool:
        """Both."""
        return self.right_cause and self.right_object


class Outcome(Value):
    """What became of a case."""

    name: str
    expected: str = ""
    """The code of the cause, `healthy`, or empty where the case has no label."""
    expected_object: str = ""
    verdict: Verdict | None = None
    guesses: tuple[Guess, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    missing: int = 0
    """Queries that a recording had no answer to."""
    error: str = ""
    """Why there is no answer."""

    @property
    def healthy(self) -> bool:
        """Whether nothing was wrong."""
        return self.expected == HEALTHY

    @property
    def claims(self) -> tuple[Guess, ...]:
        """What was claimed, not only considered."""
        return tuple(guess for guess in self.guesses if guess.confidence >= CLAIMED)

    def right_within(self, ranks: int) -> bool:
        """Whether one of the first hypotheses is right; a healthy case is right where nothing is claimed."""
        if self.healthy:
            return not self.claims and not self.error
        return any(guess.right for guess in self.guesses[:ranks])


def outcome(name: str, label: Label | None, run: Run) -> Outcome:
    """Score an answer."""
    diagnosis = run.answer.diagnosis
    return Outcome(
        name=name,
        expected=label.code if label else "",
        expected_object=label.object if label else "",
        verdict=diagnosis.verdict,
        guesses=tuple(_guess(one, label) for one in diagnosis.hypotheses),
        calls=run.calls,
        seconds=diagnosis.engine.seconds.total,
        missing=len(run.missing),
    )


def _guess(hypothesis: Hypothesis, label: Label | None) -> Guess:
    faulty = label is not None and label.code != HEALTHY
    return Guess(
        cause=hypothesis.cause,
        object=str(hypothesis.subject),
        confidence=hypothesis.confidence,
        right_cause=faulty and label is not None and label.meets(hypothesis.cause),
        right_object=faulty and label is not None and label.names(hypothesis.subject),
    )
