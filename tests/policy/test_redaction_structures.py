"""What tells a token from the next word, a digest or a name."""

from __future__ import annotations

import pytest

from chatops.policy.redaction_structures import looks_like_token, looks_token


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("abc123def456", True),
        ("A" * 24, True),
        ("of-the-sentence", False),
        ("short1", False),
        ("expires_in=3600abcdef", False),
    ],
)
def test_what_follows_bearer_may_be_only_a_word(value: str, expected: bool) -> None:
    assert looks_like_token(value) is expected


@pytest.mark.parametrize(
    "value",
    [
        "d670460b4b4aece5915caf5c68d12f560a9fe3e4",
        "a" * 64,
        "checkout-7d9c6b5f4.shop.svc",
        "two words of sixteen",
        "short1A",
    ],
)
def test_digests_names_and_prose_are_no_tokens(value: str) -> None:
    assert not looks_token(value)


def test_a_long_random_word_is_one() -> None:
    assert looks_token("".join(("q7Zx", "9LmP", "2vKd", "8RtY", "4wBn", "6HcJ")))
