"""When did a series change, and by how much: plain statistics that survive spikes and short faults.

The shift is the distance of two medians in units of the spread before (interquartile range); its onset
is where a clipped cumulative sum leaves zero for good. On noisy series this ranks better than means,
maxima or change-point libraries, and needs nothing but the standard library. The baseline ends some time
before a known onset (a rule's `for:` delays its alert), and what comes after is the worst stretch and not
everything up to now: a fault may be over when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

Point = tuple[float, float]
"""Unix seconds and value."""

GAP = 240.0
"""Seconds before a reported onset that belong to neither side: alerts fire late."""
WARM_UP = 2
"""Samples left out where a series begins inside the window: the first ones after a start mislead."""
_FEWEST = 3
_RELATIVE_FLOOR = 0.05


class Shift(NamedTuple):
    """A change of level: medians before and in the worst stretch after, in spreads, and from when to when."""

    before: float
    after: float
    score: float
    """|after - before| / max(IQR before, 5 % of the median before, the unit's floor)."""
    onset: float | None
    until: float | None
    """When it was back at its old level; None while it lasts."""

    @property
    def change(self) -> float:
        """Signed difference of the levels."""
        return self.after - self.before

    @property
    def ratio(self) -> float:
        """After over before; infinite where it grew out of nothing."""
        if self.before:
            return self.after / self.before
        return float("inf") if self.after else 1.0


def settled(points: Sequence[Point], start: float) -> Sequence[Point]:
    """The series without its warm-up, where it begins later than the window (by two of its own steps)."""
    if len(points) < 2 * WARM_UP + _FEWEST:
        return points
    step = points[1][0] - points[0][0]
    return points[WARM_UP:] if points[0][0] > start + 2 * step else points


def shift(points: Sequence[Point], onset: float | None = None, floor: float = 0.0) -> Shift | None:
    """The change of level around `onset`, or around the one found in the data; None where there is too little.

    `floor` is the smallest spread worth counting, in the unit of the series.
    """
    if len(points) < 2 * _FEWEST:
        return None
    begin = onset if onset is not None else find_onset(points, floor)
    if begin is None:
        return None
    before = _baseline(points, begin, gap=onset is not None)
    after = [p for p in points if p[0] > before[-1][0]] if before else []
    if len(before) < _FEWEST or len(after) < _FEWEST:
        return None
    level, spread = _level(before, floor)
    reached = _worst_stretch(after, level)
    found = _cusum(after, level, spread)
    return Shift(level, reached, abs(reached - level) / spread, found, _until(after, level, reached, found))


def find_onset(points: Sequence[Point], floor: float = 0.0) -> float | None:
    """When the series left the level of its first sixth, in unix seconds; None where it never did for good.

    No more than that, because what was looked at may have begun only shortly before.
    """
    head = points[: max(_FEWEST, len(points) // 6)]
    level, spread = _level(head, floor)
    return _cusum(points[len(head) :], level, spread)


def common_onset(onsets: Iterable[float]) -> float | None:
    """The onset most series agree on: the middle of the densest two minutes, the earlier one where two are equal."""
    times = sorted(onsets)
    if not times:
        return None
    crowds = ([t for t in times if start <= t <= start + 120.0] for start in times)
    best: list[float] = max(crowds, key=len)
    return median(best)


def _baseline(points: Sequence[Point], begin: float, *, gap: bool) -> list[Point]:
    """What was before: without the gap where that leaves enough, else as much as there is."""
    first = points[0][0]
    width = min(GAP, (begin - first) / 4) if gap else 0.0
    calm = [p for p in points if p[0] < begin - width]
    return calm if len(calm) >= _FEWEST else [p for p in points if p[0] < begin]


def _level(points: Sequence[Point], floor: float) -> tuple[float, float]:
    """Median and spread; the spread has floors, or a constant series would shift by infinity at its first move."""
    values = sorted(v for _, v in points)
    middle = median(values)
    n = len(values)
    iqr = values[(3 * n) // 4 if n > 3 else -1] - values[n // 4]
    return middle, max(iqr, _RELATIVE_FLOOR * abs(middle), floor, 1e-12)


def _worst_stretch(after: Sequence[Point], level: float) -> float:
    """The median of the stretch (a quarter of what came after) that is farthest from the old level."""
    width = min(len(after), max(_FEWEST, len(after) // 4))
    hop = max(1, width // 3)
    starts = {*range(0, len(after) - width + 1, hop), len(after) - width}
    medians = [median(v for _, v in after[i : i + width]) for i in starts]
    return max(medians, key=lambda m: abs(m - level))


def _cusum(
    points: Sequence[Point], level: float, spread: float, drift: float = 1.0, limit: float = 6.0
) -> float | None:
    """Where the clipped sum of deviations last left zero before it crossed the limit, upwards or downwards.

    Clipping one sample to four spreads means that no single spike can raise the alarm.
    """
    up = down = 0.0
    up_since = down_since = points[0][0] if points else 0.0
    for t, value in points:
        z = max(-4.0, min(4.0, (value - level) / spread))
        up_since, down_since = (up_since if up else t), (down_since if down else t)
        up, down = max(0.0, up + z - drift), max(0.0, down - z - drift)
        if up > limit:
            return up_since
        if down > limit:
            return down_since
    return None


def _until(after: Sequence[Point], level: float, reached: float, onset: float | None) -> float | None:
    """The time from which on it stayed nearer to the old level than to the new one; None while it does not."""
    if onset is None:
        return None
    back = None
    for t, value in reversed(after):
        if abs(value - level) > abs(value - reached):
            break
        back = t
    return back if back is not None and back > onset else None
