"""What is left when a budget ran out? The diagnosis so far, told as what it is: not concluded."""

from __future__ import annotations

from chatops.domain.casefile import CaseFile, Proposal, ProposedHypothesis, ProposedSubject
from chatops.domain.diagnosis import Hypothesis


def best_so_far(case: CaseFile, reason: str) -> Proposal:
    """The hypotheses that stand already as a proposal, with the verdict `inconclusive`."""
    known = case.diagnosis
    best = f" Best so far: {known.summary}" if known.hypotheses else ""
    return Proposal(
        verdict="inconclusive",
        summary=f"The investigation ended before it was concluded.{best}",
        hypotheses=tuple(_proposed(one) for one in known.hypotheses),
        open_questions=known.open_questions,
        gaps=(*known.gaps, f"The investigation ended early ({reason})."),
    )


def _proposed(one: Hypothesis) -> ProposedHypothesis:
    return ProposedHypothesis(
        id=one.id,
        cause=one.cause,
        subject=ProposedSubject(kind=one.subject.kind, namespace=one.subject.namespace, name=one.subject.name),
        statement=one.statement,
        mechanism=one.mechanism,
        confidence=one.confidence,
        supporting=one.supporting,
        contradicting=one.contradicting,
        would_confirm=one.would_confirm,
        would_refute=one.would_refute,
        status=one.status,
        reason=one.reason,
    )
