"""From Prometheus' rows to series that statistics and charts can use.

Samples that are no numbers (NaN of an empty histogram, infinities of a division by zero) are left out:
they are "no data", and one of them would spoil every median.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from connectors.changes import Point, Shift
from connectors.evidence import Series, SeriesSet

SHOWN = 120
"""Points of a series in evidence: what a chart can show."""
_UNITS = {
    "bytes": ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")),
    "seconds": ((60.0, "min"), (1.0, "s"), (0.001, "ms")),
}


class Stream(NamedTuple):
    """Labels and points of one row, oldest first."""

    labels: Mapping[str, str]
    points: Sequence[Point]

    @property
    def name(self) -> str:
        """The metric's name; empty after functions and aggregations."""
        return self.labels.get("__name__", "")


def streams(rows: Iterable[Mapping[str, Any]]) -> list[Stream]:
    """Rows of a matrix or vector as streams; rows without a number are left out."""
    read = (Stream(row["metric"], _points(row)) for row in rows)
    return [stream for stream in read if stream.points]


def thinned(points: Sequence[Point], most: int = SHOWN) -> tuple[Point, ...]:
    """At most so many points: of each bucket the one farthest from the mean, so that spikes stay visible."""
    if len(points) <= most:
        return tuple(points)
    mean = sum(v for _, v in points) / len(points)
    size = len(points) / most
    buckets = (points[int(i * size) : max(int(i * size) + 1, int((i + 1) * size))] for i in range(most))
    return tuple(max(bucket, key=lambda p: abs(p[1] - mean)) for bucket in buckets)


def went_down(stream: Stream) -> datetime | None:
    """When a state that is 1 or 0 last went to 0 and stayed there, where it was 1 before."""
    down: float | None = None
    for t, value in stream.points:
        down = None if value >= 1 else t if down is None else down
    return datetime.fromtimestamp(down, UTC) if down is not None and down > stream.points[0][0] else None


def series(
    name: str, stream: Stream, unit: str = "", shift: Shift | None = None, threshold: float | None = None
) -> Series:
    """A stream as the body of evidence."""
    return Series(
        name=name,
        unit=unit,
        labels={k: v for k, v in stream.labels.items() if k != "__name__"},
        points=tuple((round(t, 3), v) for t, v in thinned(stream.points)),
        before=shift.before if shift else None,
        after=shift.after if shift else None,
        threshold=threshold,
    )


def together(shown: Sequence[Series], omitted: int = 0) -> Series | SeriesSet:
    """One series as itself, several as a set."""
    return shown[0] if len(shown) == 1 and not omitted else SeriesSet(series=tuple(shown), omitted=omitted)


def said(value: float, unit: str = "") -> str:
    """A figure as a person would say it: `75 ms`, `1.2 GiB`, `87%`, `0.19 cores`."""
    if unit == "ratio":
        return f"{_short(value * 100)}%"
    if unit == "percent":
        return f"{_short(value)}%"
    if unit == "milliseconds":
        value, unit = value / 1000, "seconds"
    for size, name in _UNITS.get(unit, ()):
        if abs(value) >= size or name in ("ms", "KiB"):
            return f"{_short(value / size)} {name}"
    return f"{_short(value)} {unit}".strip()


def moved(before: float, after: float, unit: str = "") -> str:
    """Two figures as a person would say them: `4.8 → 75 ms`, `900 ms → 1.2 s`."""
    old, new = said(before, unit), said(after, unit)
    number, _, name = old.partition(" ")
    return f"{number} → {new}" if name and new.endswith(f" {name}") else f"{old} → {new}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _points(row: Mapping[str, Any]) -> list[Point]:
    pairs = row["values"] if "values" in row else [row["value"]] if "value" in row else []
    read = ((float(t), float(v)) for t, v in pairs)
    return [(t, v) for t, v in read if math.isfinite(v)]
