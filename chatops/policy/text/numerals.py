"""Which number do these words say? `forty-two` is 42, `three quarters` is 0.75."""

from __future__ import annotations

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {
    **{word: at for at, word in enumerate(_ONES.split())},
    **{word: 10 * at for at, word in enumerate(_TENS.split(), 2)},
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_FRACTIONS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}

WORDED = rf"(?:{'|'.join(_WORDS)})(?:(?:[\s-]+|\s+and\s+)(?:{'|'.join((*_WORDS, *_SCALES))}))*"
"""A number in words, as a pattern without regard to case."""
NUMBER = rf"(?:\d+(?:\.\d+)?|{WORDED})"
"""A number in digits or words."""
FRACTION = rf"(?:half|(?:an?|one|two|three|four|five)[\s-](?:{'|'.join([*_FRACTIONS][1:])})s?)"
"""A share in words."""


def number(written: str) -> float:
    """The number that digits or words say."""
    if written[0].isdigit():
        return float(written)
    total = current = 0
    for word in re.findall(r"[a-z]+", written.lower()):
        if word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            total, current = (total + current, 0) if _SCALES[word] > 100 else (total, current)
        else:
            current += _WORDS.get(word, 0)
    return float(total + current)


def share(written: str) -> float:
    """The share that `half`, `a third` or `two thirds` says."""
    many, _, part = written.lower().replace("-", " ").rpartition(" ")
    return _WORDS.get(many, 1) / _FRACTIONS[part.removesuffix("s")]
