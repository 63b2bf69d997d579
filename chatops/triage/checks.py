"""Running one read-only command through the connectors, and answering a person by rules where there is no model.

A command is never given to a shell: a connector's tool either knows how to answer its argv, or it is not run.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import anyio

from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis, NextStep
from chatops.domain.incident import Incident
from chatops.domain.ports import RunbookHit, RunbookLibrary
from chatops.persona.statements import statement
from chatops.policy.commands import judge_line
from chatops.policy.redaction import RedactionFailed
from chatops.triage import questions, replying, scope
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Case, Investigator
from chatops.triage.tools import tool_for
from connectors.contract import ConnectorError, Inquiry, Scope, Tool
from connectors.evidence import Coverage, Evidence, State

_SECONDS = 15.0
_POD_OWNERS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Pod", "Job"})
"""Kinds whose logs kubectl can be asked for."""
_OFFER = (
    "Ask what changed, why, since when, what suffers, for the logs, whether it is the database (or the network, "
    "memory …), or what to do; or write a command that only reads."
)


@dataclass(frozen=True)
class Ran:
    """What a command brought: the evidence it added, its coverage row, and the diagnosis that now holds it."""

    diagnosis: Diagnosis
    evidence: tuple[Evidence, ...]
    coverage: tuple[Coverage, ...]

    @property
    def summary(self) -> str:
        """One line of what was found."""
        if self.evidence:
            return "; ".join(f"{one.id} {one.summary}" for one in self.evidence)[:600]
        return "; ".join(f"{row.state.value}: {row.detail}" for row in self.coverage) or "nothing found"


@dataclass(frozen=True)
class CheckRunner:
    """Runs commands for people, and answers them from evidence and rules."""

    investigator: Investigator
    library: RunbookLibrary
    now: Callable[[], datetime]

    async def run(self, incident: Incident, diagnosis: Diagnosis, step: NextStep) -> Ran:
        """Run a next step's command through the connector that knows it."""
        return await self._command(incident, diagnosis, step.argv)

    async def _command(self, incident: Incident, diagnosis: Diagnosis, argv: Sequence[str]) -> Ran:
        gatherer = self.investigator.gatherer(incident)
        found = tool_for(gatherer.connectors, argv)
        shown = shlex.join(argv)
        if found is None:
            row = Coverage(
                source="command", check=shown, state=State.SKIPPED, detail="no configured source answers this command"
            )
            return Ran(diagnosis, (), (row,))
        source, tool, arguments = found
        inquiry = incident.inquiry.model_copy(update={"window": incident.window.model_copy(update={"end": self.now()})})
        evidence, row = await self._read(gatherer, incident.id, source, shown, tool, arguments, inquiry)
        numbered = _numbered(evidence, diagnosis.evidence)
        changed = diagnosis.model_copy(update={"evidence": (*_without(diagnosis.evidence, numbered), *numbered)})
        return Ran(changed, numbered, (row,))

    async def _read(
        self,
        gatherer: Gatherer,
        incident_id: str,
        source: str,
        shown: str,
        tool: Tool,
        arguments: Mapping[str, Any],
        inquiry: Inquiry,
    ) -> tuple[tuple[Evidence, ...], Coverage]:
        redactor = gatherer.redactor(incident_id)
        state, detail = State.CHECKED, ""
        evidence: tuple[Evidence, ...] = ()
        try:
            with anyio.fail_after(_SECONDS):
                observation = await tool.run(inquiry, arguments)
            evidence = tuple(redactor.value(one) for one in observation.evidence)
            if not evidence:
                state, detail = State.NO_DATA, observation.searched or "nothing found"
        except ConnectorError as error:
            state, detail = State.FAILED, error.brief
        except TimeoutError:
            state, detail = State.FAILED, f"timeout: no answer within {_SECONDS:g} s"
        except RedactionFailed:
            state, detail = State.FAILED, "withheld: its text could not be redacted"
        row = Coverage(source=source, check=shown, state=state, detail=detail)
        try:
            return evidence, redactor.value(row)
        except RedactionFailed:
            return evidence, row.model_copy(update={"detail": "withheld: its text could not be redacted"})

    # --- people, without a model

    async def answer_by_rules(self, case: Case, turn: Turn) -> Case:
        """Answer from a command, or from evidence gathered anew, or take a statement down; claims no model."""
        judged = judge_line(turn.text.strip().strip("`"))
        if judged.verdict == "read-only" and judged.argv:
            return await self._answer_command(case, judged.argv)
        said = statement(turn, 0)
        if said is not None:
            case = self._noted(case, said)
        if not questions.is_question(turn.text):
            return case if said is not None else Case(case.incident, case.diagnosis, case.findings, _OFFER)
        answered = await self._answer_question(case, turn)
        return replace(answered, answer=f"{case.answer}\n\n{answered.answer}") if said is not None else answered

    async def _answer_command(self, case: Case, argv: Sequence[str]) -> Case:
        ran = await self._command(case.incident, case.diagnosis, argv)
        text = f"`{shlex.join(argv)}`\n\n" + "\n".join(f"*{e.id}* {e.title}: {e.summary}" for e in ran.evidence)
        if not ran.evidence:
            text += ran.summary
        return Case(case.incident, ran.diagnosis, case.findings, text)

    def _noted(self, case: Case, said: Evidence) -> Case:
        """Take a person's statement down as evidence, with its author."""
        redact = self.investigator.gatherer(case.incident).redactor(case.incident.id)
        (numbered,) = _numbered((redact.value(said),), case.diagnosis.evidence)
        known = _without(case.diagnosis.evidence, (numbered,))
        diagnosis = case.diagnosis.model_copy(update={"evidence": (*known, numbered)})
        text = (
            f"Noted as {numbered.id}. It stands with the evidence and in the timeline; the causes are ranked from "
            "what the systems say. *retry* looks at them again."
        )
        return Case(case.incident, diagnosis, case.findings, text)

    async def _answer_question(self, case: Case, turn: Turn) -> Case:
        now = self.now()
        asked = questions.understood(turn.text, now)
        since = min(case.incident.window.start, asked.since or now)
        window = case.incident.window.model_copy(update={"start": since, "end": now})
        subjects = [one.subject for one in case.diagnosis.evidence if one.subject]
        where = scope.among(turn.text, subjects, case.incident.scope)
        incident = case.incident.model_copy(update={"window": window, "scope": where})
        fresh, _ = await self.investigator.facts(incident)
        kept = _standing(_same_numbers(fresh, case), case)
        logs = _log_command(where, kept.diagnosis) if asked.kind == "logs" else ()
        ran = await self._command(incident, kept.diagnosis, logs) if logs else Ran(kept.diagnosis, (), ())
        known = replying.Known(ran.diagnosis, kept.findings, self._pages(asked, ran.diagnosis), ran.evidence)
        return Case(case.incident, ran.diagnosis, kept.findings, replying.reply(asked, known))

    def _pages(self, asked: questions.Asked, diagnosis: Diagnosis) -> tuple[RunbookHit, ...]:
        """The pages of the likely cause where it is asked what to do; else those that speak of what is asked."""
        if asked.kind == "mitigate" and diagnosis.hypotheses:
            return tuple(self.library.for_incident((), (diagnosis.hypotheses[0].cause,), asked.text, 2))
        return tuple(self.library.search(asked.text, 2)) if asked.kind == "words" or asked.topics else ()


def _log_command(where: Scope, diagnosis: Diagnosis) -> tuple[str, ...]:
    """The command that shows the log of what is asked about: the named pod or workload, else the likeliest culprit."""
    suspects = [h.subject for h in diagnosis.hypotheses] + [e.subject for e in diagnosis.evidence if e.subject]
    owners = [one for one in suspects if one.kind in _POD_OWNERS and one.namespace]
    named = [one for one in owners if one.name in (where.pod, where.workload)]
    for one in (*named, *owners):
        return ("kubectl", "logs", f"{one.kind.lower()}/{one.name}", "-n", one.namespace, "--tail=200")
    return ()


def _standing(fresh: Case, before: Case) -> Case:
    """Where a check failed now that was read before, what was ranked from it stands: silence takes nothing back."""
    read = {(row.source, row.check) for row in before.diagnosis.coverage if row.state is not State.FAILED}
    lost = any(row.state is State.FAILED and (row.source, row.check) in read for row in fresh.diagnosis.coverage)
    if not lost:
        return fresh
    kept = before.diagnosis
    update = {name: getattr(kept, name) for name in ("verdict", "summary", "hypotheses", "next_steps", "runbooks")}
    return Case(fresh.incident, fresh.diagnosis.model_copy(update=update), before.findings)


def _numbered(evidence: Sequence[Evidence], known: Sequence[Evidence]) -> tuple[Evidence, ...]:
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


def _without(evidence: Sequence[Evidence], replaced: Sequence[Evidence]) -> tuple[Evidence, ...]:
    keys = {one.key for one in replaced}
    return tuple(one for one in evidence if one.key not in keys)


def _same_numbers(fresh: Case, before: Case) -> Case:
    """Return a fresh case whose evidence and hypotheses carry the numbers people have already seen."""
    old = before.diagnosis
    numbered = _numbered(fresh.diagnosis.evidence, old.evidence)
    moved = {new.id: now.id for new, now in zip(fresh.diagnosis.evidence, numbered, strict=True)}
    known = {(h.cause, h.subject): h for h in old.hypotheses}
    taken = {h.id for h in old.hypotheses}
    hypotheses = []
    for hypothesis in fresh.diagnosis.hypotheses:
        earlier = known.get((hypothesis.cause, hypothesis.subject))
        number = earlier.id if earlier else next(f"H{n}" for n in range(1, 99) if f"H{n}" not in taken)
        taken.add(number)
        update: dict[str, Any] = {
            "id": number,
            "supporting": tuple(moved.get(one, one) for one in hypothesis.supporting),
            "contradicting": tuple(moved.get(one, one) for one in hypothesis.contradicting),
        }
        if earlier and earlier.status in ("confirmed", "ruled out"):
            update |= {"status": earlier.status, "reason": earlier.reason, "confidence": earlier.confidence}
        hypotheses.append(hypothesis.model_copy(update=update))
    renamed = {h.id: new.id for h, new in zip(fresh.diagnosis.hypotheses, hypotheses, strict=True)}
    steps = tuple(
        step.model_copy(update={"hypothesis": renamed.get(step.hypothesis, step.hypothesis)})
        for step in fresh.diagnosis.next_steps
    )
    diagnosis = fresh.diagnosis.model_copy(
        update={
            "evidence": (*_without(old.evidence, numbered), *numbered),
            "hypotheses": tuple(hypotheses),
            "next_steps": steps,
            "seen_before": old.seen_before,
        }
    )
    return Case(before.incident, diagnosis, fresh.findings)
