"""Is this LogQL, and how is it kept within a namespace? A small parser; what it does not know is refused.

Matchers are put into every stream selector that the parser has seen, and nowhere else, so that neither a
string nor a comment can hide one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.contract import ConnectorError

LONGEST = 4000
"""Characters of a query."""
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
      | (?P<duration>\d+(?:\.\d+)?(?:ns|us|µs|ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*)
      | (?P<bytes>\d+(?:\.\d+)?(?:[kKMGTP]i?)?B\b)
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<flag>--[a-z-]+)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<operator>\|=|\|~|\|>|!=|!~|!>|=~|==|>=|<=|[-+*/%^=<>|{}()\[\],])
    """,
    re.VERBOSE,
)
_FILTERS = frozenset({"|=", "|~", "|>", "!=", "!~", "!>"})
_STAGES = frozenset({
    "json", "logfmt", "pattern", "regexp", "unpack", "line_format", "label_format", "decolorize", "drop", "keep",
    "unwrap", "distinct",
})  # fmt: skip
_OVER_RANGES = frozenset({
    "rate", "rate_counter", "count_over_time", "bytes_rate", "bytes_over_time", "absent_over_time", "sum_over_time",
    "avg_over_time", "max_over_time", "min_over_time", "first_over_time", "last_over_time", "stdvar_over_time",
    "stddev_over_time", "quantile_over_time",
})  # fmt: skip
_AGGREGATIONS = frozenset({
    "sum", "avg", "min", "max", "stddev", "stdvar", "count", "topk", "bottomk", "sort", "sort_desc", "approx_topk",
})  # fmt: skip
_BETWEEN = frozenset({"+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "and", "or", "unless"})
_MATCHING = frozenset({"=", "!=", "=~", "!~"})


class Token(NamedTuple):
    """A word of a query, its kind and where it stands."""

    kind: str
    text: str
    at: int


@dataclass
class Query:
    """A query that was understood: whether it yields numbers, and where its stream selectors open."""

    text: str
    metric: bool = False
    selectors: list[int] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)

    def within(self, matchers: Mapping[str, str]) -> str:
        """The query with these equalities in each of its selectors."""
        added = "".join(f"{name}={quoted(value)}, " for name, value in matchers.items())
        text = self.text
        for at in sorted(self.selectors, reverse=True):
            text = f"{text[: at + 1]}{added}{text[at + 1 :]}"
        return text


def quoted(value: str) -> str:
    """A string literal of LogQL."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def selector(matchers: Iterable[tuple[str, str, str]]) -> str:
    """A stream selector from (label, operator, value)."""
    return "{" + ", ".join(f"{name}{operator}{quoted(value)}" for name, operator, value in matchers) + "}"


def any_of(words: Sequence[str]) -> str:
    """A line filter for any of these words, whatever their case."""
    return "|~ " + quoted("(?i)(" + "|".join(re.escape(word).replace(r"\ ", " ") for word in words) + ")")


def parse(text: str) -> Query:
    """The query; `ConnectorError` of kind `rejected` where it is none that is known here."""
    if len(text) > LONGEST:
        raise ConnectorError("rejected", text[:200], f"longer than {LONGEST} characters")
    parser = _Parser(text, _tokens(text))
    parser.whole()
    return parser.query


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while at < len(text):
        hit = _TOKEN.match(text, at)
        if hit is None:
            raise ConnectorError("rejected", text, f"not LogQL at position {at}: {text[at : at + 20]!r}")
        if hit.lastgroup != "space":
            found.append(Token(str(hit.lastgroup), hit[0], at))
        at = hit.end()
    return found


class _Parser:
    """Recursive descent over the tokens; remembers the selectors it passes."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.query = Query(text)
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> None:
        if self._sees("{"):
            self._log()
        else:
            self.query.metric = True
            self._expression()
        if self._next < len(self._tokens):
            raise self._wrong("the end")
        if not self.query.selectors:
            raise self._wrong("a stream selector")

    def _log(self) -> None:
        self._selector()
        self._pipeline()

    def _selector(self) -> None:
        opened = self._take("{")
        named = 0
        while not self._sees("}"):
            if named:
                self._take(",")
                if self._sees("}"):
                    break
            self.query.labels.add(self._kind("name").text)
            if self._peek().text not in _MATCHING:
                raise self._wrong("=, !=, =~ or !~")
            self._next += 1
            self._kind("string")
            named += 1
        self._take("}")
        if not named:
            raise self._wrong("a matcher in the stream selector")
        self.query.selectors.append(opened.at)

    def _pipeline(self) -> None:
        while self._peek().text in _FILTERS or self._sees("|"):
            if self._peek().text in _FILTERS:
                self._next += 1
                self._line_filter()
            else:
                self._next += 1
                self._stage()

    def _line_filter(self) -> None:
        if self._sees("ip"):
            self._next += 1
            self._take("(")
            self._kind("string")
            self._take(")")
            return
        self._kind("string")
        while self._sees("or"):
            self._next += 1
            self._kind("string")

    def _stage(self) -> None:
        if not (self._sees("(") or self._peek().kind == "name"):
            raise self._wrong("a parser, a formatter or a label filter")
        known = self._peek().text in _STAGES
        self._next += known
        taken = self._arguments()
        if not known and not taken:
            raise self._wrong("a label filter")

    def _arguments(self) -> int:
        """Everything up to the next stage: names, comparisons, strings, numbers, balanced parentheses."""
        opened = taken = 0
        while self._next < len(self._tokens):
            token = self._peek()
            ends = token.text in ("|", "[", "]", "{", "}") or token.text in ("|=", "|~", "|>", "!>")
            if ends or (token.text == ")" and not opened):
                break
            opened += (token.text == "(") - (token.text == ")")
            self._next += 1
            taken += 1
        if opened:
            raise self._wrong(")")
        return taken

    def _expression(self) -> None:
        self._depth += 1
        if self._depth > 20:
            raise self._wrong("fewer parentheses")
        self._operand()
        while self._peek().text in _BETWEEN:
            self._next += 1
            if self._sees("bool"):
                self._next += 1
            if self._peek().text in ("on", "ignoring"):
                self._grouping()
            self._operand()
        self._depth -= 1

    def _operand(self) -> None:
        token = self._peek()
        if token.kind == "number" or token.text == "-":
            self._next += 1
            if token.text == "-":
                self._operand()
        elif token.text == "(":
            self._next += 1
            self._expression()
            self._take(")")
        elif token.text in _AGGREGATIONS:
            self._aggregation()
        elif token.text in _OVER_RANGES:
            self._over_range()
        else:
            raise self._wrong("a stream selector, a number or a function")

    def _aggregation(self) -> None:
        self._next += 1
        self._groupings()
        self._take("(")
        if self._peek().kind == "number" and self._text(1) == ",":
            self._next += 2
        self._expression()
        self._take(")")
        self._groupings()

    def _over_range(self) -> None:
        self._next += 1
        self._take("(")
        if self._peek().kind == "number":
            self._next += 1
            self._take(",")
        self._log()
        self._take("[")
        self._kind("duration")
        self._take("]")
        self._pipeline()
        if self._sees("offset"):
            self._next += 1
            self._kind("duration")
        self._take(")")
        self._groupings()

    def _groupings(self) -> None:
        if self._peek().text in ("by", "without"):
            self._grouping()

    def _grouping(self) -> None:
        self._next += 1
        self._take("(")
        while not self._sees(")"):
            self._kind("name")
            if not self._sees(")"):
                self._take(",")
        self._take(")")

    def _peek(self) -> Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else Token("end", "", len(self.query.text))

    def _text(self, ahead: int) -> str:
        at = self._next + ahead
        return self._tokens[at].text if at < len(self._tokens) else ""

    def _sees(self, text: str) -> bool:
        return self._peek().text == text and self._peek().kind != "string"

    def _take(self, text: str) -> Token:
        if not self._sees(text):
            raise self._wrong(text)
        self._next += 1
        return self._tokens[self._next - 1]

    def _kind(self, kind: str) -> Token:
        if self._peek().kind != kind:
            raise self._wrong(f"a {kind}")
        self._next += 1
        return self._tokens[self._next - 1]

    def _wrong(self, wanted: str) -> ConnectorError:
        token = self._peek()
        seen = repr(token.text) if token.text else "the end"
        return ConnectorError("rejected", self.query.text, f"not LogQL: {wanted} wanted at {token.at}, found {seen}")
