"""Which series belong together? Grouping, vector matching and label functions of PromQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from chatops.demo.prometheus.functions import ARITHMETIC, COMPARISON

Labels = Mapping[str, str]
Row = tuple[Labels, float]
Key = tuple[tuple[str, str], ...]


class MatchingError(Exception):
    """Two series on a side that may have only one: Prometheus refuses this with a 422 as well."""


def without_name(labels: Labels) -> Labels:
    """The labels of a computed value: it no longer is the metric."""
    return {k: v for k, v in labels.items() if k != "__name__"}


def _kind(modifier: Any) -> str:
    return str(modifier.type).rsplit(".", 1)[-1]


def grouped(rows: Sequence[Row], modifier: Any) -> list[tuple[Labels, list[Row]]]:
    """Rows by their `by` or `without` labels."""
    groups: dict[Key, list[Row]] = {}
    for labels, value in rows:
        if modifier is None:
            key: Key = ()
        elif _kind(modifier) == "By":
            key = tuple((name, labels[name]) for name in sorted(modifier.labels) if labels.get(name))
        else:
            dropped = {*modifier.labels, "__name__"}
            key = tuple(sorted((k, v) for k, v in labels.items() if k not in dropped))
        groups.setdefault(key, []).append((labels, value))
    return [(dict(key), members) for key, members in groups.items()]


def _match_key(labels: Labels, matching: Any) -> Key:
    if matching is None:
        return tuple(sorted((k, v) for k, v in labels.items() if k != "__name__"))
    if _kind(matching) in {"Include", "On"}:
        return tuple((name, labels.get(name, "")) for name in sorted(matching.labels))
    dropped = {*matching.labels, "__name__"}
    return tuple(sorted((k, v) for k, v in labels.items() if k not in dropped))


def combine_vectors(op: str, left: Sequence[Row], right: Sequence[Row], modifier: Any) -> list[Row]:
    """`left op right` for two vectors, with `on`, `ignoring`, `group_left`, `group_right` and `bool`."""
    matching = modifier.matching if modifier else None
    if op in {"and", "or", "unless"}:
        return _sets(op, left, right, matching)
    card = str(modifier.card).rsplit(".", 1)[-1] if modifier else "OneToOne"
    many, one = (right, left) if card == "OneToMany" else (left, right)
    single: dict[Key, Row] = {}
    for row in one:
        key = _match_key(row[0], matching)
        if key in single:
            raise MatchingError("found duplicate series for the match group on one side of the operation")
        single[key] = row
    pairs = [(row, single[key]) for row in many if (key := _match_key(row[0], matching)) in single]
    if card == "OneToOne" and len({_match_key(row[0], matching) for row, _ in pairs}) < len(pairs):
        raise MatchingError("multiple matches for labels: many-to-one matching must be explicit")
    return _computed(op, pairs, card, modifier)


def _computed(op: str, pairs: list[tuple[Row, Row]], card: str, modifier: Any) -> list[Row]:
    found: list[Row] = []
    for (labels, many), (one_labels, one) in pairs:
        a, b = (one, many) if card == "OneToMany" else (many, one)
        names = modifier.group_labels if modifier and modifier.group_labels else []
        kept = {**_result_labels(labels, card, modifier), **{n: one_labels[n] for n in names if n in one_labels}}
        if op in ARITHMETIC:
            found.append((kept, ARITHMETIC[op](a, b)))
        elif modifier and modifier.return_bool:
            found.append((kept, float(COMPARISON[op](a, b))))
        elif COMPARISON[op](a, b):
            found.append((labels if card == "OneToOne" and not (modifier and modifier.matching) else kept, a))
    return found


def _result_labels(labels: Labels, card: str, modifier: Any) -> Labels:
    if card == "OneToOne" and modifier and modifier.matching:
        return {k: v for k, v in _match_key(labels, modifier.matching) if v}
    return without_name(labels)


def _sets(op: str, left: Sequence[Row], right: Sequence[Row], matching: Any) -> list[Row]:
    keys = {_match_key(labels, matching) for labels, _ in right}
    if op == "and":
        return [row for row in left if _match_key(row[0], matching) in keys]
    if op == "unless":
        return [row for row in left if _match_key(row[0], matching) not in keys]
    have = {_match_key(labels, matching) for labels, _ in left}
    return [*left, *(row for row in right if _match_key(row[0], matching) not in have)]


def replace_label(rows: Sequence[Row], words: Sequence[str]) -> list[Row]:
    """`label_replace(v, target, replacement, source, regex)`."""
    target, replacement, source, pattern = words
    wanted, template = re.compile(pattern), re.sub(r"\$(\d+|\w+)", r"\\g<\1>", replacement)
    found: list[Row] = []
    for labels, value in rows:
        match = wanted.fullmatch(labels.get(source, ""))
        new = match.expand(template) if match else labels.get(target, "")
        found.append(({k: v for k, v in {**labels, target: new}.items() if v}, value))
    return found


def join_label(rows: Sequence[Row], words: Sequence[str]) -> list[Row]:
    """`label_join(v, target, separator, source…)`."""
    target, separator, *sources = words
    return [({**labels, target: separator.join(labels.get(s, "") for s in sources)}, v) for labels, v in rows]
