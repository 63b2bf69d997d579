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
from chatops.persona.utterances import heard
from chatops.policy.commands import judge_line
from chatops.policy.redaction import RedactionFailed
from chatops.triage import continuing, questions, replying, scope
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Case, Investigator
from chatops.triage.tools import tool_for
from connectors.contract import ConnectorError, Inquiry, Scope, Tool
from connectors.evidence import Coverage, Evidence, State

_SECONDS = 15.0
_A_QUESTION = 4
"""So many words are searched for, whatever they are."""
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
        numbered = continuing.numbered(evidence, diagnosis.evidence)
        changed = diagnosis.model_copy(
            update={"evidence": (*continuing.without(diagnosis.evidence, numbered), *numbered)}
        )
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

    async def answer_by_rules(self, case: Case, turn: Turn, unasked: str = replying.NO_MODEL) -> Case:
        """Answer from a command, or from evidence gathered anew, or take a statement down; says why no model did."""
        judged = judge_line(turn.text.strip().strip("`"))
        if judged.verdict == "read-only" and judged.argv:
            return await self._answer_command(case, judged.argv)
        if judged.verdict in ("writes", "reveals-secrets"):
            text = (
                f"`{shlex.join(judged.argv)}` is not run: {judged.reason}. I only read; a person decides and runs it."
            )
            return Case(case.incident, case.diagnosis, case.findings, text)
        words = heard(turn.text)
        said = statement(turn, 0, case.incident.window.onset)
        if said is not None:
            case = self._noted(case, said)
            if not (words.asked or words.changed):
                return case
        elif not words.asked and len(turn.text.split()) < _A_QUESTION:
            return Case(case.incident, case.diagnosis, case.findings, _OFFER)
        asked = questions.understood(words.asked or turn.text, self.now())
        if words.changed and not words.asked:
            asked = replace(asked, kind="now", topics=())  # whether it helped is what everybody wants to know
        answered = await self._answer_question(case, asked, unasked)
        return replace(answered, answer="\n\n".join(filter(None, (answered.answer, case.answer))))

    async def _answer_command(self, case: Case, argv: Sequence[str]) -> Case:
        ran = await self._command(case.incident, case.diagnosis, argv)
        text = f"`{shlex.join(argv)}`\n\n" + "\n".join(f"*{e.id}* {e.title}: {e.summary}" for e in ran.evidence)
        if not ran.evidence:
            text += ran.summary
        return Case(case.incident, ran.diagnosis, case.findings, text)

    def _noted(self, case: Case, said: Evidence) -> Case:
        """Take a person's statement down as evidence, with its author."""
        redact = self.investigator.redactor(case.incident)
        (numbered,) = continuing.numbered((redact.value(said),), case.diagnosis.evidence)
        known = continuing.without(case.diagnosis.evidence, (numbered,))
        diagnosis = case.diagnosis.model_copy(update={"evidence": (*known, numbered)})
        when = f" at {numbered.onset:%H:%M} UTC" if numbered.onset else ""
        text = (
            f"Noted as {numbered.id}{when}, with its author. Causes are ranked from what the systems say: *retry* "
            "looks at them again."
        )
        return Case(case.incident, diagnosis, case.findings, text)

    async def _answer_question(self, case: Case, asked: questions.Asked, unasked: str) -> Case:
        now = self.now()
        since = min(case.incident.window.start, asked.since or now)
        window = case.incident.window.model_copy(update={"start": since, "end": now})
        subjects = [one.subject for one in case.diagnosis.evidence if one.subject]
        where = scope.among(asked.text, subjects, case.incident.scope)
        incident = case.incident.model_copy(update={"window": window, "scope": where})
        fresh, _ = await self.investigator.facts(incident)
        kept = continuing.standing(continuing.taken_up(fresh, case), case)
        logs = _log_command(where, kept.diagnosis) if asked.kind == "logs" else ()
        ran = await self._command(incident, kept.diagnosis, logs) if logs else Ran(kept.diagnosis, (), ())
        known = replying.Known(ran.diagnosis, kept.findings, self._pages(asked, ran.diagnosis), ran.evidence)
        return Case(case.incident, ran.diagnosis, kept.findings, replying.reply(asked, known, unasked))

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
