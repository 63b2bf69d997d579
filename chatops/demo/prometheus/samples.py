"""Which samples has a series? Its shape, looked at on the scrape grid, and kept: they are asked for again and again."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from chatops.demo.shapes import Shape, seed

SCRAPE = 15.0
"""Seconds between samples."""
BLOCK = 256
"""Samples that are made at a time: an hour and four minutes."""
Point = tuple[float, float]


class Window(list[Point]):
    """Samples of one range; `rising` says that they are known never to fall, so that no reset is looked for."""

    rising: bool = False


@dataclass(frozen=True)
class Block:
    """Some samples in a row, and whether each is at least the one before."""

    points: list[Point]
    rising: bool


@dataclass(frozen=True)
class Sampled:
    """A series: its labels (with `__name__`) and its shape. Safe to ask from several threads."""

    labels: Mapping[str, str]
    shape: Shape
    _blocks: dict[int, Block] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def between(self, start: float, end: float) -> Window:
        """The samples in (start, end]."""
        first, last = int(start // SCRAPE) + 1, int(end // SCRAPE)
        found, rising = Window(), True
        for number in range(first // BLOCK, last // BLOCK + 1):
            block = self._block(number)
            if not block.points:
                continue
            origin = int(block.points[0][0] // SCRAPE)
            part = block.points[max(0, first - origin) : max(0, last - origin + 1)]
            rising = rising and block.rising and (not found or not part or found[-1][1] <= part[0][1])
            found += part
        found.rising = rising
        return found

    def latest(self, when: float) -> float | None:
        """The newest sample of the last two scrapes; none once the series has ended (a stale marker)."""
        found = self.between(when - 2 * SCRAPE, when)
        return found[-1][1] if found else None

    def _block(self, number: int) -> Block:
        with self._lock:
            if number not in self._blocks:
                self._blocks[number] = self._made(number)
            return self._blocks[number]

    def _made(self, number: int) -> Block:
        kind = seed(str(sorted(self.labels.items())))
        times = [tick * SCRAPE for tick in range(number * BLOCK, (number + 1) * BLOCK)]
        points = [(at, value) for at in times if (value := self.shape.at(at, kind)) is not None]
        return Block(points, all(before[1] <= after[1] for before, after in pairwise(points)))


def sampled(name: str, shape: Shape, **labels: str) -> Sampled:
    """A series in one line."""
    return Sampled({"__name__": name, **labels}, shape)
