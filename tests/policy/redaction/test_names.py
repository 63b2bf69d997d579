"""Which values are secrets because of the name beside them."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from tests.policy.planted import HEX, drawn


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
