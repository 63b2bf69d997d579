import pytest

from chatops.domain.diagnosis import Verdict
from chatops.web import answer
from tests import factories
from tests.web.cases import usual


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
