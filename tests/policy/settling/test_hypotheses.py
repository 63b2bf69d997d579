"""Hypotheses: ids, confidence, disagreement, and what only users' text says."""

from __future__ import annotations

from typing import Any

from chatops.domain.casefile import (
    ProposedHypothesis,
    ProposedSubject,
)
from connectors.evidence import Coverage, ResourceState, State
from tests.persona.cases import HYPOTHESIS, case, evidence
from tests.policy.proposals import (
    EVERYTHING,
    OOM_AGAIN,
    hypothesis,
    proposal,
    settled,
    without_hypotheses,
)


def test_users_text_alone_cannot_lead() -> None:
    alone = hypothesis(cause="RateLimited", supporting=("E3",), confidence=0.99)
    both = settled(proposal(alone, hypothesis(confidence=0.3)))
    assert [one.cause for one in both.hypotheses] == ["OOMKilled", "RateLimited"]
    assert both.hypotheses[1].confidence <= 0.35
    lone = settled(proposal(alone), case((*EVERYTHING, OOM_AGAIN), diagnosis=without_hypotheses()))
    assert lone.hypotheses == ()
    assert lone.verdict == "inconclusive"
    assert lone.open_questions == (
        "Only text that anybody could have written points to this (E3): A dependency throttles the workload, cart.",
    )


def test_what_a_rule_concluded_too_is_not_weak_for_what_is_cited() -> None:
    """Events are text that workloads influence; the rule rests on the state as well."""
    diagnosis = settled(proposal(hypothesis(supporting=("E3",))))
    assert (diagnosis.hypotheses[0].id, diagnosis.hypotheses[0].confidence, diagnosis.verdict) == (
        "H1",
        0.9,
        "identified",
    )


def test_a_cause_that_its_own_check_did_not_tell_is_not_identified() -> None:
    """Where the pods were read and nothing of the kind was found, a model's word for it is one."""
    read = (Coverage(source="kubernetes", check="pods", state=State.CHECKED, decides=("OOMKilled",)),)
    file = case((*EVERYTHING, OOM_AGAIN), diagnosis=without_hypotheses(), findings=(), coverage=read)
    alone = settled(proposal(hypothesis(confidence=0.97)), file)
    assert (alone.hypotheses[0].confidence, alone.verdict) == (0.7, "probable")
    before = file.model_copy(update={"evidence": EVERYTHING})
    asked = settled(proposal(hypothesis(confidence=0.97)), before, evidence=(OOM_AGAIN,))
    assert (asked.hypotheses[0].confidence, asked.verdict) == (0.95, "identified")


def other(**more: Any) -> ProposedHypothesis:
    subject = ProposedSubject(kind="Pod", namespace="shop", name="redis-0")
    said: dict[str, Any] = {"cause": "MissingSecret", "subject": subject, "statement": "redis-0 cannot mount."}
    return hypothesis(**{**said, "supporting": ("E2", "E4"), **more})


def test_tables_in_which_nothing_is_wrong_bear_no_claim() -> None:
    """Whatever confidence a model has: what is told of redis-0 is that it is there."""
    well = ResourceState(columns=("pod", "trouble"), rows=(("redis-0", ""),))
    pods = evidence(5, "1 pods, 0 not as they should be: redis-0", body=well)
    file = case((*EVERYTHING, pods), diagnosis=without_hypotheses(), findings=())
    assert settled(proposal(other(supporting=("E5",), confidence=0.97)), file).hypotheses[0].confidence == 0.45
    assert settled(proposal(other(supporting=("E2", "E5"), confidence=0.7)), file).hypotheses[0].confidence == 0.7


def test_what_rules_believe_is_ruled_out_by_evidence_only() -> None:
    """A reason that names nothing beyond what the cause rests on leaves it as it stands."""
    bare = settled(proposal(hypothesis(status="ruled out", reason="no", supporting=("E1",), confidence=0.0)))
    assert (bare.hypotheses[0].id, bare.hypotheses[0].status, bare.hypotheses[0].confidence) == ("H1", "open", 0.8)
    assert "hypothesis: ruled out, and no evidence speaks against it" in bare.engine.removed
    told = settled(
        proposal(hypothesis(status="ruled out", reason="E4 is below it", supporting=("E1",), confidence=0.0))
    )
    assert told.hypotheses[0].status == "ruled out"


def test_a_new_cause_of_one_object_is_one_hypothesis() -> None:
    twice = settled(proposal(hypothesis(), other(), other(statement="redis-0 cannot mount, again.")))
    assert [one.id for one in twice.hypotheses] == ["H1", "H2"]
    assert "hypothesis: the same twice" in twice.engine.removed


def test_disagreement_with_sure_rules_is_shown_and_does_not_push_them_aside() -> None:
    diagnosis = settled(proposal(other(confidence=0.79)))
    assert [(one.id, one.confidence) for one in diagnosis.hypotheses] == [("H1", 0.8), ("H2", 0.79)]
    assert diagnosis.verdict == "probable"
    assert any("By rules alone the first cause is another" in gap for gap in diagnosis.gaps)
    assert "memory" in diagnosis.summary


def test_disagreement_with_unsure_rules_puts_the_persona_first() -> None:
    unsure = HYPOTHESIS.model_copy(update={"confidence": 0.6})
    about = case((*EVERYTHING, OOM_AGAIN), diagnosis=case().diagnosis.model_copy(update={"hypotheses": (unsure,)}))
    diagnosis = settled(proposal(other(confidence=0.5)), about)
    assert [(one.id, one.confidence) for one in diagnosis.hypotheses] == [("H2", 0.5), ("H1", 0.45)]
    assert any("the model disagrees" in gap for gap in diagnosis.gaps)


def test_who_rules_out_what_the_rules_say_leads() -> None:
    denied = hypothesis(status="ruled out", contradicting=("E2",), reason="redis-0 fails first.")
    diagnosis = settled(proposal(other(), denied))
    assert [(one.id, one.status) for one in diagnosis.hypotheses] == [("H2", "open"), ("H1", "ruled out")]
    assert diagnosis.verdict == "probable"
    assert any("the model rules that out" in gap for gap in diagnosis.gaps)


def test_ruling_out_takes_a_reason_and_evidence() -> None:
    without = settled(proposal(hypothesis(status="ruled out", supporting=(), contradicting=("E2",))))
    assert without.hypotheses[0].status == "open"
    reasoned = settled(
        proposal(hypothesis(status="ruled out", supporting=(), contradicting=("E2",), reason="redis-0 fails first."))
    )
    (one,) = reasoned.hypotheses
    assert (one.id, one.status, one.reason) == ("H1", "ruled out", "redis-0 fails first.")
    assert one.confidence <= 0.1
    assert reasoned.verdict == "inconclusive"


def test_an_answer_that_says_nothing_of_a_status_leaves_it_with_what_speaks_against_it() -> None:
    weaker = {"status": "weakened", "reason": "it was rolled back", "confidence": 0.6, "contradicting": ("E2",)}
    known = case().diagnosis.model_copy(update={"hypotheses": (HYPOTHESIS.model_copy(update=weaker),)})
    about = case((*EVERYTHING, OOM_AGAIN), diagnosis=known)
    (one,) = settled(proposal(hypothesis(confidence=0.95)), about).hypotheses
    assert (one.status, one.reason, one.contradicting, one.confidence) == (
        "weakened",
        "it was rolled back",
        ("E2",),
        0.6,
    )
    stronger = hypothesis(status="strengthened", reason="the rollback failed.", confidence=0.9)
    (one,) = settled(proposal(stronger), about).hypotheses
    assert (one.status, one.contradicting) == ("strengthened", ())


def test_a_cause_that_a_person_confirmed_stays() -> None:
    confirmed = HYPOTHESIS.model_copy(update={"status": "confirmed", "confidence": 0.95})
    about = case(diagnosis=case().diagnosis.model_copy(update={"hypotheses": (confirmed,)}))
    denied = hypothesis(status="ruled out", reason="not so.", contradicting=("E1",))
    (one,) = settled(proposal(denied), about).hypotheses
    assert (one.status, one.confidence) == ("confirmed", 0.95)


def test_evidence_may_not_be_cited_twice_or_from_nowhere() -> None:
    diagnosis = settled(proposal(hypothesis(supporting=("E1", "[E1]", "E4", "E55"))))
    assert diagnosis.hypotheses[0].supporting == ("E1", "E4")
    assert len(diagnosis.engine.removed) == 1


def test_what_rules_found_is_not_ruled_out_on_words_alone() -> None:
    said = settled(
        proposal(hypothesis(status="ruled out", contradicting=("E3",), supporting=(), reason="they say so."))
    )
    (one,) = said.hypotheses
    assert (one.status, one.confidence) == ("weakened", 0.6), "contradicted by one piece of evidence, and no more"
    assert "hypothesis: ruled out on nothing but text that users control" in said.engine.removed


def test_that_an_agreed_cause_is_ruled_out_later_is_shown() -> None:
    agreed = HYPOTHESIS.model_copy(update={"by": "both"})
    about = case((*EVERYTHING, OOM_AGAIN), diagnosis=case().diagnosis.model_copy(update={"hypotheses": (agreed,)}))
    denied = hypothesis(status="ruled out", supporting=(), contradicting=("E2",), reason="redis-0 fails first.")
    assert any("the model rules that out" in gap for gap in settled(proposal(denied), about).gaps)
    assert not settled(proposal(hypothesis()), about).gaps
