"""What did a run of the persona use, and how is it said?"""

from __future__ import annotations

from dataclasses import replace

from chatops.domain.diagnosis import Diagnosis, Usage
from chatops.render import wording
from chatops.triage.investigate import Case
from chatops.triage.replying import NO_MODEL


def spent_by(before: Diagnosis, after: Diagnosis) -> dict[str, float]:
    """What a run used: an incident's usage is the sum of its runs."""
    known = before.engine.usage.model_dump()
    return {name: value - known[name] for name, value in after.engine.usage.model_dump().items()}


def engine_line(before: Diagnosis, after: Diagnosis) -> str:
    """Who gave an answer, what it used, and what the incident has cost with it."""
    engine = after.engine
    if engine.kind == "rules" or engine.unasked:
        return "By rules, without a model"
    turns = engine.turns - before.engine.turns
    used = Usage.model_validate(spent_by(before, after))
    parts = [
        engine.model,
        "1 turn" if turns == 1 else f"{turns} turns",
        wording.spent(used),
        f"{engine.seconds.total - before.engine.seconds.total:.0f} s",
        f"${engine.usage.cost_usd:.3f} for the incident so far",
    ]
    return " · ".join(parts)


def saying(case: Case, unasked: str) -> Case:
    """The case with why the model that is configured was not asked."""
    if unasked in ("", NO_MODEL):
        return case
    engine = case.diagnosis.engine.model_copy(update={"unasked": unasked})
    return replace(case, diagnosis=case.diagnosis.model_copy(update={"engine": engine}))
