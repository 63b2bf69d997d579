"""Which values are secrets because of the name beside them."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.names import entropy, is_secret_value, looks_made, looks_random, trimmed
from chatops.policy.redaction.spans import TAG
from chatops.policy.redaction.vocabulary import ANY, MACHINE_MADE, OBJECT, RANDOM
from tests.policy.planted import HEX, drawn


@pytest.mark.parametrize(
    "frame", ["ACME_KEY={}", "      ACME_KEY:  {}", "GET /v1/q?acme_key={} 200", "?a=1&acme_key={}", "sonar.login={}"]
)
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


DIGEST = drawn(HEX, 40, 7)


def shown(text: str) -> str:
    """The text with a dot for each secret; `$` stands for a digest."""
    return TAG.sub("·", Redactor(key=b"k" * 32).text(text.replace("$", DIGEST))).replace(DIGEST, "$")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the name first on its line: the line is its value
        ("password: correct horse", "password: ·"),
        ("a: b\npassword: correct horse\nc: d", "a: b\npassword: ·\nc: d"),
        ("export DB_PASSWORD=correct horse", "export DB_PASSWORD=·"),
        ("set DB_PASSWORD=correct horse", "set DB_PASSWORD=·"),
        ("env DB_PASSWORD=correct horse", "env DB_PASSWORD=·"),
        ("ENV DB_PASSWORD=correct horse", "ENV DB_PASSWORD=·"),
        ("-e DB_PASSWORD=correct horse", "-e DB_PASSWORD=· horse"),
        ("Environment=DB_PASSWORD=correct horse", "Environment=DB_PASSWORD=·"),
        ("- password: correct horse", "- password: ·"),
        ("password: correct horse, battery", "password: correct horse, battery"),
        ("run DB_PASSWORD=correct horse", "run DB_PASSWORD=· horse"),
        ("password=correct user=app", "password=· user=app"),
        ("token: correct horse", "token: ·"),
        # the value on the next line
        ("password:\n  hunter2x\n", "password:\n  ·\n"),
        ("password:\n  swordfish\n", "password:\n  swordfish\n"),
        ("password:\nhunter2x\n", "password:\nhunter2x\n"),
        ("password:\n$\n", "password:\n·\n"),
        # arguments, one on a line
        ("- --api-token\r\n- hunter2x\r\n", "- --api-token\r\n- ·\r\n"),
        ('"--api-token",\n"hunter2x"', '"--api-token",\n"·"'),
        ("  --api-token\n- hunter2x", "  --api-token\n- hunter2x"),
        ("run --api-token\nhunter2x", "run --api-token\nhunter2x"),
        # cells
        ("password | abcdef1 |", "password | abcdef1 |"),
        ("password | abcdefg1 |", "password | · |"),
        ("password | abcdefgh |", "password | abcdefgh |"),
        ("password | 12345678 |", "password | 12345678 |"),
        ("shop-token   abcdefg1", "shop-token   abcdefg1"),
        ("shop-token\tabcdefg1", "shop-token\t·"),
        # a blank between name and value
        ("--password hunter2", "--password ·"),
        ('-password "hunter2"', '-password "·"'),
        ("-password hunter2", "-password hunter2"),
        ("masterauth hunter2", "masterauth ·"),
        ("requirepass hunter2", "requirepass ·"),
        ("bindpw hunter2", "bindpw ·"),
        ("ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD ·"),
        ("setx DB_PASSWORD hunter2", "setx DB_PASSWORD ·"),
        ("a; setenv DB_PASSWORD hunter2", "a; setenv DB_PASSWORD ·"),
        ("the ENV DB_PASSWORD hunter2", "the ENV DB_PASSWORD hunter2"),
        ("DB_PASSWORD hunter2", "DB_PASSWORD hunter2"),
        # quoted values
        ('password="correct horse" and', 'password="·" and'),
        ('password="cor\\"rect" and', 'password="·" and'),
        ('password="cor\\\\"rect', 'password="·"rect'),
        (r"{\"password\": \"correct horse\"}", r"{\"password\": \"·\"}"),
        ('password="correct horse', 'password="·'),
        ("password='correct horse' x", "password='·' x"),
        # what is no value
        ("checksum/secret: $", "checksum/secret: $"),
        ("annotations/secret: $", "annotations/secret: ·"),
        ("arn:aws:x:token:$", "arn:aws:x:token:$"),
        ("x:token:$", "x:token:·"),
        ("could not fetch a token: unexpected status", "could not fetch a token: unexpected status"),
        ("no password: unexpected", "no password: ·"),
        ("no password: Unexpected status", "no password: · status"),
        ('"istio-token", "mountPath": "/var"', '"istio-token", "mountPath": "/var"'),
        ('"password", "hunter2"', '"password", "·"'),
        ("-p <password> https://x", "-p <password> https://x"),
        ("<password> hunter2 </password>", "<password> · </password>"),
        ("</password>hunter2", "</password>hunter2"),
        # names that go on, or end before what parts them
        ("password.=hunter2", "password.=·"),
        ("tokenExpirationSeconds=3607000", "tokenExpirationSeconds=3607000"),
        ("a$db_password=hunter2", "a$db_password=·"),
        ("password=hunter2 token=hunter3", "password=· token=·"),
    ],
)
def test_what_is_left_beside_a_name(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("abcd&b=1", "abcd"),
        ("abc&b=1", "abc&b=1"),
        ("abcd;e", "abcd"),
        ("abcd,e", "abcd"),
        ("abcd&e;f", "abcd"),
        ("abc)]}", "abc"),
        ("abc\\", "abc"),
        ("))", ")"),
        (")", ")"),
        ("abc", "abc"),
    ],
)
def test_a_value_ends_where_the_notation_goes_on(value: str, expected: str) -> None:
    text = f"x={value}"
    assert text[2 : trimmed(text, 2, len(text))] == expected


@pytest.mark.parametrize(
    ("value", "random", "made"),
    [
        ("a1b2c3d4e", False, False),
        ("a1b2c3d4e5", True, True),
        ("abcdefghijklmn", False, False),
        ("12345678901234", False, False),
        ("aaaaaaaaaaaaaaa1", False, False),
        ("0a1b2c3d-0a1b-4c1d-9a55-0d1f2a3b4c5d", False, True),
        (DIGEST, False, True),
        ("sha256:" + DIGEST, False, True),
        ("orders-717359", False, False),
        ("/var1/lib2/x3y4z5", False, False),
        ("f(a1b2c3d4e5)", False, False),
        ("db1.shop2.svc3x", False, False),
    ],
)
def test_what_a_machine_made(value: str, random: bool, made: bool) -> None:
    assert looks_random(value) is random
    assert looks_made(value) is made


def test_entropy_is_counted_in_bits_per_character() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abab") == 1
    assert entropy("abcd") == 2


@pytest.mark.parametrize(
    ("value", "level", "expected"),
    [
        ("abc", ANY, True),
        ("ab", ANY, False),
        ("12345", ANY, False),
        ("123456", ANY, True),
        ("/run/secrets/x", ANY, False),
        ("./x1", ANY, False),
        ("~/x1", ANY, False),
        ("kubernetes.io/tls", ANY, False),
        ("${PASSWORD}", ANY, False),
        ("shop-db", OBJECT, False),
        ("shop-db", ANY, True),
        ("Shop-db", OBJECT, True),
        ("swordfish", RANDOM, False),
        ("a1b2c3d4e5", RANDOM, True),
        (DIGEST, RANDOM, False),
        (DIGEST, MACHINE_MADE, True),
        ("swordfish", MACHINE_MADE, False),
    ],
)
def test_what_can_be_a_secret_depends_on_how_much_its_name_says(value: str, level: int, expected: bool) -> None:
    assert is_secret_value(value, level) is expected
