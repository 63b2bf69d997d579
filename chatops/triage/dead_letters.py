"""What becomes of a job that was given up? It is kept with its reason, listed, and can be retried or dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chatops.domain.incident import Incident
from chatops.domain.ports import IncidentStore, StoreUnavailable
from connectors.evidence import Value

MAX_ATTEMPTS = 3
"""Attempts of a job that fails by itself, or whose worker dies."""
OUTAGE_ATTEMPTS = 30
"""Attempts of a job that waits for Slack or the store to come back: about twenty-five minutes."""
_PASSING = frozenset({"unreachable", "ratelimited", "rate_limited", "garbage", "internal_error", "fatal_error"}) | {
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
}
"""Codes of a surface that is away for a while, and did not refuse."""


class DeadLetter(Value):
    """A job that was given up."""

    key: str
    task: str
    arguments: tuple[str, ...]
    reason: str
    at: datetime


class Requeue(Protocol):
    """The part of the queue that retrying needs."""

    async def triage(self, incident_id: str, *, wait: float = 0.0, first: bool = False, hurry: bool = False) -> None:
        """Investigate again."""
        ...

    async def again(self, letter: DeadLetter) -> None:
        """Run the job once more as it was."""
        ...

    async def drop(self, keys: Sequence[str]) -> int:
        """Forget dead letters; return how many there were."""
        ...


def passes(error: Exception) -> bool:
    """Whether waiting helps: the store or the place where people read is away."""
    return isinstance(error, StoreUnavailable) or getattr(error, "code", "") in _PASSING


def attempts(error: Exception) -> int:
    """How often a job is tried that ended with this error."""
    return OUTAGE_ATTEMPTS if passes(error) else MAX_ATTEMPTS


async def retry(letter: DeadLetter, store: IncidentStore, queue: Requeue, now: datetime) -> str:
    """Run a dead letter's job again and forget the letter; return a line that says so."""
    if letter.task == "triage":
        if await store.get(letter.arguments[0]) is None:
            await queue.drop([letter.key])
            return f"{letter.key}: dropped, the incident is no longer kept"
        await store.update(letter.arguments[0], lambda incident: _reopened(incident, now))
        await queue.triage(letter.arguments[0])
    else:
        for _ in range(MAX_ATTEMPTS if letter.task == "answer" else 0):
            await store.discount_attempt(f"answer:{letter.arguments[1]}:{letter.arguments[0]}")
        await queue.again(letter)
    await queue.drop([letter.key])
    return f"{letter.key}: queued again"


def _reopened(incident: Incident, now: datetime) -> Incident:
    """With the window moved: attempts are counted for a window."""
    status = incident.status if incident.status == "resolved" else "open"
    window = incident.window.model_copy(update={"end": now})
    return incident.model_copy(update={"status": status, "window": window, "held": ""})
