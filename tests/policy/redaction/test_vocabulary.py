"""How much names say about their values."""

from __future__ import annotations

import pytest

from chatops.policy.redaction.vocabulary import ANY, MACHINE_MADE, NONE, OBJECT, RANDOM, strength, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fooBarToken", ["foo", "bar", "token"]),
        ("DB_PASSWORD", ["db", "password"]),
        ("x-api-key", ["x", "api", "key"]),
        ("AWSToken2", ["aws", "token", "2"]),
        ("", []),
    ],
)
def test_a_name_is_taken_apart_however_it_is_written(name: str, words: list[str]) -> None:
    assert words_of(name) == words


SAYS = {
    ANY: "DB_PASSWORD client_secret apiToken X-Api-Key aws_secret_access_key PGPASSWORD token token2 DB_PASSWORD_PROD "
    "SECRET_KEY_BASE pswd PSW senha kennwort mySigningKey accessKey passphrase",
    MACHINE_MADE: "secret_id vault_secret_id routing_key SONAR_LOGIN DISCORD_CLIENT_ID creds app_credentials ACME_KEY "
    "dropbox_key meraki_key accessid",
    RANDOM: "auth cookie session signature salt jwt dsn my_auth secret_thing api_key_thing password_of_app KEY key",
    OBJECT: "secret SECRET secret1",
    NONE: "max_tokens password_policy secretName tokenizer keyboard namespace max_token min_password public_token "
    "csrf_token next_page_token CACHE_KEY partition_key client_id password_length token_expiration_seconds "
    "public_key_auth foreign_session",
}


@pytest.mark.parametrize(("says", "names"), SAYS.items())
def test_a_name_says_how_much(says: int, names: str) -> None:
    assert {name: strength(name) for name in names.split()} == dict.fromkeys(names.split(), says)
