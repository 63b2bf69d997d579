"""What did the metrics of these resources do? GetMetricData in as few calls as it allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from connectors.changes import Point
from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.measures import Metric
from connectors.cloudwatch.readings import Reading, Readings
from connectors.cloudwatch.targets import Target
from connectors.contract import Window
from connectors.together import every

BATCH = 500
"""Queries GetMetricData takes in one call."""
_PAGES = 4
_POINTS = 240.0
"""Samples of one series that are enough for statistics and a chart."""
_OTHER_DAYS = (timedelta(days=1), timedelta(days=7))
_LEVEL = timedelta(minutes=20)
"""How much of another day is read for its level."""
_KEPT = ((timedelta(hours=3), 1), (timedelta(days=15), 60), (timedelta(days=63), 300), (timedelta(days=455), 3600))
"""How long CloudWatch keeps which resolution: age of the data, seconds."""


class Wanted(NamedTuple):
    """One series to read."""

    target: Target
    metric: Metric


class Range(NamedTuple):
    """What is asked for: start, end, and the seconds between samples."""

    start: datetime
    end: datetime
    period: int


def range_of(window: Window, now: datetime) -> Range:
    """The window with enough before it for a baseline, in a resolution that still exists."""
    start = min(window.start, window.end - timedelta(hours=2))
    if window.onset is not None:
        start = min(start, window.onset - timedelta(hours=1))
    seconds = (window.end - start).total_seconds()
    # Recordings and old incidents are as old as they are: only ask for what CloudWatch would still have.
    finest = next((period for age, period in _KEPT if now - start <= age), 3600)
    period = max(60, finest, _rounded(seconds / _POINTS))
    return Range(start, window.end, period)


def _rounded(seconds: float) -> int:
    return 60 * max(1, -(-int(seconds) // 60))


async def read(aws: Aws, wanted: Sequence[Wanted], span: Range, onset: datetime | None) -> list[Readings]:
    """The readings of every target that has any. Batches run at once; raises `ConnectorError` if one fails."""
    batches = [
        (region, group[i : i + BATCH])
        for region, group in _by_region(wanted).items()
        for i in range(0, len(group), BATCH)
    ]
    calls = [partial(_read_batch, aws, batch, span, onset, region) for region, batch in batches]
    return _grouped(reading for result in await every(calls) for reading in result)


async def usual(aws: Aws, wanted: Sequence[Wanted], span: Range, now: datetime) -> dict[Target, dict[str, float]]:
    """The level of each series at the end of the span, a day and a week before: the higher of the two."""
    calls = [partial(_levels, aws, wanted, span, ago, now) for ago in _OTHER_DAYS]
    found: dict[Target, dict[str, float]] = {}
    for levels in await every(calls):
        for one, level in levels:
            known = found.setdefault(one.target, {})
            known[one.metric.name] = max(level, known.get(one.metric.name, level))
    return found


async def _levels(
    aws: Aws, wanted: Sequence[Wanted], span: Range, ago: timedelta, now: datetime
) -> list[tuple[Wanted, float]]:
    end = span.end - ago
    other = range_of(Window(start=end - _LEVEL, end=end), now)._replace(start=end - _LEVEL)
    readings = await read(aws, wanted, other, None)
    return [
        # A sum is per period.
        (Wanted(group.target, one.metric), one.now * (span.period / other.period if one.metric.stat == "Sum" else 1))
        for group in readings
        for one in group.by_name.values()
    ]


def _by_region(wanted: Iterable[Wanted]) -> dict[str, list[Wanted]]:
    groups: dict[str, list[Wanted]] = {}
    for one in wanted:
        groups.setdefault(one.target.service.region, []).append(one)
    return groups


async def _read_batch(
    aws: Aws, batch: Sequence[Wanted], span: Range, onset: datetime | None, region: str
) -> list[Reading]:
    queries = [metric_query(f"m{i}", one, span.period) for i, one in enumerate(batch)]
    pages = await aws.pages(
        "cloudwatch", "GetMetricData", "MetricDataResults", most=_PAGES, region=region,
        MetricDataQueries=queries, StartTime=span.start, EndTime=span.end, ScanBy="TimestampAscending",
    )  # fmt: skip
    points: dict[str, list[Point]] = {}
    for result in pages.items:
        points.setdefault(str(result.get("Id")), []).extend(_points(result))
    newest = _newest(batch, points)
    for i, one in enumerate(batch):
        if one.metric.stat == "Sum" and points.get(f"m{i}"):
            points[f"m{i}"] = filled(points[f"m{i}"], span, newest[one.target])
    since = onset.timestamp() if onset else None
    return [
        Reading(one.target, one.metric, tuple(sorted(points[f"m{i}"])), span.period, since)
        for i, one in enumerate(batch)
        if points.get(f"m{i}")
    ]


def _newest(batch: Sequence[Wanted], points: Mapping[str, list[Point]]) -> dict[Target, float]:
    """When anything was last measured of each target."""
    newest: dict[Target, float] = {}
    for i, one in enumerate(batch):
        for at, _ in points.get(f"m{i}", ()):
            newest[one.target] = max(newest.get(one.target, at), at)
    return newest


def filled(points: Sequence[Point], span: Range, newest: float) -> list[Point]:
    """A count with zeros where CloudWatch has no sample: services publish counts only when there is something to count.

    Up to the newest sample of the resource, not to the end of the window: what is not measured yet is not zero.
    """
    have = dict(points)
    first = min(have)
    start = first - (first - span.start.timestamp()) // span.period * span.period
    steps = int((newest - start) // span.period) + 1
    grid = [start + i * span.period for i in range(max(0, steps))]
    return sorted({**dict.fromkeys(grid, 0.0), **have}.items())


def metric_query(identifier: str, one: Wanted, period: int) -> dict[str, Any]:
    """One entry of GetMetricData."""
    dimensions = [{"Name": name, "Value": value} for name, value in one.target.dimensions]
    metric = {"Namespace": one.target.service.namespace, "MetricName": one.metric.name, "Dimensions": dimensions}
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": period, "Stat": one.metric.stat}}


def _points(result: Mapping[str, Any]) -> list[Point]:
    pairs = zip(result.get("Timestamps") or (), result.get("Values") or (), strict=False)
    return [(at.astimezone(UTC).timestamp(), float(value)) for at, value in pairs]


def _grouped(readings: Iterable[Reading]) -> list[Readings]:
    groups: dict[Target, dict[str, Reading]] = {}
    for reading in readings:
        groups.setdefault(reading.target, {})[reading.metric.name] = reading
    return [Readings(target, by_name) for target, by_name in groups.items()]
