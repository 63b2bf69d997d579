"""A command is run through a connector or not at all; people are answered from what stands and what is read anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis, NextStep
from chatops.policy.redaction import RedactionFailed, Redactor
from chatops.triage.checks import CheckRunner, Ran
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Case, Investigator
from connectors.contract import ConnectorError, Inquiry, Tool
from connectors.evidence import Coverage, Observation, ResourceState, State
from tests import factories
from tests.conftest import NOW
from tests.triage.test_service import LIBRARY, NoTools, Pods

DESCRIBE = "kubectl describe pod checkout-1 -n shop"
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


class Unwilling(Redactor):
    """Cannot read what it is given."""

    def value(self, item: Any) -> Any:
        raise RedactionFailed("a value of an unknown kind")


class Answering(Pods):
    """Its tool answers with this, or raises it."""

    def __init__(self, found: Observation | Exception | None = None) -> None:
        super().__init__()
        self.found = found

    def tools(self) -> list[Tool]:
        (tool,) = super().tools()

        async def run(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
            self.asked.append(inquiry)
            if isinstance(self.found, Exception):
                raise self.found
            return self.found or await tool.run(inquiry, arguments)

        logs = Tool(
            "logs", "Logs", {"type": "object"}, run, lambda words: {"name": "x"} if words[1] == "logs" else None
        )
        return [Tool(tool.name, tool.description, tool.schema, run, tool.argv), logs]


def runner(pods: Pods | None = None, redactor: Redactor | None = None) -> CheckRunner:
    gatherer = Gatherer({"kubernetes": pods or Pods()}, lambda _: redactor or Redactor(key=b"k"), deadline=5)
    investigator = Investigator({"default": gatherer}, LIBRARY, lambda name: None, lambda *_: NoTools())
    return CheckRunner(investigator, LIBRARY, lambda: NOW)


async def ran(command: str, pods: Pods | None = None, redactor: Redactor | None = None) -> Ran:
    step = NextStep(id="S1", command=command, argv=tuple(command.split()), why="it tells", verdict="read-only")
    incident = factories.incident()
    return await runner(pods, redactor).run(incident, factories.diagnosis(incident), step)


def row(found: Ran) -> Coverage:
    (one,) = found.coverage
    return one


async def test_what_a_command_brings_is_numbered_on_and_its_secrets_are_gone() -> None:
    seen = factories.evidence(key="describe/checkout-1", id="", summary=f"token {TOKEN}")
    found = await ran(DESCRIBE, Answering(Observation(evidence=(seen,))))
    assert [one.id for one in found.diagnosis.evidence] == ["E1", "E2"]
    assert row(found).state is State.CHECKED
    assert found.summary.startswith("E2 token [secret:")


async def test_what_was_known_keeps_its_number_and_takes_the_new_text() -> None:
    again = factories.evidence(id="", summary="2 of 2 pods are ready now.")
    found = await ran(DESCRIBE, Answering(Observation(evidence=(again,))))
    assert [(one.id, one.summary) for one in found.diagnosis.evidence] == [("E1", "2 of 2 pods are ready now.")]


async def test_a_command_that_no_source_answers_is_not_run() -> None:
    pods = Answering()
    found = await ran("kubectl get nodes", pods)
    assert (row(found).state, row(found).detail) == (State.SKIPPED, "no configured source answers this command")
    assert (found.evidence, pods.asked) == ((), [])


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (Observation(searched="pods called checkout-1"), State.NO_DATA, "pods called checkout-1"),
        (Observation(), State.NO_DATA, "nothing found"),
        (ConnectorError("forbidden", "GET /x", f"no right for {TOKEN}"), State.FAILED, "no right for [secret:"),
        (TimeoutError(), State.FAILED, "timeout: no answer within 15 s"),
    ],
)
async def test_how_it_ended_is_said(answer: Any, state: State, detail: str) -> None:
    found = await ran(DESCRIBE, Answering(answer))
    assert row(found).state is state
    assert detail in row(found).detail
    assert row(found).check == DESCRIBE


async def test_what_cannot_be_redacted_is_withheld() -> None:
    found = await ran(DESCRIBE, redactor=Unwilling(key=b"k"))
    assert (found.evidence, row(found).detail) == ((), "withheld: its text could not be redacted")


async def said(text: str, pods: Pods | None = None, **more: Any) -> Case:
    incident = factories.incident()
    diagnosis: Diagnosis = factories.diagnosis(incident, **more)
    turn = Turn(id="5.0", author="U1", role="person", text=text, at=NOW)
    return await runner(pods).answer_by_rules(Case(incident, diagnosis, ()), turn)


async def test_words_that_ask_nothing_get_an_offer_and_cost_no_call() -> None:
    pods = Pods()
    assert "write a command that only reads" in (await said("thanks", pods)).answer
    assert pods.asked == []


async def test_a_command_in_backticks_is_run_and_one_that_writes_is_not() -> None:
    assert "OOMKilled" in (await said(f"`{DESCRIBE}`")).answer
    answered = await said("kubectl delete pod checkout-1 -n shop")
    assert answered.answer == (
        "`kubectl delete pod checkout-1 -n shop` is not run: delete changes the cluster or the local configuration. "
        "I only read; a person decides and runs it."
    )
    assert len(answered.diagnosis.evidence) == 1


async def test_who_asks_for_a_change_is_told_that_a_person_decides() -> None:
    answer = (await said("fix it please and delete the pod")).answer
    assert "A change is for a person to decide" in answer


async def test_logs_are_those_of_the_likeliest_culprit() -> None:
    pods = Answering(Observation(evidence=(factories.evidence(key="logs/checkout", id="", title="Log of checkout"),)))
    answered = await said("show me the logs", pods)
    assert "logs/checkout" in [one.key for one in answered.diagnosis.evidence]
    nobody = await said("show me the logs", Answering(), hypotheses=(), evidence=())
    assert not [one for one in nobody.diagnosis.evidence if one.key.startswith("logs/")]


async def test_a_hypothesis_that_people_have_judged_stays_judged() -> None:
    ruled_out = factories.hypothesis(status="ruled out", reason="U2 knows better", confidence=0.05)
    answered = await said("why?", hypotheses=(ruled_out,))
    (kept,) = [one for one in answered.diagnosis.hypotheses if one.cause == ruled_out.cause]
    assert (kept.id, kept.status, kept.reason, kept.confidence) == ("H1", "ruled out", "U2 knows better", 0.05)


async def test_a_table_of_a_command_is_told_by_its_summary() -> None:
    body = ResourceState(columns=("pod",), rows=(("checkout-1",),))
    seen = factories.evidence(key="x", id="", body=body, title="Pods", summary="1 pod")
    assert "*E2* Pods: 1 pod" in (await said(DESCRIBE, Answering(Observation(evidence=(seen,))))).answer


def test_nothing_at_all_has_a_summary_too() -> None:
    assert Ran(factories.diagnosis(), (), ()).summary == "nothing found"
