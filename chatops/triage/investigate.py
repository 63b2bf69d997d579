"""From an incident to a diagnosis: resolve the scope, gather, rank by rules, let the persona reason, settle by code.

Knows no store and no thread, so that the command line, the worker and the evaluation run the very same steps.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import anyio
from anyio.abc import TaskGroup

from chatops import tracing
from chatops.domain.casefile import CaseFile, PersonaResult
from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis, Engine, RunbookLink, Seconds, SeenBefore
from chatops.domain.incident import Incident
from chatops.domain.ports import Persona, RunbookLibrary, Toolbox, Watcher
from chatops.policy.commands import judge
from chatops.policy.reach import Reach
from chatops.policy.redaction import RedactionFailed
from chatops.policy.settling import settle
from chatops.policy.text.live import Live
from chatops.telemetry import log
from chatops.triage import next_steps, scope, second_look, verdicts
from chatops.triage.gather import Gatherer, Redactor
from chatops.triage.limited import limited
from chatops.triage.results import Gathered
from chatops.triage.tools import tool_for
from connectors.contract import Connector, ConnectorError, Inquiry
from connectors.evidence import Evidence, Finding, Subject


@dataclass(frozen=True)
class Case:
    """What an investigation came to: the diagnosis with all its evidence, and the findings it was ranked from."""

    incident: Incident
    diagnosis: Diagnosis
    findings: tuple[Finding, ...] = ()
    answer: str = ""
    """In a follow-up: the words that answer the question, in Markdown."""


def case_file(case: Case, turns: Sequence[Turn] = ()) -> CaseFile:
    """What a persona reads of a case, and of what people said."""
    return CaseFile(
        incident=case.incident,
        evidence=case.diagnosis.evidence,
        findings=case.findings,
        coverage=case.diagnosis.coverage,
        diagnosis=case.diagnosis,
        runbooks=case.diagnosis.runbooks,
        seen_before=case.diagnosis.seen_before,
        turns=tuple(turns),
    )


OnFacts = Callable[[Case], Awaitable[None]]
OpenToolbox = Callable[[Incident, Sequence[Evidence], str], Toolbox]
"""Incident, what is known, and the name of the run: its calls are remembered under that name."""


@dataclass(frozen=True)
class Investigator:
    """The steps of an investigation, with what they need. Environments are looked up by the incident's scope."""

    gatherers: Mapping[str, Gatherer]
    library: RunbookLibrary
    personas: Callable[[str], Persona | None]
    """Name of a persona (empty: the default) → the persona, None where no model is configured."""
    toolbox: OpenToolbox
    reach: Callable[[Incident], Reach] = lambda incident: Reach()
    """What may be read for an incident, by where it is told."""
    names_within: float = 2.0
    """Seconds to learn what exists, where a question has to be matched to it."""
    clock: Callable[[], float] = time.monotonic

    def gatherer(self, incident: Incident) -> Gatherer:
        """The gatherer of the incident's environment, or of the first where it names none that is known.

        It reads what the incident's channel may ask about, and nothing else.
        """
        name = incident.scope.environment
        gatherer = self.gatherers.get(name) or next(iter(self.gatherers.values()))
        return replace(gatherer, connectors=limited(gatherer.connectors, self.reach(incident)))

    async def facts(self, incident: Incident, on_facts: OnFacts | None = None) -> tuple[Case, Gathered]:
        """Gather and rank by rules: the diagnosis that needs no model."""
        begun = self.clock()
        # Names that come too late to match the question to are still on their way: the checks wait for these very
        # lists, so that none is asked for twice.
        async with anyio.create_task_group() as naming:
            located = await self._located(incident, naming)
            case, gathered = await self._gathered(located, begun, on_facts)
            naming.cancel_scope.cancel()
        return case, gathered

    async def _gathered(self, incident: Incident, begun: float, on_facts: OnFacts | None) -> tuple[Case, Gathered]:
        shown: list[float] = []

        async def partial(gathered: Gathered) -> None:
            shown.append(self.clock() - begun)
            if on_facts is not None:
                await on_facts(self._by_rules(incident, gathered, Seconds(first_facts=shown[0]), ()))

        def again(gathered: Gathered) -> Inquiry | None:
            ranked = verdicts.diagnose(gathered.findings, gathered.evidence, gathered.coverage, incident.inquiry)
            suspects = second_look.focus(gathered.findings, gathered.coverage, ranked.hypotheses, incident.inquiry)
            return incident.inquiry.model_copy(update={"focus": suspects}) if suspects else None

        gathered = await self.gatherer(incident).gather(incident.id, incident.inquiry, partial, again)
        elapsed = self.clock() - begun
        seconds = Seconds(first_facts=shown[0] if shown else elapsed, gather=elapsed, total=elapsed)
        return self._by_rules(incident, gathered, seconds, ()), gathered

    async def reason(
        self, case: Case, seen: Sequence[SeenBefore], watcher: Watcher, turns: Sequence[Turn] = ()
    ) -> Case:
        """Let the persona reason over the facts, where there is one, and settle what it proposes."""
        case = Case(case.incident, case.diagnosis.model_copy(update={"seen_before": tuple(seen)}), case.findings)
        persona = self.personas(case.incident.persona)
        if persona is None:
            return case
        begun = self.clock()
        run = f"{case.incident.id}:{case.incident.window.end.timestamp():.0f}"
        tools = self.toolbox(case.incident, case.diagnosis.evidence, run)
        file = case_file(case, turns)
        with tracing.span("persona", incident=case.incident.id, persona=persona.name) as step:
            result = self._redacted(case, await persona.diagnose(file, tools, self._safe(file, watcher)))
            tracing.note(step, turns=result.turns, model=result.model, usd=result.usage.cost_usd)
        return self._settled(case, file, result, self.clock() - begun)

    async def answer(self, case: Case, turns: Sequence[Turn], question: Turn, watcher: Watcher) -> Case | None:
        """Answer a person's words with the same evidence and new checks; None where there is no persona."""
        persona = self.personas(case.incident.persona)
        if persona is None:
            return None
        begun = self.clock()
        tools = self.toolbox(case.incident, case.diagnosis.evidence, f"{case.incident.id}:{question.id}")
        file = case_file(case, (*turns, question))
        told: list[str] = []

        async def hear(words: str) -> None:
            told.append(words)
            if watcher.text is not None:
                await watcher.text(words)

        safe = self._safe(file, replace(watcher, text=hear))
        with tracing.span("persona", incident=case.incident.id, persona=persona.name) as step:
            result = self._redacted(case, await persona.answer(case_file(case, turns), question, tools, safe))
            tracing.note(step, turns=result.turns, model=result.model, usd=result.usage.cost_usd)
        settled = self._settled(case, file, result, self.clock() - begun)
        said = "".join(told).strip()
        if not result.stopped or not said:
            return settled
        return replace(settled, answer=f"{said} …\n\n_The answer ends here: {result.stopped}._")

    # --- steps

    async def _located(self, incident: Incident, naming: TaskGroup) -> Incident:
        """Match the question's words to what exists, where nothing else says which workload is meant."""
        where = incident.scope
        if not incident.question or where.workload or where.node:
            return incident
        found: list[Subject] = []
        asked = [one for one in self.gatherer(incident).connectors.values() if one is not None]
        answered = anyio.Semaphore(0)

        async def names(connector: Connector) -> None:
            try:
                found.extend(await connector.subjects(where))
            except ConnectorError as error:
                log.info("names not read", kind=error.kind)
            except Exception as bug:  # noqa: BLE001 - a third party's connector must not end the triage
                log.warning("names not read", error=type(bug).__name__)
            answered.release()

        for connector in asked:
            naming.start_soon(names, connector)
        with anyio.move_on_after(self.names_within):
            for _ in asked:
                await answered.acquire()
        return incident.model_copy(update={"scope": scope.among(incident.question, found, where)})

    def _by_rules(self, incident: Incident, gathered: Gathered, seconds: Seconds, seen: Sequence[SeenBefore]) -> Case:
        ranked = verdicts.diagnose(gathered.findings, gathered.evidence, gathered.coverage, incident.inquiry)
        diagnosis = Diagnosis(
            incident=incident.summary,
            verdict=ranked.verdict,
            summary=ranked.summary,
            hypotheses=ranked.hypotheses,
            gaps=ranked.gaps,
            coverage=gathered.coverage,
            evidence=gathered.evidence,
            seen_before=tuple(seen),
            engine=Engine(kind="rules", seconds=seconds),
        )
        steps = next_steps.by_rules(diagnosis, gathered.findings, self.library, judge, self._runnable(incident))
        runbooks = self._runbooks(incident, diagnosis)
        diagnosis = diagnosis.model_copy(update={"next_steps": steps, "runbooks": runbooks})
        return Case(incident, diagnosis, gathered.findings)

    def _runnable(self, incident: Incident) -> Callable[[Sequence[str]], bool]:
        """Whether a connector answers a command, so that it may have a button."""
        connectors = self.gatherer(incident).connectors
        return lambda argv: tool_for(connectors, argv) is not None

    def _runbooks(self, incident: Incident, diagnosis: Diagnosis) -> tuple[RunbookLink, ...]:
        causes = [h.cause for h in diagnosis.hypotheses if h.confidence >= 0.3]
        text = " ".join([incident.question or incident.title, *(a.summary for a in incident.alerts[:3])])
        return tuple(hit.link for hit in self.library.for_incident(incident.alerts, causes, text))

    def _safe(self, file: CaseFile, watcher: Watcher) -> Watcher:
        """The watcher, told only sentences that pass the gate, without secrets: what streams is not settled yet."""
        if watcher.text is None:
            return watcher
        return replace(watcher, text=Live(file, judge, watcher.text, self.redactor(file.incident).value))

    def _redacted(self, case: Case, result: PersonaResult) -> PersonaResult:
        """What a model proposes, without secrets: it may repeat one that nobody recognised where it read it."""
        try:
            proposal = result.proposal and self.redactor(case.incident).value(result.proposal)
        except RedactionFailed:
            return result.model_copy(update={"proposal": None, "stopped": "its words could not be redacted"})
        return result.model_copy(update={"proposal": proposal})

    def redactor(self, incident: Incident) -> Redactor:
        """What takes secrets out of all that is told of an incident."""
        return self.gatherer(incident).redactor(incident.id)

    def _settled(self, case: Case, file: CaseFile, result: PersonaResult, seconds: float) -> Case:
        diagnosis, answer = settle.settle(result, file, judge, runnable=self._runnable(case.incident))
        spent = diagnosis.engine.seconds.model_copy(update={"total": case.diagnosis.engine.seconds.total + seconds})
        engine = diagnosis.engine.model_copy(update={"seconds": spent})
        return Case(
            case.incident,
            diagnosis.model_copy(update={"engine": engine, "runbooks": diagnosis.runbooks or case.diagnosis.runbooks}),
            case.findings,
            answer,
        )
