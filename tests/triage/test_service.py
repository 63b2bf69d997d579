"""The jobs, on a real store, with sources and a thread that note what they are asked: each step can be repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from chatops.domain.casefile import CaseFile, PersonaResult, Proposal, ProposedHypothesis, ProposedSubject
from chatops.domain.conversation import Message, Turn
from chatops.domain.diagnosis import Usage
from chatops.domain.incident import Incident, Thread
from chatops.domain.ports import Persona, Step, StoreUnavailable, Toolbox, ToolSpec, Watcher
from chatops.policy.redaction import Redactor
from chatops.runbook_index import Library, packaged
from chatops.store import RedisStore
from chatops.triage.actions import with_status
from chatops.triage.checks import CheckRunner
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Case, Investigator
from chatops.triage.service import Service
from chatops.triage.spending import Limits
from connectors.contract import Check, ConnectorError, ErrorKind, Health, Inquiry, Scope, Tool
from connectors.evidence import Observation, State, Subject
from tests import factories
from tests.conftest import NOW

LIBRARY = Library([packaged()])


@dataclass
class Shown:
    """A thread that keeps the latest message of each slot, and counts what was posted."""

    slots: dict[str, Message] = field(default_factory=dict)
    posted: list[str] = field(default_factory=list)
    down: int = 0
    tasks: list[Step] = field(default_factory=list)
    """What streams were told of steps."""

    async def show(self, incident: Incident, slot: str, message: Message) -> Incident:
        if self.down:
            self.down -= 1
            raise StoreUnavailable("the thread is away")
        if slot not in self.slots:
            self.posted.append(slot)
        self.slots[slot] = message
        return incident.model_copy(update={"thread": incident.thread.model_copy(update={"ts": "1.0"})})

    async def address(self, incident: Incident) -> str:
        return f"https://slack.test/{incident.id}"

    async def listen(self, incident: Incident) -> None:
        pass

    async def status(self, incident: Incident, text: str) -> None:
        pass

    def stream(self, incident: Incident, slot: str, recipient: str) -> _Stream:
        return _Stream(self, incident, slot)


@dataclass
class _Stream:
    thread: Shown
    incident: Incident
    slot: str
    text: str = ""

    async def append(self, markdown: str) -> None:
        self.text += markdown

    async def task(self, step: Step) -> None:
        self.thread.tasks.append(step)

    async def finish(self, message: Message) -> None:
        await self.thread.show(self.incident, self.slot, message)


@dataclass
class Pods:
    """A source that finds a pod killed for memory, and can answer one command."""

    name: str = "kubernetes"
    healthy: bool = False
    away: list[ErrorKind] = field(default_factory=list)
    """How the next looks fail."""
    asked: list[Inquiry] = field(default_factory=list)

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        async def run() -> Observation:
            self.asked.append(inquiry)
            if self.away:
                raise ConnectorError(self.away.pop(0), "GET /api/v1/pods", "nobody answers")
            if self.healthy:
                return Observation(searched="pods in shop")
            seen = factories.evidence(id="", onset=NOW - timedelta(minutes=6))
            argv = ("kubectl", "describe", "pod", "checkout-1", "-n", "shop")
            return Observation(evidence=(seen,), findings=(factories.finding(commands=(argv,)),))

        return [Check(name="pods", question="Which pods are ill?", run=run)]

    def tools(self) -> Sequence[Tool]:
        async def describe(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
            text = f"{arguments['name']}: Last State: Terminated, Reason: OOMKilled"
            return Observation(evidence=(factories.evidence(key=f"describe/{arguments['name']}", id="", summary=text),))

        def argv(words: Sequence[str]) -> Mapping[str, Any] | None:
            return {"name": words[3]} if list(words[:3]) == ["kubectl", "describe", "pod"] else None

        return [Tool("describe", "Describe a pod", {"type": "object"}, describe, argv)]

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        return [factories.CHECKOUT]

    async def health(self) -> Sequence[Health]:
        return []

    async def aclose(self) -> None:
        pass


@dataclass
class Thinker:
    """A persona that proposes what it is given."""

    proposal: Proposal
    name: str = "thinker"
    cost: float = 0.0
    cases: list[CaseFile] = field(default_factory=list)

    async def diagnose(self, case: CaseFile, tools: Toolbox, watcher: Watcher) -> PersonaResult:
        self.cases.append(case)
        return PersonaResult(proposal=self.proposal, model="test-model", turns=1, usage=Usage(cost_usd=self.cost))

    async def answer(self, case: CaseFile, question: Turn, tools: Toolbox, watcher: Watcher) -> PersonaResult:
        self.cases.append(case)
        if watcher.text:
            await watcher.text("It is ")
        return PersonaResult(proposal=self.proposal, model="test-model", turns=1)


class NoTools:
    @property
    def tools(self) -> Sequence[ToolSpec]:
        return ()

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        raise AssertionError(name)


@dataclass
class Rig:
    service: Service
    store: RedisStore
    thread: Shown
    pods: Pods
    persona: list[Persona]
    incident: Incident

    async def stored(self) -> Incident:
        found = await self.store.get(self.incident.id)
        assert found is not None
        return found


@pytest.fixture
async def rig(store: RedisStore) -> Rig:
    pods, thread, persona = Pods(), Shown(), []  # type: ignore[var-annotated]
    gatherer = Gatherer({"kubernetes": pods, "prometheus": None}, lambda _: Redactor(key=b"k"), deadline=5)
    investigator = Investigator(
        {"default": gatherer}, LIBRARY, lambda name: persona[0] if persona else None, lambda *_: NoTools()
    )
    service = Service(
        store=store,
        thread=thread,
        investigator=investigator,
        checks=CheckRunner(investigator, LIBRARY, lambda: NOW),
        clock=lambda: NOW,
        seconds=20,
        again_after=0.01,
    )
    incident = factories.incident()
    await store.add(incident)
    return Rig(service, store, thread, pods, persona, incident)


async def test_a_triage_ends_in_one_thread_with_a_diagnosis(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    incident, diagnosis = await rig.stored(), await rig.store.diagnosis(rig.incident.id)
    assert incident.status == "answered"
    assert incident.thread.ts == "1.0"
    assert diagnosis is not None
    assert (diagnosis.verdict, diagnosis.hypotheses[0].cause) == ("identified", "OOMKilled")
    assert [step.command for step in diagnosis.next_steps if step.runnable] == [
        "kubectl describe pod checkout-1 -n shop"
    ]
    assert diagnosis.runbooks, "the cause has a page"
    assert {(row.source, row.state) for row in diagnosis.coverage} == {
        ("kubernetes", State.CHECKED),
        ("prometheus", State.NOT_CONFIGURED),
    }
    assert rig.thread.posted == ["root", "evidence"]
    assert "memory" in rig.thread.slots["root"].text
    assert [entry.kind for entry in await rig.store.timeline(incident.id)] == ["facts", "diagnosis"]


async def test_sources_that_are_away_are_asked_once_more(rig: Rig) -> None:
    rig.pods.away = ["timeout"]
    await rig.service.triage(rig.incident.id)
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert (diagnosis.verdict, diagnosis.hypotheses[0].cause) == ("identified", "OOMKilled")
    facts = [entry.text for entry in await rig.store.timeline(rig.incident.id) if entry.kind == "facts"]
    assert facts[0].startswith("Cannot tell"), "what could not be read was said before it was asked again"
    assert rig.thread.posted == ["root", "evidence"]


@pytest.mark.parametrize(("away", "looks"), [(["forbidden"], 1), (["unreachable", "unreachable", "timeout"], 2)])
async def test_what_will_not_pass_is_not_asked_again_and_nothing_twice(
    rig: Rig, away: list[ErrorKind], looks: int
) -> None:
    rig.pods.away = away
    await rig.service.triage(rig.incident.id)
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert diagnosis.verdict == "blocked"
    assert len(rig.pods.asked) == looks


async def test_an_incident_that_ends_meanwhile_is_not_looked_at_again(rig: Rig) -> None:
    rig.pods.away = ["timeout"]
    plain = rig.thread.show

    async def resolving(incident: Incident, slot: str, message: Message) -> Incident:
        if "asking again" in str(message.blocks):
            await rig.store.update(incident.id, lambda one: one.model_copy(update={"status": "resolved"}))
        return await plain(incident, slot, message)

    rig.thread.show = resolving  # type: ignore[method-assign]
    await rig.service.triage(rig.incident.id)
    assert len(rig.pods.asked) == 1
    assert (await rig.stored()).status == "resolved"


async def test_a_triage_that_runs_again_posts_nothing_twice(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    await rig.service.triage(rig.incident.id)
    assert rig.thread.posted == ["root", "evidence"]


async def test_a_run_that_comes_after_the_end_shows_it_and_begins_nothing(rig: Rig) -> None:
    """Two workers may hold one job: the end of one of them is the end of the job, whatever becomes of the other."""
    await rig.service.triage(rig.incident.id)
    looked = len(rig.pods.asked)
    rig.thread.slots.clear()
    await rig.service.triage(rig.incident.id)
    assert len(rig.pods.asked) == looked
    assert set(rig.thread.slots) == {"root", "evidence"}
    assert (await rig.stored()).status == "answered"


async def test_what_is_opened_again_while_it_is_shown_is_looked_into_again(rig: Rig) -> None:
    """The queue takes no second job of a key that runs: who retries in this moment must not be forgotten."""
    shown = rig.thread.show

    async def retried(incident: Incident, slot: str, message: Message) -> Incident:
        if slot == "evidence" and len(rig.pods.asked) == once:
            await rig.store.update(incident.id, lambda one: one.model_copy(update={"status": "open"}))
        return await shown(incident, slot, message)

    once = len(rig.pods.checks(rig.incident.inquiry))
    rig.thread.show = retried  # type: ignore[method-assign]
    await rig.service.triage(rig.incident.id)
    assert len(rig.pods.asked) == 2 * once
    assert (await rig.stored()).status == "answered"


async def test_what_was_only_begun_does_not_replace_what_another_worker_has_ended(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    ended = await rig.store.diagnosis(rig.incident.id)
    assert ended is not None
    begun = ended.model_copy(update={"hypotheses": (), "summary": "nothing known yet"})
    await rig.service._keep(Case(await rig.stored(), begun, ()), None, doing="Still gathering …")
    assert await rig.store.diagnosis(rig.incident.id) == ended


async def test_after_three_dead_workers_the_bare_facts_are_told_with_what_failed(rig: Rig) -> None:
    for _ in range(3):
        await rig.store.count_attempt(f"triage:{rig.incident.id}:{rig.incident.window.end.timestamp():.0f}")
    await rig.service.triage(rig.incident.id)
    assert (await rig.stored()).status == "failed"
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert "broke off 3 times" in " ".join(diagnosis.gaps)
    assert rig.thread.posted == ["root"]
    assert rig.pods.asked == [], "what kills workers is not started a fourth time"


async def test_a_thread_that_is_away_is_not_a_dead_worker(rig: Rig) -> None:
    for _ in range(5):
        rig.thread.down = 1
        with pytest.raises(StoreUnavailable):
            await rig.service.triage(rig.incident.id)
    await rig.service.triage(rig.incident.id)
    assert (await rig.stored()).status == "answered"


async def test_a_resolved_or_stopped_incident_is_shown_and_not_investigated(rig: Rig) -> None:
    await rig.store.update(
        rig.incident.id, lambda one: one.model_copy(update={"status": "resolved", "resolved_at": NOW})
    )
    await rig.service.triage(rig.incident.id)
    assert rig.pods.asked == []
    assert rig.thread.posted == ["root"]


async def test_a_muted_incident_is_recorded_and_not_told(rig: Rig) -> None:
    await rig.store.update(
        rig.incident.id, lambda one: one.model_copy(update={"thread": one.thread.model_copy(update={"channel": ""})})
    )
    await rig.service.triage(rig.incident.id)
    assert rig.thread.posted == []
    assert await rig.store.diagnosis(rig.incident.id) is not None


async def test_what_still_fires_when_its_mute_time_ends_is_told_and_looked_into(rig: Rig) -> None:
    def muted(one: Incident, minutes: int) -> Incident:
        until = NOW + timedelta(minutes=minutes)
        return one.model_copy(update={"thread": Thread(), "muted_until": until, "muted_channel": "C1"})

    await rig.store.update(rig.incident.id, lambda one: muted(one, 5))
    await rig.service.refresh(rig.incident.id)
    assert rig.thread.posted == [], "not yet"
    await rig.store.update(rig.incident.id, lambda one: muted(one, -1))
    await rig.service.refresh(rig.incident.id)
    assert rig.thread.posted == ["root", "evidence"]
    assert ((await rig.stored()).thread.channel, (await rig.stored()).muted_until) == ("C1", None)


async def test_what_has_resolved_before_its_mute_time_ends_is_never_told(rig: Rig) -> None:
    over = tuple(one.model_copy(update={"status": "resolved", "ends_at": NOW}) for one in rig.incident.alerts)
    changes = {"thread": Thread(), "muted_until": NOW, "muted_channel": "C1", "alerts": over, "status": "resolved"}
    await rig.store.update(rig.incident.id, lambda one: one.model_copy(update=changes))
    await rig.service.refresh(rig.incident.id)
    assert rig.thread.posted == []


def proposal(**changes: Any) -> Proposal:
    subject = ProposedSubject(kind="Deployment", namespace="shop", name="checkout")
    hypothesis = ProposedHypothesis(
        cause="OOMKilled",
        subject=subject,
        statement="checkout is killed for memory.",
        confidence=0.9,
        supporting=("E1",),
    )
    fields: dict[str, Any] = {
        "verdict": "identified",
        "summary": "checkout is killed for memory.",
        "hypotheses": (hypothesis,),
    }
    return Proposal(**{**fields, **changes})


async def test_the_persona_reads_what_the_rules_found_and_is_settled_by_code(rig: Rig) -> None:
    invented = ProposedHypothesis(
        cause="DiskFull",
        subject=ProposedSubject(kind="Node", name="nowhere"),
        statement="A disk is full.",
        confidence=0.99,
    )
    thinker = Thinker(proposal(hypotheses=(*proposal().hypotheses, invented)))
    rig.persona.append(thinker)
    await rig.service.triage(rig.incident.id)
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert diagnosis.engine.kind == "model"
    assert [h.cause for h in diagnosis.hypotheses] == ["OOMKilled"], "what cites nothing is dropped"
    assert diagnosis.engine.removed
    assert [one.id for one in thinker.cases[0].evidence] == ["E1"]


async def _said(rig: Rig, text: str, ts: str = "5.0") -> Message:
    await _asked(rig, rig.service, text, ts)
    return rig.thread.slots[f"answer:{ts}"]


async def _asked(rig: Rig, service: Service, text: str, ts: str = "5.0") -> None:
    turn = Turn(id=ts, author="U1", role="person", text=text, at=NOW)
    await rig.store.add_turn(rig.incident.id, turn)
    await service.answer(rig.incident.id, ts)


async def test_a_question_is_answered_from_fresh_facts_without_a_model(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    message = await _said(rig, "is checkout still restarting?")
    assert "E1" in message.text
    assert "No model" in message.text
    assert len(rig.pods.asked) == 2, "the pods were looked at again"
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert [(h.id, h.cause) for h in diagnosis.hypotheses] == [("H1", "OOMKilled")], "hypotheses keep their numbers"


async def test_a_statement_becomes_evidence_with_its_author(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    await _said(rig, "we rolled back at 10:42")
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    (said,) = (one for one in diagnosis.evidence if one.source == "people")
    assert (said.source, said.title, said.summary, said.untrusted) == (
        "people",
        "U1 says",
        "we rolled back at 10:42",
        True,
    )


async def test_a_statement_with_a_question_is_noted_and_answered(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    answer = await _said(rig, "We rolled back at 10:42. Why was it killed?")
    assert "killed for memory" in answer.text.split("Noted as E")[0], "the answer comes first"
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    noted = [one.summary for one in diagnosis.evidence if one.source == "people"]
    assert noted == ["We rolled back at 10:42."]


async def test_whether_a_change_helped_is_looked_at_and_told(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    answer = await _said(rig, "we rolled back at 10:42")
    assert answer.text.startswith("**Now:** checkout")
    assert "Noted as E" in answer.text
    assert len(rig.pods.asked) == 2, "the pods were looked at again"
    assert (await _said(rig, "orders looks fine to me", "6.0")).text.startswith("Noted as E")
    assert len(rig.pods.asked) == 2


async def test_thanks_gather_nothing(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    looks = len(rig.pods.asked)
    assert "Ask what changed" in (await _said(rig, "thanks")).text
    assert len(rig.pods.asked) == looks


async def test_a_source_that_is_silent_now_takes_no_hypothesis_back(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    rig.pods.away = ["timeout"]
    answer = await _said(rig, "why?")
    assert "killed for memory" in answer.text
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert diagnosis.hypotheses[0].cause == "OOMKilled"
    assert [row.state for row in diagnosis.coverage if row.check == "pods"] == [State.FAILED]
    assert "What moved" not in str(answer.blocks)


async def test_a_question_about_an_earlier_time_is_gathered_from_then_on(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    await _said(rig, "what changed in the last 6 hours?")
    assert rig.pods.asked[-1].window.start == NOW - timedelta(hours=6)


async def test_a_command_that_reads_is_run_through_a_connector_and_others_are_not(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    assert "OOMKilled" in (await _said(rig, "kubectl describe pod checkout-1 -n shop")).text
    refused = await _said(rig, "kubectl delete pod checkout-1 -n shop", "6.0")
    assert "OOMKilled" not in refused.text


async def test_the_personas_answer_keeps_the_conversation(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    thinker = Thinker(proposal(answer="It is the memory limit (E1)."))
    rig.persona.append(thinker)
    assert "memory limit" in (await _said(rig, "what is it?")).text
    await _said(rig, "are you sure?", "6.0")
    assert [turn.text for turn in thinker.cases[-1].turns] == ["what is it?", "It is the memory limit (E1)."]


async def test_a_budget_that_is_used_up_is_said_and_leaves_the_models_diagnosis(rig: Rig) -> None:
    service = replace(rig.service, budgets=Limits(run=1, incident=1.3))
    spent = Usage(cost_usd=0.5)
    rig.persona.append(Thinker(proposal(summary="Checkout is killed."), cost=0.5))
    await service.triage(rig.incident.id)
    await _asked(rig, service, "is it the database?")
    told = rig.thread.slots["answer:5.0"]
    assert "The model's budget of this incident is used up ($1.30, model.incident_usd)" in told.text
    assert "No model is configured" not in told.text
    assert "budget of this incident is used up" in str(rig.thread.slots["root"].blocks)
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert (diagnosis.summary, diagnosis.engine.kind, diagnosis.engine.usage) == ("Checkout is killed.", "model", spent)
    assert diagnosis.hypotheses[0].by == "both"


async def test_another_look_keeps_what_people_settled_and_what_it_cost(rig: Rig) -> None:
    rig.persona.append(Thinker(proposal(), cost=0.5))
    await rig.service.triage(rig.incident.id)
    rig.persona.clear()
    await _said(rig, "we rolled back at 10:42")
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    ruled_out = with_status(diagnosis, "H1", "ruled out", "ruled out by a person")
    await rig.store.save_case(rig.incident.id, ruled_out, await rig.store.findings(rig.incident.id))
    await rig.store.update(rig.incident.id, lambda one: one.model_copy(update={"status": "open"}))
    await rig.service.triage(rig.incident.id)
    again = await rig.store.diagnosis(rig.incident.id)
    assert again is not None
    assert [(one.id, one.status) for one in again.hypotheses] == [("H1", "ruled out")]
    assert again.verdict == "inconclusive"
    assert "killed" not in again.summary
    assert again.engine.usage.cost_usd == 0.5
    assert [one.id for one in again.evidence if one.source == "people"] == ["E2"]


async def test_an_answer_that_killed_its_workers_says_so(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    for _ in range(3):
        await rig.store.count_attempt(f"answer:5.0:{rig.incident.id}")
    assert "could not finish" in (await _said(rig, "why?")).text


async def test_run_check_brings_its_result_into_thread_and_evidence(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    step = next(step.id for step in diagnosis.next_steps if step.runnable)
    await rig.service.act(rig.incident.id, "run_check", step, "U1")
    assert "OOMKilled" in rig.thread.slots[f"check:{step}"].text
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert diagnosis.evidence[-1].key == "describe/checkout-1"
    await rig.service.act(rig.incident.id, "run_check", "S9", "U1")
    assert "check:S9" not in rig.thread.slots


async def test_a_postmortem_is_written_into_the_thread(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    await rig.service.act(rig.incident.id, "postmortem", "", "U1")
    assert "postmortem:0" in rig.thread.slots


async def test_nothing_wrong_is_said(rig: Rig) -> None:
    rig.pods.healthy = True
    await rig.service.triage(rig.incident.id)
    diagnosis = await rig.store.diagnosis(rig.incident.id)
    assert diagnosis is not None
    assert diagnosis.verdict in ("healthy", "inconclusive")
    assert diagnosis.hypotheses == ()


async def test_a_day_s_budget_holds_and_what_is_not_used_is_given_back(rig: Rig) -> None:
    thinker = Thinker(proposal(), cost=0.4)
    rig.persona.append(thinker)
    service = replace(rig.service, budgets=Limits(run=1.0, day=1.5))
    for number in range(4):
        incident = factories.incident()
        await rig.store.add(incident)
        await service.triage(incident.id)
        # 1.0 is set aside for each run, 0.4 of it used: the third finds 0.7 left and does without.
        assert len(thinker.cases) == min(number + 1, 2)


async def test_an_answer_that_ends_after_the_resolve_leaves_the_card_resolved(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)

    class Resolving(Thinker):
        async def answer(self, case: CaseFile, question: Turn, tools: Toolbox, watcher: Watcher) -> PersonaResult:
            await rig.store.update(
                rig.incident.id, lambda one: one.model_copy(update={"status": "resolved", "resolved_at": NOW})
            )
            return PersonaResult(proposal=self.proposal, model="test-model", turns=1)

    rig.persona.append(Resolving(proposal(answer="It was the limit (E1).")))
    await _said(rig, "what was it?")
    assert "esolved" in rig.thread.slots["root"].text


async def test_what_another_worker_has_answered_is_not_shown_as_being_worked_on(rig: Rig) -> None:
    await rig.service.triage(rig.incident.id)
    ended = str(rig.thread.slots["root"].blocks)
    found = await rig.store.diagnosis(rig.incident.id)
    assert found is not None
    await rig.service._keep(Case(await rig.stored(), found, ()), None, doing="Still gathering …")
    assert "Still gathering" not in str(rig.thread.slots["root"].blocks)
    assert "Still gathering" not in ended
