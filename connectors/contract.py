"""What a connector promises: checks for the gatherer, read-only tools for the persona, health for `doctor`.

A third party writes a connector by providing an entry point in the group `chatops.connectors` (or
`chatops.connectors.optional`, where nobody shall be told that it is not configured) that returns something of
this shape: docs/writing-a-connector.md. Connectors know nothing of Slack, Redis or models.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from connectors.evidence import Observation, Subject, Value

T = TypeVar("T")

ErrorKind = Literal[
    "unreachable", "timeout", "forbidden", "throttled", "rejected", "garbage", "not_found", "open_circuit"
]


class ConnectorError(Exception):
    """The one exception a connector raises: what kind of failure, the exact query, the full message."""

    def __init__(self, kind: ErrorKind, query: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail} (query: {query})")
        self.kind: ErrorKind = kind
        self.query = query
        self.detail = detail

    @property
    def brief(self) -> str:
        """Kind and message without the query, which may be a page long: for a row of the coverage."""
        return f"{self.kind}: {self.detail}"


class Scope(Value):
    """Where to look. An empty field is unknown or everything; connectors use the fields they understand."""

    environment: str = ""
    cluster: str = ""
    namespace: str = ""
    workload: str = ""
    pod: str = ""
    node: str = ""
    service: str = ""
    account: str = ""
    region: str = ""
    selectors: Mapping[str, str] = {}
    """PromQL label matchers of the service, from the service catalogue (`{"job": "checkout"}`)."""
    log_groups: tuple[str, ...] = ()
    dimensions: Mapping[str, str] = {}
    """AWS dimensions of the service, from the catalogue or the alarm (`{"DBInstanceIdentifier": "orders"}`)."""


class Window(Value):
    """The time to look at, UTC. `onset` is when it began as far as the alert or the question says."""

    start: datetime
    end: datetime
    onset: datetime | None = None

    @classmethod
    def ending(cls, end: datetime, since: timedelta = timedelta(hours=1), onset: datetime | None = None) -> Window:
        """The window that ends now; it begins at least half of `since` before the onset."""
        start = end - since
        if onset is not None:
            start = min(start, onset - since / 2)
        return cls(start=start, end=end, onset=onset)


class FiringAlert(Value):
    """What a connector may know of an alert: enough to find its rule and its expression."""

    name: str
    source: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    starts_at: datetime | None = None
    generator_url: str = ""


class Inquiry(Value):
    """What is asked: the scope, the window, the alerts that fired and the question, if a person asked one."""

    scope: Scope
    window: Window
    alerts: tuple[FiringAlert, ...] = ()
    question: str = ""
    focus: tuple[Subject, ...] = ()
    """In a second look: what the first one makes suspect. Who could not read everything reads these first."""
    hosts: tuple[str, ...] = ()
    """Hosts that the workloads in question use, where this source has said that its resources answer there."""
    within: tuple[str, ...] = ()
    """Patterns of the namespaces that may be read; empty: all."""


@dataclass(frozen=True)
class Check:
    """One question that a connector can answer by itself.

    `run` raises `ConnectorError`, and nothing else on purpose; checks of one investigation may
    share what they fetch, because `Connector.checks` binds them to it.
    """

    name: str
    question: str
    run: Callable[[], Awaitable[Observation]]
    timeout: float = 8.0
    """Seconds; larger than the SDK's own time limit, smaller than the deadline of the gathering."""
    needs: tuple[str, ...] = ()
    """Fields of the scope, or of the inquiry (`alerts`, `question`), without which it is skipped."""
    decides: tuple[str, ...] = ()
    """Cause codes that only this check can tell."""


@dataclass(frozen=True)
class Tool:
    """A read-only query that the persona may call. `schema` is the JSON Schema of its arguments.

    `run` takes the inquiry and the arguments and answers with evidence; the exact query, the time
    range and, on failure, the full error are in the answer or in the `ConnectorError`.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    run: Callable[[Inquiry, Mapping[str, Any]], Awaitable[Observation]]
    argv: Callable[[Sequence[str]], Mapping[str, Any] | None] | None = None
    """Where given: the arguments that answer a shell command (`kubectl get pods -n shop`), or None if
    this tool does not answer that command. This is how *Run check* runs through connectors and never a shell."""
    confined: Callable[[Mapping[str, Any]], bool] | None = None
    """Where given: whether with these arguments it reads nothing but the incident's namespace, and what belongs to
    none. A channel that may ask about some namespaces only gets no other answer."""


@dataclass(frozen=True)
class Health:
    """One line of `chatops doctor`: what was tried, whether it works, and what to do if not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


class Connector(Protocol):
    """A source of context in one environment."""

    name: str

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """The checks that fit this inquiry, bound to it."""
        ...

    def tools(self) -> Sequence[Tool]:
        """The read-only queries the persona may call."""
        ...

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """What exists in the scope and can be named in a question or a command (workloads, nodes, databases …)."""
        ...

    async def health(self) -> Sequence[Health]:
        """What is reachable and permitted. Never raises."""
        ...

    async def aclose(self) -> None:
        """Release what it holds."""
        ...


@runtime_checkable
class Loads(Protocol):
    """A connector whose client library takes long to import may say so: it is loaded before the first incident."""

    async def load(self) -> None:
        """Import what is imported late. Asks nobody, so that it ends whatever the source does."""
        ...


@runtime_checkable
class Wired(Protocol):
    """A connector that also knows, before anything has failed, who depends on whom. Optional."""

    async def dependencies(self) -> Sequence[tuple[Subject, Subject]]:
        """Pairs of who depends and on whom: caller and callee, workload and node. Raises `ConnectorError`."""
        ...


@runtime_checkable
class Follows(Protocol):
    """A connector that can tell which of its resources answers under a host name that another source read. Optional."""

    async def behind(self, inquiry: Inquiry, hosts: Sequence[str]) -> Mapping[str, Subject]:
        """Host to resource, for those of the hosts that are this source's; what `inquiry` has read is used.

        Raises `ConnectorError`.
        """
        ...


class Tape(Protocol):
    """Stands between a connector's `Caller` and its source: keeps the answers, counts them, or gives them again."""

    @property
    def now(self) -> datetime:
        """The time that connectors go by, the same when recording and when answering from the recording."""
        ...

    def opened(self, source: str, options: Mapping[str, Any]) -> None:
        """Told by a connector: with which options it can be opened again on a recording. No credentials."""
        ...

    async def answer(self, source: str, key: str, query: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a call, where `key` is everything that the answer depends on. Raises `ConnectorError`."""
        ...


@dataclass(frozen=True)
class ConnectorSettings:
    """What an entry point is given: the environment's name and the connector's own section of the settings."""

    environment: str = "default"
    options: Mapping[str, Any] = field(default_factory=dict)
    tape: Tape | None = None
    """Where given, every call goes by it."""


OpenConnector = Callable[[ConnectorSettings], Connector | None]
"""The type of an entry point: returns None where the source is not configured. Must not block or connect."""


Opener = TypeVar("Opener", bound=Callable[..., Any])


def reads(*options: str) -> Callable[[Opener], Opener]:
    """Declares the options that an entry point reads: any other is refused at the start, and these are named."""

    def declared(opener: Opener) -> Opener:
        opener.__dict__["reads"] = frozenset(options)
        return opener

    return declared
