"""What may a Slack listener ask of the rest of the product? This protocol, and nothing else.

Listeners dedupe, store, enqueue and answer. Everything here must be quick (a few round trips to the store: an
entry of the inbox is leased for seconds) and must raise `chatops.domain.ports.StoreUnavailable` when it could not
store or enqueue: the listener then takes its `first_time` back and fails, and the inbox tries it again.
No method here may talk to a connector, a model or Slack.

The triage layer satisfies it; `app.py` passes it to `chatops.slack.app.build_app(settings, intake)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, Protocol, runtime_checkable

from chatops.domain.conversation import Turn
from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident, Origin, Thread, TimelineEntry
from chatops.domain.ports import RunbookHit
from connectors.contract import Health

Action = Literal[
    "run_check",  # argument: id of a next step (`S2`); runs through the connectors, result into thread and evidence
    "confirm",  # argument: id of a hypothesis (`H1`); a person says it is the cause
    "rule_out",  # argument: id of a hypothesis; a person says it is not
    "helpful",  # argument: slot of the message that was judged (`root`, `answer:<ts>`)
    "not_helpful",
    "stop",  # argument: ""; end the running triage or answer, keep what is known
    "resolve",  # argument: what fixed it, in the person's words, or ""
    "retry",  # argument: ""; gather and diagnose again
    "split",  # argument: ""; it is another outage than the incident it was joined to
    "postmortem",  # argument: ""; write `render.postmortem.messages(...)` into the thread
]
"""What a person can do to an incident. Stop, resolve, retry, split, confirm and rule_out are for
operators; the listeners have checked the role before they call."""


@runtime_checkable
class Intake(Protocol):
    """The way in: opened or matched incidents, stored turns, enqueued work, and quick reads for commands."""

    async def ask(
        self,
        *,
        question: str,
        channel: str,
        team: str,
        user: str,
        origin: Origin,
        thread_ts: str = "",
        message_ts: str = "",
        context: Mapping[str, str] = ...,
        request: str = "",
    ) -> Incident:
        """Open an incident (or match an open one of the same thread) and enqueue its triage.

        `thread_ts` is set where the answer belongs into an existing thread (a mention in one, a direct
        message, a shortcut on somebody's alert); then `Incident.thread.ts` is that ts from the beginning and
        the root card is posted as a reply there. It is empty for slash commands: the root card opens the
        thread. `message_ts` is the message that asked (empty for commands). `context` is what came with the
        request itself, all of it text by users: `alert` (text of the message a shortcut was used on), `since`
        (`1h`, from the modal), `namespace`, `workload`, `environment` (from the modal or the channel policy).
        What the channel itself says (topic, bookmarks, recent messages) is read by the worker through
        `chatops.slack.channels.ChannelReader`, never by a listener. `request` is the id that the incident gets: a
        request that is worked off again finds what it opened.
        """
        ...

    async def posted(self, message: Mapping[str, Any]) -> None:
        """Take in a message of another app, where it tells an alert."""
        ...

    async def follow_up(self, incident: Incident, turn: Turn, *, addressed: bool = True) -> None:
        """Store what a person said in the thread and enqueue the answer. `turn.id` is the message's ts."""
        ...

    async def act(self, incident_id: str, action: Action, argument: str, user: str) -> str:
        """Do or enqueue what a person asked for, and note it in the timeline; return the line to show them.

        LookupError where the incident or what the argument names is gone; its text is shown.
        """
        ...

    async def incident(self, incident_id: str) -> Incident | None:
        """The incident of this id."""
        ...

    async def incident_of_thread(self, thread: Thread) -> Incident | None:
        """The incident told in this thread."""
        ...

    async def recent(self, channel: str = "", limit: int = 20) -> Sequence[Incident]:
        """Incidents, newest first; of one channel where it is given."""
        ...

    async def diagnosis(self, incident_id: str) -> Diagnosis | None:
        """What is known of the incident so far."""
        ...

    async def timeline(self, incident_id: str) -> Sequence[TimelineEntry]:
        """The incident's own record, oldest first."""
        ...

    async def note(self, incident_id: str, entry: TimelineEntry) -> None:
        """Append to the incident's own record: every action, also a refused one (kind `audit`)."""
        ...

    async def runbooks(self, text: str) -> Sequence[RunbookHit]:
        """Runbook sections by full text, best first; empty where none fits."""
        ...

    async def health(self) -> Sequence[Health]:
        """The last known health of the connectors, from memory or the store: never asks them now."""
        ...

    async def first_time(self, kind: str, key: str, ttl: timedelta = ..., by: str = "") -> bool:
        """Whether this event, action or command is seen for the first time (atomic; kept for an hour).

        It stays the first time for the same `by`.
        """
        ...

    async def forget(self, kind: str, key: str) -> None:
        """Take a `first_time` back, because what followed it failed."""
        ...

    async def put(self, kind: str, key: str, value: Mapping[str, Any], ttl: timedelta) -> None:
        """Keep a small document, as `IncidentStore.put`."""
        ...

    async def take(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Read a small document, as `IncidentStore.take`."""
        ...
