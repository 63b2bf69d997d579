"""Did it take so long, or lie so far apart? `three hours`, `2 min 40 s`, `11 s after the start`.

A length of time holds where it was told, or where it lies between two moments that were observed or stand beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from chatops.policy.text.numerals import NUMBER, WORDED, number
from chatops.policy.text.observed import Observed
from chatops.policy.text.quantities import duration, seconds_of_day

RELATIVE = re.compile(
    rf"(?<![\w.])(?P<number>{NUMBER})\s?"
    r"(?P<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|weeks?)\s(?=(?:before|after|ago|earlier|later)\b)",
    re.IGNORECASE,
)
"""How long before or after something: that is claimed of two moments."""
LASTING = re.compile(
    rf"(?<![\w.-])(?:(?P<number>{WORDED})[\s-](?P<unit>seconds?|minutes?|hours?|days?|weeks?)"
    r"|(?P<digits>\d+)[\s-](?P<long>days?|weeks?))\b",
    re.IGNORECASE,
)
NOTED = 60.0
"""Seconds from which on a time that something took may be the one between two moments."""
_CLOCKS = 6
"""Clock times of a sentence that are compared with others."""
_SPAN = re.compile(
    r"(?<![\w.])(\d{1,3})\s?(minutes?|mins?|m|hours?|h)\s?(?:and\s)?(\d{1,2})\s?(seconds?|secs?|s|minutes?|mins?|m)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Lengths:
    """The check of lengths of time against what was observed."""

    observed: Observed

    def relative(self, found: re.Match[str]) -> bool:
        """Whether it lies so long before or after something."""
        seconds = duration(number(found["number"]), found["unit"])
        return self.between_clocks(found.string, seconds) or self._said(seconds)

    def lasting(self, found: re.Match[str]) -> bool:
        """Whether it took so long."""
        return self._said(duration(number(found["number"] or found["digits"]), found["unit"] or found["long"]), NOTED)

    def elapsed(self, seconds: float) -> bool:
        """Whether so much time lies between two observed moments, rounded as people do."""
        moments = self.observed.happened[:60]
        slack = min(0.1 * seconds, 60.0) if seconds < 3600 else 0.1 * seconds
        return any(
            abs((b - a).total_seconds() - seconds) <= slack for i, a in enumerate(moments) for b in moments[i + 1 :]
        )

    def between_clocks(self, sentence: str, seconds: float) -> bool:
        """Whether so much time lies between a clock time of the sentence and another, or a moment that was observed."""
        told = list(islice(seconds_of_day([sentence]), _CLOCKS))
        others = (*told, *self.observed.to_the_second)
        return any(abs(abs(a - b) - seconds) <= 1 for a in told for b in others if a != b)

    def in_a_span(self, found: re.Match[str]) -> bool:
        """Whether it is a part of a time in two units (`2 min 40 s`) that was told, or lies between two moments."""
        for span in _SPAN.finditer(found.string):
            if span.start() <= found.start() < span.end():
                seconds = duration(float(span[1]), span[2]) + duration(float(span[3]), span[4])
                return self.between_clocks(found.string, seconds) or self._said(seconds, NOTED)
        return False

    def _said(self, seconds: float, least: float = 0.0) -> bool:
        """Whether so long a time was told, or, from `least` seconds on, lies between two moments."""
        said = any(abs(seen - seconds) <= 0.05 * seconds for seen in self.observed.quantities)
        return said or (seconds >= least and self.elapsed(seconds))
