"""What of a persona's answer is believed? Code decides, not the model.

A proposal comes in, a diagnosis goes out: what cites nothing is dropped and counted, text is held
against the evidence (`claims`), confidence is capped by what was checked (`weighing`), commands pass
the policy and name only what was observed (`resources`), hypotheses keep their ids, and where the rules
see it differently that is shown. What was removed leaves a reason in `engine.removed`, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chatops.domain.casefile import CaseFile, PersonaResult, Proposal, ProposedMitigation, ProposedStep
from chatops.domain.diagnosis import Diagnosis, Engine, Hypothesis, Mitigation, NextStep, RunbookLink, numbered
from chatops.policy.destructive import destroys
from chatops.policy.resources import unseen
from chatops.policy.settling import hypotheses, weighing
from chatops.policy.settling.gate import Gate, Runnable
from chatops.policy.text.claims import Claims, Judge
from chatops.policy.text.letters import skeleton
from chatops.policy.text.observed import observe
from chatops.policy.untrusted import only_in_untrusted
from connectors.causes import BY_CODE

_STEPS = 8
_MOST = 20
"""Steps, mitigations, questions and gaps of one answer that are looked at."""
_WORDS = 60
"""Words of a command."""


def settle(
    result: PersonaResult,
    case: CaseFile,
    judge: Judge,
    *,
    runnable: Runnable | None = None,
    exists: Callable[[str], bool] = lambda name: False,
) -> tuple[Diagnosis, str]:
    """Return the settled diagnosis, and in a follow-up the words that may be shown as the answer.

    `runnable` tells whether a connector answers a command (default: every one that only reads);
    `exists` knows names beyond the case file (what connectors list).
    """
    evidence = {item.id: item for item in (*case.evidence, *result.evidence)}
    coverage = (*case.coverage, *result.coverage)
    observed = observe(case, tuple(evidence.values()))
    claims = Claims(observed, judge, frozenset(evidence))
    gate = Gate(case, evidence, coverage, observed, claims, judge, runnable or (lambda argv: True), exists)
    known = case.diagnosis.model_copy(update={"evidence": tuple(evidence.values()), "coverage": coverage})
    if result.proposal is None or result.stopped:
        return _unconcluded(known, result), ""
    return _concluded(gate, known, result, result.proposal)


def _concluded(gate: Gate, known: Diagnosis, result: PersonaResult, proposal: Proposal) -> tuple[Diagnosis, str]:
    settled = hypotheses.settle(gate, known, proposal)
    verdict = weighing.verdict(
        proposal.verdict, settled.ranked, gate.case.findings, gate.coverage, bool(settled.disagreement)
    )
    if not proposal.hypotheses and proposal.answer and proposal.verdict == known.verdict:
        verdict = known.verdict  # a reply that leaves the diagnosis as it stands
    before = len(gate.removed)
    summary = gate.text(proposal.summary, "summary")
    claimed = settled.dropped or len(gate.removed) > before or verdict != proposal.verdict or not settled.leads
    if claimed or not summary:
        summary = headline(verdict, settled.ranked)
    steps = _steps(gate, proposal.next_steps, settled.ids)
    answer = gate.text(proposal.answer, "answer")
    gaps = (*known.gaps, *_texts(gate, proposal.gaps, "gaps"), *settled.disagreement)
    diagnosis = known.model_copy(
        update={
            "verdict": verdict,
            "summary": summary,
            "hypotheses": settled.ranked,
            "next_steps": _merged(steps, known.next_steps, settled.ranked),
            "mitigations": _mitigations(gate, proposal.mitigations, settled.ids) or known.mitigations,
            "runbooks": _runbooks(gate, proposal.runbooks, known.runbooks),
            "open_questions": (*_texts(gate, proposal.open_questions, "open questions"), *settled.hints),
            "gaps": tuple(dict.fromkeys(gaps)),
        }
    )
    removed = tuple(gate.removed)
    return diagnosis.model_copy(update={"engine": _engine(known.engine, result, removed)}), answer


def _unconcluded(known: Diagnosis, result: PersonaResult) -> Diagnosis:
    """What stands without the persona's answer. A budget that ran out leaves it open what the cause is."""
    update: dict[str, object] = {"engine": _engine(known.engine, result, ())}
    update["gaps"] = (*known.gaps, f"The persona did not conclude: {result.stopped or 'no answer'}.")
    if result.stopped.startswith("budget"):
        best = f" Best so far: {known.summary}" if known.hypotheses else ""
        update |= {"verdict": "inconclusive", "summary": f"Not concluded within its budget.{best}"}
    return known.model_copy(update=update)


def _engine(known: Engine, result: PersonaResult, removed: tuple[str, ...]) -> Engine:
    kind = "model" if result.proposal is not None or known.kind == "model" else "rules"
    total = {name: getattr(known.usage, name) + getattr(result.usage, name) for name in type(result.usage).model_fields}
    return known.model_copy(
        update={
            "kind": kind,
            "unasked": "",
            "model": result.model or known.model,
            "turns": known.turns + result.turns,
            "usage": known.usage.model_copy(update=total),
            "removed": (*known.removed, *removed),
        }
    )


def headline(verdict: str, ranked: Sequence[Hypothesis]) -> str:
    """The first line, from what is left standing."""
    standing = [one for one in ranked if one.status != "ruled out"]
    if verdict == "healthy":
        return "Nothing is wrong now, as far as was looked."
    if verdict == "blocked":
        return "What would decide could not be read."
    if not standing:
        return "No cause is supported by the evidence so far."
    best = standing[0]
    lead = {"identified": "", "probable": "Probably: ", "inconclusive": "Not settled; the best guess: "}[verdict]
    if best.cause not in BY_CODE:
        return f"{lead}{best.statement}"
    # its figures stand below, where it is told in full
    return f"{lead}{best.subject.spoken}: {BY_CODE[best.cause].title}."


def _texts(gate: Gate, texts: Sequence[str], where: str) -> tuple[str, ...]:
    return tuple(kept for text in gate.first(texts, _MOST, where) if (kept := gate.text(text, where)))


# --- commands


def _steps(gate: Gate, proposed: Sequence[ProposedStep], ids: Mapping[int, str]) -> list[NextStep]:
    steps = []
    for step in gate.first(proposed, _MOST, "next step"):
        if reason := _refused(gate, step.argv, step.hypothesis, ids, ("read-only",)):
            gate.removed.append(f"next step: {reason}")
            continue
        hypothesis = ids.get(step.hypothesis, "")
        why = gate.text(step.why, "next step") or "Checks the hypothesis"
        expect = gate.text(step.expect, "next step", figures=False)
        steps.append(NextStep.reading(step.argv, why, expect, hypothesis, gate.runnable(step.argv)))
    return steps


def _refused(gate: Gate, argv: Sequence[str], position: int, ids: Mapping[int, str], allowed: tuple[str, ...]) -> str:
    """Why a command may not be shown; '' where it may."""
    if not argv or len(argv) > _WORDS:
        return "no command" if not argv else "no command that anybody could read"
    if position and position not in ids:
        return "belongs to a hypothesis that was removed"
    if destroys(skeleton(" ".join(argv))):
        return "destroys something that does not come back"
    if gate.judge(argv).verdict not in allowed:
        return "the command policy does not let it pass"
    if unseen(argv, gate.there) or only_in_untrusted(argv, gate.observed.others, gate.there):
        return "names something that was not observed"
    return ""


def _merged(steps: Sequence[NextStep], known: Sequence[NextStep], ranked: Sequence[Hypothesis]) -> tuple[NextStep, ...]:
    """The persona's steps, then those that stood already, as far as their hypothesis is still open."""
    standing = {one.id for one in ranked if one.status != "ruled out"} | {""}
    by_argv: dict[tuple[str, ...], NextStep] = {}
    for step in (*steps, *known):
        if step.hypothesis in standing:
            by_argv.setdefault(step.argv, step)
    return numbered(list(by_argv.values())[:_STEPS])


def _mitigations(gate: Gate, proposed: Sequence[ProposedMitigation], ids: Mapping[int, str]) -> tuple[Mitigation, ...]:
    kept = []
    for one in gate.first(proposed, _MOST, "mitigation"):
        told = (one.text, one.rollback, one.blast_radius)
        parts = [gate.text(part, "mitigation", figures=False, writes=True) for part in told]
        refused = _refused(gate, one.argv, one.hypothesis, ids, ("read-only", "writes")) if one.argv else ""
        if position_gone := bool(one.hypothesis and one.hypothesis not in ids):
            refused = refused or "belongs to a hypothesis that was removed"
        if refused or position_gone or not all(parts):
            gate.removed.append(f"mitigation: {refused or 'without text, rollback or blast radius'}")
            continue
        text, rollback, radius = parts
        kept.append(
            Mitigation(
                text=text,
                argv=one.argv,
                rollback=rollback,
                blast_radius=radius,
                hypothesis=ids.get(one.hypothesis, ""),
            )
        )
    return tuple(kept)


def _runbooks(gate: Gate, hrefs: Sequence[str], known: Sequence[RunbookLink]) -> tuple[RunbookLink, ...]:
    """The runbooks of the case file, those the persona chose first."""
    links = {link.href: link for link in known}
    hrefs = gate.first(hrefs, _MOST, "runbook")
    gate.removed.extend("runbook: not one of the case file" for href in hrefs if href not in links)
    chosen = [links[href] for href in dict.fromkeys(hrefs) if href in links]
    return tuple(dict.fromkeys([*chosen, *known]))
