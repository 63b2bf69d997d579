"""Places of secrets: joined where they touch, and never tags that stand already."""

from __future__ import annotations

import re

import pytest

from chatops.policy.redaction.prefilter import View
from chatops.policy.redaction.spans import (
    FormatScan,
    Span,
    is_placeholder,
    merged,
    positions,
    trie_pattern,
    without_tags,
)
from chatops.policy.redaction.token_format import row


def test_places_that_overlap_are_one() -> None:
    found = merged([Span(5, 9, "b"), Span(0, 6, "a"), Span(20, 22, "c")])
    assert [(one.start, one.end) for one in found] == [(0, 9), (20, 22)]


def test_places_apart_stay_apart_and_come_in_order() -> None:
    assert [one.kind for one in merged([Span(20, 22, "c"), Span(0, 3, "a")])] == ["a", "c"]


@pytest.mark.parametrize("words", [["AKIA", "ASIA"], ["ghp_", "gho_", "glpat-"], ["a", "ab", "abc"]])
def test_a_trie_finds_every_word_and_nothing_else(words: list[str]) -> None:
    pattern = re.compile(trie_pattern(words))
    assert all(pattern.fullmatch(word) for word in words)
    assert not any(pattern.fullmatch(word + "?") for word in words)


def test_a_tag_is_blanked_at_the_same_length() -> None:
    text = "a [secret:jwt#3fa2] b"
    assert len(without_tags(text)) == len(text)
    assert "secret" not in without_tags(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("xxxxxxx", False),
        ("xxxxxxxx", True),
        ("EXAMPLE", False),
        ("AKIAIOSFODNN7EXAMPLE", True),
        ("EXAMPLE7IOSFODNN", False),
        ("abcabcabcabc", True),
        ("abcdabcdabcd", False),
        ("ABCabcABCabc", True),
        ("ab" * 100 + "cdef", True),
        ("ab" * 99 + "cdef", False),
        ("pk-api-key-x" + "x" * 11, True),
        ("pk-api-key-v" + "x" * 11, False),
        ("pk-api-key-v" + "X" * 12 + "==", True),
        ("pk-api-key-v" + "x" * 12 + "===", False),
        ("pk-api-key-vw" + "x" * 12, False),
    ],
)
def test_a_stand_in_has_hardly_any_different_characters(value: str, expected: bool) -> None:
    assert is_placeholder(value) is expected


def test_a_literal_is_found_at_each_of_its_places() -> None:
    assert list(positions("abaabab", "ab")) == [0, 3, 5]
    assert list(positions("aaaa", "aa")) == [0, 2]
    assert list(positions("aaaa", "b")) == []


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([Span(0, 3, "a"), Span(3, 5, "b")], [Span(0, 3, "a"), Span(3, 5, "b")]),
        ([Span(0, 4, "a"), Span(3, 5, "b")], [Span(0, 5, "a")]),
        ([Span(0, 4, "credential"), Span(3, 5, "b")], [Span(0, 5, "b")]),
        ([Span(0, 4, "a"), Span(3, 5, "credential")], [Span(0, 5, "a")]),
        ([Span(2, 4, "a"), Span(2, 9, "b"), Span(3, 4, "c")], [Span(2, 9, "b")]),
        ([Span(4, 4, "a"), Span(6, 5, "b"), Span(7, 8, "c")], [Span(7, 8, "c")]),
        ([Span(0, 9, "a"), Span(4, 4, "b")], [Span(0, 9, "a")]),
    ],
)
def test_what_overlaps_is_one_and_has_the_kind_that_says_more(spans: list[Span], expected: list[Span]) -> None:
    assert merged(spans) == expected


def test_a_trie_is_no_longer_than_it_has_to_be() -> None:
    assert trie_pattern(["ab", "abc", "ad"]) == "a(?:b(?:c)?|d)"
    assert trie_pattern(["a.", "a.b"]) == r"a\.(?:b)?"
    assert re.findall(trie_pattern(["gh", "ghp"]), "ghp gh") == ["ghp", "gh"]


def test_a_tag_is_line_breaks_between_marks() -> None:
    assert without_tags("a [secret:jwt#3fa2] [secret:x") == "a \x1e" + "\n" * 15 + "\x1e [secret:x"


TOKENS = FormatScan(
    [
        row("one", "zq_", r"zq_[a-z0-9]{8}"),
        row("two", "zq_live_", r"zq_live_[a-z0-9]{8}"),
        row("back", "@zq", r"\w{3}@zq\d", back=3),
    ]
)


@pytest.mark.parametrize("before", [0, 1, 47, 48, 49, 127, 128, 129, 500])
def test_a_token_is_found_wherever_it_stands(before: int) -> None:
    first, second = "zq_a1b2c3d4", "zq_live_e5f6a7b8"
    for text in ("." * before + first, "." * before + first + "." * before + second, f"{'.' * before}{first} {second}"):
        found = {text[one.start : one.end]: one.kind for one in TOKENS(View(text))}
        assert found[first] == "one"
        assert (second not in text) or found[second] == "two"


def test_what_is_no_token_is_not_found() -> None:
    for text in ("zq_a1b2c3d", "zq_xxxxxxxx", "ab@zq1", "-ab@zq1", "zq-a1b2c3d4", ""):
        assert list(TOKENS(View(text))) == []


def test_what_may_stand_before_a_literal_belongs_to_the_token() -> None:
    assert list(TOKENS(View("abc@zq1"))) == [Span(0, 7, "back")]
    assert list(TOKENS(View("vwxyzabc@zq1"))) == [Span(5, 12, "back")]
