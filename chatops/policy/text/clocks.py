"""Did the clock or the calendar say this at a moment that was observed? `at 3:17pm`, `half past three`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chatops.policy.text.numerals import number
from chatops.policy.text.observed import Observed

Holds = Callable[[re.Match[str]], bool]

_CLOCK = re.compile(
    r"(?<![\d:.])(?:([01]?\d|2[0-3])(?::|h|\.(?=\d\d\s?(?:UTC|Z|h\b|o'clock)))([0-5]\d)|([01]\d|2[0-3])([0-5]\d)(?=Z\b))"
    r"(?::[0-5]\d(?:[.,]\d+)?)?(\s?[ap]\.?m\b\.?)?(?:\s?(?:UTC|Z))?(?![\d:])",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\w.:])(\d{1,2})\s?([ap])\.?m\b\.?", re.IGNORECASE)
DATE = re.compile(r"(?<![\w.-])(\d{4}-\d{2}-\d{2})(?![\w-]*\d-)")
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


@dataclass(frozen=True)
class Clocks:
    """The check of moments against those that were observed."""

    observed: Observed

    @property
    def checks(self) -> tuple[tuple[re.Pattern[str], Holds], ...]:
        """How moments are written, each with whether what was found holds."""
        return (
            (_CALENDAR, self._day),
            (_SPOKEN, self._spoken_clock),
            (DATE, self._date),
            (_CLOCK, self._clock),
            (_HOUR, self._hour),
        )

    def _date(self, found: re.Match[str]) -> bool:
        return found[1] in {f"{at:%Y-%m-%d}" for at in self.observed.moments} or self.observed.name(found[1])

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
        hour = int(number(found[4]))
        minutes = (30 if found[2].lower() == "half" else 15) * (1 if found[3].lower() == "past" else -1)
        told = [divmod((60 * (hour + half) + minutes) % 1440, 60) for half in (0, 12)]
        return any(f"{hours:02}:{rest:02}" in self.observed.minutes for hours, rest in told)

    def _clock(self, found: re.Match[str]) -> bool:
        hour, minute = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
        return f"{_of_day(int(hour), found[5] or ''):02}:{minute}" in self.observed.minutes

    def _hour(self, found: re.Match[str]) -> bool:
        return any(one.startswith(f"{_of_day(int(found[1]), found[2]):02}:") for one in self.observed.minutes)


def _of_day(hour: int, half: str) -> int:
    """The hour of 24: with `pm` twelve more, except noon."""
    marked = half.strip().lower()
    return hour % 12 + (12 if marked.startswith("p") else 0) if marked else hour
