from datetime import timedelta

import pytest

from chatops.domain.diagnosis import Verdict
from chatops.web import answer
from tests import factories
from tests.conftest import NOW
from tests.web.cases import ONSET, usual

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("verdict", ["identified", "probable", "inconclusive", "healthy", "blocked"])
def test_each_verdict_has_words_of_its_own(verdict: Verdict) -> None:
    told = answer.verdict(factories.diagnosis(verdict=verdict), None)
    assert answer.VERDICTS[verdict] in told


def test_hypotheses_come_by_rank_with_what_speaks_for_and_against() -> None:
    told = str(answer.hypotheses(usual()))
    assert told.index("OOMKilled") < told.index("BadRelease")
    assert 'href="#E1"' in told
    assert "<dt>Against</dt><dd><a" in told
    assert "strengthened" in told
    assert "by rules and the model" in told
    assert "ruled-out" in told


def test_ids_in_the_answer_lead_to_what_they_name() -> None:
    told = str(answer.verdict(usual(summary="it fills its memory (91%, E1 and E77). Not read: aws/alarms."), None))
    assert 'memory (91%, <a href="#E1" class="cite">E1</a> and E77).</p>' in told
    assert '<p class="aside">Not read: aws/alarms.</p>' in told


def test_it_began_when_the_evidence_of_the_best_hypothesis_says() -> None:
    alerted = factories.diagnosis().incident
    late = alerted.model_copy(update={"window": alerted.window.model_copy(update={"onset": NOW})})
    assert answer.began(usual(incident=late)) == (ONSET, "E1"), "the alert fired later"
    early = alerted.model_copy(update={"window": alerted.window.model_copy(update={"onset": ONSET - MINUTE})})
    assert answer.began(usual(incident=early)) == (ONSET - MINUTE, "")
    assert answer.began(factories.diagnosis(hypotheses=(), evidence=())) == (alerted.window.onset, "")


def test_a_long_error_is_shown_by_its_beginning() -> None:
    told = str(answer.open_ends(usual(gaps=("could not be read (query: " + "sum by (pod) " * 40 + "the end)",))))
    assert "could not be read" in told.split("<details>")[0]
    assert "the end" not in told.split("<details>")[0]
    assert "the end" in told


def test_a_failed_check_is_said_at_the_top() -> None:
    assert "One check failed" in answer.verdict(usual(), None)
    assert "failed" not in answer.verdict(factories.diagnosis(), None)


def test_commands_say_what_they_do_and_can_be_copied() -> None:
    told = str(answer.next_steps(usual()))
    assert "only reads" in told
    assert "kubectl logs checkout-1" in told
    assert told.count("Copy</button>") == 2
    assert "Rollback" in told


def test_what_is_empty_has_no_heading() -> None:
    bare = factories.diagnosis(hypotheses=(), evidence=())
    assert answer.hypotheses(bare) is None
    assert answer.next_steps(bare) is None
    assert answer.open_ends(bare) is None


def test_open_questions_and_gaps_are_told() -> None:
    told = str(answer.open_ends(usual()))
    assert "Was there a campaign?" in told
    assert "Alarms could not be read." in told
