"""Bytes that are written as numbers are read; numbers that are none of text stay."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.numerals import numerals
from chatops.policy.redaction.prefilter import View
from chatops.policy.redaction.spans import Span
from tests.policy.planted import HEX, MIXED, UPPER, drawn, token

REDACTOR = Redactor(key=b"0" * 32)

WRITTEN: dict[str, Callable[[str], str]] = {
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: "0x" + text.encode().hex().upper(),
    "colons": lambda text: text.encode().hex(":"),
    "blanks": lambda text: text.encode().hex(" "),
    "in words": lambda text: text.encode().hex(" ", 2),
    "odd": lambda text: text.encode().hex() + "4",
    "decimal": lambda text: str(list(text.encode())),
    "decimal without blanks": lambda text: ",".join(map(str, text.encode())),
    "base32": lambda text: base64.b32encode(text.encode()).decode().rstrip("="),
    "base32 in lower case": lambda text: base64.b32encode(text.encode()).decode().rstrip("=").lower(),
    "UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "base85": lambda text: base64.b85encode(text.encode()).decode(),
    "Ascii85": lambda text: base64.a85encode(text.encode(), adobe=True).decode(),
}


@pytest.mark.parametrize("way", WRITTEN)
@pytest.mark.parametrize("length", range(36, 44))
def test_a_secret_is_found_in_its_bytes(way: str, length: int) -> None:
    for clear in (token("github", length).ljust(length, "."), "password=" + drawn(MIXED, length - 9, length)):
        written = WRITTEN[way](clear)
        told = REDACTOR.text(f"dump {written} end")
        assert told.startswith(f"dump {'0x' * (way == 'HEX')}{'[' * (way == 'decimal')}[secret:"), told
        assert len(told) < 56
        assert told.endswith(" end")


@pytest.mark.parametrize(
    "text",
    [
        drawn(HEX, 64, 1),
        drawn(UPPER, 40, 2),
        b"nothing but words in a row, and no secret".hex(),
        b"nothing but words in a row, and no secret".hex(" "),
        str(list(b"nothing but words in a row, and no secret")),
        base64.b32encode(b"nothing but words in a row, and no secret").decode(),
        base64.b64encode("nothing but words in a row, and no secret".encode("utf-16-le")).decode(),
        "[100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117]",
        ":".join(["3a"] * 20),
        base64.b85encode(b"nothing but words in a row, and no secret").decode(),
        base64.a85encode(b"nothing but words in a row, and no secret", adobe=True).decode(),
        "A" * 64,
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert REDACTOR.text(f"x {text} y") == f"x {text} y"


def read(text: str) -> list[str]:
    """What is read behind the numbers of a text, as far as it begins as people write."""
    seen: list[str] = []
    list(numerals(View(text), lambda clear: seen.append(clear) or []))  # type: ignore[func-returns-value]
    return [clear for clear in seen if clear and clear[:5].isascii()]


@pytest.mark.parametrize(
    ("text", "clear"),
    [
        (b"sixteen letters!".hex(), "sixteen letters!"),
        (b"fifteen letters".hex(), None),
        (b"sixteen letters!".hex("-").upper(), "sixteen letters!"),
        (b"sixteen letters!".hex() + "4", "sixteen letters!"),
        (b"sixteen letters!".hex() + "fe", "sixteen letters!\ufffd"),
        (",".join(map(str, b"sixteen letters!")), "sixteen letters!"),
        (", ".join(map(str, b"sixteen letters~")), "sixteen letters~"),
        (", ".join(map(str, b"fifteen letters")), None),
        (base64.b32encode(b"twenty letters here!").decode(), "twenty letters here!"),
        (base64.b32encode(b"twenty letters here! a").decode().rstrip("="), "twenty letters here! a"),
        (base64.b32encode(b"twenty letters here! ab").decode().rstrip("="), "twenty letters here! ab"),
        (base64.b32encode(b"twenty letters here! abc").decode().rstrip("="), "twenty letters here! abc"),
        (base64.b32encode(b"twenty letters here! abcd").decode().rstrip("="), "twenty letters here! abcd"),
        (base64.b32encode(b"twenty letters here!").decode() + "Z", "twenty letters here!"),
        (base64.b85encode(b"twenty letters here!").decode() + " ", "twenty letters here!"),
        (base64.b85encode(b"sixteen letters!").decode() + " ", None),
        (base64.b85encode(b"twenty letters here! ab").decode(), "twenty letters here! ab"),
        (base64.b85encode(b"twenty letters here!").decode() + "0", "twenty letters here!"),
        (base64.a85encode(b"sixteen letters!", adobe=True).decode(), "sixteen letters!"),
        (base64.b64encode("nine lette".encode("utf-16-le")).decode().rstrip("="), "nine lett"),
        (base64.b64encode("twelve lette".encode("utf-16-le")).decode(), "twelve lette"),
    ],
)
def test_numbers_are_read_from_sixteen_letters_on(text: str, clear: str | None) -> None:
    assert ([clear] if clear else []) == read(f"x {text} y")


def test_each_run_of_numbers_is_read_once_and_from_its_beginning() -> None:
    one, two = b"the first of two secrets".hex(), b"the second of the secrets".hex()
    text = f"{one} | {two}"
    assert read(text) == ["the first of two secrets", "the second of the secrets"]

    def scan(clear: str) -> list[Span]:
        return [Span(3, 4, clear[:5]), Span(0, 1, "other")] if clear.startswith("the ") else []

    found = list(numerals(View(text), scan))
    assert found == [Span(0, len(one), "the f"), Span(len(one) + 3, len(text), "the s")]
