"""Which names give a secret away."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction_names import strength, words_of
from tests.policy.planted import HEX, drawn


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


@pytest.mark.parametrize("frame", ["ACME_KEY={}", "      ACME_KEY:  {}", "GET /v1/q?acme_key={} 200", "sonar.login={}"])
def test_what_an_environment_or_a_request_calls_a_key_may_look_like_a_digest(frame: str) -> None:
    secret = drawn(HEX, 40, 5)
    assert secret not in Redactor(key=b"k" * 32).text(frame.format(secret))


@pytest.mark.parametrize("frame", ["CACHE_KEY={}", "partition_key={}", "?cache_key={}&x=1", "acmeKey {}", "KEY={}"])
def test_a_digest_by_which_something_is_found_stays(frame: str) -> None:
    text = frame.format(drawn(HEX, 40, 5))
    assert Redactor(key=b"k" * 32).text(text) == text


def test_numbered_things_are_no_tokens() -> None:
    text = "key=orders-717359 partition=4 offset=61600645"
    assert Redactor(key=b"k" * 32).text(text) == text
