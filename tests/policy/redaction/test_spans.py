"""Places of secrets: joined where they touch, and never tags that stand already."""

from __future__ import annotations

import re

import pytest

from chatops.policy.redaction.spans import Span, merged, trie_pattern, without_tags


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
