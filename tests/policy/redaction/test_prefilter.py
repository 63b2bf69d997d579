"""A prefilter misses no place where its patterns match: it may only name too many."""

from __future__ import annotations

import random
import re

import pytest

from chatops.policy.redaction.prefilter import Literals, Prefilter, View, relaxed
from chatops.policy.redaction.providers import FORMATS
from chatops.policy.redaction.spans import FormatScan, Span
from tests.policy.planted import FORMS, HEX, drawn, token


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"ab(?=c)d", "abd"),
        (r"(?<![\w)])x(?!a(?:b|[)])c)y", "xy"),
        (r"[A-Z(]{3}\(", r"[A-Z(]{3}\("),
        (r"a{16}b{2,9}c{40,}", "a{6,}?b{2,}?c{6,}?"),
        (r"a{0,100}?b", "a{0,}?b"),
        (r"[^\]{9}](?:x|y)", r"[^\]{9}](?:x|y)"),
    ],
)
def test_a_pattern_is_relaxed(pattern: str, expected: str) -> None:
    assert relaxed(pattern) == expected


def test_a_group_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not end"):
        relaxed("a(?=b")


def test_the_forms_of_a_text_have_its_length() -> None:
    view = View("Straße İstanbul 🚀 A")
    assert view.lower == "straße İstanbul 🚀 a"
    assert view.data == b"Stra?e ?stanbul ? A"


def test_places_are_found_in_order_and_in_any_case() -> None:
    assert list(Prefilter(["ab+", "c"])(b"xabbc AB")) == [(1, 4), (4, 5)]
    assert list(Prefilter(["ab+"], ignore_case=True)(b"xabb AB")) == [(1, 4), (5, 7)]


def test_literals_say_which_stand_in_a_text() -> None:
    words = Literals(["curl", "a.b", "--user"])
    assert words(b"CURL --user x axb") == {"curl", "--user"}
    assert words(b"") == frozenset()


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.kind + form.literals[0])
def test_every_format_has_a_place_before_its_literal_or_at_it(form: object) -> None:
    """The relaxed patterns of the table are patterns that RE2 takes."""
    assert isinstance(form, type(FORMATS[0]))
    assert list(Prefilter([form.pattern])(b"no token here")) == []


def test_a_token_right_behind_another_is_found_wherever_it_stands() -> None:
    scan = FormatScan()
    source = random.Random(5)
    for seed in range(200):
        kinds = [source.choice(sorted(FORMS)) for _ in range(3)]
        gap = " " * source.randrange(1, 70) + drawn(HEX, 12, seed)[: source.randrange(12)] + " "
        tokens = [token(kind, seed + n) for n, kind in enumerate(kinds)]
        text = gap.join(tokens)
        found = list(scan(View(text)))
        for each in tokens:
            assert _covered(text, each, found), (kinds, gap)


def _covered(text: str, part: str, found: list[Span]) -> bool:
    at = re.search(re.escape(part), text)
    return at is not None and any(s.start <= at.start() and at.end() <= s.end for s in found)
