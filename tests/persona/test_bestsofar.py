"""What is left when the budget ran out."""

from __future__ import annotations

from chatops.persona.bestsofar import best_so_far
from tests.persona.cases import HYPOTHESIS, case


def test_it_does_not_conclude_and_keeps_what_stood() -> None:
    left = best_so_far(case(), "budget: 4 turns")
    assert left.verdict == "inconclusive"
    assert "Best so far: cart is killed for memory" in left.summary
    [kept] = left.hypotheses
    assert (kept.id, kept.cause, kept.confidence, kept.supporting) == ("H1", "OOMKilled", 0.8, ("E1",))
    assert kept.subject.name == HYPOTHESIS.subject.name
    assert left.gaps[-1] == "The investigation ended early (budget: 4 turns)."


def test_where_nothing_stood_it_claims_nothing() -> None:
    empty = case()
    empty = empty.model_copy(update={"diagnosis": empty.diagnosis.model_copy(update={"hypotheses": ()})})
    assert "Best so far" not in best_so_far(empty, "time").summary
