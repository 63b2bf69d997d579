"""Does a figure or a time of a sentence occur in what was observed? What does not is replaced by a mark.

A figure may be written in another unit of the same quantity, rounded, or as the time between two observed moments;
small whole numbers are counted from what is seen. Digits of a name that was observed are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from chatops.policy.text.clocks import DATE, Clocks, Holds
from chatops.policy.text.lengths import LASTING, NOTED, RELATIVE, Lengths
from chatops.policy.text.naming import TERMS
from chatops.policy.text.numerals import FRACTION, NUMBER, WORDED, number, share
from chatops.policy.text.observed import Observed
from chatops.policy.text.quantities import MEASURES, SECONDS, UNIT, between, unit

UNVERIFIED_FIGURE = "[unverified figure]"
UNVERIFIED_TIME = "[unverified time]"

_FIGURE = re.compile(
    r"(?<![\w.:@])(?<![A-Za-z_][-/])"
    rf"(\d+(?:[,_]\d{{3}})*(?:\.\d+|(?<!\d[,_]\d{{3}}),\d{{1,2}}(?![\d,]))?(?:[eE][+-]?\d+)?)(?:[\s-]?({UNIT})(?![A-Za-z0-9_@]))?(?![A-Za-z0-9_@]|[.:]\d)"
    r"|\b0[xX][0-9a-fA-F]+\b"
)
_VERSION = re.compile(r"(?<![\w.-])v?(\d+(?:\.\d+){2}(?:[-+][\w.]+)?)(?![\w.]*\d|\.\d)")
_DECIMAL_COMMA = re.compile(r",(?=\d{1,2}$)")
_PERIOD = re.compile(r"\bevery\s?$", re.IGNORECASE)
_PORT = re.compile(r"(?<![\w:])(?<=[\s(]):(\d{2,5})\b")
_MARKS = 8
"""Of a sentence with more marks nothing is left that could be read."""
_ROUND = 0.05
"""What a share in words may differ from the measured one."""
_COUNTS = 12
"""Whole numbers up to here are counted from what is seen, not quoted."""
_COUNTED = re.compile(
    rf"(?<!\w)(?:(?P<of>revision|generation)\s#?(?P<number>\d+)(?![\w.-])|(?P<many>{NUMBER})\s(?P<what>restart)s\b)",
    re.IGNORECASE,
)
"""What stands with its number where it was observed, however small."""
_IN_WORDS = re.compile(rf"\b({WORDED})(?:[\s-]?fold)?\b", re.IGNORECASE)
_ROUGHLY = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|some|nearly|almost|over|under|above|below|up to|"
    r"(?:more|less|fewer|higher|lower) than|at (?:least|most))|[~≈<>])\s?$",
    re.IGNORECASE,
)
_ROUGH = 0.04
"""What a figure that is called rough may differ from what was observed, and others."""
_EXACT = 0.005
_COURSE = re.compile(
    rf"(?<=\bfrom\s)(?P<a>\d+(?:\.\d+)?)(?:\s?{UNIT})?(?:/s)?\sto\s(?P<b>\d+(?:\.\d+)?)(?![\w.]*\d)(?:\s?{UNIT}\b)?",
    re.IGNORECASE,
)
_SCALES = (1.0, 1000.0, 0.001, 100.0, 0.01)
_TO = re.compile(rf"\s?(?:to|and|→|–)\s?\d+(?:\.\d+)?\s?({UNIT})(?![A-Za-z0-9_@])")
"""The unit of the second figure is the first one's too: `from 39 to 196 ms`."""
_PERCENT = re.compile(rf"\b({WORDED})\s(?:percent|per\scent|%)", re.IGNORECASE)
_FLOW = (
    "requests|calls|queries|users|customers|attempts|connections|transactions|messages|sessions|responses|logins|"
    "lookups|traffic|errors|jobs|writes|reads|lines|packets"
)
_SHARE = re.compile(
    rf"\b(?:(?P<part>{NUMBER})\s(?:out\sof|of|in)\s(?:every\s|all\s|the\s)?(?P<whole>{NUMBER})\s|(?P<share>{FRACTION})\sof\s)"
    rf"(?=(?:\w+\s){{0,3}}(?:{_FLOW})\b)",
    re.IGNORECASE,
)
"""How much of what flows: that was measured, not counted."""
_COMPARED = re.compile(
    r"\s(?:\w+\s){0,2}(?:above|below|over|under|short|more|less|fewer|higher|lower|left|free|away)\b"
)
_OTHERS = 6
"""Figures near one that it may be derived from; of more by chance anything may."""
_NEAR = 160


@dataclass(frozen=True)
class Figures:
    """The check of figures and times against what was observed."""

    observed: Observed
    asked: dict[tuple[float, str, int, bool, float], bool] = field(default_factory=dict)
    """What was asked before: the figures of an answer are few, and each is compared with all that were observed."""

    @property
    def _lengths(self) -> Lengths:
        return Lengths(self.observed)

    def marked(self, sentence: str, removed: Callable[[str], None], claims: bool = True) -> str:
        """The sentence with a mark for every figure and time from nowhere, '' for too many; `removed` is told.

        Without `claims` it tells what might be: only versions and revisions are held to what is there.
        """
        marks: list[str] = []
        version = (_VERSION, self._version, UNVERIFIED_FIGURE, "a version that was not observed")
        counted = (_COUNTED, self._counted, UNVERIFIED_FIGURE, "a figure that was not observed")
        clocks = Clocks(self.observed).checks
        claimed = (
            version,
            (_PORT, self._port, UNVERIFIED_FIGURE, "a figure that was not observed"),
            *((pattern, holds, UNVERIFIED_TIME, "a time that was not observed") for pattern, holds in clocks),
            (RELATIVE, self._lengths.relative, UNVERIFIED_TIME + " ", "a time that was not observed"),
            (LASTING, self._lengths.lasting, UNVERIFIED_TIME, "a time that was not observed"),
            (_COURSE, self._course, UNVERIFIED_FIGURE, "a course that went the other way"),
            (_PERCENT, self._percent, UNVERIFIED_FIGURE, "a figure that was not observed"),
            (_SHARE, self._share, UNVERIFIED_FIGURE + " of ", "a figure that was not observed"),
            counted,
            (_FIGURE, self._written, UNVERIFIED_FIGURE, "a figure that was not observed"),
            (_IN_WORDS, self._spelt, UNVERIFIED_FIGURE, "a figure that was not observed"),
        )
        for pattern, holds, mark, reason in claimed if claims else (version, counted):

            def put(found: re.Match[str], holds: Holds = holds, mark: str = mark, reason: str = reason) -> str:
                if holds(found):
                    return found[0]
                marks.append(reason)
                return mark

            sentence = pattern.sub(put, sentence)
        for reason in marks[:_MARKS]:
            removed(reason)
        return sentence if len(marks) <= _MARKS else ""

    def figure(self, value: float, measure: str, decimals: int, elapsed: bool = True, apart: float = _EXACT) -> bool:
        """Whether a figure occurs in the evidence, in its unit or another of the same quantity, rounded or not.

        With `elapsed` it may also be the time between two moments; it may be `apart` from it, as a share.
        """
        question = (value, measure, decimals, elapsed, apart)
        if question not in self.asked:
            self.asked[question] = self._figure(*question)
        return self.asked[question]

    def _figure(self, value: float, measure: str, decimals: int, elapsed: bool, apart: float) -> bool:
        if not measure and value == int(value) and value <= _COUNTS:
            return True
        slack = max(0.5 * 10**-decimals + 1e-9, abs(value) * apart)
        small = value == int(value) and value <= _COUNTS
        scale = _scale(measure)
        if scale:
            close = max((0.05 * value if small else slack) * scale, 1e-9)
            if any(abs(seen - value * scale) <= close for seen in self.observed.quantities):
                return True
        numbers = self.observed.numbers if scale else self.observed.numbers | self.observed.shares
        if any(abs(seen * factor - value) <= slack for seen in numbers for factor in _factors(measure, small)):
            return True
        seconds = value * SECONDS.get(measure, 0.0)
        return elapsed and seconds >= NOTED and self._lengths.elapsed(seconds)

    def _written(self, found: re.Match[str]) -> bool:
        if found[1] is None:  # hexadecimal
            return self.observed.name(found[0])
        word = _word_around(found)
        if word.lower() in TERMS or DATE.match(word) or (re.search(r"[A-Za-z]", word) and self._is_name(word)):
            return True
        further = _TO.match(found.string, found.end())
        measure = unit(found[2] or (further[1] if further else ""))
        digits = _digits(found[1])
        if len(digits) > 15 or not (value := float(digits)) < 1e15:
            return False
        decimals = len(digits.partition(".")[2].partition("e")[0])
        before = found.string[max(0, found.start() - 16) : found.start()]
        apart = _ROUGH if _ROUGHLY.search(before) else _EXACT
        figure = self.figure(value, measure, decimals, not _PERIOD.search(before), apart)
        seconds = value * SECONDS.get(measure, 0.0)
        timed = seconds > 0 and (self._lengths.between_clocks(found.string, seconds) or self._lengths.in_a_span(found))
        return figure or timed or self._derived(found, value, decimals)

    def _derived(self, found: re.Match[str], value: float, decimals: int) -> bool:
        """Whether it is what others of the sentence differ by, or how far one of them is from what was observed."""
        near = found.string[max(0, found.start() - _NEAR) : found.end() + _NEAR]
        others = [one for one in islice(_FIGURE.finditer(near), _OTHERS + 2) if one[1] and one[0] != found[0]]
        if len(others) > _OTHERS:
            return False
        read = [(_digits(one[1]), unit(one[2])) for one in others]
        known = [float(digits) for digits, measure in read if self.figure(float(digits), measure, 1)]
        close = max(0.5 * 10**-decimals, 0.05 * value if value > _COUNTS else 0.0)
        if any(abs(told - value) <= close for a in known for b in known if a != b for told in between(a, b)):
            return True
        compared = _COMPARED.match(found.string, found.end())
        return bool(compared) and any(
            one + value in self.observed.numbers or one - value in self.observed.numbers for one in known
        )

    def _counted(self, found: re.Match[str]) -> bool:
        """Whether it was told with this number; where it never was with any, small numbers count as everywhere."""
        what, many = (found["of"] or found["what"]).lower(), (found["number"] or found["many"]).lower()
        numbers = {times for of, times in self.observed.counted if of == what}
        return not numbers or number(many) in numbers

    def _is_name(self, word: str) -> bool:
        """Whether the word is a name with digits that was observed; a figure with its unit is no name."""
        return not re.match(r"\d", word) and self.observed.name(word)

    def _spelt(self, found: re.Match[str]) -> bool:
        value = number(found[1])
        return self.figure(value, "", 0) or self._derived(found, value, 0)

    def _course(self, found: re.Match[str]) -> bool:
        """Whether it did not go the other way, in whichever unit it is told."""
        a, b = float(found["a"]), float(found["b"])

        def went(before: float, after: float) -> bool:
            pairs = ((x * scale, y * scale) for x, y in self.observed.courses for scale in _SCALES)
            return any(abs(x - before) <= _ROUND * x and abs(y - after) <= _ROUND * y for x, y in pairs)

        return went(a, b) or not went(b, a)

    def _percent(self, found: re.Match[str]) -> bool:
        return self.figure(number(found[1]), "%", 0)

    def _share(self, found: re.Match[str]) -> bool:
        """Whether about such a share was told, or both numbers were."""
        part, whole = (number(found[name]) if found[name] else 0.0 for name in ("part", "whole"))
        if part and part > _COUNTS and {part, whole} <= self.observed.numbers:
            return True
        told = part / whole if whole else share(found["share"] or "half")
        return any(abs(seen - told) <= _ROUND for seen in self.observed.parts)

    def _version(self, found: re.Match[str]) -> bool:
        return (
            self.observed.name(found[0]) or self.observed.mentions(found[1]) or self.observed.mentions(f"v{found[1]}")
        )

    def _port(self, found: re.Match[str]) -> bool:
        return self.figure(float(found[1]), "", 0)


def _digits(written: str) -> str:
    """As Python reads it, without separators."""
    return _DECIMAL_COMMA.sub(".", written).replace(",", "").replace("_", "")


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
    if measure == "millicores":
        return (1.0, 1000.0)
    return (1.0, 100.0) if measure == "%" else (1.0, 0.01)


def _scale(measure: str) -> float:
    """Of a unit of time or size, in seconds or bytes; 0 for others."""
    return 1.0 if measure == "B" else MEASURES.get(measure, 0.0)
