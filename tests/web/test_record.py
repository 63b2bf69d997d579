from chatops.domain.diagnosis import Engine, IncidentSummary, Seconds
from chatops.web import record
from connectors.evidence import Coverage, State
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


def test_failures_lead_the_coverage_and_unfold_it() -> None:
    told = str(record.coverage(usual()))
    assert "<details open>" in told
    assert told.index("AccessDenied") < told.index(">pods<")
    quiet = factories.diagnosis(coverage=(Coverage(source="k", check="c", state=State.CHECKED),))
    assert "<details open>" not in str(record.coverage(quiet))


def test_rules_alone_say_so_and_a_model_says_what_it_cost() -> None:
    rules = str(record.engine(factories.diagnosis(engine=Engine(seconds=Seconds(first_facts=1.25, total=2)))))
    assert "Rules alone, no model" in rules
    assert "1.2 s" in rules
    assert "Tokens" not in rules
    model = str(record.engine(usual()))
    assert "$0.0421" in model
    assert "1 taken out of the model" in model
