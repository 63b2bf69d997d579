"""What people do to an incident: confirm, rule out, resolve, stop, retry, run a check, say whether it helped."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from chatops.domain.diagnosis import Diagnosis, Hypothesis, HypothesisStatus
from chatops.domain.incident import Incident, TimelineEntry
from chatops.domain.ports import IncidentStore
from chatops.policy.settling import weighing
from chatops.policy.settling.settle import headline
from connectors.evidence import Finding

STOP = "stop"
"""Kind of the small document that changes with every stop of an incident: what is being written sees it."""
_STOP_HEARD = timedelta(hours=1)
_RUNNING = ("open", "investigating", "stopped")


class Enqueue(Protocol):
    """The part of the queue that actions need."""

    async def triage(self, incident_id: str, *, first: bool = False) -> None:
        """Gather and diagnose again; `first`: a person waits."""
        ...

    async def refresh(self, incident_id: str, *, first: bool = False) -> None:
        """Show the incident as it is now; `first`: a person waits."""
        ...

    async def act(self, incident_id: str, action: str, argument: str, user: str) -> None:
        """Do it in a worker."""
        ...


Handler = Callable[[IncidentStore, Enqueue, Incident, str, str, datetime], Awaitable[str]]


async def act(
    store: IncidentStore, queue: Enqueue, incident: Incident, action: str, argument: str, user: str, now: datetime
) -> str:
    """Do or enqueue an action and note it; return the line to show. LookupError names what is gone."""
    handler = _HANDLERS.get(action)
    if handler is None:
        raise LookupError(f"There is no action '{action}'.")
    if user and not incident.attended:
        incident = await store.update(incident.id, lambda current: current.model_copy(update={"attended": True}))
    line = await handler(store, queue, incident, argument, user, now)
    kind = {"confirm": "hypothesis", "rule_out": "hypothesis", "helpful": "feedback", "not_helpful": "feedback"}
    entry = TimelineEntry(at=now, kind=kind.get(action, action), text=f"{action} {argument}".strip(), by=user)
    await store.note(incident.id, entry)
    return line


def with_status(diagnosis: Diagnosis, hypothesis_id: str, status: HypothesisStatus, reason: str) -> Diagnosis:
    """Return the diagnosis with one hypothesis settled by a person, confirmed ones first, ruled-out ones last."""
    if not any(h.id == hypothesis_id for h in diagnosis.hypotheses):
        raise LookupError(f"There is no hypothesis {hypothesis_id} (any more).")
    confidence = {"confirmed": 1.0, "ruled out": 0.0}
    changed = [
        h.model_copy(update={"status": status, "reason": reason, "confidence": confidence.get(status, h.confidence)})
        if h.id == hypothesis_id
        else h
        for h in sorted(diagnosis.hypotheses, key=lambda h: h.id != hypothesis_id)  # of two that stand, the last word
    ]
    ranked = reranked([h.model_copy(update={"rank": place}) for place, h in enumerate(changed)])
    return diagnosis.model_copy(update={"hypotheses": ranked})


def reranked(hypotheses: list[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Order by what people said, then by confidence, and number the ranks anew; ids stay."""
    weight = {"confirmed": 0, "ruled out": 2}
    ordered = sorted(hypotheses, key=lambda h: (weight.get(h.status, 1), -h.confidence, h.rank))
    return tuple(h.model_copy(update={"rank": rank}) for rank, h in enumerate(ordered, 1))


def retold(diagnosis: Diagnosis, before: Diagnosis, findings: Sequence[Finding]) -> Diagnosis:
    """With the verdict and first line of what leads now, where that is another than led before."""
    leads, led = ([(h.cause, h.subject, h.status) for h in one.hypotheses[:1]] for one in (diagnosis, before))
    if leads == led:
        return diagnosis
    verdict = weighing.verdict("identified", diagnosis.hypotheses, findings, diagnosis.coverage, False)
    if any(one.status == "confirmed" for one in diagnosis.hypotheses[:1]):
        verdict = "identified"
    return diagnosis.model_copy(update={"verdict": verdict, "summary": headline(verdict, diagnosis.hypotheses)})


async def _settle(
    store: IncidentStore, incident: Incident, hypothesis: str, status: HypothesisStatus, user: str
) -> Diagnosis:
    diagnosis = await store.diagnosis(incident.id)
    if diagnosis is None:
        raise LookupError("There is no diagnosis yet.")
    findings = await store.findings(incident.id)
    settled = with_status(diagnosis, hypothesis, status, f"{status} by a person" if user else status)
    changed = retold(settled, diagnosis, findings)
    await store.save_case(incident.id, changed, findings)
    return changed


async def _confirm(
    store: IncidentStore, queue: Enqueue, incident: Incident, argument: str, user: str, now: datetime
) -> str:
    diagnosis = await _settle(store, incident, argument, "confirmed", user)
    confirmed = next(one for one in diagnosis.hypotheses if one.id == argument)
    await store.remember(incident, diagnosis, confirmed, incident.resolution)
    await queue.refresh(incident.id, first=True)
    return f"Confirmed: {confirmed.statement}"


async def _rule_out(
    store: IncidentStore, queue: Enqueue, incident: Incident, argument: str, user: str, now: datetime
) -> str:
    diagnosis = await _settle(store, incident, argument, "ruled out", user)
    await store.forget_cause(incident.id, next(one.cause for one in diagnosis.hypotheses if one.id == argument))
    await queue.refresh(incident.id, first=True)
    left = [h for h in diagnosis.hypotheses if h.status != "ruled out"]
    if not left:
        return "Ruled out. No other hypothesis is left: retry, or ask in the thread."
    return f"Ruled out. Next: {left[0].statement}"


async def _resolve(
    store: IncidentStore, queue: Enqueue, incident: Incident, argument: str, user: str, now: datetime
) -> str:
    def resolved(current: Incident) -> Incident:
        return current.model_copy(update={"status": "resolved", "resolved_at": now, "resolution": argument})

    await store.update(incident.id, resolved)
    remembered = not argument or await store.remember_fix(incident.id, argument)
    await queue.refresh(incident.id, first=True)
    hint = "" if remembered else ". Confirm its cause, too, and it is found when the same comes again."
    return "Resolved." if not argument else f"Resolved: {argument}{hint}"


async def _stop(
    store: IncidentStore, queue: Enqueue, incident: Incident, argument: str, user: str, now: datetime
) -> str:
    def stopped(current: Incident) -> Incident:
        return current.model_copy(update={"status": "stopped"}) if current.status in _RUNNING else current

    await store.put(STOP, incident.id, {"mark": secrets.token_hex(8)}, _STOP_HEARD)
    if (await store.update(incident.id, stopped)).status != "stopped":
        return "The investigation was over already. If an answer is being written, it ends here."
    await queue.refresh(incident.id, first=True)
    return "Stopped. What is known so far stays here."


async def _retry(
    store: IncidentStore, queue: Enqueue, incident: Incident, argument: str, user: str, now: datetime
) -> str:
    window = incident.window
    moved = window.model_copy(update={"end": now})
    await store.update(incident.id, lambda current: current.model_copy(update={"status": "open", "window": moved}))
    await queue.triage(incident.id, first=True)
    return "Looking again."


async def _split(
    store: IncidentStore, queue: Enqueue, incident: Incident, argument: str, user: str, now: datetime
) -> str:
    if not incident.joined_to:
        raise LookupError("It is told in no other incident's thread: there is nothing to split.")
    await queue.act(incident.id, "split", "", user)
    return "Split. It is looked into by itself, and its alerts are told in its own thread again."


def _in_worker(action: str, line: str) -> Handler:
    async def handler(
        store: IncidentStore, queue: Enqueue, incident: Incident, argument: str, user: str, now: datetime
    ) -> str:
        diagnosis = await store.diagnosis(incident.id)
        if diagnosis is None:
            raise LookupError("Nothing is known yet: the first facts come in a few seconds.")
        if action == "run_check" and not any(step.id == argument for step in diagnosis.next_steps):
            raise LookupError(f"There is no next step {argument} (any more): the card shows the ones there are.")
        await queue.act(incident.id, action, argument, user)
        return line.format(argument)

    return handler


async def _feedback(
    store: IncidentStore, queue: Enqueue, incident: Incident, argument: str, user: str, now: datetime
) -> str:
    return "Thank you. It is noted with the incident."


_HANDLERS: dict[str, Handler] = {
    "confirm": _confirm,
    "rule_out": _rule_out,
    "resolve": _resolve,
    "stop": _stop,
    "retry": _retry,
    "split": _split,
    "run_check": _in_worker("run_check", "Running {}. The result comes into the thread."),
    "postmortem": _in_worker("postmortem", "Writing the timeline into the thread."),
    "helpful": _feedback,
    "not_helpful": _feedback,
}
