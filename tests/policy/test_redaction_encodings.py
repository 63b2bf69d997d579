"""What stands behind base64 and escapes, and what is no encoding at all."""

from __future__ import annotations

import base64

import pytest

from chatops.policy.redaction_encodings import decoded_base64, unescaped, unescaped_in_place


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
