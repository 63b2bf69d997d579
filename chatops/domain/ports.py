"""The four things the flow needs from outside, as protocols: store, thread, persona, runbooks."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from chatops.domain.alert import Alert
from chatops.domain.casefile import CaseFile, PersonaResult
from chatops.domain.conversation import Message, Turn
from chatops.domain.diagnosis import Diagnosis, Hypothesis, RunbookLink, SeenBefore
from chatops.domain.incident import Incident, Thread, TimelineEntry
from connectors.evidence import Coverage, Evidence, Finding


class StoreUnavailable(Exception):
    """The store did not take it: whoever sent it must send it again."""


class IncidentStore(Protocol):
    """Everything that must survive a process. Every key it writes has a time to live.

    All methods raise `StoreUnavailable` when the store does not answer.
    """

    async def first_time(self, kind: str, key: str, ttl: timedelta, by: str = "") -> bool:
        """Whether this event, action or message is seen for the first time (atomic); it stays so for the same `by`."""
        ...

    async def forget(self, kind: str, key: str) -> None:
        """Take a `first_time` back, because what followed it failed."""
        ...

    async def add(self, incident: Incident) -> None:
        """Store a new incident and index its alerts, thread and channel."""
        ...

    async def remove(self, incident: Incident) -> None:
        """Forget an incident that lost the race for its alert before anybody was told of it."""
        ...

    async def get(self, incident_id: str) -> Incident | None: ...

    async def update(self, incident_id: str, change: Callable[[Incident], Incident]) -> Incident:
        """Apply a change to the stored incident, atomically against other writers; LookupError where it is gone."""
        ...

    async def by_alert(self, alert: Alert) -> Incident | None:
        """The incident this alert (fingerprint, then group) already belongs to and may re-open."""
        ...

    async def claim_alerts(self, alerts: Sequence[Alert], incident_id: str, stale: str = "") -> str:
        """Bind the fingerprints and the group of one group's alerts to an incident unless bound; return the one bound.

        An owner named `stale` is replaced.
        """
        ...

    async def by_thread(self, thread: Thread) -> Incident | None: ...

    async def recent(self, limit: int = 20, channel: str = "") -> Sequence[Incident]:
        """Incidents, newest first."""
        ...

    async def save_case(
        self,
        incident_id: str,
        diagnosis: Diagnosis,
        findings: Sequence[Finding],
    ) -> None: ...

    async def diagnosis(self, incident_id: str) -> Diagnosis | None: ...

    async def findings(self, incident_id: str) -> Sequence[Finding]: ...

    async def add_turn(self, incident_id: str, turn: Turn) -> None:
        """Append an utterance; one that is already there (same id) is left as it is."""
        ...

    async def turns(self, incident_id: str) -> Sequence[Turn]: ...

    async def note(self, incident_id: str, entry: TimelineEntry) -> None:
        """Append to the incident's own record."""
        ...

    async def timeline(self, incident_id: str) -> Sequence[TimelineEntry]: ...

    async def message_ts(self, incident_id: str, slot: str) -> str:
        """The ts of the message posted for this slot of the incident (`root`, `facts`, `answer:…`), or ''."""
        ...

    async def set_message_ts(self, incident_id: str, slot: str, ts: str) -> None: ...

    async def count_attempt(self, job: str) -> int:
        """Count one more start of a job, and return how many there have been."""
        ...

    async def discount_attempt(self, job: str) -> None:
        """Take back a start that ended by itself: only starts that ended with their process stay counted."""
        ...

    async def put(self, kind: str, key: str, value: Mapping[str, Any], ttl: timedelta) -> None:
        """Keep a small document (a button's meaning, a memory of a tool call)."""
        ...

    async def take(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Read a small document."""
        ...

    async def drop(self, kind: str, key: str) -> None:
        """Forget a small document."""
        ...

    async def pace(self, bucket: str, per_second: float, burst: int = 1, within: float = math.inf) -> float:
        """Reserve the next place in a bucket that all replicas share; return the seconds to wait for it.

        A place that is further away than `within` seconds is not reserved: ask again.
        """
        ...

    async def hold(self, bucket: str, seconds: float) -> None:
        """Let nobody have a place of the bucket before so many seconds have passed."""
        ...

    async def remember(self, incident: Incident, diagnosis: Diagnosis, cause: Hypothesis, resolution: str) -> None:
        """Keep for the next one of its kind what a person confirmed to be the incident's cause, instead of another."""
        ...

    async def remember_fix(self, incident_id: str, resolution: str) -> bool:
        """Keep what fixed an incident whose cause is remembered; False where it is not."""
        ...

    async def forget_cause(self, incident_id: str, cause: str) -> None:
        """Take back that this was the incident's cause."""
        ...

    async def seen_before(self, incident: Incident, diagnosis: Diagnosis) -> Sequence[SeenBefore]: ...

    async def spend(self, budget: str, amount: float, limit: float, ttl: timedelta) -> bool:
        """Take from a budget; False (and nothing taken) where it would be exceeded."""
        ...


class ThreadPort(Protocol):
    """The one place where people read. Idempotent: a slot is posted once and edited afterwards, whoever asks."""

    async def show(self, incident: Incident, slot: str, message: Message) -> Incident:
        """Post or edit the message of a slot (`root` is the thread's first); return the incident with its thread."""
        ...

    async def address(self, incident: Incident) -> str:
        """Where people open the incident's thread; '' where that is not known. Never fails."""
        ...

    async def listen(self, incident: Incident) -> None:
        """Add to the conversation what people say where the incident has a place of its own, if it has one."""
        ...

    async def status(self, incident: Incident, text: str) -> None:
        """Say what is being done, where the surface has a place for it; never fails."""
        ...

    def stream(self, incident: Incident, slot: str, recipient: str) -> StreamPort:
        """A growing answer to a person."""
        ...


@dataclass(frozen=True)
class Step:
    """Something a persona does while people wait: `title` says what, in a few words, `detail` what came of it."""

    id: str
    title: str
    status: Literal["in_progress", "complete", "error"]
    detail: str = ""


class StreamPort(Protocol):
    """A message that grows while it is written."""

    async def append(self, markdown: str) -> None: ...

    async def task(self, step: Step) -> None:
        """Show a step that was begun or ended, beside the text."""
        ...

    async def finish(self, message: Message) -> None:
        """Replace what was streamed by the final message."""
        ...


@dataclass(frozen=True)
class ToolAnswer:
    """What a tool call brought: text for the persona, and the evidence behind it, numbered."""

    text: str
    is_error: bool = False
    evidence: tuple[Evidence, ...] = ()
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True)
class ToolSpec:
    """A tool as a model is told of it."""

    name: str
    description: str
    schema: Mapping[str, Any]
    source: str = ""
    """The connector it belongs to, where it does."""


class Toolbox(Protocol):
    """The connectors' read-only queries, bound to one incident: redacted, numbered, remembered."""

    @property
    def tools(self) -> Sequence[ToolSpec]: ...

    async def call(self, name: str, arguments: Mapping[str, Any]) -> ToolAnswer:
        """Run a query. Never raises: an error is an answer with the exact query and the full message."""
        ...


@dataclass(frozen=True)
class Watcher:
    """Whom a persona tells while it works: text as it is written, steps as they are taken, and when to stop."""

    text: Callable[[str], Awaitable[None]] | None = None
    step: Callable[[Step], Awaitable[None]] | None = None
    stopped: Callable[[], Awaitable[bool]] | None = None
    deadline: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


class Persona(Protocol):
    """A reasoner over a case file. What a model or its vendor does raises nothing: `PersonaResult.stopped` says it."""

    name: str

    async def diagnose(self, case: CaseFile, tools: Toolbox, watcher: Watcher) -> PersonaResult: ...

    async def answer(self, case: CaseFile, question: Turn, tools: Toolbox, watcher: Watcher) -> PersonaResult: ...


@dataclass(frozen=True)
class RunbookHit:
    """A runbook section that fits: `score` in 0–1, `how` is link, alert, cause or text."""

    link: RunbookLink
    slug: str
    score: float
    how: str
    excerpt: str = ""


@dataclass(frozen=True)
class CauseChecks:
    """What to run for a cause: commands with the names left open (`-n NAMESPACE`), and how to read what they print."""

    commands: tuple[str, ...]
    reading: str
    title: str
    """Page and section that give them."""


class RunbookLibrary(Protocol):
    """Pages that say what to do."""

    def search(self, text: str, limit: int = 5) -> Sequence[RunbookHit]:
        """Sections by full text, best first; empty where none fits."""
        ...

    def for_incident(
        self, alerts: Sequence[Alert], causes: Sequence[str], text: str, limit: int = 3
    ) -> Sequence[RunbookHit]:
        """Runbooks by, in order: the alerts' own links, exact alert or cause, full text."""
        ...

    def checks_for(self, code: str) -> CauseChecks | None:
        """What a page of ours gives to run for a cause code; None where none does."""
        ...
