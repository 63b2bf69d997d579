"""What hides in bytes that are written as numbers: hexadecimal, decimal, base32, base85, UTF-16 in base64?

Text is ASCII, and ASCII leaves bits of every byte clear: so few digests and identifiers look like it that each place
can be decoded and looked at.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.spans import Span

_THIRTY_TWO = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def _quintets(clear: int) -> str:
    """A class of the characters of base32, in both cases, that have none of these bits."""
    plain = [c for at, c in enumerate(_THIRTY_TWO) if not at & clear]
    return "[" + "".join(plain) + "".join(plain).lower() + "]"


_HEXADECIMAL = r"[2-7][0-9A-Fa-f](?:[ :-]?[2-7][0-9A-Fa-f]){15,}"
_DECIMAL = r"(?:(?:3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6]), ?){15,}(?:3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6])"
_BASE32 = "".join(map(_quintets, (16, 2, 0, 8, 1, 0, 4, 0)))
_UTF16 = r"(?:[A-Za-z0-9+/][AQgw][AB][A-Za-z0-9+/]A[A-H][A-Za-z0-9+/]A){3,}"
_BASE85 = r"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]"
_ASCII85 = r"<~[!-uz]{20,}~>"


def _hexadecimal(word: str) -> str:
    digits = re.sub(r"[ :-]", "", word)
    return bytes.fromhex(digits[: len(digits) & ~1]).decode("ascii", "replace")


def _decimal(word: str) -> str:
    return "".join(chr(int(number)) for number in re.findall(r"\d+", word))


def _base32(word: str) -> str:
    whole = word[: len(word) & ~7]
    rest = word[len(whole) :].ljust(8, "=") if len(word) % 8 in {2, 4, 5, 7} else ""
    return base64.b32decode((whole + rest).upper()).decode("ascii", "replace")


def _utf16(word: str) -> str:
    return base64.b64decode(word[: len(word) & ~3]).decode("utf-16-le", "replace")


def _base85(word: str) -> str:
    return base64.b85decode(word[: len(word) - (len(word) % 5 == 1)]).decode("ascii", "replace")


def _ascii85(word: str) -> str:
    return base64.a85decode(word, adobe=True).decode("ascii", "replace")


_WRITTEN: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(_HEXADECIMAL + r"[0-9A-Fa-f]*"), _hexadecimal),
    (re.compile(_DECIMAL), _decimal),
    (re.compile(r"[A-Za-z2-7]{32,}"), _base32),
    (re.compile(r"[A-Za-z0-9+/]{24,}"), _utf16),
)
"""What the whole of it is, and how it is read."""

_IN_FIVES = (
    (re.compile(rf"(?=[\w-]{{0,64}}[^\w\s-]){_BASE85}{{25,}}"), _base85),
    (re.compile(_ASCII85), _ascii85),
)
_PLACES = (
    (Prefilter([_HEXADECIMAL, _DECIMAL, f"(?:{_BASE32}){{4,}}", _UTF16], enough=16), _WRITTEN),
    (Prefilter([f"(?:[A-Za-e]{_BASE85}{{4}}){{5,}}", _ASCII85], enough=16), _IN_FIVES),
)
"""Two automata: one for all of it is three times as slow."""

_BEGINS = 12
"""So many characters are ASCII at the beginning of what was text."""


def numerals(view: View, scan: Callable[[str], list[Span]]) -> Iterator[Span]:
    """Parts of the text that hold a secret once their bytes are read as text."""
    for places, written in _PLACES:
        after = 0
        for start, _ in places(view.data):
            for whole, read in written if start >= after else ():
                word = whole.match(view.text, start)
                clear = _read(read, word.group()) if word else ""
                found = scan(clear) if clear and clear[:_BEGINS].isascii() else []
                if word and found:
                    yield Span(start, word.end(), found[0].kind)
                after = max(after, word.end() if word else 0)


def _read(read: Callable[[str], str], word: str) -> str:
    try:
        return read(word)
    except (binascii.Error, ValueError):
        return ""
