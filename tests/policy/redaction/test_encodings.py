"""What stands behind base64 and escapes, and what is no encoding at all."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.encodings import decoded_base64, unescaped, unescaped_in_place, unpacked
from tests.policy.planted import token

REDACTOR = Redactor(key=b"0" * 32)


@pytest.mark.parametrize("text", ["DB_PASSWORD=hunter2hunter2", "grüße an alle", "line one\nline two\n"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padded", [True, False])
def test_text_comes_back_in_both_alphabets_with_padding_or_without(text: str, encode: object, padded: bool) -> None:
    word = encode(text.encode()).decode()  # type: ignore[operator]
    assert decoded_base64(word if padded else word.rstrip("=")) == text


def test_what_is_no_text_behind_it_is_nothing() -> None:
    assert decoded_base64(base64.b64encode(bytes(range(200, 256)) * 2).decode()) == ""
    assert decoded_base64(base64.b64encode(b"\x00\x01\x02binary").decode()) == ""


def test_escapes_are_undone() -> None:
    assert unescaped(r"a\u0062c \x41 https:\/\/x") == "abc A https://x"


def test_simple_escapes_are_blanked_at_the_same_length() -> None:
    text = r"a\nb\tc\r"
    assert len(unescaped_in_place(text)) == len(text)
    assert "\\" not in unescaped_in_place(text)


def test_what_was_packed_is_looked_at_as_helm_keeps_it() -> None:
    packed = base64.b64encode(gzip.compress(json.dumps({"config": {"password": "hunter2hunter2"}}).encode())).decode()
    twice = base64.b64encode(packed.encode()).decode()
    for word in (packed, twice):
        assert "hunter2" in unpacked(word)
        assert word not in REDACTOR.text(f"release: {word}")
    harmless = base64.b64encode(gzip.compress(b"nothing but a line of text")).decode()
    assert REDACTOR.text(f"x {harmless}") == f"x {harmless}"
    assert unpacked("H4sI" + "A" * 40) == ""


def test_entities_are_undone() -> None:
    assert "hunter2" not in REDACTOR.text("<log>&lt;password&gt;hunter2hunter2&lt;/password&gt;</log>")


@pytest.mark.parametrize(
    ("frame", "at"),
    [("token: {}\\\n{}", 20), ("{}\n{}", 18), ("a: {}\r\n{}", 12), ("  {}\n     {},", 22)],
)
def test_a_token_broken_over_lines_is_gone(frame: str, at: int) -> None:
    secret = token("github", 7)
    told = REDACTOR.text(frame.format(secret[:at], secret[at:]))
    assert secret[at:] not in told
    assert secret[:at] not in told


@pytest.mark.parametrize(
    "unseen", ["\u200b", "\u00ad", "\x1b[0m", "\u202e", "\ufeff", "\u2060"], ids=lambda one: ascii(one)
)
def test_what_nobody_sees_parts_no_token(unseen: str) -> None:
    secret = token("github", 9)
    told = REDACTOR.text(f"call with {secret[:14]}{unseen}{secret[14:]} failed{unseen}")
    assert secret[14:] not in told
    assert told.startswith("call with [secret:github-token#")
    assert told.endswith(f"] failed{unseen}")


@pytest.mark.parametrize("sign", ["?", "~", "o", "/"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", range(4))
def test_the_shortest_secret_is_found_in_both_alphabets_wherever_it_begins(
    sign: str, encode: object, before: int
) -> None:
    for at in range(1, 9):
        value = "".join(sign if n == at else "k7Q"[n % 3] for n in range(10))
        word = encode(b"x" * before + b" password=" + value.encode()).decode()  # type: ignore[operator]
        assert REDACTOR.text(f"data {word} end") == f"data {REDACTOR.tag(word)} end", (value, word)


@pytest.mark.parametrize("width", [40, 60, 64, 76])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_base64_in_lines_is_one_secret(width: int, end: str) -> None:
    word = base64.b64encode(b"nothing at all, and then " * 6 + b"password=k7Qk7Qk7Qz").decode()
    lines = end.join(word[at : at + width] for at in range(0, len(word), width))
    told = REDACTOR.text(f"before{end}{lines}{end}-- after")
    assert told.startswith(f"before{end}[secret:")
    assert told.endswith(f"]{end}-- after")
    assert told.count("[secret:") == 1


@pytest.mark.parametrize("glue", ["\n", "\r\n", "\\\n", "=\n", "\n   "])
@pytest.mark.parametrize("at", [2, 5, 20, 38])
def test_a_broken_token_is_gone_as_a_whole_and_nothing_beside_it(glue: str, at: int) -> None:
    secret = token("github", 7)
    told = REDACTOR.text(f"see {secret[:at]}{glue}{secret[at:]}, then\nmore")
    assert told.startswith("see [secret:github-token#")
    assert told.endswith("], then\nmore")
