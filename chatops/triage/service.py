"""What the jobs do: triage an incident, answer a question, run a check, show the state; a few ports and plain steps.

Every step can be repeated: messages have slots, turns have ids, and a run that died is continued, not doubled.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import anyio

from chatops import tracing
from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident, Status
from chatops.domain.ports import IncidentStore, StoreUnavailable, StreamPort, ThreadPort
from chatops.render import detail, postmortem
from chatops.telemetry import Metrics, bound_contextvars, log
from chatops.triage import continuing, replying
from chatops.triage.checks import CheckRunner
from chatops.triage.gather import may_pass
from chatops.triage.investigate import Case, Investigator
from chatops.triage.jobs import MAX_ATTEMPTS
from chatops.triage.keeping import Keeping
from chatops.triage.merging import Merging
from chatops.triage.progress import Progress
from chatops.triage.spending import Limits, Purse
from chatops.triage.telling import Telling
from chatops.triage.usage import engine_line, saying
from chatops.triage.waiting import Waiting

_ENDED = ("answered", "failed")


@dataclass(frozen=True)
class Service:
    """Implements `chatops.triage.jobs.Work`."""

    store: IncidentStore
    thread: ThreadPort
    investigator: Investigator
    checks: CheckRunner
    clock: Callable[[], datetime]
    page: Callable[[Incident], str] = lambda incident: ""
    """The address of the incident's page, or ''."""
    seconds: float = 180.0
    """Deadline of one triage."""
    budgets: Limits = field(default_factory=Limits)
    """What the persona may cost."""
    again_after: float = 35.0
    """Seconds until sources are asked again where nearly none answered: longer than a breaker stays open."""
    metrics: Metrics | None = None
    waiting: Waiting | None = None
    merging: Merging | None = None
    """Joins incidents that turn out to be one outage."""

    async def triage(self, incident_id: str) -> str:
        """Show what fired, then the facts, then the diagnosis; after three dead workers, the bare facts.

        Returns why it was given up, or ''.
        """
        with bound_contextvars(incident=incident_id):
            incident = await self.store.get(incident_id)
            if incident is not None and incident.held and self.waiting:
                await self.waiting.begun(incident)
            if incident is None or incident.status in ("resolved", "stopped"):
                await self.refresh(incident_id)
                return ""
            with tracing.span("triage", incident.trace, incident=incident_id):
                if incident.status in _ENDED and (diagnosis := await self.store.diagnosis(incident_id)):
                    # An earlier run ended and lost its lease, or died, over what it shows; another look opens it again.
                    await self._telling.show_end(incident, diagnosis)
                    return ""
                if incident.joined_to:
                    await self._told_in_another(incident)
                    return ""
                why = await self._attempt(incident)
            # Whoever opened it again while this ran could not queue another job.
            again = await self.store.get(incident_id)
            if again and again.joined_to:
                await self._told_in_another(again)
                return why
            return await self.triage(incident_id) if again and again.status == "open" else why

    async def _told_in_another(self, incident: Incident) -> None:
        """Show the incident as part of another's outage, and that one, whose investigation is for both."""
        incident = await self._telling.show(await self._keeping.set(incident, "answered"))
        if self.merging:
            await self._telling.show(await self.merging.told_in(incident))

    async def _attempt(self, incident: Incident) -> str:
        job = f"triage:{incident.id}:{incident.window.end.timestamp():.0f}"
        if await self.store.count_attempt(job) > MAX_ATTEMPTS:
            return await self._give_up(incident, f"the investigation broke off {MAX_ATTEMPTS} times")
        try:
            return await self._triage(incident)
        except Exception:
            # The queue tries again; only an attempt whose worker died, and said nothing, stays counted.
            with contextlib.suppress(StoreUnavailable):
                await self.store.discount_attempt(job)
            raise

    async def _triage(self, incident: Incident) -> str:
        incident = await self._keeping.set(incident, "investigating")
        incident = await self._telling.show(incident, doing="Gathering facts …")
        try:
            with anyio.fail_after(self.seconds):
                await self._investigate(incident)
        except TimeoutError:
            return await self._give_up(incident, f"not finished within {self.seconds:g} s")
        return ""

    async def _investigate(self, incident: Incident) -> None:
        before = last = await self.store.diagnosis(incident.id)

        async def keep(case: Case, doing: str) -> Case:
            nonlocal last
            kept = await self._keep(case, last, doing)
            last = kept.diagnosis
            return kept

        by_rules = await self._facts(incident, lambda one, doing: keep(continuing.anew(one, before), doing))
        case = continuing.anew(by_rules, before)
        incident = await self.store.update(
            incident.id, lambda current: current.model_copy(update={"scope": case.incident.scope})
        )
        if self.merging:
            incident = await self.merging.look(incident, by_rules.diagnosis)
        case = Case(incident, case.diagnosis, case.findings)
        with_persona = not incident.joined_to and self.investigator.personas(incident.persona) is not None
        case = await keep(case, "Reasoning over the evidence …" if with_persona else "")
        self._observe("facts", incident)
        case = await self._recalled(case)
        begun = self.clock()
        unasked = await self._unasked(incident, begun)
        if not unasked:
            await self.thread.listen(incident)
            turns = await self.store.turns(incident.id)
            watcher = await self._progress.watcher(incident, begun + 0.9 * timedelta(seconds=self.seconds))
            reasoned = await self.investigator.reason(case, case.diagnosis.seen_before, watcher, turns)
            await self._purse.give_back(incident, begun, case, reasoned)
            case = await self._recalled(reasoned)
        await self._finish(incident, saying(case, unasked), last)

    async def _facts(self, incident: Incident, keep: Callable[[Case, str], Awaitable[Case]]) -> Case:
        """Gather; once more where nearly nothing answered: monitoring often goes down with what it watches."""

        async def on_facts(case: Case) -> None:
            await keep(case, "Still gathering …")

        case, gathered = await self.investigator.facts(incident, on_facts)
        if case.diagnosis.verdict != "blocked" or not may_pass(gathered.coverage):
            return case
        await keep(case, f"Most sources did not answer; asking again in {self.again_after:g} s …")
        await anyio.sleep(self.again_after)
        current = await self.store.get(incident.id)
        if current is None or current.status in ("resolved", "stopped"):
            return case
        return (await self.investigator.facts(incident, on_facts))[0]

    async def _finish(self, incident: Incident, case: Case, since: Diagnosis | None) -> None:
        await self._progress.over(incident)
        current = await self.store.get(incident.id) or incident
        case = await self._keeping.save(case, since)
        if current.status == "stopped":
            await self._telling.show(current)
            return
        done: Status = "resolved" if current.status == "resolved" else "answered"
        current = await self._keeping.set(current, done)
        await self._keeping.note(incident.id, "diagnosis", f"{case.diagnosis.verdict}: {case.diagnosis.summary}")
        await self._telling.show_end(current, case.diagnosis)
        self._observe("diagnosis", current)
        if self.metrics:
            self.metrics.triages.labels(case.diagnosis.verdict, case.diagnosis.engine.kind).inc()

    async def refresh(self, incident_id: str) -> None:
        """Show the incident as it is; tell it where a mute time has ended, and look into it anew."""
        if incident := await self.store.get(incident_id):
            if incident.muted_until and incident.muted_until <= self.clock() and incident.firing:
                await self.store.update(incident_id, lambda one: one.told() if one.muted_until else one)
                await self.triage(incident_id)
                return
            with tracing.span("refresh", incident.trace, incident=incident_id):
                await self._telling.show(incident)

    async def board(self, channel: str) -> None:
        """Show what waits for its turn in the channel."""
        if self.waiting:
            await self.waiting.show(channel)

    async def answer(self, incident_id: str, turn_id: str) -> None:
        """Answer what a person said in the thread; a statement becomes evidence, a question gets an answer."""
        with bound_contextvars(incident=incident_id):
            incident = await self._keeping.ready(incident_id)
            turns = await self.store.turns(incident_id)
            question = next((turn for turn in turns if turn.id == turn_id), None)
            if incident is None or question is None:
                return
            slot = f"answer:{turn_id}"
            async with self._keeping.turn(incident_id, slot, timedelta(seconds=self.seconds)):
                await self._answer(incident, question, slot)

    async def _answer(self, incident: Incident, question: Turn, slot: str) -> None:
        attempt = await self.store.count_attempt(f"{slot}:{incident.id}")
        diagnosis = await self.store.diagnosis(incident.id)
        if diagnosis is None or attempt > MAX_ATTEMPTS:
            text = "I could not finish an answer to this. The facts above stand; ask again, or retry."
            await self._telling.say(incident, slot, detail.answer(incident, text, slot))
            return
        case = Case(incident, diagnosis, tuple(await self.store.findings(incident.id)))
        with tracing.span("answer", incident.trace, incident=incident.id):
            await self._answered(case, question, slot)

    async def _answered(self, case: Case, question: Turn, slot: str) -> None:
        incident = case.incident
        await self.thread.status(incident, "is looking into it …")
        answered: Case | None = None
        stream: StreamPort | None = None
        begun = self.clock()
        unasked = await self._unasked(incident, begun)
        if not unasked:
            await self.thread.listen(incident)
            earlier = [turn for turn in await self.store.turns(incident.id) if turn.id != question.id]
            stream = self.thread.stream(incident, slot, question.author)
            watcher = await self._progress.watcher(incident, begun + 0.9 * timedelta(seconds=self.seconds), stream)
            answered = await self.investigator.answer(case, earlier, question, watcher)
            await self._purse.give_back(incident, begun, case, answered or case)
        if answered is None:
            answered = saying(await self.checks.answer_by_rules(case, question, unasked), unasked)
        answered = await self._keeping.save(await self._recalled(answered), case.diagnosis)
        text = answered.answer or answered.diagnosis.summary
        engine = engine_line(case.diagnosis, answered.diagnosis)
        messages = detail.reply(incident, text, slot, case.diagnosis, answered.diagnosis, engine)
        await self._telling.say(incident, slot, messages, stream)
        turn = Turn(id=f"answer:{question.id}", author="chatops", role="app", text=text, at=self.clock())
        await self.store.add_turn(incident.id, turn)
        await self._keeping.note(incident.id, "answer", text[:500])
        await self._telling.show(incident)

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        """Run a check, or write the postmortem, in the thread; or split the incident from another's."""
        if action == "split":
            await self._split(incident_id)
            return
        incident, diagnosis = await self.store.get(incident_id), await self.store.diagnosis(incident_id)
        if incident is None or diagnosis is None:
            return
        handlers: dict[str, Callable[[Incident, Diagnosis, str, str], Awaitable[None]]] = {
            "run_check": self._run_check,
            "postmortem": self._postmortem,
        }
        with bound_contextvars(incident=incident_id), tracing.span(action, incident.trace, incident=incident_id):
            await handlers[action](incident, diagnosis, argument, user)

    async def _run_check(self, incident: Incident, diagnosis: Diagnosis, step_id: str, user: str) -> None:
        step = next((step for step in diagnosis.next_steps if step.id == step_id and step.runnable), None)
        if step is None:
            return
        async with self._keeping.turn(incident.id, f"check:{step.id}", timedelta(seconds=self.seconds)):
            diagnosis = await self.store.diagnosis(incident.id) or diagnosis
            ran = await self.checks.run(incident, diagnosis, step)
            case = Case(incident, ran.diagnosis, tuple(await self.store.findings(incident.id)))
            await self._keeping.save(case, diagnosis)
        message = detail.check_result(incident, step, ran.evidence, ran.coverage, by=user, page=self.page(incident))
        await self._telling.in_thread(incident, f"check:{step.id}", message)
        await self._keeping.note(incident.id, "check", f"{step.command}: {ran.summary}", user)

    async def _postmortem(self, incident: Incident, diagnosis: Diagnosis, argument: str, user: str) -> None:
        timeline = await self.store.timeline(incident.id)
        for number, message in enumerate(postmortem.messages(incident, diagnosis, timeline)):
            await self._telling.in_thread(incident, f"postmortem:{number}", message)

    async def _split(self, incident_id: str) -> None:
        if self.merging and (one := await self.merging.split(incident_id)):
            for name in one.apart:
                if main := await self.store.get(name):
                    await self._telling.split(main, one)
            await self.triage(incident_id)

    async def _recalled(self, case: Case) -> Case:
        """The case with earlier incidents like it, by the causes that stand now, and where they are read."""
        seen = await self.store.seen_before(case.incident, case.diagnosis)
        linked = [one.model_copy(update={"link": await self._telling.address(one.incident)}) for one in seen]
        return replace(case, diagnosis=case.diagnosis.model_copy(update={"seen_before": tuple(linked)}))

    # --- showing and keeping

    async def _keep(self, case: Case, since: Diagnosis | None, doing: str) -> Case:
        current = await self.store.get(case.incident.id) or case.incident
        if current.status in _ENDED:
            return case  # another worker has come to the end meanwhile: what is only begun here must not replace it
        case = await self._keeping.save(case, since)
        if not doing.startswith("Still"):
            await self._keeping.note(case.incident.id, "facts", case.diagnosis.summary)
        await self._telling.show(current, doing=doing)
        return case

    async def give_up(self, incident_id: str, why: str) -> None:
        """Tell what is known of an incident whose investigation fails again and again."""
        if incident := await self.store.get(incident_id):
            await self._give_up(incident, why)

    async def _give_up(self, incident: Incident, why: str) -> str:
        log.error("triage given up", why=why)
        if self.metrics:
            self.metrics.jobs_failed.labels("triage").inc()
        bare = Diagnosis(incident=incident.summary, verdict="blocked", summary=incident.title)
        known = await self.store.diagnosis(incident.id) or bare
        gaps = (*known.gaps, f"No diagnosis: {why}. What stands here is what was read before.")
        known = known.model_copy(update={"gaps": gaps})
        await self.store.save_case(incident.id, known, await self.store.findings(incident.id))
        await self._keeping.note(incident.id, "error", why)
        await self._progress.over(incident)
        await self._telling.show(await self._keeping.set(incident, "failed"))
        return why

    # --- conditions

    async def _unasked(self, incident: Incident, now: datetime) -> str:
        """Why no persona is asked; '' where one is, and what it may cost is set aside."""
        configured = not incident.joined_to and self.investigator.personas(incident.persona) is not None
        return await self._purse.take(incident, now) if configured else replying.NO_MODEL

    @property
    def _keeping(self) -> Keeping:
        return Keeping(self.store, self.clock)

    @property
    def _purse(self) -> Purse:
        return Purse(self.store, self.budgets, self.metrics)

    @property
    def _telling(self) -> Telling:
        return Telling(self.store, self.thread, self.clock, self.page, self.merging)

    @property
    def _progress(self) -> Progress:
        return Progress(self.store, self.thread, self._telling.in_thread)

    def _observe(self, what: str, incident: Incident) -> None:
        if self.metrics:
            seconds = (self.clock() - incident.created_at).total_seconds()
            (self.metrics.facts_seconds if what == "facts" else self.metrics.diagnosis_seconds).observe(seconds)
