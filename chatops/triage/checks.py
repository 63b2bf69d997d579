"""Running one read-only command through the connectors, and answering a person by rules where there is no model.

A command is never given to a shell: a connector's tool either knows how to answer its argv, or it is not run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import anyio

from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis, NextStep
from chatops.domain.incident import Incident
from chatops.domain.ports import RunbookLibrary
from chatops.policy.commands import judge_line
from chatops.policy.redaction import RedactionFailed
from chatops.triage import scope
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Case, Investigator
from chatops.triage.tools import tool_for
from connectors.contract import ConnectorError, Inquiry, Tool
from connectors.evidence import Coverage, Evidence, State

_SECONDS = 15.0
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{2,}", re.IGNORECASE)
_ASKS = re.compile(
    r"\?|^\s*(why|what|which|who|when|where|how|is|are|was|were|does|do|did|can|could|should|show|list|check|look|any)\b",
    re.IGNORECASE,
)
_STOP_WORDS = frozenset(
    """the and for are was were what which why who how when where does did with this that from have has been into
    not you can could should show list check look any now still our your its there about""".split()  # noqa: SIM905
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
            state, detail = State.FAILED, f"{error.kind}: {error.detail}"
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
        if not _ASKS.search(turn.text):
            return self._answer_statement(case, turn)
        return await self._answer_question(case, turn)

    async def _answer_command(self, case: Case, argv: Sequence[str]) -> Case:
        ran = await self._command(case.incident, case.diagnosis, argv)
        text = f"`{shlex.join(argv)}`\n\n" + "\n".join(f"*{e.id}* {e.title}: {e.summary}" for e in ran.evidence)
        if not ran.evidence:
            text += ran.summary
        return Case(case.incident, ran.diagnosis, case.findings, text)

    def _answer_statement(self, case: Case, turn: Turn) -> Case:
        redact = self.investigator.gatherer(case.incident).redactor(case.incident.id)
        said = Evidence(
            key=f"people/{turn.id}",
            source="people",
            check="statement",
            title=f"{turn.author} says",
            summary=turn.text[:600],
            onset=turn.at,
            query=f"message {turn.id}",
            untrusted=True,
        )
        (numbered,) = _numbered((redact.value(said),), case.diagnosis.evidence)
        diagnosis = case.diagnosis.model_copy(update={"evidence": (*case.diagnosis.evidence, numbered)})
        text = (
            f"Noted as {numbered.id}. It stands with the evidence and in the timeline; the causes are ranked from "
            "what the systems say. *retry* looks at them again."
        )
        return Case(case.incident, diagnosis, case.findings, text)

    async def _answer_question(self, case: Case, turn: Turn) -> Case:
        window = case.incident.window.model_copy(update={"end": self.now()})
        subjects = [one.subject for one in case.diagnosis.evidence if one.subject]
        where = scope.among(turn.text, subjects, case.incident.scope)
        incident = case.incident.model_copy(update={"window": window, "scope": where})
        fresh, _ = await self.investigator.facts(incident)
        kept = _same_numbers(fresh, case)
        lines = [f"*Now:* {kept.diagnosis.summary}"]
        related = _about(turn.text, kept.diagnosis.evidence)
        lines += [f"• *{one.id}* {one.title}: {one.summary}" for one in related[:6]]
        if not related:
            lines.append("Nothing that was read just now mentions what you ask about.")
        hits = self.library.search(turn.text, 2)
        lines += [f"• Runbook: [{hit.link.title}]({hit.link.href})" for hit in hits if hit.link.href]
        lines.append("_No model is configured: this is what the rules and the sources say._")
        return Case(case.incident, kept.diagnosis, kept.findings, "\n".join(lines))


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


def _about(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Evidence that shares words with the question, most first; all of its latest where the question has none."""
    words = {word.lower() for word in _WORD.findall(question)} - _STOP_WORDS
    scored = []
    for one in evidence:
        text = f"{one.title} {one.summary} {one.check} {one.subject or ''}".lower()
        score = sum(word in text or word.rstrip("s") in text for word in words)
        if score:
            scored.append((score, one))
    return [one for _, one in sorted(scored, key=lambda pair: -pair[0])]
