"""What does it mean to have found a secret in a text, and where do provider formats stand?

A `Span` is a place and a kind. Everything that looks for secrets yields spans; `redaction` puts
tags in their place. The format scan is the hot path: a token of any format holds at least
sixteen word characters in a row, so only the neighbourhood of such runs is searched, with one
pattern that holds the literals of all formats as a trie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chatops.policy.redaction_formats import FORMATS, Format


class Span(NamedTuple):
    """Characters `start` to `end` of a text are a secret of this kind."""

    start: int
    end: int
    kind: str


TAG = re.compile(r"\[secret:[a-z0-9-]+#[0-9a-f]{4}\]")
"""What stands where a secret was; never a secret itself."""

CREDENTIAL = "credential"
"""The kind of a secret that only its name or its place gives away."""

_RUN = re.compile(r"[^A-Za-z0-9_-]([A-Za-z0-9_-]{16,})")
"""Starting at the character before the run makes the search linear."""

_BEFORE_RUN = 24
"""Far enough for a token whose first characters are broken by one `+`, `/`, `=` or `$`."""

_FAR = 14
"""Literals that end before the run begins, and are longer than this, are searched for on their own."""


def trie_pattern(words: Iterable[str]) -> str:
    """A pattern that matches the longest of the words, without trying them one by one."""
    root: dict[str, dict[str, object]] = {}
    for word in words:
        node: dict[str, object] = root  # type: ignore[assignment]
        for character in word:
            node = node.setdefault(character, {})  # type: ignore[assignment]
        node[""] = {}
    return _branch(root)  # type: ignore[arg-type]


def _branch(node: dict[str, object]) -> str:
    arms = [re.escape(c) + _branch(child) for c, child in sorted(node.items()) if c]  # type: ignore[arg-type]
    if not arms:
        return ""
    body = arms[0] if len(arms) == 1 else "(?:" + "|".join(arms) + ")"
    return f"(?:{body})?" if "" in node else body


class FormatScan:
    """Finds the tokens of a table of formats."""

    def __init__(self, formats: Iterable[Format] = FORMATS) -> None:
        rows: dict[str, list[tuple[Format, re.Pattern[str]]]] = {}
        for each in formats:
            compiled = re.compile((r"(?<![A-Za-z0-9])" if each.loose and not each.back else "") + each.pattern)
            for literal in each.literals:
                rows.setdefault(literal, []).append((each, compiled))
        self._rows = {
            literal: [row for other, found in rows.items() if literal.startswith(other) for row in found]
            for literal in rows
        }
        self._far = [
            literal
            for literal in rows
            if "~" in literal or literal.startswith("$argon2") or (len(literal) >= _FAR and not literal[-1].isalnum())
        ]
        self._literals = re.compile(trie_pattern(rows))

    def __call__(self, text: str) -> Iterator[Span]:
        """Every token of a known format, in no particular order; spans may overlap."""
        yield from self.tokens(text)
        for literal in self._far:
            for at in positions(text, literal):
                yield from self._at(text, at, literal)

    def tokens(self, text: str) -> Iterator[Span]:
        """The tokens whose literal stands near a run of word characters: nearly all, and no addresses."""
        last = 0
        clean: set[str] = set()  # logs repeat themselves: what was looked at once is not looked at again
        finditer = self._literals.finditer
        for start, end in _runs(text):
            start = max(last, start - _BEFORE_RUN)
            last = end
            window = text[start:end]
            if window in clean:
                continue
            hits = [(hit.start(), hit.group()) for hit in finditer(text, start, end)]
            if not hits:
                clean.add(window)
            for at, literal in hits:
                yield from self._at(text, at, literal)

    def _at(self, text: str, at: int, literal: str) -> Iterator[Span]:
        for each, pattern in self._rows[literal]:
            starts = range(max(0, at - each.back), at + 1) if each.back else (at,)
            found = next((m for start in starts if (m := pattern.match(text, start)) and m.end() > at), None)
            if found and not is_placeholder(found.group()[len(literal) :]):
                yield Span(found.start(), found.end(), each.kind)


_FIRST_RUN = re.compile(r"[A-Za-z0-9_-]{16,}")


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Where sixteen word characters or more stand in a row."""
    first = _FIRST_RUN.match(text)
    if first:
        yield first.span()
    for run in _RUN.finditer(text, first.end() if first else 0):
        yield run.span(1)


def positions(text: str, literal: str) -> Iterator[int]:
    """Where a literal stands."""
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + len(literal))


def is_placeholder(value: str) -> bool:
    """Whether a value is a stand-in (`xxxx`, `key-XXXXXXXX`, `AKIA…EXAMPLE`): hardly any different characters."""
    if len(value) < 8:
        return False
    start = value[:200].lower()
    return value.endswith("EXAMPLE") or len(set(start)) <= 3 or _MOSTLY_ONE.search(start) is not None


_MOSTLY_ONE = re.compile(r"^[\w.+-]{0,12}?([x*.1-9-])\1{11,}[=\w-]{0,2}$")


def without_tags(text: str) -> str:
    """The text with blanks in place of tags: what was redacted is no secret and delimits what stands around it."""
    return TAG.sub(_blank, text) if "[secret:" in text else text


def _blank(found: re.Match[str]) -> str:
    """Line breaks, so that no value reaches over them, between blanks, so that no line begins behind them."""
    return "\x1e" + "\n" * (len(found.group()) - 2) + "\x1e"


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, overlapping ones made one; a format's kind wins over `credential`."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.end <= span.start:
            continue
        if result and span.start < result[-1].end:
            result[-1] = _joined(result[-1], span)
        else:
            result.append(span)
    return result


def _joined(first: Span, second: Span) -> Span:
    kind = second.kind if first.kind == CREDENTIAL else first.kind
    return Span(first.start, max(first.end, second.end), kind)
