"""Which names give a secret away."""

from __future__ import annotations

import pytest

from chatops.policy.redaction_names import strength, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [("fooBarToken", ["foo", "bar", "token"]), ("DB_PASSWORD", ["db", "password"]), ("x-api-key", ["x", "api", "key"])],
)
def test_a_name_is_taken_apart_however_it_is_written(name: str, words: list[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize("name", ["DB_PASSWORD", "client_secret", "apiToken", "X-Api-Key", "aws_secret_access_key"])
def test_names_of_secrets_are_known(name: str) -> None:
    assert strength(name) > 0


@pytest.mark.parametrize("name", ["max_tokens", "password_policy", "secretName", "tokenizer", "keyboard", "namespace"])
def test_names_that_only_speak_of_them_are_not(name: str) -> None:
    assert strength(name) == 0
