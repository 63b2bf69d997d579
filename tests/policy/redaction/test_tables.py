"""The cells of a column that is named as a secret go, and no others; `redacted.jsonl` has each kind of table."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.spans import TAG
from tests.policy.planted import MIXED, drawn

REDACTOR = Redactor(key=b"0" * 32)
WORDS = st.text("abcdefgh ", max_size=9)


@given(st.sampled_from(",;|\t"), st.lists(WORDS, min_size=1, max_size=9), st.integers(0, 2**20), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_column_of_secrets_goes_whatever_stands_beside_it(
    mark: str, others: list[str], seed: int, quoted: bool
) -> None:
    secrets = [drawn(MIXED, 12, seed + at) for at in range(len(others))]
    rows = [
        mark.join([f'"{word}{mark}{word}"' if quoted else word, secret, word])
        for word, secret in zip(others, secrets, strict=True)
    ]
    told = REDACTOR.text("\r\n".join([mark.join(["name", "password", "note"]), *rows]) + "\r\n")
    assert not any(secret in told for secret in secrets)
    assert len(TAG.findall(told)) == len(rows)
    for word in others:
        assert word in told


def test_a_wide_table_is_read_from_its_header_and_a_line_too_long_is_none() -> None:
    secret = drawn(MIXED, 14, 3)
    columns = [f"column_{at}" for at in range(200)]
    wide = ",".join([*columns, "password"]) + "\n" + ",".join([*("" for _ in columns), secret])
    assert secret not in REDACTOR.text(wide)
    longer = ",".join([*columns * 4, "password"]) + "\n" + ",".join([*("" for _ in columns * 4), secret])
    assert secret in REDACTOR.text(longer)


@pytest.mark.parametrize("quotes", range(0, 60, 6))
def test_quotes_without_an_end_take_no_time(quotes: int) -> None:
    text = "insert into t (a, password) values ('" + "''" * quotes * 200 + "\n"
    assert REDACTOR.text(text) == text


def test_rows_of_sql_go_on_over_lines() -> None:
    secrets = [drawn(MIXED, 12, at) for at in range(3)]
    rows = ",\n  ".join(f"({at}, 'it''s; (x)', '{secret}')" for at, secret in enumerate(secrets))
    told = REDACTOR.text(f"INSERT INTO shop.users\n(id, name, `api_key`)\nVALUES\n  {rows};")
    assert not any(secret in told for secret in secrets)
    assert re.sub(TAG, "", told).count("it''s; (x)") == 3


SECRET = "k7Q!zP-w"
KEPT = "·"


def shown(text: str) -> str:
    """The text with a dot for each secret."""
    return TAG.sub(KEPT, REDACTOR.text(text.replace("$", SECRET)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name,password\nann,$", "name,password\nann,·"),
        ("password,name\n$,ann\n$,bob\n", "password,name\n·,ann\n·,bob\n"),
        ("name;password\r\nann;$\r\n", "name;password\r\nann;·\r\n"),
        ("name,password\nann,  $  \n", "name,password\nann,  ·  \n"),
        ('name,password\n"a,b","$"\n', 'name,password\n"a,b","·"\n'),
        ("name,password\n'a''b,','$'\n", "name,password\n'a''b,','·'\n"),
        ("name,password\nann,$\nthe end\nbob,$", "name,password\nann,·\nthe end\nbob,$"),
        ("name,password\nann,$,x\n", "name,password\nann,$,x\n"),
        ("name,password!\nann,$\n", "name,password!\nann,$\n"),
        ("a sentence, and a password\nann,$\n", "a sentence, and a password\nann,$\n"),
        ("name,,password\nann,x,$\n", "name,,password\nann,x,$\n"),
        ("| name | password |\n|---|:--:|\n| ann | $ |\n", "| name | password |\n|---|:--:|\n| ann | · |\n"),
        (" name | password \n------+---\n ann | $\n(1 row)\n", " name | password \n------+---\n ann | ·\n(1 row)\n"),
        ("name\tpassword\nann\t$\n", "name\tpassword\nann\t·\n"),
        ("name,password\nann,12345\nbob,$\n", "name,password\nann,12345\nbob,·\n"),
        ("x,y\n1,2\nname,password\nann,$\n", "x,y\n1,2\nname,password\nann,·\n"),
        ("name,password\nann,$\n\nname,api_key\nbob,$", "name,password\nann,·\n\nname,api_key\nbob,·"),
        ("name,password", "name,password"),
        ("NAME   PASSWORD\nann    $\nbob    $", "NAME   PASSWORD\nann    ·\nbob    ·"),
        ("PASSWORD   NAME\n$   ann\n", "PASSWORD   NAME\n·   ann\n"),
        ("NAME   PASSWORD\nann    $\n\nbob    $", "NAME   PASSWORD\nann    ·\n\nbob    $"),
        ("NAME   PASSWORD\nannabel$\n", "NAME   PASSWORD\nannabel$\n"),
        ("NAME   PASSWORD\nann    k7Q!zPw\n", "NAME   PASSWORD\nann    k7Q!zPw\n"),
        ("NAME   PASSWORD\nann    letters!\n", "NAME   PASSWORD\nann    letters!\n"),
        ("NAME   PASSWORD\nann    1234567!\n", "NAME   PASSWORD\nann    1234567!\n"),
        ("NAME   PASSWORD x\nann    $\n", "NAME   PASSWORD x\nann    $\n"),
        (
            "INSERT INTO t (a, password) VALUES (1, '$'), (2, '$');",
            "INSERT INTO t (a, password) VALUES (1, '·'), (2, '·');",
        ),
        ("INSERT INTO t (a, password) VALUES (1, 2, '$')", "INSERT INTO t (a, password) VALUES (1, 2, '$')"),
        ("INSERT INTO t ([a], \"password\") VALUES ('x','$')", "INSERT INTO t ([a], \"password\") VALUES ('x','·')"),
        ("INSERT INTO t (a, b) VALUES ('x','$')", "INSERT INTO t (a, b) VALUES ('x','$')"),
        ("COPY t (a, password) FROM stdin;\n1\t$\n2\t$\n\\.\n", "COPY t (a, password) FROM stdin;\n1\t·\n2\t·\n\\.\n"),
    ],
)
def test_what_is_left_of_a_table(text: str, expected: str) -> None:
    assert shown(text) == expected.replace("$", SECRET)
