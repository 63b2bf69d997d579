"""What does a demo metric look like over time? Gauges and counters as functions of the clock.

A function of time, not a recording: the series goes on while somebody looks at the page, any
range and step can be asked, and the same question is answered the same way twice.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, Protocol


class Shift(NamedTuple):
    """From `at` (unix seconds) on the level is `level`, reached within `over` seconds."""

    at: float
    level: float
    over: float = 0.0


class Shape(Protocol):
    """A series' value at a moment, or None where it has no sample then."""

    def at(self, when: float, seed: int) -> float | None:
        """The value at a moment; `seed` tells its noise from that of other series."""
        ...


@dataclass(frozen=True)
class Levels:
    """A base level and the shifts away from it, oldest first."""

    base: float
    shifts: tuple[Shift, ...] = ()

    def value(self, when: float) -> float:
        """The level at a moment, straight lines in between."""
        level = self.base
        for shift in self.shifts:
            if when < shift.at:
                break
            if when < shift.at + shift.over:
                return level + (shift.level - level) * (when - shift.at) / shift.over
            level = shift.level
        return level

    def integral(self, start: float, end: float) -> float:
        """The area below the level: what a counter of this rate has counted."""
        knots = [start, end]
        for shift in self.shifts:
            # A step needs the level on both of its sides, hence the knot just before it.
            knots += [k for k in (shift.at - 1e-6, shift.at, shift.at + shift.over) if start < k < end]
        knots.sort()
        return sum((b - a) * (self.value(a) + self.value(b)) / 2 for a, b in pairwise(knots))


@dataclass(frozen=True)
class Gauge:
    """A level with noise (a share of the level); exists from `since` to `until`."""

    levels: Levels
    noise: float = 0.03
    since: float = float("-inf")
    until: float = float("inf")

    def at(self, when: float, seed: int) -> float | None:
        """The level at a moment, give or take the noise."""
        if not self.since <= when <= self.until:
            return None
        return self.levels.value(when) * (1 + self.noise * jitter(when, seed))


@dataclass(frozen=True)
class Counter:
    """Counts at a rate (per second) since `since`, and starts again from zero at each of `resets`."""

    levels: Levels
    since: float
    until: float = float("inf")
    noise: float = 0.05
    resets: tuple[float, ...] = field(default=())

    def at(self, when: float, seed: int) -> float | None:
        """The count at a moment. The noise stays below half a scrape's growth: it never runs backwards."""
        if not self.since <= when <= self.until:
            return None
        began = max((r for r in self.resets if r <= when), default=self.since)
        count = self.levels.integral(began, when)
        return max(0.0, count + self.levels.value(when) * 7 * self.noise * jitter(when, seed))


def jitter(when: float, seed: int) -> float:
    """A number in −1…1 that is the same for the same moment and series."""
    mixed = (int(when) * 2654435761 ^ seed * 40503 ^ (int(when) >> 7) * 97) & 0xFFFFFFFF
    mixed = (mixed ^ (mixed >> 15)) * 2246822519 & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 13)) & 0xFFFF) / 32768 - 1


def gauge(base: float, *shifts: Shift, noise: float = 0.03, **span: float) -> Gauge:
    """A gauge in one line: `gauge(0.2, Shift(onset, 0.9))`."""
    return Gauge(Levels(base, shifts), noise, **span)


def counter(rate: float, *shifts: Shift, since: float, noise: float = 0.05, resets: tuple[float, ...] = ()) -> Counter:
    """A counter in one line: its base rate per second and the shifts of the rate."""
    return Counter(Levels(rate, shifts), since, noise=noise, resets=resets)


def seed(name: str) -> int:
    """A stable number for a name: Python's own hash differs from run to run."""
    return zlib.crc32(name.encode())
