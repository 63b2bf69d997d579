"""What do the scope's logs in Loki say? Errors before and after the onset, and how many lines there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import anyio

from connectors import log_reading
from connectors.contract import Check, Inquiry
from connectors.evidence import Observation, Series, Subject
from connectors.log_reading import TROUBLE, Line, Source
from connectors.loki import logql, streams
from connectors.loki.client import Lines, Loki
from connectors.together import every

_LINES = 1000
"""Per range. Loki's own limit is 5000 unless somebody lowered it."""


@dataclass
class Search:
    """One investigation's questions: the labels of the range are asked for once."""

    loki: Loki
    inquiry: Inquiry
    own: Mapping[str, str]
    """Labels that the settings name, by field of the scope."""
    _labels: tuple[str, ...] | None = None
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    async def labels(self) -> tuple[str, ...]:
        """The labels that exist in the window."""
        async with self._lock:
            if self._labels is None:
                window = self.inquiry.window
                self._labels = await self.loki.labels(window.start, window.end)
            return self._labels

    async def selector(self) -> str:
        """The stream selector of the scope; empty where nothing of it is a label here."""
        matchers = streams.of(self.inquiry.scope, await self.labels(), self.own)
        return logql.selector(matchers) if matchers else ""

    def source(self, selector: str, asked: str, query: str) -> Source:
        """Whose lines these are."""
        scope, ranges = self.inquiry.scope, log_reading.ranges(self.inquiry)
        about = log_reading.where((scope.namespace, scope.workload or scope.service or scope.pod or scope.node))
        subject = Subject(kind="Deployment", namespace=scope.namespace, name=scope.workload) if scope.workload else None
        return Source("loki", selector, about, asked, self.loki.link(query, ranges[0][0], ranges[-1][1]), subject)


async def errors(search: Search) -> Observation:
    """Lines with a word of trouble, before and since the onset."""
    selector = await search.selector()
    if not selector:
        return await _nowhere(search)
    query = f"{selector} {logql.any_of(TROUBLE)}"
    parts = await _each(search, query)
    lines: list[Line] = [line for part in parts for line in part.lines]
    source = search.source(selector, parts[-1].query, query)
    cut = any(part.cut for part in parts)
    return log_reading.errors(lines, log_reading.claimed_onset(search.inquiry), source, cut=cut)


async def volume(search: Search) -> Observation:
    """How many lines there are over time, and how many of them with a word of trouble."""
    selector = await search.selector()
    if not selector:
        return await _nowhere(search)
    ranges = log_reading.ranges(search.inquiry)
    start, end = ranges[0][0], ranges[-1][1]
    step = log_reading.step(start, end)
    found: list[Series] = []
    for name, filtered in (("lines", ""), ("lines of trouble", f" {logql.any_of(TROUBLE)}")):
        query = f"sum(count_over_time({selector}{filtered} [{step}s]))"
        series = await search.loki.series(query, start, end, step, f"lines in {step} s")
        found += [one.model_copy(update={"name": name}) for one in series]
    query = f"sum(count_over_time({selector} [{step}s]))"
    source = search.source(selector, f"{query} from {start:%H:%M:%S} to {end:%H:%M:%S} UTC", query)
    return log_reading.volume(found, log_reading.claimed_onset(search.inquiry), source)


async def _each(search: Search, query: str) -> list[Lines]:
    """The lines of each range, asked for at the same time."""
    ranges = log_reading.ranges(search.inquiry)
    # Before the onset the latest lines are comparable, after it the first ones tell how it began.
    latest = [at < len(ranges) - 1 for at in range(len(ranges))]
    return await every(
        [
            partial(search.loki.lines, query, *between, _LINES, latest=last)
            for between, last in zip(ranges, latest, strict=True)
        ]
    )


async def _nowhere(search: Search) -> Observation:
    have = await search.labels()
    if not have:
        return Observation(searched="Loki has no streams in this window")
    return Observation(
        searched=f"nothing of the scope is a label of the streams here; there are: {', '.join(have[:20])}"
    )


class Row(NamedTuple):
    """One check."""

    name: str
    question: str
    run: Callable[[Search], Awaitable[Observation]]


CHECKS: tuple[Row, ...] = (
    Row("log_errors", "What do the logs say since the onset that they did not say before?", errors),
    Row("log_volume", "Did the amount of log lines, or of errors among them, change?", volume),
)


def bound(search: Search) -> list[Check]:
    """The checks of one investigation."""
    return [Check(row.name, row.question, partial(row.run, search)) for row in CHECKS]
