"""What a run used, and how it is told."""

from __future__ import annotations

from chatops.domain.diagnosis import Engine, Usage
from chatops.triage.usage import engine_line, spent_by
from tests.factories import diagnosis

BEFORE = Usage(input_tokens=1_000, output_tokens=50, cost_usd=0.5)
AFTER = Usage(input_tokens=1_500, output_tokens=80, cache_read_input_tokens=9_000, cost_usd=0.75)


def test_a_run_used_what_was_added() -> None:
    used = spent_by(*(diagnosis(engine=Engine(kind="model", usage=usage)) for usage in (BEFORE, AFTER)))
    assert (used["input_tokens"], used["output_tokens"], used["cost_usd"]) == (500, 30, 0.25)


def test_who_answered_and_at_what_cost() -> None:
    assert engine_line(Engine()) == "By rules, without a model"
    line = engine_line(Engine(kind="model", model="claude-x", turns=3, usage=AFTER))
    assert line == "claude-x · 3 turns · 10,500 in, 80 out · $0.750"
