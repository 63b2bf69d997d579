"""What stands of an earlier look: numbers, what was settled, what people said and what it cost; nothing else."""

from __future__ import annotations

from typing import Any

from chatops.domain.diagnosis import Diagnosis, Engine, Usage
from chatops.triage import continuing
from chatops.triage.investigate import Case
from connectors.evidence import Coverage, State, Subject
from tests import factories

CART = Subject(kind="Deployment", namespace="shop", name="cart")
SPENT = Engine(kind="model", turns=2, usage=Usage(input_tokens=900, cost_usd=0.4))


def case(*keys: str, **changes: Any) -> Case:
    evidence = tuple(factories.evidence(at, key=key) for at, key in enumerate(keys, 1))
    return Case(factories.incident(), factories.diagnosis(**{"evidence": evidence, **changes}))


def ids(diagnosis: Diagnosis) -> dict[str, str]:
    return {one.key: one.id for one in diagnosis.evidence}


def test_numbers_stay_and_go_on() -> None:
    again = continuing.taken_up(case("c", "a"), case("a", "b")).diagnosis
    assert ids(again) == {"a": "E1", "b": "E2", "c": "E3"}


def test_another_look_reads_anew_what_was_only_so_then() -> None:
    settled = factories.hypothesis(id="H3", cause="DiskFull", subject=CART, supporting=("E2",), status="confirmed")
    before = case("a", "b", "c", hypotheses=(settled,), engine=SPENT).diagnosis
    again = continuing.anew(case("d", hypotheses=(factories.hypothesis(supporting=("E1",)),)), before).diagnosis
    assert ids(again) == {"b": "E2", "d": "E4"}
    assert [(one.id, one.status, one.supporting) for one in again.hypotheses] == [
        ("H3", "confirmed", ("E2",)),
        ("H1", "open", ("E4",)),
    ]
    assert (again.verdict, again.engine.kind, again.engine.usage) == ("identified", "rules", SPENT.usage)
    fresh = case("d")
    assert continuing.anew(fresh, None) is fresh


def test_rules_add_to_what_a_model_concluded_and_take_nothing_back() -> None:
    by_model = factories.hypothesis(cause="DiskFull", subject=CART, by="model", confidence=0.8)
    before = case("a", hypotheses=(by_model,), summary="The disk is full.", engine=SPENT)
    by_rules = factories.hypothesis(id="H2", supporting=("E2",), confidence=0.6)
    after = continuing.standing(case("a", "b", hypotheses=(by_rules,)), before).diagnosis
    assert [one.id for one in after.hypotheses] == ["H1", "H2"]
    assert (after.summary, after.engine) == ("The disk is full.", SPENT)
    surer = continuing.standing(case("a", hypotheses=(by_rules.model_copy(update={"confidence": 0.95}),)), before)
    assert surer.diagnosis.hypotheses[0].id == "H2"
    assert surer.diagnosis.summary != "The disk is full."


def test_a_source_that_is_silent_now_takes_nothing_back() -> None:
    def rows(state: State) -> tuple[Coverage, ...]:
        return (Coverage(source="kubernetes", check="pods", state=state),)

    before = case("a", hypotheses=(factories.hypothesis(),), coverage=rows(State.CHECKED))
    after = continuing.standing(case("a", hypotheses=(), coverage=rows(State.FAILED)), before).diagnosis
    assert [one.id for one in after.hypotheses] == ["H1"]
    assert after.coverage == rows(State.FAILED)
