"""The steps of an investigation that need no store and no thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from chatops.policy.redaction import Redactor
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Case, Investigator
from connectors.contract import Check, Health, Inquiry, Scope, Tool
from connectors.evidence import Observation, Role, Subject
from tests import factories
from tests.triage.test_service import LIBRARY, NoTools

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
