from chatops.domain.diagnosis import Engine, IncidentSummary, Seconds
from chatops.web import record
from connectors.evidence import Coverage, LogPattern, LogPatterns, State
from tests import factories
from tests.web.cases import ONSET, timeline, usual


def test_decisive_series_are_those_that_the_best_hypothesis_cites() -> None:
    told = str(record.decisive(usual()))
    assert 'href="#E1"' in told
    assert "<svg" in told
    assert record.decisive(factories.diagnosis()) is None


def test_the_timeline_is_in_order_and_knows_onset_and_changes() -> None:
    told = str(record.timeline(timeline(), usual(incident=_with_onset())))
    assert told.index("onset") < told.index("opened by alert")
    assert ">change<" in told
    assert "what changed?" in told
    assert record.timeline((), None) is None


def _with_onset() -> IncidentSummary:
    summary = factories.diagnosis().incident
    return summary.model_copy(update={"window": summary.window.model_copy(update={"onset": ONSET})})


def test_evidence_shows_its_query_its_body_and_what_was_left_out() -> None:
    told = str(record.evidence(usual()))
    assert "kubectl get pods -n shop" in told
    assert "400 lines read, 3 more not shown" in told
    assert "4 more rows" in told
    assert "text from users of the system" in told
    assert 'href="https://console.example.com/pods"' in told
    assert "1.0 → 1.1" in told


def test_a_column_in_which_no_pattern_says_anything_of_its_own_is_left_out() -> None:
    def shown(**row: object) -> str:
        pattern = LogPattern.model_validate({"template": "cannot connect", "before": 0, "after": 12, **row})
        evidence = factories.evidence(1, body=LogPatterns(patterns=(pattern,), lines=12))
        return str(record.evidence(factories.diagnosis(evidence=(evidence,))))

    told = shown(example="cannot connect to 10.0.0.7", level="error")
    assert [f'data-head="{name}"' in told for name in ("pattern", "level", "example")] == [True, True, True]
    told = shown(example="cannot connect")
    assert ">level<" not in told
    assert ">example<" not in told


def test_failed_checks_are_shown_and_the_others_folded() -> None:
    told = str(record.coverage(usual()))
    shown, _, folded = told.partition("<details>")
    assert "AccessDenied" in shown
    assert ">pods<" in folded
    quiet = factories.diagnosis(coverage=(Coverage(source="k", check="c", state=State.CHECKED),))
    assert str(record.coverage(quiet)).count("<table") == 1


def test_evidence_of_the_best_hypotheses_is_shown_whole_and_the_rest_by_its_title() -> None:
    told = str(record.evidence(usual()))
    for leading in ("E1", "E2", "E4"):
        assert f'<article class="card" id="{leading}">' in told
    assert '<article class="card fold" id="E3"><details><summary>' in told


def test_what_many_say_in_the_same_second_is_one_line() -> None:
    events = tuple(factories.evidence(n, title=f"BackOff on Pod web-{n}", onset=ONSET) for n in range(1, 4))
    told = str(record.timeline((), usual(evidence=events, hypotheses=())))
    assert told.count("BackOff") == 1
    assert "BackOff on Pod web-1 and 2 more" in told
    assert told.count('class="cite"') == 3


def test_rules_alone_say_so_and_a_model_says_what_it_cost() -> None:
    rules = str(record.engine(factories.diagnosis(engine=Engine(seconds=Seconds(first_facts=1.25, total=2)))))
    assert "Rules alone, no model" in rules
    assert "1.2 s" in rules
    assert "Tokens" not in rules
    model = str(record.engine(usual()))
    assert "$0.042" in model
    assert "1 left out of the model" in model


def test_a_source_that_fails_every_check_for_one_reason_is_one_row() -> None:
    away = [Coverage(source="k", check=f"c{n}", state=State.FAILED, detail="forbidden", ms=n) for n in range(9)]
    other = Coverage(source="k", check="late", state=State.FAILED, detail="timeout", ms=5)
    told = str(record.coverage(factories.diagnosis(coverage=(*away, other))))
    assert "9 checks: c0, c1, c2, c3, c4, c5, c6, c7, c8" in told
    assert told.count("forbidden") == 1
    assert "late" in told
    assert "<td>8</td>" in told
