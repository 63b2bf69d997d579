"""Which names give a secret away."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.names import strength, words_of
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


GONE = (
    "    Args:\n      --mode\n      fast1\n      --db-password\n      {}\n      --port\n      80\n",
    "args:\n- --api-token\n- {}\n- --verbose\n",
    '"args": [\n  "--password",\n  "{}"\n]',
    "NAME          VALUE\nDB_PASSWORD   {}\nLOG_LEVEL     info\n",
    "password    {}",
    "bindpw {}",
    "<password><![CDATA[{}]]></password>",
    '[db]\npassword = """{}"""\n',
    'password="{}\\" and more"',
    'password="{} never closed',
    "DB_PASSWORD | {} |",
)


@pytest.mark.parametrize("frame", GONE)
def test_a_value_is_found_however_it_stands_beside_its_name(frame: str) -> None:
    secret = "Tr0ub4dor9xQ"
    assert secret not in Redactor(key=b"k" * 32).text(frame.format(secret))


STAYS = (
    "    Args:\n      --use-token\n    State:          Running\n",
    "args:\n- --use-token\nenv: production1\n",
    "NAME            NODE\nauth-token      ip-10-0-1-27.internal\n",
    "access_token    2026-11-27T10:00:00Z\n",
    "password | Running | 3",
    "db_token  | abc1",
    "arn:aws:ssm:eu-west-1:123456789012:parameter:token:aB3dE5gH7jK9mN1p",
    "csrf_token=aB3dE5gH7jK9mN1p next_page_token=aB3dE5gH7jK9mN1p",
    "password=12345",
    "password=xxxxxxxxxxxx",
)


@pytest.mark.parametrize("text", STAYS)
def test_what_only_stands_beside_a_name_stays(text: str) -> None:
    assert Redactor(key=b"k" * 32).text(text) == text


def test_six_digits_are_a_password_and_five_may_be_a_count() -> None:
    assert "123456" not in Redactor(key=b"k" * 32).text("password=123456")
