"""What a check brings home: evidence, findings that rest on it, and coverage.

Evidence is what was read, findings are what a rule concludes from it, coverage says what could
not be read. Everything downstream (ranking, the persona, the cards) works on these three only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """A frozen value: equal by content, safe to share between tasks, strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_RUNS = frozenset(
    ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "Service", "Job", "CronJob", "Pod")
)
_SAID = {"DBInstance": "database", "DBCluster": "database cluster", "PersistentVolumeClaim": "volume claim"}


class Subject(Value):
    """The thing a statement is about, named as its system names it (`Deployment/shop/cart`, `Node//worker-1`)."""

    kind: str
    namespace: str = ""
    name: str
    cluster: str = ""
    """Where several clusters are looked at: the one it is in. Empty: the only one, or not known."""

    def __str__(self) -> str:
        place = f"{self.kind} {self.namespace}/" if self.namespace else f"{self.kind} "
        return place + self.brief

    @property
    def spoken(self) -> str:
        """As a sentence says it: what runs by its name alone, all else with what it is (`database orders`)."""
        return self.brief if self.kind in _RUNS else f"{_SAID.get(self.kind, self.kind)} {self.brief}"

    @property
    def brief(self) -> str:
        """The name, with the cluster where there are several."""
        return f"{self.name} in {self.cluster}" if self.cluster else self.name


class Series(Value):
    """One time series: points are (unix seconds, value), oldest first; `unit` is what the axis says."""

    type: Literal["series"] = "series"
    name: str
    unit: str = ""
    labels: dict[str, str] = {}
    points: tuple[tuple[float, float], ...]
    before: float | None = None
    """Median before the onset, where one was found."""
    after: float | None = None
    threshold: float | None = None


class SeriesSet(Value):
    """A few series that belong on one chart; `omitted` counts those left out."""

    type: Literal["series_set"] = "series_set"
    series: tuple[Series, ...]
    omitted: int = 0


class LogPattern(Value):
    """Lines of one shape: the template, and how often it came before and after the onset."""

    template: str
    example: str
    before: int = 0
    after: int = 0
    level: str = ""
    first: datetime | None = None
    """When the pattern was first seen in the lines that were read."""


class LogPatterns(Value):
    """Log lines as patterns, the most telling first; `lines` were read, `omitted` patterns are not shown."""

    type: Literal["log_patterns"] = "log_patterns"
    patterns: tuple[LogPattern, ...]
    lines: int = 0
    omitted: int = 0


class ResourceState(Value):
    """Objects as a table, the broken ones first; `omitted` rows are not shown."""

    type: Literal["resource_state"] = "resource_state"
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    omitted: int = 0


class Change(Value):
    """Something that was changed: when (UTC), by whom where that is known, from what to what."""

    type: Literal["change"] = "change"
    at: datetime
    what: str
    by: str = ""
    before: str = ""
    after: str = ""


Body = Annotated[Series | SeriesSet | LogPatterns | ResourceState | Change, Field(discriminator="type")]


class Evidence(Value):
    """One observation, quotable by number.

    `key` identifies it within an investigation (unique, stable between runs); `id` (`E1`…) is given
    once everything is gathered. `query` is exactly what would have to be repeated to see the same.
    """

    key: str
    id: str = ""
    source: str
    check: str
    title: str
    summary: str
    """One or two sentences with the figures; says the same as the body."""
    subject: Subject | None = None
    onset: datetime | None = None
    query: str = ""
    link: str = ""
    body: Body | None = None
    untrusted: bool = False
    """True where the text is controlled by users of the system (request paths, user agents, bodies)."""


class Role(StrEnum):
    """What a finding is in the chain of causes: only a cause may be a hypothesis."""

    CAUSE = "cause"
    """A state change, or a wrong state that holds now."""
    SYMPTOM = "symptom"
    """Something that suffers: it needs a cause, it is none."""
    CONTEXT = "context"
    """True and worth telling (a recent rollout, a recovered restart); explains nothing alone."""


class Finding(Value):
    """What a rule concludes, and the keys of the evidence that it rests on.

    `confidence` (0–1) is how often a conclusion of this rule, seen alone, is the cause; ranking
    adjusts it. `explains` names the subjects whose trouble follows from this one; a finding that is
    itself explained by another is a consequence.
    """

    cause: str
    """A code of `connectors.causes`."""
    subject: Subject
    statement: str
    """One sentence in the words of the field: what is wrong, with the figures."""
    role: Role = Role.CAUSE
    rests_on: tuple[str, ...]
    contradicted_by: tuple[str, ...] = ()
    confidence: float = Field(ge=0, le=1)
    onset: datetime | None = None
    explains: tuple[Subject, ...] = ()
    mechanism: str = ""
    """How the cause leads to what is seen, where the statement does not say it."""
    rule: str
    """The name of the rule, for `why` and for the evaluation."""
    commands: tuple[tuple[str, ...], ...] = ()
    """Commands (argv) that would confirm it; the policy checks them before anybody sees them."""


class State(StrEnum):
    """What became of a check."""

    CHECKED = "checked"
    NO_DATA = "no data"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_CONFIGURED = "not configured"


class Coverage(Value):
    """One row of what was looked at: every check of every source has exactly one."""

    source: str
    check: str
    state: State
    detail: str = ""
    """Why not, and what would help; empty where it was checked."""
    ms: int = 0
    decides: tuple[str, ...] = ()
    """Cause codes that this check can tell: what stays open when it failed."""
    unread: int = 0
    """How many subjects of the scope it left out, for its budget."""
    watched: int = 0
    """How many subjects' golden signals (traffic, errors, latency, saturation) it read."""


class Topology(Value):
    """What a source knows of who calls whom and what runs where, by workload name (`connectors.topology`)."""

    calls: tuple[tuple[str, str], ...] = ()
    """Caller, callee."""
    placement: Mapping[str, tuple[str, ...]] = {}
    """Workload to the names of its nodes."""
    timed: frozenset[str] = frozenset()
    """Workloads of which it is known how long they take to answer."""
    traffic: Mapping[str, float] = {}
    """Workload to the requests it got each second, before anything happened."""
    resends: Mapping[str, float] = {}
    """Node to the segments a second that it sent again beyond what it did before; nodes that are not watched lack."""
    reaches: tuple[tuple[Subject, str], ...] = ()
    """Workload, and a host outside that it uses: another source may know what answers there."""


class Observation(Value):
    """What one run of a check found. `partial` says what was left out or could not be read of it.

    `unread` and `watched` are those of its coverage: they decide whether finding nothing means anything.
    """

    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    searched: str = ""
    """Where nothing was found: what was searched, in which range."""
    skipped: str = ""
    """Why there was nothing to ask for: nobody was asked."""
    partial: str = ""
    unread: int = 0
    watched: int = 0
    topology: Topology | None = None
    """Calls and placement, where this check read them: they decide between readings of other sources."""
