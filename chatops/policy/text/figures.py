"""Does a figure or a time of a sentence occur in what was observed? What does not is replaced by a mark.

A figure may be written in another unit of the same quantity, rounded, or as the time between two observed moments;
small whole numbers are counted from what is seen. Digits of a name that was observed are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from chatops.policy.text.naming import TERMS
from chatops.policy.text.observed import Observed
from chatops.policy.text.quantities import MEASURES, SECONDS, UNIT, duration, unit

UNVERIFIED_FIGURE = "[unverified figure]"
UNVERIFIED_TIME = "[unverified time]"

_FIGURE = re.compile(
    r"(?<![\w.:@])(?<![A-Za-z_][-/])"
    rf"(\d+(?:[,_]\d{{3}})*(?:\.\d+|(?<!\d[,_]\d{{3}}),\d{{1,2}}(?![\d,]))?(?:[eE][+-]?\d+)?)(?:[\s-]?({UNIT})(?![A-Za-z0-9_@]))?(?![A-Za-z0-9_@]|[.:]\d)"
    r"|\b0[xX][0-9a-fA-F]+\b"
)
_CLOCK = re.compile(
    r"(?<![\d:.])(?:([01]?\d|2[0-3])(?::|h|\.(?=\d\d\s?(?:UTC|Z|h\b|o'clock)))([0-5]\d)|([01]\d|2[0-3])([0-5]\d)(?=Z\b))"
    r"(?::[0-5]\d(?:[.,]\d+)?)?(\s?[ap]\.?m\b\.?)?(?:\s?(?:UTC|Z))?(?![\d:])",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\w.:])(\d{1,2})\s?([ap])\.?m\b\.?", re.IGNORECASE)
_DATE = re.compile(r"(?<![\w.-])(\d{4}-\d{2}-\d{2})(?![\w-]*\d-)")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = "|".join(f"(?-i:{month[:3]}(?:{month[3:]})?)" for month in _MONTHS)
_CALENDAR = re.compile(
    rf"\b(?:({_MONTH})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?(?![\w:])|(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?({_MONTH})\b"
    rf"|({'|'.join(_DAYS)}|yesterday)\b)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(noon|midnight|(half|quarter)\s(past|to)\s(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"(?<![\w.])(?P<number>\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s?"
    r"(?P<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|weeks?)\s(?=(?:before|after|ago|earlier|later)\b)",
    re.IGNORECASE,
)
"""How long before or after something: that is claimed of two moments."""
_VERSION = re.compile(r"(?<![\w.-])v?(\d+(?:\.\d+){2}(?:[-+][\w.]+)?)(?![\w.]*\d|\.\d)")
_DECIMAL_COMMA = re.compile(r",(?=\d{1,2}$)")
_PERIOD = re.compile(r"\bevery\s?$", re.IGNORECASE)
_PORT = re.compile(r"(?<![\w:])(?<=[\s(]):(\d{2,5})\b")
_MARKS = 8
"""Of a sentence with more marks nothing is left that could be read."""
_COUNTS = 12
"""Whole numbers up to here are counted from what is seen, not quoted."""
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {
    **{word: at for at, word in enumerate(_ONES.split())},
    **{word: 10 * at for at, word in enumerate(_TENS.split(), 2)},
}
_COUNTED = re.compile(
    rf"(?<!\w)(?:(?P<of>revision|generation)\s#?(?P<number>\d+)(?![\w.-])|(?P<many>\d+|{'|'.join(_WORDS)})\s(?P<what>restart)s\b)",
    re.IGNORECASE,
)
"""What stands with its number where it was observed, however small."""
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_ANY_WORD = "|".join((*_WORDS, *_SCALES))
_IN_WORDS = re.compile(rf"\b(?:{'|'.join(_WORDS)})(?:(?:[\s-]+|\s+and\s+)(?:{_ANY_WORD}))*\b", re.IGNORECASE)


@dataclass(frozen=True)
class Figures:
    """The check of figures and times against what was observed."""

    observed: Observed

    def marked(self, sentence: str, removed: Callable[[str], None]) -> str:
        """The sentence with a mark for every figure and time from nowhere, '' for too many; `removed` is told."""
        marks: list[str] = []
        for pattern, holds, mark, reason in (
            (_VERSION, self._version, UNVERIFIED_FIGURE, "a version that was not observed"),
            (_PORT, self._port, UNVERIFIED_FIGURE, "a figure that was not observed"),
            (_CALENDAR, self._day, UNVERIFIED_TIME, "a time that was not observed"),
            (_SPOKEN, self._spoken_clock, UNVERIFIED_TIME, "a time that was not observed"),
            (_DATE, self._date, UNVERIFIED_TIME, "a time that was not observed"),
            (_CLOCK, self._clock, UNVERIFIED_TIME, "a time that was not observed"),
            (_HOUR, self._hour, UNVERIFIED_TIME, "a time that was not observed"),
            (_RELATIVE, self._relative, UNVERIFIED_TIME + " ", "a time that was not observed"),
            (_COUNTED, self._counted, UNVERIFIED_FIGURE, "a figure that was not observed"),
            (_FIGURE, self._written, UNVERIFIED_FIGURE, "a figure that was not observed"),
            (_IN_WORDS, self._spelt, UNVERIFIED_FIGURE, "a figure that was not observed"),
        ):

            def put(found: re.Match[str], holds: _Holds = holds, mark: str = mark, reason: str = reason) -> str:
                if holds(found):
                    return found[0]
                marks.append(reason)
                return mark

            sentence = pattern.sub(put, sentence)
        for reason in marks[:_MARKS]:
            removed(reason)
        return sentence if len(marks) <= _MARKS else ""

    def figure(self, value: float, measure: str, decimals: int, elapsed: bool = True) -> bool:
        """Whether a figure occurs in the evidence, in its unit or another of the same quantity, rounded or not.

        With `elapsed` it may also be the time between two moments.
        """
        if not measure and value == int(value) and value <= _COUNTS:
            return True
        slack = max(0.5 * 10**-decimals + 1e-9, abs(value) * 0.005)
        small = value == int(value) and value <= _COUNTS
        scale = _scale(measure)
        if scale:
            close = max((0.05 * value if small else slack) * scale, 1e-9)
            if any(abs(seen - value * scale) <= close for seen in self.observed.quantities):
                return True
        numbers = self.observed.numbers if scale else self.observed.numbers | self.observed.shares
        if any(abs(seen * factor - value) <= slack for seen in numbers for factor in _factors(measure, small)):
            return True
        return elapsed and measure in SECONDS and self._elapsed(value * SECONDS[measure])

    def _written(self, found: re.Match[str]) -> bool:
        if found[1] is None:  # hexadecimal
            return self.observed.name(found[0])
        word = _word_around(found)
        if word.lower() in TERMS or _DATE.match(word) or (re.search(r"[A-Za-z]", word) and self._is_name(word)):
            return True
        digits = _DECIMAL_COMMA.sub(".", found[1]).replace(",", "").replace("_", "")
        if len(digits) > 15 or not (value := float(digits)) < 1e15:
            return False
        decimals = len(digits.partition(".")[2].partition("e")[0])
        return self.figure(value, unit(found[2]), decimals, not _PERIOD.search(found.string[: found.start()]))

    def _counted(self, found: re.Match[str]) -> bool:
        """Whether it was told with this number; where it never was with any, small numbers count as everywhere."""
        what, many = (found["of"] or found["what"]).lower(), (found["number"] or found["many"]).lower()
        numbers = {number for of, number in self.observed.counted if of == what}
        return not numbers or int(_WORDS.get(many, many)) in numbers

    def _is_name(self, word: str) -> bool:
        """Whether the word is a name with digits that was observed; a figure with its unit is no name."""
        return not re.match(r"\d", word) and self.observed.name(word)

    def _spelt(self, found: re.Match[str]) -> bool:
        total = current = 0
        for word in re.findall(r"[a-z]+", found[0].lower()):
            if word in _SCALES:
                current = max(current, 1) * _SCALES[word]
                total, current = (total + current, 0) if _SCALES[word] > 100 else (total, current)
            else:
                current += _WORDS.get(word, 0)
        return self.figure(float(total + current), "", 0)

    def _date(self, found: re.Match[str]) -> bool:
        return found[1] in self._dates or self.observed.name(found[1])

    def _version(self, found: re.Match[str]) -> bool:
        return (
            self.observed.name(found[0]) or self.observed.mentions(found[1]) or self.observed.mentions(f"v{found[1]}")
        )

    def _port(self, found: re.Match[str]) -> bool:
        return self.figure(float(found[1]), "", 0)

    def _day(self, found: re.Match[str]) -> bool:
        """A day of the calendar or the week that an observed moment fell on."""
        moments = self.observed.moments
        if said := (found[5] or "").lower():
            days = {at.date() for at in moments}
            return len(days) > 1 if said == "yesterday" else _DAYS.index(said) in {day.weekday() for day in days}
        month = next(at for at, name in enumerate(_MONTHS, 1) if name.startswith((found[1] or found[4])[:3]))
        return (month, int(found[2] or found[3])) in {(at.month, at.day) for at in moments}

    def _spoken_clock(self, found: re.Match[str]) -> bool:
        """`half past three` may be of the morning or the afternoon."""
        if not found[2]:
            return ("12:00" if found[1].lower() == "noon" else "00:00") in self.observed.minutes
        hour = int(found[4]) if found[4].isdigit() else _WORDS[found[4].lower()]
        minutes = (30 if found[2].lower() == "half" else 15) * (1 if found[3].lower() == "past" else -1)
        told = [divmod((60 * (hour + half) + minutes) % 1440, 60) for half in (0, 12)]
        return any(f"{hours:02}:{rest:02}" in self.observed.minutes for hours, rest in told)

    def _clock(self, found: re.Match[str]) -> bool:
        hour, minute = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
        return f"{_of_day(int(hour), found[5] or ''):02}:{minute}" in self.observed.minutes

    def _hour(self, found: re.Match[str]) -> bool:
        return any(one.startswith(f"{_of_day(int(found[1]), found[2]):02}:") for one in self.observed.minutes)

    def _elapsed(self, seconds: float) -> bool:
        """Whether so much time lies between two observed moments, rounded as people do."""
        moments = self.observed.happened[:60]
        slack = min(0.1 * seconds, 60.0) if seconds < 3600 else 0.1 * seconds
        return any(
            abs((b - a).total_seconds() - seconds) <= slack for i, a in enumerate(moments) for b in moments[i + 1 :]
        )

    def _relative(self, found: re.Match[str]) -> bool:
        word = found["number"].lower()
        seconds = duration(float(_WORDS.get(word, word)), found["unit"])
        said = any(abs(seen - seconds) <= 0.05 * seconds for seen in self.observed.quantities)
        return said or self._elapsed(seconds)

    @cached_property
    def _dates(self) -> frozenset[str]:
        return frozenset(f"{at:%Y-%m-%d}" for at in self.observed.moments)


_Holds = Callable[[re.Match[str]], bool]


def _of_day(hour: int, half: str) -> int:
    """The hour of 24: with `pm` twelve more, except noon."""
    marked = half.strip().lower()
    return hour % 12 + (12 if marked.startswith("p") else 0) if marked else hour


def _word_around(found: re.Match[str]) -> str:
    """The whole word, between spaces and punctuation, in which something was found."""
    before = re.search(r"[\w./:@-]*$", found.string[max(0, found.start() - 260) : found.start()])
    after = re.match(r"[\w./:@-]*", found.string[found.start() : found.start() + 260])
    return ((before[0] if before else "") + (after[0] if after else "")).strip(".,:;-/")


def _factors(measure: str, small: bool) -> Sequence[float]:
    """By what a number without a unit may differ from the written one: it may be in seconds, milliseconds or bytes.

    A small number stands somewhere: where it measures something, it has to stand there in seconds or bytes.
    """
    if scale := _scale(measure):
        converted = (1.0 / scale, 0.001 / scale) if measure in SECONDS else (1.0 / scale,)
        return converted[:1] if small else (1.0, *converted)
    return (1.0, 100.0) if measure == "%" else (1.0, 0.01)


def _scale(measure: str) -> float:
    """Of a unit of time or size, in seconds or bytes; 0 for others."""
    return 1.0 if measure == "B" else MEASURES.get(measure, 0.0)
