"""What stands of an earlier look at an incident, when it is looked at again?

Numbers of evidence and hypotheses, because people have read them; what a person or the model settled, with what it
rests on; what people said; what the model has cost. What only was so then is read anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chatops.domain.diagnosis import Diagnosis, Hypothesis
from chatops.persona import statements
from chatops.triage.actions import reranked, retold
from chatops.triage.investigate import Case
from connectors.evidence import Evidence, State

_SETTLED = ("confirmed", "ruled out")


def numbered(evidence: Sequence[Evidence], known: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Number new evidence on after what is known; what has a number keeps it."""
    numbers = {one.key: one.id for one in known}
    highest = max((int(one.id[1:]) for one in known if one.id[1:].isdigit()), default=0)
    found: list[Evidence] = []
    for one in evidence:
        if one.key not in numbers:
            highest += 1
            numbers[one.key] = f"E{highest}"
        found.append(one.model_copy(update={"id": numbers[one.key]}))
    return tuple(found)


def without(evidence: Sequence[Evidence], replaced: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence that is not read anew."""
    keys = {one.key for one in replaced}
    return tuple(one for one in evidence if one.key not in keys)


def anew(fresh: Case, before: Diagnosis | None) -> Case:
    """An investigation that begins again: of what was read before stands only what settled hypotheses rest on."""
    if before is None:
        return fresh
    settled = [one for one in before.hypotheses if one.status in _SETTLED]
    cited = {number for one in settled for number in (*one.supporting, *one.contradicting)}
    kept = [one for one in before.evidence if one.id in cited or one.source == statements.SOURCE]
    return taken_up(fresh, Case(fresh.incident, before), kept)


def taken_up(fresh: Case, before: Case, kept: Sequence[Evidence] | None = None) -> Case:
    """A fresh case with the numbers people have seen, what was settled, and the evidence that is `kept` (all)."""
    old = before.diagnosis
    evidence = numbered(fresh.diagnosis.evidence, old.evidence)
    moved = {new.id: now.id for new, now in zip(fresh.diagnosis.evidence, evidence, strict=True)}
    known = {(one.cause, one.subject): one for one in old.hypotheses}
    taken = {one.id for one in old.hypotheses}
    names: dict[str, str] = {}
    hypotheses = []
    for one in fresh.diagnosis.hypotheses:
        earlier = known.pop((one.cause, one.subject), None)
        names[one.id] = earlier.id if earlier else next(f"H{n}" for n in range(1, 99) if f"H{n}" not in taken)
        taken.add(names[one.id])
        hypotheses.append(_as_before(one, names[one.id], moved, earlier))
    hypotheses += [one for one in known.values() if one.status in _SETTLED]
    steps = [
        step.model_copy(update={"hypothesis": names.get(step.hypothesis, step.hypothesis)})
        for step in fresh.diagnosis.next_steps
    ]
    update: dict[str, Any] = {
        "evidence": (*without(old.evidence if kept is None else kept, evidence), *evidence),
        "hypotheses": reranked(hypotheses),
        "next_steps": tuple(steps),
        "seen_before": old.seen_before,
        "engine": fresh.diagnosis.engine.model_copy(update={"usage": old.engine.usage, "turns": old.engine.turns}),
    }
    return Case(
        before.incident,
        retold(fresh.diagnosis.model_copy(update=update), fresh.diagnosis, fresh.findings),
        fresh.findings,
    )


def standing(fresh: Case, before: Case) -> Case:
    """What a question that only rules answer leaves of the diagnosis.

    Where a check failed now that was read before, what was ranked from it stands: silence takes nothing back. What a
    model concluded stands too, and what rules found since is added to it.
    """
    read = {(row.source, row.check) for row in before.diagnosis.coverage if row.state is not State.FAILED}
    rows = fresh.diagnosis.coverage
    lost = any(row.state is State.FAILED and (row.source, row.check) in read for row in rows)
    old = before.diagnosis
    if old.engine.kind == "rules" and not lost:
        return fresh
    ids = {one.id for one in old.hypotheses}
    added = [] if lost else [one for one in fresh.diagnosis.hypotheses if one.id not in ids]
    update = {"evidence": fresh.diagnosis.evidence, "coverage": rows, "hypotheses": reranked([*old.hypotheses, *added])}
    diagnosis = old.model_copy(update=update)
    return Case(
        fresh.incident,
        retold(diagnosis, before.diagnosis, before.findings),
        before.findings if lost else fresh.findings,
    )


def with_news(case: Case, since: Diagnosis, now: Diagnosis) -> Case:
    """The case with what came to the stored diagnosis while it was worked on: what people settled, other evidence."""
    earlier = {(one.cause, one.subject): one.status for one in since.hypotheses}
    settled = {
        (one.cause, one.subject): one
        for one in now.hypotheses
        if one.status in _SETTLED and earlier.get((one.cause, one.subject)) != one.status
    }
    known = {one.key for one in (*since.evidence, *case.diagnosis.evidence)}
    came = [one for one in now.evidence if one.key not in known]
    if not settled and not came:
        return case
    hypotheses = [
        one.model_copy(update={name: getattr(settled[key], name) for name in ("status", "reason", "confidence")})
        if (key := (one.cause, one.subject)) in settled
        else one
        for one in case.diagnosis.hypotheses
    ]
    evidence = (*case.diagnosis.evidence, *numbered(came, case.diagnosis.evidence))
    diagnosis = case.diagnosis.model_copy(update={"hypotheses": reranked(hypotheses), "evidence": evidence})
    return replace(case, diagnosis=retold(diagnosis, case.diagnosis, case.findings))


def _as_before(one: Hypothesis, number: str, moved: dict[str, str], earlier: Hypothesis | None) -> Hypothesis:
    update: dict[str, Any] = {
        "id": number,
        "supporting": tuple(moved.get(cited, cited) for cited in one.supporting),
        "contradicting": tuple(moved.get(cited, cited) for cited in one.contradicting),
    }
    if earlier and earlier.status in _SETTLED:
        update |= {"status": earlier.status, "reason": earlier.reason, "confidence": earlier.confidence}
    return one.model_copy(update=update)
