"""Which objects does a Kubernetes selector name? Label and field selectors, as the API server reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Object = Mapping[str, Any]


class BadSelector(Exception):
    """A selector that cannot be read; the API server answers 400."""


_SET = re.compile(r"^\s*([^\s!=,]+)\s+(in|notin)\s+\(([^)]*)\)\s*$")
_EQUAL = re.compile(r"^\s*([^\s!=]+)\s*(==|=|!=)\s*([^\s!=]*)\s*$")
_EXISTS = re.compile(r"^\s*(!?)\s*([^\s!=]+)\s*$")


def _label_term(term: str) -> Callable[[Mapping[str, str]], bool]:
    if found := _SET.match(term):
        key, op, text = found.groups()
        values = {v.strip() for v in text.split(",")}
        return lambda labels: (labels.get(key) in values) == (op == "in")
    if found := _EQUAL.match(term):
        key, op, value = found.groups()
        return lambda labels: (labels.get(key) == value) == (op != "!=")
    if found := _EXISTS.match(term):
        absent, key = found.groups()
        return lambda labels: (key in labels) != bool(absent)
    raise BadSelector(f'unable to parse requirement: found "{term}", expected: identifier')


def label_selector(text: str) -> Callable[[Object], bool]:
    """A predicate for `app=cart,tier in (a, b),!canary`."""
    terms = [_label_term(term) for term in re.split(r",(?![^(]*\))", text) if term.strip()]
    return lambda item: all(term(item["metadata"].get("labels") or {}) for term in terms)


def field(item: Object, path: str) -> str:
    """The value at a dotted path as text; a missing one is empty, as the API server has it."""
    value: Any = item
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def field_selector(text: str) -> Callable[[Object], bool]:
    """A predicate for `status.phase!=Running,involvedObject.name=cart-1`."""
    terms: list[tuple[str, bool, str]] = []
    for term in filter(None, text.split(",")):
        found = _EQUAL.match(term)
        if not found:
            raise BadSelector(f"invalid selector: '{term}'; can't understand '{term}'")
        terms.append((found[1], found[2] != "!=", found[3]))
    return lambda item: all((field(item, path) == value) == equal for path, equal, value in terms)
