"""The steps of an investigation that need no store and no thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from chatops.domain.casefile import CaseFile, PersonaResult, Proposal, ProposedMitigation
from chatops.domain.conversation import Turn
from chatops.domain.ports import Toolbox, Watcher
from chatops.policy.redaction import Redactor
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Case, Investigator
from connectors.contract import Check, Health, Inquiry, Scope, Tool
from connectors.evidence import Observation, Role, Subject
from tests import factories
from tests.triage.test_service import LIBRARY, NoTools, Thinker

SUFFERER = Subject(kind="Service", namespace="shop", name="cart")
SUFFERS = Observation(
    evidence=(factories.evidence(id="", key="errors"),),
    findings=(
        factories.finding(
            cause="ErrorRateIncrease", subject=SUFFERER, role=Role.SYMPTOM, confidence=0.3, rests_on=("errors",)
        ),
    ),
    unread=5,
)
DENIED = Observation(
    evidence=(factories.evidence(2, id="", key="denied"),),
    findings=(
        factories.finding(cause="InvalidCredentials", subject=SUFFERER, confidence=0.9, rests_on=("denied",)),
        *SUFFERS.findings,
    ),
)


@dataclass
class Logs:
    """A source that reads the log that matters only where it is told whose."""

    sure: bool = False
    name: str = "kubernetes"
    asked: list[tuple[Subject, ...]] = field(default_factory=list)
    names_come: anyio.Event | None = None
    """Names that come only once a check runs."""
    named: bool = False

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        self.asked.append(inquiry.focus)

        async def run() -> Observation:
            if self.names_come is not None:
                self.names_come.set()
                await anyio.wait_all_tasks_blocked()
            return DENIED if self.sure or SUFFERER in inquiry.focus else SUFFERS

        return [Check("logs", "?", run)]

    def tools(self) -> Sequence[Tool]:
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        if self.names_come is not None:
            await self.names_come.wait()
            self.named = True
        return ()

    async def health(self) -> Sequence[Health]:
        return ()

    async def aclose(self) -> None:
        pass


async def facts(source: Logs, question: str = "") -> tuple[Case, list[Case]]:
    gatherer = Gatherer({"kubernetes": source}, lambda _: Redactor(key=b"k"), deadline=5)
    investigator = Investigator({"default": gatherer}, LIBRARY, lambda _: None, lambda *_: NoTools(), names_within=0.01)
    shown: list[Case] = []

    async def on_facts(case: Case) -> None:
        shown.append(case)

    opened = factories.incident()
    if question:
        opened = opened.model_copy(update={"question": question, "scope": Scope(namespace="shop")})
    case, _ = await investigator.facts(opened, on_facts)
    return case, shown


async def test_who_suffers_is_looked_at_again_after_the_facts_are_shown() -> None:
    source = Logs()
    case, shown = await facts(source)
    assert source.asked == [(), (SUFFERER,)]
    assert [one.diagnosis.verdict for one in shown] == ["inconclusive"]
    assert (case.diagnosis.verdict, case.diagnosis.hypotheses[0].cause) == ("identified", "InvalidCredentials")
    assert [one.id for one in case.diagnosis.evidence] == ["E1", "E2"]
    assert case.diagnosis.engine.seconds.first_facts <= case.diagnosis.engine.seconds.gather


async def test_what_is_sure_at_once_is_not_looked_at_again() -> None:
    source = Logs(sure=True)
    case, shown = await facts(source)
    assert (source.asked, shown, case.diagnosis.verdict) == ([()], [], "identified")


async def test_names_that_are_late_come_while_the_checks_run() -> None:
    source = Logs(sure=True, names_come=anyio.Event())
    case, _ = await facts(source, "is the cart slow?")
    assert (source.named, case.diagnosis.verdict) == (True, "identified")


SECRET = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


class Indiscreet(Thinker):
    """Says its answer aloud before it gives it."""

    async def answer(self, case: CaseFile, question: Turn, tools: Toolbox, watcher: Watcher) -> PersonaResult:
        assert watcher.text is not None
        await watcher.text(f"{self.proposal.answer}\n\n")
        return await super().diagnose(case, tools, watcher)


async def test_a_secret_that_a_model_repeats_goes_no_further() -> None:
    """Nobody recognised it where the model read it, or it was told: it is in nothing that is kept or shown."""
    proposal = Proposal(
        verdict="inconclusive",
        summary=f"The token {SECRET} is refused.",
        mitigations=(ProposedMitigation(text="Renew it", rollback=f"use {SECRET} again", blast_radius="none"),),
        open_questions=(f"Whose is {SECRET}?",),
        answer=f"It uses the token {SECRET}.",
    )
    said: list[str] = []

    async def hear(words: str) -> None:
        said.append(words)

    gatherer = Gatherer({"kubernetes": Logs()}, lambda _: Redactor(key=b"k"), deadline=5)
    persona = Indiscreet(proposal)
    investigator = Investigator({"default": gatherer}, LIBRARY, lambda _: persona, lambda *_: NoTools())
    by_rules, _ = await investigator.facts(factories.incident())
    first = await investigator.reason(by_rules, (), Watcher())
    asked = Turn(id="t1", author="U1", role="person", text="why?", at=factories.incident().created_at)
    second = await investigator.answer(by_rules, (), asked, Watcher(text=hear))
    assert second is not None
    shown = [first.diagnosis.model_dump_json(), second.diagnosis.model_dump_json(), second.answer, "".join(said)]
    assert [SECRET in one for one in shown] == [False] * 4
    assert "token" in second.answer
    assert "It uses the token [secret:" in shown[3]


class Stopped(Thinker):
    """Is stopped within its second sentence."""

    async def answer(self, case: CaseFile, question: Turn, tools: Toolbox, watcher: Watcher) -> PersonaResult:
        assert watcher.text is not None
        await watcher.text("It is the memory. Its limit is")
        return PersonaResult(proposal=self.proposal, stopped="stopped by a person")


async def test_what_people_have_read_of_a_stopped_answer_stays() -> None:
    proposal = Proposal(verdict="inconclusive", summary="The investigation ended before it was concluded.")
    gatherer = Gatherer({"kubernetes": Logs()}, lambda _: Redactor(key=b"k"), deadline=5)
    investigator = Investigator({"default": gatherer}, LIBRARY, lambda _: Stopped(proposal), lambda *_: NoTools())
    by_rules, _ = await investigator.facts(factories.incident())
    asked = Turn(id="t1", author="U1", role="person", text="why?", at=factories.incident().created_at)
    answered = await investigator.answer(by_rules, (), asked, Watcher())
    assert answered is not None
    assert answered.answer == "It is the memory. …\n\n_The answer ends here: stopped by a person._"
