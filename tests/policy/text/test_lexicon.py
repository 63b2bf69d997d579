"""Words of English and the field, in their forms, and words of nobody."""

from __future__ import annotations

import pytest

from chatops.policy.text.lexicon import is_ordinary, is_word

COMMON = "leaks misconfigured organisation rescheduling retriable cancelled fulfils kubelet's cgroups hostname mutexes"


@pytest.mark.parametrize("word", COMMON.split())
def test_words_in_whatever_form(word: str) -> None:
    assert is_word(word)


@pytest.mark.parametrize(
    "word", ["paymentgate", "quillstream", "zorblat", "loyaltyd", "gobblin", "mtlsx", "kryptcache"]
)
def test_what_nobody_says(word: str) -> None:
    assert not is_word(word)


@pytest.mark.parametrize("word", ["billing", "ledger", "basket"])
def test_words_that_services_are_called_by_are_words_but_not_ordinary(word: str) -> None:
    assert is_word(word)
    assert not is_ordinary(word)


def test_what_stands_beside_any_object_is_ordinary() -> None:
    assert all(is_ordinary(word) for word in ("failing", "DNS", "old", "replica's", "OOMKilled"))
