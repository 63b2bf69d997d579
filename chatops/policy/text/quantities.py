"""How large is what is written with its unit? Durations in seconds, sizes in bytes; and what two levels differ by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

UNIT = (
    r"%|ms|milliseconds?|seconds?|secs?|s|minutes?|min|m|hours?|h|[KMGT]i?B?|(?:kibi|mebi|gibi|tebi|kilo|mega|giga|tera)?"
    r"bytes|B|x|req/s|rps|/s|millicores?"
)
SECONDS = {"ms": 0.001, "mil": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "hou": 3600.0}
BYTES = {unit: base**power for base, mark in ((1000.0, ""), (1024.0, "i")) for power, letter in enumerate("KMGT", 1)
         for unit in (f"{letter}{mark}", f"{letter}{mark}B")}  # fmt: skip
MEASURES = {**SECONDS, **BYTES}
_LONG_BYTES = {"kib": "Ki", "meb": "Mi", "gib": "Gi", "teb": "Ti", "kil": "K", "meg": "M", "gig": "G", "ter": "T"}
_DAY = 86_400.0
_WRITTEN = re.compile(rf"(?<![\w.-])(\d+(?:\.\d+)?)\s?(days?|d|weeks?|w|{UNIT})(?![A-Za-z])")
_COMPOUND = re.compile(r"(?<![\w.-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?!\w)")
_LEVELS = re.compile(rf"(\d+(?:\.\d+)?)\s?(?:{UNIT})?\s?(?:→|->)\s?(\d+(?:\.\d+)?)")

_TO_THE_SECOND = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)(?![\d:])")
_PERCENT = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)\s?%")
_PART = re.compile(r"(?<![\w./-])(\d{1,6})(?:\sof\s|/)(\d{1,6})(?![\w/-]|\.\d)")
_COUNTED = re.compile(r"(?<!\w)(?:(revision|generation)\s#?(\d+)(?![\w.-])|(\d+)\s(restart)s?\b)", re.IGNORECASE)


def unit(written: str | None) -> str:
    """The unit as the tables name it; '' for one that measures neither time nor size."""
    word = written or ""
    if word.startswith("millicore"):
        return "millicores"
    if word in BYTES or word in SECONDS or word == "%":
        return word
    if word.endswith("bytes") and word != "bytes":
        return _LONG_BYTES[word[:3]]
    return word[:3] if word[:3] in SECONDS else ("B" if word in {"B", "bytes"} else "")


def duration(value: float, written: str) -> float:
    """Seconds of so many seconds, minutes, hours, days or weeks."""
    word = written.lower()
    return value * (7 * _DAY if word[0] == "w" else _DAY if word[0] == "d" else SECONDS[unit(word)])


def measured(texts: Iterable[str]) -> Iterable[float]:
    """Every quantity with a unit in the texts, in seconds or bytes; `2m40s` is 160."""
    for text in texts:
        for number, written in _WRITTEN.findall(text):
            if written[0] in "dw":
                yield duration(float(number), written)
            elif (scale := MEASURES.get(unit(written))) is not None:
                yield float(number) * scale
        for found in _COMPOUND.finditer(text):
            if found[0]:
                days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
                yield days * _DAY + hours * 3600.0 + minutes * 60.0 + seconds


def seconds_of_day(texts: Iterable[str]) -> Iterable[int]:
    """What clocks said to the second, as seconds since midnight."""
    for text in texts:
        yield from (3600 * int(h) + 60 * int(m) + int(s) for h, m, s in _TO_THE_SECOND.findall(text))


def shares(texts: Iterable[str]) -> Iterable[float]:
    """What is written as a share, of 1: `31.7 %`, `6 of 11`, `0/3`."""
    for text in texts:
        yield from (float(number) / 100 for number in _PERCENT.findall(text))
        yield from (int(part) / int(whole) for part, whole in _PART.findall(text) if int(part) <= int(whole) > 0)


def between(before: float, after: float) -> Sequence[float]:
    """How two levels differ: by how much, how many times, and by how many percent."""
    times = (after / before, before / after) if before and after else ()
    percent = (100 * abs(after - before) / before,) if before else ()
    return (abs(after - before), *times, *percent)


def courses(texts: Iterable[str]) -> Iterable[tuple[float, float]]:
    """The levels before and after in `41 → 198`."""
    for text in texts:
        yield from ((float(before), float(after)) for before, after in _LEVELS.findall(text))


def counted(texts: Iterable[str]) -> Iterable[tuple[str, int]]:
    """What is said with its number: `Revision 8`, `6 restarts`."""
    for text in texts:
        for of, number, many, what in _COUNTED.findall(text):
            yield (of or what).lower(), int(number or many)
