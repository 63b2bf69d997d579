"""What does it mean to have found a secret in a text, and where do provider formats stand?

A `Span` is a place and a kind. Everything that looks for secrets yields spans; `redaction` puts
tags in their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.providers import FORMATS
from chatops.policy.redaction.token_format import Format


class Span(NamedTuple):
    """Characters `start` to `end` of a text are a secret of this kind."""

    start: int
    end: int
    kind: str


TAG = re.compile(r"\[secret:[a-z0-9-]+#[0-9a-f]{4}\]")
"""What stands where a secret was; never a secret itself."""

CREDENTIAL = "credential"
"""The kind of a secret that only its name or its place gives away."""

_BEFORE = 128
"""Longer than what may stand before a literal inside a token."""

_LITERAL = 48
"""Longer than any literal: one that lies across two places is looked for from the second."""

_BEHIND = 64
"""Longer than what a prefilter may have found instead of the token's first characters."""


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
        relaxed = []
        for each in formats:
            begins = each.loose and not each.back
            relaxed.append((r"(?:^|[^A-Za-z0-9])" if begins else "") + f"(?:{each.pattern})")
            compiled = re.compile((r"(?<![A-Za-z0-9])" if begins else "") + each.pattern)
            for literal in each.literals:
                rows.setdefault(literal, []).append((each, compiled))
        self._rows = {
            literal: [row for other, found in rows.items() if literal.startswith(other) for row in found]
            for literal in rows
        }
        self._literals = re.compile(f"(?=({trie_pattern(rows)}))")
        self.places = Prefilter(relaxed)

    def __call__(self, view: View) -> Iterator[Span]:
        """Every token of a known format, in no particular order; spans may overlap."""
        last = 0
        for start, end in self.places(view.data):
            if end > last:
                first, last = max(last - _LITERAL, start - _BEFORE, 0), end + _BEHIND
                yield from self._between(view.text, first, last)

    def _between(self, text: str, first: int, last: int) -> Iterator[Span]:
        for hit in self._literals.finditer(text, first, last):
            yield from self._at(text, hit.start(), hit[1])

    def _at(self, text: str, at: int, literal: str) -> Iterator[Span]:
        for each, pattern in self._rows[literal]:
            starts = range(max(0, at - each.back), at + 1) if each.back else (at,)
            found = next((m for start in starts if (m := pattern.match(text, start)) and m.end() > at), None)
            if found and not is_placeholder(found.group()[len(literal) :]):
                yield Span(found.start(), found.end(), each.kind)


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
