"""What hides behind an encoding: base64 (wrapped lines too), percent signs, JSON, letters of other sets, line breaks?

A part of a text that decodes to something in which a secret is found is a secret as a whole. Where
the decoding keeps the length (`\\n`), the secret itself is found in place.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from operator import add
from urllib.parse import unquote

from chatops.policy.redaction.numerals import numerals
from chatops.policy.redaction.pieces import pieces
from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.spans import FormatScan, Span

Scan = Callable[[str], list[Span]]
"""Finds secrets in a decoded text."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _sextets(clear: int) -> str:
    """A class of the characters of base64 (both alphabets) that have none of these bits."""
    plain = [c for at, c in enumerate(_ALPHABET) if not at & clear]
    return "[" + "".join(re.escape(c) for c in plain + ["-"] * ("+" in plain) + ["_"] * ("/" in plain)) + "]"


_ASCII = Prefilter([f"(?:{_sextets(32)}{_sextets(8)}{_sextets(2)}{_sextets(0)}){{6,}}"])
"""Eighteen bytes of ASCII in base64: in four characters, three bits are the first ones of bytes, and nought."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_BEFORE = re.compile(r"[A-Za-z0-9+/_-]*")
_LONGEST = 65536
_WRAPPED = re.compile(
    r"(?:[ \t]*[A-Za-z0-9+/]{40,}={0,2}[ \t]*\r?\n){1,4000}(?:[ \t]*[A-Za-z0-9+/]+={0,2}(?=[ \t\r\n\"']|\Z))?"
)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY = re.compile(r"&(?:#\d{2,3}|#x[0-9A-Fa-f]{2}|[a-z]{2,5});")
_PACKED = re.compile(r"(?:H4sI|SDRzSU)[A-Za-z0-9+/_-]{24,}={0,2}")
"""What gzip begins with in base64, and in base64 of that, as Helm keeps releases."""

_UNPACKED = 1024 * 1024
"""Characters of what was packed that are looked at."""

_ESCAPED = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{2,5}\}|x[0-9A-Fa-f]{2}|[0-7]{3}|/)")
_WORD_END = re.compile(r"[^\s\"'<>]*")
_WORD_STARTS = frozenset(" \t\r\n\"'<>")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{2,5})\}|x([0-9A-Fa-f]{2})|([0-7]{3})|(/))")
_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_.~-")
_CONTINUED = re.compile(r"\n[ \t]*([A-Za-z0-9+/=_.~-]{2,})(?=[\s\"'`,;)}\]]|$)")
_PLAIN_WORD = re.compile(r"[a-z]+(?:[-_.][a-z]+)*|[A-Z]+|[A-Z][a-z]+|\d+|[^A-Za-z0-9]*\d*[^A-Za-z0-9]*")
_IN_PLACE = (("\\n", "\n\n"), ("\\r", "\n\n"), ("\\t", "  "))


_OTHER_LETTERS = re.compile(r"[\u00a0\u0391-\u0458\u2000-\u200a\u3000\uff01-\uff5e\U0001d400-\U0001d7ff]")
_PLAIN_LETTERS = {
    code: plain
    for code in (0xA0, *range(0x2000, 0x200B), 0x3000, *range(0xFF01, 0xFF5F), *range(0x1D400, 0x1D800))
    if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1
} | str.maketrans("аеорсухісѕ", "aeopcyxics")
"""Blanks, letters in full width, mathematical and Cyrillic ones, as ASCII writes what people read."""


def plain_letters(text: str) -> str:
    """The text of the same length with ASCII in place of letters that only look like it."""
    return text.translate(_PLAIN_LETTERS) if not text.isascii() and _OTHER_LETTERS.search(text) else text


def unescaped_in_place(text: str) -> str:
    """The text with simple escapes replaced by as many blanks: what is found in it stands in the text as well."""
    for escape, blanks in _IN_PLACE:
        text = text.replace(escape, blanks)
    return text


def encoded(view: View, scan: Scan, formats: FormatScan) -> Iterator[Span]:
    """Parts of the text that hold a secret once they are decoded; `formats` looks for provider formats only."""
    text = view.text
    yield from _base64(view, scan)
    if "%" in text:
        yield from _decoded(text, _PERCENT, unquote, scan)
    if "\\" in text:
        yield from _decoded(text, _ESCAPED, unescaped, scan)
    if "&" in text:
        yield from _decoded(text, _ENTITY, html.unescape, scan)
    for packed in _PACKED.finditer(text):
        found = scan(unpacked(packed.group()))
        if found:
            yield Span(*packed.span(), found[0].kind)
    yield from numerals(view, scan)
    yield from pieces(view, scan)
    yield from _broken(text, formats)


def unescaped(text: str) -> str:
    """Undo `\\uXXXX`, `\\u{X…}`, `\\xXX`, octal `\\OOO` and `\\/`."""
    return _ESCAPE.sub(lambda m: "/" if m[5] else chr(int(m[4], 8) if m[4] else int(m[1] or m[2] or m[3], 16)), text)


def _decoded(text: str, mark: re.Pattern[str], decode: Callable[[str], str], scan: Scan) -> Iterator[Span]:
    at = 0
    while found := mark.search(text, at):
        start, end = _word(text, found.start(), at)
        at = end
        clear = decode(text[start:end])
        if end - start >= 12 and clear != text[start:end]:
            yield from (Span(start, end, each.kind) for each in scan(clear)[:1])


def _word(text: str, at: int, floor: int) -> tuple[int, int]:
    """The start and end of what stands without a blank or a quote around a place."""
    start = at
    while start > floor and at - start < 2048 and text[start - 1] not in _WORD_STARTS:
        start -= 1
    end = _WORD_END.match(text, at)
    return start, end.end() if end else at + 1


def _base64(view: View, scan: Scan) -> Iterator[Span]:
    text, after = view.text, 0
    for at, _ in _ASCII(view.data):
        if at < after:
            continue
        start = at - len(_BEFORE.match(text[max(after, at - _LONGEST) : at][::-1]).group())  # type: ignore[union-attr]
        word = _BASE64.match(text, start)
        if word is None:
            continue
        after = word.end()
        kind = _inside(word.group(), at - start, scan)
        if kind:
            yield Span(start, after, kind)
        if after - start >= 40 and text[after : after + 2].lstrip("\r")[:1] == "\n":
            block = _WRAPPED.match(text, start)
            after = block.end() if block else after
            kind = _inside(re.sub(r"\s+", "", block.group()), at - start, scan) if block else ""
            if block and kind:
                yield Span(start, start + len(block.group().rstrip()), kind)


def _inside(word: str, at: int, scan: Scan) -> str:
    """The kind of the secret that the base64 text holds, or ''; `at` is where its ASCII begins."""
    for offset in {0, at % 4} if len(word) < 400 else range(4):
        clear = decoded_base64(word[offset:])
        if clear:
            found = scan(clear)
            if found:
                return found[0].kind
    return ""


def unpacked(word: str) -> str:
    """The beginning of the text behind base64 of gzip, '' where there is none."""
    try:
        raw = base64.b64decode(word.replace("-", "+").replace("_", "/") + "===")
        if raw.startswith(b"H4sI"):
            raw = base64.b64decode(raw + b"===")
        return zlib.decompressobj(31).decompress(raw, _UNPACKED).decode("utf-8", "replace")
    except (binascii.Error, ValueError, zlib.error):
        return ""


def decoded_base64(word: str) -> str:
    """The text behind base64 (both alphabets, padding optional), '' where it is not text."""
    body = word.rstrip("=").replace("-", "+").replace("_", "/")
    if len(body) % 4 == 1:
        body = body[:-1]
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return ""
    if any(byte < 9 or 13 < byte < 32 for byte in raw[:64]):
        return ""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("ascii", "ignore") if sum(b > 127 for b in raw) * 8 < len(raw) else ""


def _broken(text: str, formats: FormatScan) -> Iterator[Span]:
    """Tokens that a terminal or a mail program broke over two lines."""
    lines = text.split("\n")
    clear = [line.strip().removesuffix("\\").removesuffix("=") for line in lines]
    breaks: list[int] = []
    for first in (0, 1):
        pairs = "\n".join(map(add, clear[first::2], clear[first + 1 :: 2]))  # each line with the next, each once
        for number in _lines_of(pairs, formats.places(View(pairs).data)):
            breaks = breaks or [end - 1 for end in accumulate(len(line) + 1 for line in lines)]
            yield from _at_break(text, breaks[first + 2 * number], formats)


def _lines_of(text: str, places: Iterable[tuple[int, int]]) -> Iterator[int]:
    """The numbers of the lines that hold the places, each once."""
    line, last, before = 0, 0, -1
    for at, _ in places:
        line, last = line + text.count("\n", last, at), at
        if line > before:
            before = line
            yield line


def _at_break(text: str, at: int, formats: FormatScan) -> Iterator[Span]:
    found = _CONTINUED.match(text, at)
    if found is None:
        return
    edge = at - (text[at - 1 : at] == "\r")
    edge -= text[edge - 1 : edge] in {"\\", "="}
    if edge > 0 and text[edge - 1] in _TOKEN:
        yield from _joined(text, edge, found, formats)


def _joined(text: str, edge: int, found: re.Match[str], formats: FormatScan) -> Iterator[Span]:
    start = edge
    while start > 0 and edge - start < 512 and text[start - 1] in _TOKEN:
        start -= 1
    first, second = text[start:edge], found.group(1)
    if len(first) < 2 or len(first) + len(second) < 20:
        return
    if _PLAIN_WORD.fullmatch(second) and any(each.end == len(first) for each in formats(View(first))):
        return  # the token is whole, and the next line begins with a word of its own
    for each in formats(View(first + second)):
        if each.start < len(first) < each.end:
            yield Span(start + each.start, found.start(1) + each.end - len(first), each.kind)
