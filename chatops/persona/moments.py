"""Which moment do a person's words mean? `at 10:42`, `3pm CET`, `five minutes ago`, `quarter past`, `vor 10 Minuten`.

A clock time without a zone is read as UTC and as the clock of whoever said it. Of what has been in the hours before
the message counts what lies between the onset and the message, else the latest: of what is still to come, or was
longer ago, nobody can tell, and it has no moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

_RECENT = timedelta(hours=12)
_SOON = timedelta(hours=3)
"""So near a `3:42` must lie to be one of the afternoon."""
_AHEAD = timedelta(minutes=2)
"""Clocks of people are not set by ours."""
_EARLY = timedelta(minutes=30)
"""What broke something was shortly before its onset."""

_HOURS: Mapping[str, tuple[float, ...]] = {
    "UTC": (0,), "GMT": (0,), "Z": (0,), "CET": (1,), "MEZ": (1,), "CEST": (2,), "MESZ": (2,), "BST": (1,), "EET": (2,),
    "EEST": (3,), "MSK": (3,), "IST": (5.5,), "SGT": (8,), "JST": (9,), "KST": (9,), "AEST": (10,), "AEDT": (11,),
    "EST": (-5,), "EDT": (-4,), "ET": (-5, -4), "CST": (-6,), "CDT": (-5,), "CT": (-6, -5), "MST": (-7,), "MDT": (-6,),
    "PST": (-8,), "PDT": (-7,), "PT": (-8, -7), "BRT": (-3,),
}  # fmt: skip
"""Abbreviation → hours ahead of UTC; without the season two of them."""
_ZONE = (
    r"(?P<zone>(?:utc|gmt)\s?[+-]\d\d?(?::?\d\d)?|\+\d\d:?\d\d|utc\b|gmt\b"
    rf"|(?-i:{'|'.join(sorted(_HOURS, key=len, reverse=True))})\b)"
)
"""Capitals alone: `et` and `ist` are words of other languages."""
_DATED = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_NOT = r"(?<!not )(?<!not at )(?<!nicht )(?<!nicht um )"
_CLOCK = re.compile(
    rf"{_NOT}(?<![\d.:/-])(?P<hour>[01]?\d|2[0-3])(?:[:：h](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:])"
    rf"|(?=\s*(?:[ap]\.?m\b|uhr\b)))\s*(?:uhr\b)?(?P<half>[ap]\.?m\b)?\.?\s*(?:{_ZONE})?",
    re.IGNORECASE,
)
_NUMBERS: Mapping[str, float] = {
    "half an": 0.5, "half a": 0.5, "a couple of": 2, "a couple": 2, "couple of": 2, "a few": 3, "few": 3, "a": 1,
    "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "twenty-five": 25, "thirty": 30, "quarter": 15,
    "half": 30,
    "einer": 1, "einer halben": 0.5, "une": 1, "una": 1, "uma": 1, "media": 0.5,
}  # fmt: skip
_NUMBER = rf"(?P<number>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = (
    r"(?P<unit>s(?:ec\w*|eg\w*|ek\w*)?|m(?:in\w*)?|h(?:ours?|rs?|eures?|oras?)?|stunden?|std|ore|days?|d|"
    r"分|秒|時間|分钟|小时)"
)
_AGO = tuple(
    re.compile(one, re.IGNORECASE)
    for one in (
        rf"\b{_NUMBER}\s*{_UNIT}\s*(?:ago|back|fa|atrás)\b",
        rf"\b(?:vor|il y a|hace|há)\s+{_NUMBER}\s*{_UNIT}\b",
        rf"{_NUMBER}\s*{_UNIT}\s*之?前",
    )
)
_PAST = re.compile(
    r"\b(?P<minutes>quarter|half|five|ten|twenty(?:-five)?)\s+(?P<way>past|after|to)\b"
    r"(?:\s+(?P<hour>\d{1,2}|[a-z]+)\b)?",
    re.IGNORECASE,
)
_JUST = re.compile(
    r"\bjust\s+(?:now|did|ran|went|sent|put|took|\w+ed)\b|\b(?:right|just) now\b|\b\w+ing\b[^.]*\bnow\b"
    r"|\bgerade\b|\bjetzt\b|\bacab(?:o|amos) de\b|\bviens de\b|\bvenons de\b",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(r"\b(?:yesterday|gestern|hier|ayer|ontem|ieri)\b|昨日|昨天", re.IGNORECASE)


def moment(
    text: str, said_at: datetime, ahead: timedelta = timedelta(0), onset: datetime | None = None
) -> datetime | None:
    """The first moment that the words mean, in UTC; None where they mean none, or nobody can tell which.

    `ahead` is how far the clock of whoever said it is ahead of UTC.
    """
    said_at = said_at.astimezone(UTC)
    if found := _DATED.search(text):
        return _dated(found, said_at)
    if found := _CLOCK.search(text):
        return _chosen(_readings(found, said_at, ahead, bool(_YESTERDAY.search(text))), said_at, onset)
    if found := next(filter(None, (one.search(text) for one in _AGO)), None):
        return said_at - _length(found)
    if (found := _PAST.search(text)) and (at := _spoken(found, said_at, ahead)):
        return at
    return said_at if _JUST.search(text) else None


def _dated(found: re.Match[str], said_at: datetime) -> datetime | None:
    try:
        at = datetime.fromisoformat(found["at"].upper() + (found["zone"] or "Z").upper()).astimezone(UTC)
    except ValueError:
        return None
    return at if at <= said_at + _AHEAD else None


def _readings(found: re.Match[str], said_at: datetime, ahead: timedelta, yesterday: bool) -> Iterator[datetime]:
    """What a clock time can mean, each the last that has been."""
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    half = (found["half"] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        return
    hours = [hour % 12 + (12 if half == "p" else 0)] if half else [hour]
    if not half and 0 < hour < 12 and not found["hour"].startswith("0"):
        hours.append(hour + 12)
    for zone in _zones(found["zone"], ahead):
        there = (said_at + zone).replace(second=second, microsecond=0)
        for place, one in enumerate(hours):
            at = there.replace(hour=one, minute=minute) - zone
            if yesterday:
                yield at - timedelta(days=1)
                break
            at = at if at <= said_at + _AHEAD else at - timedelta(days=1)
            if said_at - at <= (_SOON if place else _RECENT):
                yield at


def _zones(told: str | None, ahead: timedelta) -> list[timedelta]:
    if not told:
        return list(dict.fromkeys((timedelta(0), ahead)))
    if (hours := _HOURS.get(told.upper())) is not None:
        return [timedelta(hours=one) for one in hours]
    digits = re.sub(r"\D", "", told)
    minutes = int(digits[:-2]) * 60 + int(digits[-2:]) if len(digits) > 2 else int(digits) * 60
    return [timedelta(minutes=-minutes if "-" in told else minutes)] if minutes <= 14 * 60 else []


def _chosen(readings: Iterator[datetime], said_at: datetime, onset: datetime | None) -> datetime | None:
    found = sorted(set(readings))
    near = [at for at in found if onset is not None and onset - _EARLY <= at]
    return (near or found)[-1] if found else None


def _length(found: re.Match[str]) -> timedelta:
    number, unit = found["number"].lower(), found["unit"].lower()
    count = _NUMBERS.get(number) or float(number)
    if unit.startswith(("h", "st", "ore", "時", "小")):
        return timedelta(hours=count)
    if unit.startswith("d"):
        return timedelta(days=count)
    return timedelta(seconds=count) if unit.startswith(("s", "秒")) else timedelta(minutes=count)


def _spoken(found: re.Match[str], said_at: datetime, ahead: timedelta) -> datetime | None:
    """`quarter past` (of this hour, or of the last), `twenty to eleven`: the last that has been."""
    minutes = int(_NUMBERS[found["minutes"].lower()])
    minute = -minutes if found["way"].lower() == "to" else minutes
    told = (found["hour"] or "").lower()
    hour = int(told) if told.isdigit() else _NUMBERS.get(told)
    there = (said_at + ahead).replace(minute=0, second=0, microsecond=0)
    step = timedelta(hours=1)
    if hour is not None and 1 <= hour <= 12:
        there, step = there.replace(hour=int(hour)), timedelta(hours=12)
    at = there + 2 * step + timedelta(minutes=minute) - ahead
    while at > said_at + _AHEAD:
        at -= step
    return at
