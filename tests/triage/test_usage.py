"""What a run used, and how it is told."""

from __future__ import annotations

from chatops.domain.diagnosis import Engine, Seconds, Usage
from chatops.triage.usage import engine_line, spent_by
from tests.factories import diagnosis

BEFORE = Usage(input_tokens=1_000, output_tokens=50, cost_usd=0.5)
AFTER = Usage(input_tokens=1_500, output_tokens=80, cache_read_input_tokens=9_000, cost_usd=0.75)


def test_a_run_used_what_was_added() -> None:
    used = spent_by(*(diagnosis(engine=Engine(kind="model", usage=usage)) for usage in (BEFORE, AFTER)))
    assert (used["input_tokens"], used["output_tokens"], used["cost_usd"]) == (500, 30, 0.25)


def test_who_answered_and_at_what_cost() -> None:
    before, after = (
        diagnosis(engine=Engine(kind="model", model="claude-x", turns=turns, usage=usage, seconds=Seconds(total=total)))
        for turns, usage, total in ((2, BEFORE, 20.0), (3, AFTER, 32.0))
    )
    used = "9,500 tokens in (9,000 from cache), 30 out · $0.250"
    assert engine_line(before, after) == f"claude-x · 1 turn · {used} · 12 s · $0.750 for the incident so far"
    assert engine_line(before, diagnosis(engine=Engine())) == "By rules, without a model"
