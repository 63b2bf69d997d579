"""What may be sent to Prometheus: every expression is parsed, scoped and capped here first.

An expression from a rule, a link or the persona is text of somebody else. Parsing it (and not matching it
with patterns) is what makes "only this namespace" and "at most a day" promises instead of hopes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import promql_parser as parser

from connectors.contract import ConnectorError

LONGEST_RANGE = timedelta(days=1)
"""A longer range selector loads more samples than an incident is worth."""
FINEST_SUBQUERY = timedelta(seconds=15)
MOST_POINTS = 240
FINEST_STEP = 5.0
LONGEST = 4000
"""Characters: an honest question is shorter."""
_OPERATORS = {">", "<", ">=", "<=", "==", "!="}


class Threshold(NamedTuple):
    """The measured side of a comparison, and what it is compared with."""

    expression: str
    operator: str
    limit: float


def parse(text: str, longest: int = LONGEST) -> Any:
    """The syntax tree; raises `ConnectorError` (rejected) with the parser's own words."""
    if len(text) > longest:
        raise ConnectorError("rejected", text[:200] + "…", f"longer than {longest} characters")
    try:
        return parser.parse(text)
    except ValueError as wrong:
        raise ConnectorError("rejected", text, f"not valid PromQL: {wrong}") from wrong


def checked(text: str, require: Mapping[str, str] | None = None, longest: int = LONGEST) -> str:
    """The canonical form of an expression that parses, is within the caps, and carries the required matchers.

    A selector that names another value for a required label is refused and not rewritten: an answer
    about something else than what was asked would mislead.
    """
    tree = parse(text, longest)
    _cap(tree, text)
    return str(_scoped(tree, text, require).prettify()) if require else str(tree.prettify())


def step(seconds: float, points: int = MOST_POINTS) -> float:
    """The step, in seconds, that answers a range with at most so many points."""
    return max(FINEST_STEP, float(-(-seconds // points)))


def metric_names(text: str) -> tuple[str, ...]:
    """The metrics an expression reads, in order of appearance."""
    names: list[str] = []

    def note(node: Any) -> None:
        if isinstance(node, parser.VectorSelector):
            named = node.name or next((m.value for m in node.matchers.matchers if m.name == "__name__"), None)
            if named and named not in names:
                names.append(named)

    parser.walk(parse(text), note)
    return tuple(names)


def reads_only(text: str, prefixes: tuple[str, ...]) -> bool:
    """Whether every selector names its metric, and every name begins so."""
    other: list[Any] = []

    def note(node: Any) -> None:
        if isinstance(node, parser.VectorSelector) and not (node.name or "").startswith(prefixes):
            other.append(node)

    parser.walk(parse(text), note)
    return not other


def threshold(text: str) -> Threshold | None:
    """The measured side and the limit, where the expression compares something with a number."""
    tree = parse(text)
    while isinstance(tree, parser.ParenExpr) or (
        isinstance(tree, parser.BinaryExpr) and str(tree.op) in ("and", "unless")
    ):
        tree = tree.expr if isinstance(tree, parser.ParenExpr) else tree.lhs
    if not isinstance(tree, parser.BinaryExpr) or str(tree.op) not in _OPERATORS:
        return None
    limit = _number(tree.rhs)
    return None if limit is None else Threshold(tree.lhs.prettify(), str(tree.op), limit)


def from_link(url: str) -> str:
    """The expression in a link to the expression browser (`g0.expr`); empty where there is none."""
    return (parse_qs(urlsplit(url).query).get("g0.expr") or [""])[0]


def matcher(label: str, value: str, operator: str = "=") -> str:
    """One label matcher, escaped."""
    return f'{label}{operator}"{escaped(value)}"'


def selector(labels: Mapping[str, str]) -> str:
    """The selector of one series, by its metric's name and all its labels."""
    inside = ",".join(matcher(k, v) for k, v in sorted(labels.items()) if k != "__name__")
    return f"{labels.get('__name__', '')}{{{inside}}}"


def escaped(value: str) -> str:
    """A value as it stands between double quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(node: Any) -> float | None:
    if isinstance(node, parser.ParenExpr):
        return _number(node.expr)
    if isinstance(node, parser.UnaryExpr):
        inner = _number(node.expr)
        return None if inner is None else -inner
    return float(node.val) if isinstance(node, parser.NumberLiteral) else None


def _cap(tree: Any, text: str) -> None:
    def look(node: Any) -> None:
        span = getattr(node, "range", None)
        if isinstance(span, timedelta) and span > LONGEST_RANGE:
            raise _Refused(f"a range of {parser.display_duration(span)} is longer than a day")
        fine = getattr(node, "step", None)
        if isinstance(fine, timedelta) and fine < FINEST_SUBQUERY:
            raise _Refused("a subquery's step must be at least 15s")

    try:
        parser.walk(tree, look)
    except _Refused as refused:
        raise ConnectorError("rejected", text, str(refused)) from refused


class _Refused(Exception):
    """Carries a refusal out of the walk."""


def _scoped(tree: Any, text: str, require: Mapping[str, str]) -> Any:
    def visit(node: Any) -> Any:
        return parser.parse(_selector(node, require)) if isinstance(node, parser.VectorSelector) else None

    try:
        return parser.transform(tree, post_visit=visit)
    except _Refused as refused:
        raise ConnectorError("rejected", text, str(refused)) from refused


def _selector(node: Any, require: Mapping[str, str]) -> str:
    """The selector's text with the required matchers; built by hand, the parser's own text is not escaped."""
    if node.matchers.or_matchers:
        raise _Refused("alternatives of matchers (or) cannot be scoped")
    present = {m.name for m in node.matchers.matchers}
    for m in node.matchers.matchers:
        if m.op == parser.MatchOp.Equal and m.name in require and m.value != require[m.name]:
            raise _Refused(f'asks for {m.name}="{m.value}", outside of {m.name}="{require[m.name]}"')
    inside = [matcher(m.name, m.value, _OPERATOR[str(m.op)]) for m in node.matchers.matchers]
    exact = {m.name for m in node.matchers.matchers if m.op == parser.MatchOp.Equal} & present
    inside += [matcher(k, v) for k, v in require.items() if k not in exact]
    return f"{node.name or ''}{{{','.join(inside)}}}{_offset(node)}{_at(node)}"


_OPERATOR = {"MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~"}


def _offset(node: Any) -> str:
    if not node.offset:
        return ""
    sign = "-" if node.offset < timedelta() else ""
    return f" offset {sign}{parser.display_duration(abs(node.offset))}"


def _at(node: Any) -> str:
    if node.at is None:
        return ""
    kind = str(node.at.type).rsplit(".", 1)[-1]
    return f" @ {node.at.at.timestamp():.3f}" if kind == "At" else f" @ {kind.lower()}()"
