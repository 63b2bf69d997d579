"""How is the model told which causes there are? In plain words, those that differ in one word written once.

Codes in camel case cost a model three tokens a word, and a schema's `enum` quotes each of them: the catalogue as
lower-case words with alternatives (`liveness/readiness probe incorrect port/path`) is a third of that. What comes
back is read in either form.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import cache

from connectors.causes import CATALOGUE, Cause, find

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[0-9]+")
_Phrase = tuple[tuple[str, ...], ...]
"""Words in their order, at each place the alternatives; all combinations are causes."""


def words(code: str) -> str:
    """A code as it is written to the model: `OOMKilled` → `oom killed`."""
    return " ".join(_WORD.findall(code)).lower()


def read(name: str) -> Cause | None:
    """The cause that is meant by a code, an alias or words; None where the catalogue has none."""
    return find(name.strip()) or find("".join(filter(str.isalnum, name)))


def nearest(name: str) -> Sequence[str]:
    """Up to three causes that are written like this one, for who has to choose again."""
    return difflib.get_close_matches(name.lower(), [words(cause.code) for cause in CATALOGUE], 3, 0.5)


@cache
def listed(codes: tuple[str, ...]) -> str:
    """The causes in one line: `namespace cpu/memory quota exceeded; limit range violation; …`.

    Every request holds the line, and finding what can be merged is a third of a second: it is found once.
    """
    phrases: list[_Phrase] = [tuple((word,) for word in words(code).split()) for code in codes]
    while (pair := _pair(phrases)) is not None:
        first, second, merged = pair
        phrases[first] = merged
        del phrases[second]
    return "; ".join(" ".join("/".join(place) for place in phrase) for phrase in phrases)


def _pair(phrases: Sequence[_Phrase]) -> tuple[int, int, _Phrase] | None:
    for first, one in enumerate(phrases):
        for second in range(first + 1, len(phrases)):
            if (merged := _merged(one, phrases[second])) is not None:
                return first, second, merged
    return None


def _merged(one: _Phrase, other: _Phrase) -> _Phrase | None:
    """Both as one, where they differ in one place only."""
    if len(one) != len(other):
        return None
    places = [at for at, (mine, theirs) in enumerate(zip(one, other, strict=True)) if mine != theirs]
    if len(places) != 1:
        return None
    at = places[0]
    return (*one[:at], one[at] + other[at], *one[at + 1 :])
