"""Where in a text may a pattern match at all?

RE2 answers for hundreds of patterns in one pass of an automaton, at 200 MB/s, where `re` tries them
place by place. It has no look-around, and what is found here is only a place to look at: the exact
patterns, with their look-around, are tried there and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import re2

_MEMORY = 16 * 1024 * 1024
"""Bytes for the automaton of one prefilter; it is built as texts need it."""

_ENOUGH = 6
"""So many repetitions are asked for at most: a longer count only makes the automaton larger."""


@dataclass(frozen=True)
class View:
    """A text in the forms that finders look at, all of the same length."""

    text: str

    @cached_property
    def lower(self) -> str:
        """In lower case."""
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else "".join(map(_lower, self.text))

    @cached_property
    def data(self) -> bytes:
        """In ASCII; every other character is a question mark."""
        return self.text.encode("ascii", "replace")


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


class Prefilter:
    """Finds where one of the patterns may match: every match overlaps a span of these or begins behind one."""

    def __init__(self, patterns: Iterable[str], *, ignore_case: bool = False, enough: int = _ENOUGH) -> None:
        joined = "|".join(f"(?:{relaxed(pattern, enough)})" for pattern in patterns)
        self._pattern = re2.compile(joined.encode("ascii"), _options(ignore_case))

    def __call__(self, data: bytes) -> Iterator[tuple[int, int]]:
        """The spans, in order, without overlaps."""
        return (found.span() for found in self._pattern.finditer(data))


class Literals:
    """Says which of many words stand in a text, in one pass and in any case of letters."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(words)
        self._set = re2.Set.SearchSet(_options(ignore_case=True))
        for word in self._words:
            self._set.Add(re2.escape(word).encode("ascii"))
        self._set.Compile()

    def __call__(self, data: bytes) -> frozenset[str]:
        """The words that occur."""
        return frozenset(self._words[index] for index in self._set.Match(data) or ())


def _options(ignore_case: bool) -> re2.Options:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY
    options.never_capture = True
    options.case_sensitive = not ignore_case
    return options


_ASSERTION = re.compile(r"\(\?<?[=!]")
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<least>\d+)(?P<more>,\d*)?\}\??|.", re.DOTALL)


def relaxed(pattern: str, enough: int = _ENOUGH) -> str:
    """The pattern without its look-around and with lower counts: it matches wherever the pattern does, and more."""
    parts, at = [], 0
    while at < len(pattern):
        assertion = _ASSERTION.match(pattern, at)
        if assertion:
            at = _closing(pattern, assertion.end())
            continue
        atom = _ATOM.match(pattern, at)
        assert atom is not None  # noqa: S101  # the last alternative takes any character
        counted = atom["least"] is not None and (atom["more"] or int(atom["least"]) > enough)
        parts.append(f"{{{min(int(atom['least']), enough)},}}?" if counted else atom.group())
        at = atom.end()
    return "".join(parts)


def _closing(pattern: str, at: int) -> int:
    """Where the group ends whose inside begins here."""
    depth = 1
    while depth:
        atom = _ATOM.match(pattern, at)
        if atom is None:
            raise ValueError(f"a group of {pattern} does not end")
        depth += {"(": 1, ")": -1}.get(atom.group(), 0)
        at = atom.end()
    return at
