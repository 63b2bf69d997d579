"""What does a PromQL expression say about the demo's series? An evaluator over promql-parser's syntax tree.

It exists for the demo and the tests: wide enough for dashboards and alert rules, honest about the
rest (`Unsupported` becomes the 422 that Prometheus sends for an expression it cannot execute).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import promql_parser

from chatops.demo.prometheus import functions
from chatops.demo.prometheus.matching import combine_vectors, grouped, join_label, replace_label, without_name
from chatops.demo.prometheus.samples import Sampled

Labels = Mapping[str, str]
Vector = list[tuple[Labels, float]]


class Unsupported(Exception):
    """An expression that is valid PromQL and that this stand-in does not evaluate."""


_OPS: dict[str, Callable[[str, str], bool]] = {
    "MatchOp.Equal": lambda have, want: have == want,
    "MatchOp.NotEqual": lambda have, want: have != want,
    "MatchOp.Re": lambda have, want: re.fullmatch(want, have) is not None,
    "MatchOp.NotRe": lambda have, want: re.fullmatch(want, have) is None,
}


def select(series: Iterable[Sampled], selector: Any) -> list[Sampled]:
    """The series that a parsed vector selector names."""
    wanted = [(m.name, str(m.op), m.value) for m in selector.matchers.matchers]
    if selector.name:
        wanted.append(("__name__", "MatchOp.Equal", selector.name))
    return [s for s in series if all(_OPS[op](s.labels.get(name, ""), value) for name, op, value in wanted)]


@dataclass
class Evaluation:
    """One expression over one set of series; `bounds` is what `@ start()` and `@ end()` mean."""

    series: Sequence[Sampled]
    bounds: tuple[float, float]
    _selected: dict[int, list[Sampled]] = field(default_factory=dict)

    def value(self, node: Any, at: float) -> Vector | float | str:
        """The value of a node of the tree at a moment: a vector, a scalar or a string."""
        evaluate = getattr(self, f"_{type(node).__name__.lower()}", None)
        if evaluate is None:
            raise Unsupported(f"{type(node).__name__} at the top of an expression or as an operand")
        return cast("Vector | float | str", evaluate(node, at))

    def vector(self, node: Any, at: float) -> Vector:
        """The value of a node that must be a vector."""
        value = self.value(node, at)
        if not isinstance(value, list):
            raise Unsupported("expected an instant vector")
        return value

    def number(self, node: Any, at: float) -> float:
        """The value of a node that must be a scalar."""
        value = self.value(node, at)
        if not isinstance(value, float):
            raise Unsupported("expected a scalar")
        return value

    def _numberliteral(self, node: Any, _at: float) -> float:
        return float(node.val)

    def _stringliteral(self, node: Any, _at: float) -> str:
        return str(node.val)

    def _parenexpr(self, node: Any, at: float) -> Vector | float | str:
        return self.value(node.expr, at)

    def _unaryexpr(self, node: Any, at: float) -> Vector | float:
        value = self.value(node.expr, at)
        return [(without_name(ls), -v) for ls, v in value] if isinstance(value, list) else -float(value)

    def _vectorselector(self, node: Any, at: float) -> Vector:
        when = self._moved(node, at)
        return [(s.labels, v) for s in self._find(node) if (v := s.latest(when)) is not None]

    def _find(self, selector: Any) -> list[Sampled]:
        # The tree hands out a new wrapper for each visit: the printed selector is its identity.
        key = hash(str(selector.prettify()))
        if key not in self._selected:
            self._selected[key] = select(self.series, selector)
        return self._selected[key]

    def _moved(self, node: Any, at: float) -> float:
        if node.at is not None:
            start, end = self.bounds
            kind = str(node.at.type)
            at = start if kind.endswith("Start") else end if kind.endswith("End") else node.at.at.timestamp()
        return at - node.offset.total_seconds() if node.offset is not None else at

    def ranges(self, node: Any, at: float) -> list[tuple[Labels, list[tuple[float, float]], float, float]]:
        """A range vector: labels, samples, and the range itself (start, end)."""
        if type(node).__name__ == "ParenExpr":
            return self.ranges(node.expr, at)
        if type(node).__name__ in {"Subquery", "SubqueryExpr"}:
            return self._subquery(node, at)
        if type(node).__name__ != "MatrixSelector":
            raise Unsupported("expected a range vector")
        end = self._moved(node.vector_selector, at)
        start = end - node.range.total_seconds()
        found = ((s.labels, s.between(start, end)) for s in self._find(node.vector_selector))
        return [(labels, samples, start, end) for labels, samples in found if samples]

    def _subquery(self, node: Any, at: float) -> list[tuple[Labels, list[tuple[float, float]], float, float]]:
        end = self._moved(node, at)
        start = end - node.range.total_seconds()
        step = node.step.total_seconds() if node.step is not None else 60.0
        rows: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
        for tick in range(int(start // step) + 1, int(end // step) + 1):
            for labels, value in self.vector(node.expr, tick * step):
                rows.setdefault(tuple(sorted(labels.items())), []).append((tick * step, value))
        return [(dict(labels), samples, start, end) for labels, samples in rows.items()]

    def _aggregateexpr(self, node: Any, at: float) -> Vector:
        vector, op = self.vector(node.expr, at), str(node.op)
        groups = grouped(vector, node.modifier)
        if op in functions.OVER_GROUP:
            return [(key, functions.OVER_GROUP[op]([v for _, v in rows])) for key, rows in groups]
        if op in {"topk", "bottomk"}:
            count, largest = int(self.number(node.param, at)), op == "topk"
            return [row for _, rows in groups for row in sorted(rows, key=lambda r: r[1], reverse=largest)[:count]]
        if op == "quantile":
            q = self.number(node.param, at)
            return [(key, functions.quantile(q, [v for _, v in rows])) for key, rows in groups]
        raise Unsupported(f"the aggregation {op}")

    def _call(self, node: Any, at: float) -> Vector | float:
        name, args = node.func.name, list(node.args)
        if name in functions.OVER_RANGE:
            numbers = [self.number(a, at) for a in args[1:]]
            return self._over_range(functions.OVER_RANGE[name], args[0], numbers, at, name in functions.KEEPS_NAME)
        if name == "quantile_over_time":
            q = self.number(args[0], at)
            return self._over_range(lambda s, a, b: functions.quantile(q, [v for _, v in s]), args[1], [], at, False)
        if name in functions.EACH_VALUE:
            numbers = [self.number(a, at) for a in args[1:]]
            compute = functions.EACH_VALUE[name]
            return [(without_name(ls), compute(v, *numbers)) for ls, v in self.vector(args[0], at)]
        special = _SPECIAL.get(name)
        if special is None:
            raise Unsupported(f"the function {name}")
        return special(self, args, at)

    def _over_range(
        self, compute: Callable[..., float | None], node: Any, numbers: list[float], at: float, keeps_name: bool
    ) -> Vector:
        rows = ((ls, compute(samples, a, b, *numbers)) for ls, samples, a, b in self.ranges(node, at))
        return [(ls if keeps_name else without_name(ls), v) for ls, v in rows if v is not None]

    def _binaryexpr(self, node: Any, at: float) -> Vector | float:
        left, right = self.value(node.lhs, at), self.value(node.rhs, at)
        op, as_bool = str(node.op), bool(node.modifier and node.modifier.return_bool)
        if isinstance(left, str) or isinstance(right, str):
            raise Unsupported("strings as operands")
        if isinstance(left, list) and isinstance(right, list):
            return combine_vectors(op, left, right, node.modifier)
        if not isinstance(left, list) and not isinstance(right, list):
            return self._scalars(op, left, right)
        vector = cast("Vector", left if isinstance(left, list) else right)
        pair = (lambda v: (v, right)) if isinstance(left, list) else (lambda v: (left, v))
        if op in functions.ARITHMETIC:
            return [(without_name(ls), functions.ARITHMETIC[op](*pair(v))) for ls, v in vector]
        holds = functions.COMPARISON[op]
        if as_bool:
            return [(without_name(ls), float(holds(*pair(v)))) for ls, v in vector]
        return [(ls, v) for ls, v in vector if holds(*pair(v))]

    def _scalars(self, op: str, left: float, right: float) -> float:
        if op in functions.ARITHMETIC:
            return functions.ARITHMETIC[op](left, right)
        return float(functions.COMPARISON[op](left, right))


def _selector_labels(node: Any) -> dict[str, str]:
    """What `absent` can say about a series that is not there: the labels its selector pins."""
    selector = getattr(node, "vector_selector", node)
    matchers = getattr(getattr(selector, "matchers", None), "matchers", [])
    return {m.name: m.value for m in matchers if str(m.op) == "MatchOp.Equal"}


def _absent(ev: Evaluation, args: list[Any], at: float) -> Vector:
    is_range = type(args[0]).__name__ in {"MatrixSelector", "Subquery", "SubqueryExpr"}
    found = ev.ranges(args[0], at) if is_range else ev.vector(args[0], at)
    return [] if found else [(_selector_labels(args[0]), 1.0)]


def _scalar(ev: Evaluation, args: list[Any], at: float) -> float:
    vector = ev.vector(args[0], at)
    return vector[0][1] if len(vector) == 1 else float("nan")


def _histogram(ev: Evaluation, args: list[Any], at: float) -> Vector:
    q = ev.number(args[0], at)
    rows: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for labels, value in ev.vector(args[1], at):
        rest = tuple(sorted((k, v) for k, v in labels.items() if k not in {"le", "__name__"}))
        rows.setdefault(rest, []).append((float(labels.get("le", "nan")), value))
    return [(dict(key), functions.histogram_quantile(q, buckets)) for key, buckets in rows.items()]


def _sort(ev: Evaluation, args: list[Any], at: float) -> Vector:
    return sorted(ev.vector(args[0], at), key=lambda row: row[1])


_SPECIAL: dict[str, Callable[[Evaluation, list[Any], float], Vector | float]] = {
    "absent": _absent,
    "absent_over_time": _absent,
    "histogram_quantile": _histogram,
    "label_join": lambda ev, args, at: join_label(ev.vector(args[0], at), [str(ev.value(a, at)) for a in args[1:]]),
    "label_replace": lambda ev, args, at: replace_label(
        ev.vector(args[0], at), [str(ev.value(a, at)) for a in args[1:]]
    ),
    "pi": lambda ev, args, at: 3.141592653589793,
    "scalar": _scalar,
    "sort": _sort,
    "sort_desc": lambda ev, args, at: _sort(ev, args, at)[::-1],
    "time": lambda ev, args, at: at,
    "timestamp": lambda ev, args, at: [(without_name(ls), at) for ls, _ in ev.vector(args[0], at)],
    "vector": lambda ev, args, at: [({}, ev.number(args[0], at))],
}


def parse(expression: str) -> Any:
    """The syntax tree; ValueError with the parser's message where it is no PromQL."""
    return promql_parser.parse(expression)


def instant(series: Sequence[Sampled], expression: str, at: float) -> Vector | float | str:
    """Evaluate at one moment."""
    return Evaluation(series, (at, at)).value(parse(expression), at)


def over(
    series: Sequence[Sampled], expression: str, start: float, end: float, step: float
) -> list[tuple[Labels, list[tuple[float, float]]]]:
    """Evaluate at every step of a range; the rows of a `query_range` answer."""
    tree, evaluation = parse(expression), Evaluation(series, (start, end))
    rows: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for number in range(int((end - start) / step + 1e-9) + 1):
        at = start + number * step
        value = evaluation.value(tree, at)
        for labels, point in value if isinstance(value, list) else [({}, float(value))]:
            rows.setdefault(tuple(sorted(labels.items())), []).append((at, point))
    return [(dict(labels), points) for labels, points in rows.items()]
