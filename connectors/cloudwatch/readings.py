"""What did one metric of one resource do? Its level, its change, and the stretch it spent beyond a bound.

Two questions are kept apart. *Did it change* is `connectors.changes`. *Is it bad* needs a bound that
means something for the metric, and a stretch long enough: a bound that is crossed for a minute, or was
crossed and is no longer, is no state that holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from statistics import median
from typing import NamedTuple

from connectors.changes import Point, Shift, shift
from connectors.cloudwatch.measures import Metric
from connectors.cloudwatch.targets import Target
from connectors.evidence import Series

NOTABLE = 3.0
"""Spreads from which on a change of level counts as one."""
_SHORTEST = 8
"""Samples from which on a change right at the start of a series is believed."""


class Stretch(NamedTuple):
    """A stretch of time beyond a bound. `holds` where it lasts up to the newest samples."""

    start: float
    end: float
    samples: int
    worst: float
    holds: bool

    @property
    def onset(self) -> datetime:
        """When it began."""
        return datetime.fromtimestamp(self.start, UTC)

    @property
    def minutes(self) -> float:
        """How long it lasted."""
        return (self.end - self.start) / 60


@dataclass(frozen=True)
class Reading:
    """One series: points are (unix seconds, value), oldest first; never empty."""

    target: Target
    metric: Metric
    points: tuple[Point, ...]
    period: int = 60
    onset: float | None = None
    """The onset that the alert reported, where there is one."""

    @cached_property
    def shift(self) -> Shift | None:
        """The change of level that the data show by themselves, or else around the reported onset."""
        own = shift(self.points)
        if own is not None and own.onset is not None and own.score >= NOTABLE:
            return own
        told = shift(self.points, self.onset) if self.onset is not None else None
        if told is not None and told.onset is not None and told.score >= NOTABLE:
            return told
        return _from_the_start(self.points) or told or own

    @property
    def shifted(self) -> bool:
        """Whether its level changed for long enough to count, at a time that can be told."""
        found = self.shift
        return found is not None and found.onset is not None and found.score >= NOTABLE and self._material(found)

    def _material(self, found: Shift) -> bool:
        # A hundredth more of something steady is many spreads and no news.
        return abs(found.change) >= 0.2 * max(abs(found.before), abs(found.after))

    @cached_property
    def now(self) -> float:
        """Its level at the end: the median of the newest five samples."""
        return median(v for _, v in self.points[-5:])

    @cached_property
    def before(self) -> float:
        """Its level at first: before the shift, else the median of the first quarter."""
        if self.shifted and self.shift is not None:
            return self.shift.before
        return median(v for _, v in self.points[: max(1, len(self.points) // 4)])

    @property
    def growth(self) -> float:
        """Level at the end over the level at first, counting what shifted and came back at its worst."""
        reached = self.shift.after if self.shifted and self.shift is not None else self.now
        return reached / self.before if self.before else (float("inf") if reached else 1.0)

    @property
    def changed_at(self) -> datetime | None:
        """When its level changed."""
        if not self.shifted or self.shift is None or self.shift.onset is None:
            return None
        return datetime.fromtimestamp(self.shift.onset, UTC)

    def beyond(self, test: Callable[[float], bool], samples: int = 5) -> Stretch | None:
        """The longest stretch for which `test` is true, the newest one where it lasts; one sample may be missing.

        None where no stretch has as many samples.
        """
        stretches = [s for s in self._stretches(test) if s.samples >= samples]
        lasting = [s for s in stretches if s.holds]
        return lasting[-1] if lasting else max(stretches, key=lambda s: s.samples, default=None)

    def _stretches(self, test: Callable[[float], bool]) -> list[Stretch]:
        runs: list[list[int]] = []
        for i, (_, value) in enumerate(self.points):
            if not test(value):
                continue
            if runs and i - runs[-1][-1] <= 2:
                runs[-1].append(i)
            else:
                runs.append([i])
        return [self._stretch(run, test) for run in runs]

    def _stretch(self, run: list[int], test: Callable[[float], bool]) -> Stretch:
        values = [self.points[i][1] for i in run]
        worst = min(values) if self.metric.worse == "down" else max(values)
        # Up to the newest samples, of which one may be missing or late.
        holds = run[-1] >= len(self.points) - 2 and test(self.now)
        return Stretch(self.points[run[0]][0], self.points[run[-1]][0], len(run), worst, holds)

    @property
    def key(self) -> str:
        """The key of its evidence."""
        return f"cloudwatch/metric/{self.target.key}/{self.metric.name}"

    def series(self, threshold: float | None = None) -> Series:
        """The reading as an evidence body."""
        found = self.shift if self.shifted else None
        return Series(
            name=self.metric.name,
            unit=self.metric.unit,
            labels=dict(self.target.dimensions),
            points=self.points,
            before=found.before if found else None,
            after=found.after if found else None,
            threshold=threshold,
        )


def _from_the_start(points: tuple[Point, ...]) -> Shift | None:
    """A change that begins with the data: too little before it for a spread, so only a doubling that stays counts."""
    values = [v for _, v in points]
    if len(values) < _SHORTEST:
        return None
    before, after = median(values[:2]), median(values[len(values) // 2 :])
    rest = values[len(values) // 2 :]
    rose = after >= 2 * before and after > before and min(rest) >= 1.5 * max(values[:2])
    fell = after <= 0.5 * before and after < before and max(rest) <= 0.67 * min(values[:2])
    if not (rose or fell) or before < 0:
        return None
    middle = (before + after) / 2
    began = next(t for t, v in points if (v >= middle) == rose)
    return Shift(before, after, float("inf"), began, None)


@dataclass(frozen=True)
class Readings:
    """The readings of one resource by metric name."""

    target: Target
    by_name: Mapping[str, Reading] = field(default_factory=dict)

    def get(self, *names: str) -> Reading | None:
        """The first of these metrics that was read."""
        return next((self.by_name[name] for name in names if name in self.by_name), None)

    def beyond(self, name: str, test: Callable[[float], bool], samples: int = 5) -> Stretch | None:
        """`Reading.beyond` of one metric; None where it was not read."""
        reading = self.by_name.get(name)
        return reading.beyond(test, samples) if reading else None

    @property
    def suffers_since(self) -> datetime | None:
        """When its errors or its answers' times rose and did not go back; None where they did not."""
        rose = [
            at
            for one in self.by_name.values()
            if one.metric.role in ("errors", "latency") and one.growth >= 2 and (at := one.changed_at)
            and one.shift and one.shift.until is None
        ]  # fmt: skip
        return min(rose, default=None)

    def grew(self, names: Iterable[str], factor: float) -> list[Reading]:
        """The metrics among these whose level rose by at least this factor."""
        readings = [self.by_name[name] for name in names if name in self.by_name]
        return [r for r in readings if r.shifted and r.growth >= factor]
