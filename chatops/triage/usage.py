"""What did a run of the persona use, and how is it said?"""

from __future__ import annotations

from dataclasses import replace

from chatops.domain.diagnosis import Diagnosis, Engine
from chatops.triage.investigate import Case
from chatops.triage.replying import NO_MODEL


def spent_by(before: Diagnosis, after: Diagnosis) -> dict[str, float]:
    """What a run used: an incident's usage is the sum of its runs."""
    known = before.engine.usage.model_dump()
    return {name: value - known[name] for name, value in after.engine.usage.model_dump().items()}


def engine_line(engine: Engine) -> str:
    """Who answered, and at what cost."""
    if engine.kind == "rules" or engine.unasked:
        return "By rules, without a model"
    usage = engine.usage
    tokens = f"{usage.input_tokens + usage.cache_read_input_tokens:,} in, {usage.output_tokens:,} out"
    return f"{engine.model} · {engine.turns} turns · {tokens} · ${usage.cost_usd:.3f}"


def saying(case: Case, unasked: str) -> Case:
    """The case with why the model that is configured was not asked."""
    if unasked in ("", NO_MODEL):
        return case
    engine = case.diagnosis.engine.model_copy(update={"unasked": unasked})
    return replace(case, diagnosis=case.diagnosis.model_copy(update={"engine": engine}))
