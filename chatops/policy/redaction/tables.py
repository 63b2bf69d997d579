"""Which column of a table holds secrets: CSV and its kin, what `psql` and `mysql` print, columns of blanks, SQL?

A column is judged by its name, as an assignment is. Where a table is told by its look alone, a header is a line of
nothing but names, and a row has as many cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chatops.policy.redaction.names import is_secret_value
from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.spans import CREDENTIAL, Span
from chatops.policy.redaction.vocabulary import ANY, strength

_KEY = r"(?:passw(?:or)?d|passphrase|pwd|secret|token|key)"
_PLACES = Prefilter(
    [
        _KEY + r"[\"'`]? *(?:[,;|\t]|\r?\n| {2,}[^ ])",
        r"(?:insert[ \t]+into|copy)[ \t]+[^ \t(]+[ \t]*\(",
    ],
    ignore_case=True,
)
_INSERT = re.compile(
    r"(?:insert\s+into|copy)\s+[^\s(]+\s*\((?P<columns>[^()]{1,4096})\)\s*"
    r"(?:(?P<values>values)\s*|from\s+stdin[^\n;]*;[ \t]*\n)",
    re.IGNORECASE,
)
_TUPLE = re.compile(r"\s*,?\s*\((?P<cells>(?:'(?:[^'\\]|''|\\.)*+'|[^()'])*+)\)")
_CELL = {
    mark: re.compile(
        r"[ ]*(?:(?P<quote>[\"'`])(?P<quoted>(?:(?!(?P=quote))[^\\\n]|\\.|(?P=quote){2})*+)(?P=quote)[ ]*"
        rf"(?=[{mark}\n]|\Z)|(?P<bare>[^{mark}\n]*))"
    )
    for mark in ",;|\t"
}
_COLUMN = re.compile(r"\w[\w.-]{0,63}(?: [\w.-]{1,63})?")
_CAPTION = re.compile(r"[A-Z][A-Z0-9_-]*(?: [A-Z0-9_-]+)*")
_RULE = re.compile(r"[-+|: =]+\r?")
_WORD = re.compile(r"\S+")
_WIDEST = 4096
"""Characters of a header; a longer line is none."""


def tables(view: View) -> Iterator[Span]:
    """The cells of columns whose names tell a secret."""
    text, after = view.text, 0
    for at, _ in _PLACES(view.data):
        sql = _INSERT.match(text, at)
        if sql:
            columns = [name.strip(" \t\n\"'`[]") for name in sql["columns"].split(",")]
            if sql["values"]:
                yield from _tuples(text, sql.end(), columns)
            else:
                yield from _rows(text, sql.end(), "\t".join(columns), "\t")[0]
            continue
        start, end = text.rfind("\n", max(0, at - _WIDEST), at) + 1, text.find("\n", at, at + _WIDEST)
        if at < after or end < 0 or (not start and at > _WIDEST):
            continue
        header = text[start:end]
        mark = next((m for m in "\t|,;" if m in header), "")
        found, after = _rows(text, end + 1, header, mark) if mark else _aligned(text, end + 1, header)
        yield from found


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _cells(text: str, at: int, end: int, mark: str) -> list[tuple[int, int]]:
    """Where the cells of a line are, quotes and blanks around them left out."""
    cells = []
    while at <= end:
        found = _CELL[mark].match(text, at, end)
        if found is None:
            break
        first, last = found.span("quoted" if found["quote"] else "bare")
        whole = text[first:last]
        cells.append((first + len(whole) - len(whole.lstrip()), first + len(whole.rstrip())))
        at = found.end() + 1
    return cells


def _secret(text: str, cell: tuple[int, int]) -> Iterator[Span]:
    if is_secret_value(text[slice(*cell)], ANY):
        yield Span(*cell, CREDENTIAL)


def _telling(columns: Sequence[str]) -> list[int]:
    return [at for at, name in enumerate(columns) if strength(name) == ANY]


def _rows(text: str, at: int, header: str, mark: str) -> tuple[list[Span], int]:
    """The secrets of the rows that begin at a place, and where the table ends."""
    names = [header[slice(*cell)] for cell in _cells(header, 0, len(header.rstrip("\r")), mark)]
    chosen, found = _telling(names), list[Span]()
    if not chosen or not all(_COLUMN.fullmatch(name) or (mark == "|" and not name) for name in names):
        return found, at
    while at < len(text):
        end = _line_end(text, at)
        line = text[at:end]
        if not _RULE.fullmatch(line):
            cells = _cells(text, at, end - line.endswith("\r"), mark)
            if len(cells) != len(names):
                break
            for column in chosen:
                found.extend(_secret(text, cells[column]))
        at = end + 1
    return found, at


def _aligned(text: str, at: int, header: str) -> tuple[list[Span], int]:
    """Columns of blanks under captions, as kubectl prints them: a cell has to look like more than a name."""
    captions = [(m.start(), m.group()) for m in _CAPTION.finditer(header)]
    chosen, found = [start for start, name in captions if strength(name) == ANY], list[Span]()
    if not chosen or "".join(name for _, name in captions).replace(" ", "") != "".join(header.split()):
        return found, at
    while at < len(text) and text[at : (end := _line_end(text, at))].strip():
        for start in chosen:
            first = at + start
            word = _WORD.match(text, first, end) if text[first - 1 : first] in {" ", "\n"} else None
            value = word.group() if word else ""
            if len(value) >= 8 and any(map(str.isdigit, value)) and any(map(str.isalpha, value)):
                found.extend(_secret(text, (first, first + len(value))))
        at = end + 1
    return found, at


def _tuples(text: str, at: int, columns: Sequence[str]) -> Iterator[Span]:
    chosen = _telling(columns)
    while chosen and (found := _TUPLE.match(text, at)):
        cells = _cells(text, found.start("cells"), found.end("cells"), ",")
        if len(cells) == len(columns):
            for column in chosen:
                yield from _secret(text, cells[column])
        at = found.end()
