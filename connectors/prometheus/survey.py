"""What one investigation asks of Prometheus: each question once, in one range, whoever needs the answer.

The checks of an investigation overlap (every rule wants to know which metrics exist); they share a survey,
so that the number of calls is bounded and does not grow with pods, services or checks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from string import Template
from typing import Any, NamedTuple, TypeVar

import anyio

from connectors.contract import ConnectorError, Inquiry
from connectors.prometheus import promql
from connectors.prometheus.client import Prometheus, matrix
from connectors.prometheus.families import Row
from connectors.prometheus.samples import Stream, streams

T = TypeVar("T")
U = TypeVar("U")
AROUND = timedelta(minutes=30)
"""How far before and after a known onset is looked: finer steps tell more than longer ranges."""
_ROW = "chatops_row"
"""The label that tells the rows of one combined question apart."""
MOST_STREAMS = 1000
_OWN_LONGEST = 60_000
"""Characters of a question this connector puts together itself; what others write is checked before."""


class Reading(NamedTuple):
    """What a question brought: its expression, and when it was asked for (`[from – to, step]`)."""

    streams: Sequence[Stream]
    expression: str
    asked: str
    warnings: tuple[str, ...] = ()
    omitted: int = 0

    @property
    def query(self) -> str:
        """Exactly what would have to be repeated."""
        return f"{self.expression} {self.asked}".strip()

    def part(self, expression: str) -> Reading:
        """The same answer as if only this part of the question had been asked."""
        return self._replace(expression=expression)


@dataclass
class Survey:
    """The shared answers of one investigation; bound to its inquiry, thrown away with it."""

    client: Prometheus
    inquiry: Inquiry
    rate_window: str = "3m"
    nearer: tuple[datetime, datetime] | None = None
    """A range worth a finer look, once it is known; instead of the one that follows from the inquiry."""
    _held: dict[str, Any] = field(default_factory=dict)
    _locks: dict[str, anyio.Lock] = field(default_factory=dict)

    @property
    def claimed(self) -> float | None:
        """The onset the question or its alerts name, in unix seconds; alerts that fire since long ago say nothing."""
        window = self.inquiry.window
        times = [a.starts_at for a in self.inquiry.alerts if a.starts_at and window.start < a.starts_at < window.end]
        known = window.onset or min(times, default=None)
        return known.timestamp() if known else None

    @property
    def focus(self) -> tuple[datetime, datetime]:
        """The range that is asked: around the onset where it is known, else the whole window."""
        window = self.inquiry.window
        if self.nearer:
            return self.nearer
        if self.claimed is None:
            return window.start, window.end
        onset = datetime.fromtimestamp(self.claimed, UTC)
        return max(min(window.start, onset - AROUND / 2), onset - AROUND), min(window.end, onset + AROUND)

    @property
    def step(self) -> float:
        """Seconds between the points that are asked for."""
        start, end = self.focus
        return promql.step((end - start).total_seconds())

    async def names(self) -> frozenset[str]:
        """The metrics that had samples in the window."""
        window = self.inquiry.window

        async def ask() -> frozenset[str]:
            answer = await self.client.label_values("__name__", window.start, window.end)
            if not isinstance(answer.data, list):
                raise ConnectorError("garbage", "label __name__", "the answer is no list of names")
            return frozenset(map(str, answer.data))

        return await self.once("names", ask)

    async def over_time(self, expression: str, start: datetime | None = None) -> Reading:
        """An expression over the focus, or from `start` to the end of the window."""
        begin, end = (start, self.inquiry.window.end) if start else self.focus
        step = promql.step((end - begin).total_seconds())

        async def ask() -> Reading:
            sent = promql.checked(expression, longest=_OWN_LONGEST)
            answer = await self.client.query_range(sent, begin, end, step)
            read = streams(matrix(answer, expression))
            shown = " ".join(sent.split())
            asked = f"[{_at(begin)} – {_at(end)}, step {step:g}s]"
            return Reading(read[:MOST_STREAMS], shown, asked, answer.warnings, max(0, len(read) - MOST_STREAMS))

        return await self.once(f"range {expression} {begin}", ask)

    async def whole(self, expression: str) -> Reading:
        """An expression over the whole window: for states, which hold or not, at any time."""
        return await self.over_time(expression, self.inquiry.window.start)

    async def instant(self, expression: str) -> Reading:
        """An expression at the end of the window."""
        at = self.inquiry.window.end

        async def ask() -> Reading:
            sent = promql.checked(expression, longest=_OWN_LONGEST)
            answer = await self.client.query(sent, at)
            shown = " ".join(sent.split())
            return Reading(
                streams(matrix(answer, expression))[:MOST_STREAMS], shown, f"[at {_at(at)}]", answer.warnings
            )

        return await self.once(f"instant {expression}", ask)

    async def rows(
        self, table: Iterable[Row], start: datetime | None = None
    ) -> tuple[Reading, list[tuple[Row, Stream]]]:
        """The streams of all rows of a table whose metrics exist, asked in one question (from `start`, if given)."""
        names = await self.names()
        present = [row for row in table if all(metric in names for metric in row.needs)]
        if not present:
            return Reading((), "", ""), []
        parts = (f'label_replace({self.expression(row)}, "{_ROW}", "{i}", "", "")' for i, row in enumerate(present))
        reading = await self.over_time(" or ".join(parts), start)
        return reading, [(present[int(s.labels[_ROW])], _bare(s)) for s in reading.streams if _ROW in s.labels]

    def closer(self, start: datetime, end: datetime) -> Survey:
        """The same survey with a nearer range; what is already known stays known."""
        return replace(self, nearer=(start, end))

    def expression(self, row: Row) -> str:
        """The row's PromQL with scope and rate window."""
        return self.fill(row.promql, row.scoped)

    def fill(self, template: str, scoped: str = "namespace") -> str:
        """A template with the scope's matchers and the rate window; `scoped` names the label of the namespace."""
        text = Template(template).substitute(m=self.matchers(scoped), w=self.rate_window)
        return text.replace("{,", "{").replace(",,", ",").replace(",}", "}")

    def matchers(self, scoped: str = "namespace") -> str:
        """The scope as label matchers; empty where there is none or the metric has no such label."""
        scope = self.inquiry.scope
        if scoped and scope.namespace:
            return promql.matcher(scoped, scope.namespace)
        pairs = scope.selectors.items() if scoped == "namespace" else ()
        return ",".join(promql.matcher(label, value) for label, value in pairs)

    async def once(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a question, asked by whoever comes first; a failure is remembered too.

        When the first one to ask is cancelled (its check ran out of time), the next one asks again.
        """
        async with self._locks.setdefault(key, anyio.Lock()):
            if key not in self._held:
                try:
                    self._held[key] = await ask()
                except ConnectorError as error:
                    self._held[key] = error
        held = self._held[key]
        if isinstance(held, ConnectorError):
            raise ConnectorError(held.kind, held.query, held.detail) from held
        return held  # type: ignore[no-any-return]


async def together(*asks: Callable[[], Awaitable[T]]) -> list[T]:
    """The answers of several questions asked at once, in their order; the first failure is raised."""
    answers: dict[int, T] = {}

    async def one(index: int, ask: Callable[[], Awaitable[T]]) -> None:
        answers[index] = await ask()

    try:
        async with anyio.create_task_group() as group:
            for index, ask in enumerate(asks):
                group.start_soon(one, index, ask)
    except* ConnectorError as failed:
        raise _first(failed) from failed
    return [answers[i] for i in range(len(asks))]


async def both(one: Callable[[], Awaitable[T]], other: Callable[[], Awaitable[U]]) -> tuple[T, U]:
    """Two answers of different kinds, asked at once."""
    first: list[T] = []
    second: list[U] = []

    async def ask_one() -> None:
        first.append(await one())

    async def ask_other() -> None:
        second.append(await other())

    await together(ask_one, ask_other)
    return first[0], second[0]


def _bare(stream: Stream) -> Stream:
    """Without the row's number and without labels that came back empty."""
    return Stream({k: v for k, v in stream.labels.items() if v and k != _ROW}, stream.points)


def _first(group: BaseExceptionGroup[ConnectorError]) -> ConnectorError:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def _at(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
