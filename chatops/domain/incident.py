"""An incident: what one thread is about, from the first alert or question to its resolution."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from chatops.domain.alert import Alert, Severity
from chatops.domain.diagnosis import IncidentSummary
from connectors.contract import Inquiry, Scope, Window
from connectors.evidence import Value

Status = Literal["open", "investigating", "answered", "failed", "stopped", "resolved"]
Origin = Literal["alert", "command", "mention", "message", "shortcut", "direct", "cli"]

_SEVERITIES: tuple[Severity, ...] = ("critical", "error", "warning", "info")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(now: datetime, random: Callable[[int], int] = secrets.randbelow) -> str:
    """Return an id that sorts by time and cannot be guessed: `inc-` and 16 characters."""
    number, stamp = int(now.timestamp()), ""
    for _ in range(7):
        number, digit = divmod(number, 32)
        stamp = _ALPHABET[digit] + stamp
    return "inc-" + stamp + "".join(_ALPHABET[random(32)] for _ in range(9))


class Thread(Value):
    """Where the incident is told: `ts` is the root message's, empty until it is posted."""

    team: str = ""
    channel: str = ""
    ts: str = ""


class Incident(Value):
    """What one investigation is about. Values are replaced, not edited: `incident.model_copy(update=…)`."""

    id: str
    title: str
    origin: Origin
    scope: Scope
    window: Window
    status: Status = "open"
    severity: Severity = "warning"
    question: str = ""
    asked_by: str = ""
    alerts: tuple[Alert, ...] = ()
    thread: Thread = Thread()
    created_at: datetime
    resolved_at: datetime | None = None
    resolution: str = ""
    """What a person said fixed it."""
    attended: bool = False
    """Whether a person has done something to it: then its messages no longer stand aside for others."""
    persona: str = ""
    """The persona's name where routing chose one; empty is the default."""
    more_alerts: int = 0
    """How many alerts fire beyond those that are kept in `alerts`."""
    refires: int = 0
    """How often it was re-opened by an alert that fired again."""
    held: str = ""
    """Why its investigation waits or was not begun, for people; empty where it does not wait."""
    muted_until: datetime | None = None
    """When a mute time ends that keeps it from being told; None where none does."""
    muted_channel: str = ""
    """Where it is told then."""
    joined_to: str = ""
    """The incident whose thread tells of the same outage; empty where it is told in its own."""
    joined_for: str = ""
    """What rules found that speaks for one outage, for people."""
    joined: tuple[str, ...] = ()
    """The incidents that are told in this one's thread."""
    apart: tuple[str, ...] = ()
    """Incidents that a person split it from: never joined with these again."""
    trace: str = ""
    """The W3C `traceparent` of the step that opened it: whatever is done for it later continues that trace."""

    @property
    def summary(self) -> IncidentSummary:
        """How an answer names it."""
        return IncidentSummary(id=self.id, title=self.title, scope=self.scope, window=self.window)

    @property
    def inquiry(self) -> Inquiry:
        """What connectors are asked."""
        return Inquiry(
            scope=self.scope,
            window=self.window,
            alerts=tuple(alert.firing() for alert in self.alerts),
            question=self.question,
        )

    def told(self) -> Incident:
        """The incident once no mute time keeps it from being told, to be looked into anew."""
        return self.model_copy(
            update={
                "thread": Thread(channel=self.muted_channel),
                "muted_until": None,
                "muted_channel": "",
                "status": self.status if self.status == "stopped" else "open",
            }
        )

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that have not resolved."""
        return tuple(alert for alert in self.alerts if alert.status == "firing")


def worst(severities: list[Severity]) -> Severity:
    """The most severe of them; warning where there are none."""
    return min(severities, key=_SEVERITIES.index, default="warning")


class TimelineEntry(Value):
    """One line of an incident's own record: who did or saw what, when."""

    at: datetime
    kind: str
    """opened, alert, facts, diagnosis, question, answer, statement, check, feedback, hypothesis, resolved, error …"""
    text: str
    by: str = ""
