"""What tells a token from the next word, a digest or a name."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.structures import looks_like_token, looks_token


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


REDACTOR = Redactor(key=b"0" * 32)


@pytest.mark.parametrize(
    "frame",
    [
        "https://{}:x-oauth-basic@git.example.com/shop.git",
        "https://{}@git.example.com/shop.git",
        'variable "db_password" {{\n  default = "{}"\n}}',
        '{{"envName": "DB_PASSWORD", "envValue": "{}"}}',
        '{{"kind": "SecretList", "items": [{{"data": {{"a": "x"}}}}, {{"data": {{"password": "{}"}}}}]}}',
        "- name: DB_PASSWORD\n  value: {}\n",
    ],
)
def test_the_notation_gives_it_away(frame: str) -> None:
    secret = "q7Zx9LmP2vKd8RtY4wBn"
    assert secret not in REDACTOR.text(frame.format(secret))


def test_templates_of_secrets_hold_none() -> None:
    text = "kind: Secret\ndata:\n  a: {{ .Values.password | b64enc }}\n  b: <base64 of the password>\n  # c: comment\n"
    assert REDACTOR.text(text) == text


def test_a_pair_of_keys_is_gone_whole() -> None:
    first, second = "AK" + "IA" + "Q7ZX2LMPAVKD3RTY", "q7Zx9LmP2vKd8RtY4wBn" * 2
    told = REDACTOR.text(f"user {first}\t{second}\nuser2")
    assert second not in told
    assert first not in told
    assert told.endswith("\nuser2")
