"""Is an item of a list, a cell of a table or a member of an enumeration the name of nothing?

Where one of its siblings names an object that was observed, the others are names too: a claim that such things exist.
In prose this holds for three members and more, because two words around an `and` may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from chatops.policy.text.lexicon import is_ordinary
from chatops.policy.text.plain_names import UNVERIFIED_NAME

_NAME = r"[A-Za-z][\w.-]{1,60}"
_ITEM = re.compile(rf"^(?:\s*(?:[-*•+]|\d+[.)])\s+)[*_`]{{0,3}}(?P<name>{_NAME})[*_`]{{0,3}}\s*(?=$|[:(–—]|-\s)")
_LINE = re.compile(r"^\s*(?:[-*•+]|\d+[.)])\s+")
_CELL = re.compile(rf"^\s*[*_`]{{0,3}}(?P<name>{_NAME})[*_`]{{0,3}}\s*$")
_ENUMERATED = re.compile(
    r"(?<![\w/.-])(?:[a-z][\w-]*, ){1,8}[a-z][\w-]*,? (?:and|or|und|oder|y|et|e) [a-z][\w-]*(?![\w/-])"
)
_MEMBER = re.compile(r"(?<![\w-])[a-z][\w-]*")
_JOINS = frozenset({"and", "or", "und", "oder", "y", "et", "e"})
_Span = tuple[int, int]


def marked(
    text: str, is_object: Callable[[str], bool], known: Callable[[str], bool], removed: Callable[[str], None]
) -> str:
    """The text with a mark for every such name; `removed` is told."""
    spans: list[_Span] = []
    for siblings in (*_lists(text), *_columns(text), *_enumerations(text)):
        names = [text[start:end] for start, end in siblings]
        if any(is_object(name) for name in names):
            spans += [at for at, name in zip(siblings, names, strict=True) if not (known(name) or is_ordinary(name))]
    for start, end in sorted(set(spans), reverse=True):
        removed("a name that was not observed")
        text = text[:start] + UNVERIFIED_NAME + text[end:]
    return text


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield at, line.rstrip("\n")
        at += len(line)


def _lists(text: str) -> Iterator[list[_Span]]:
    """The names that the lines of each list begin with."""
    siblings: list[_Span] = []
    for at, line in _lines(text):
        if not _LINE.match(line):
            yield siblings
            siblings = []
        elif found := _ITEM.match(line):
            siblings.append((at + found.start("name"), at + found.end("name")))
    yield siblings


def _columns(text: str) -> Iterator[list[_Span]]:
    """The one-word cells of each column, below its head."""
    columns: dict[int, list[_Span]] = {}
    rows = 0
    for at, line in _lines(text):
        if not line.lstrip().startswith("|"):
            yield from columns.values()
            columns, rows = {}, 0
            continue
        rows += 1
        start = at
        for number, cell in enumerate(line.split("|")):
            if rows > 1 and (found := _CELL.match(cell)):
                columns.setdefault(number, []).append((start + found.start("name"), start + found.end("name")))
            start += len(cell) + 1
    yield from columns.values()


def _enumerations(text: str) -> Iterator[list[_Span]]:
    for found in _ENUMERATED.finditer(text):
        words = _MEMBER.finditer(found[0])
        yield [(found.start() + one.start(), found.start() + one.end()) for one in words if one[0] not in _JOINS]
