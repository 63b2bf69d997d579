"""What hides in pieces: letters with blanks between them, literals that a program puts together, lines of a dump?

What the pieces make as a whole is looked at; where it is a secret, all of them go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.spans import Span

_LETTER = "[A-Za-z0-9_+/=.~:-]"
_SPACED = re.compile(f"(?<!{_LETTER}){_LETTER}(?: {_LETTER}(?!{_LETTER})){{15,2000}}")
_QUOTE = r"\\{0,3}[\"'`]"
_JOINT = r"(?:[ \t]*(?:[+.&~]|\|\||\\?\r?\n)[ \t\r\n]*)?"
_PIECE = re.compile(rf"{_QUOTE}({_LETTER}{{1,512}}){_QUOTE}")
_TOGETHER = re.compile(rf"{_PIECE.pattern}(?:{_JOINT}{_PIECE.pattern})+")
_OPENING = re.compile(rf"{_QUOTE}{_LETTER}{{1,512}}\Z")
_LINE = re.compile(r"[ \t]*[0-9A-Fa-f]{4,16}:?[ \t]+(?P<cells>[0-9A-Fa-f]{2}[^\n]*)(?:\n|\Z)")
_CELL = re.compile(r"(?:[0-9A-Fa-f]{2}){1,2}")
_PLACES = Prefilter(
    [
        f"(?:{_LETTER} ){{16}}",
        _LETTER + _QUOTE + _JOINT + _QUOTE + _LETTER,
        r"[0-9A-Fa-f]{4}:?[ \t]+(?:[0-9A-Fa-f]{2}){1,2}[ \t]+(?:[0-9A-Fa-f]{2}){1,2}[ \t]",
    ],
    enough=16,
)
_BESIDE = 80
"""Characters before a literal in which its name may stand."""


class Whole(NamedTuple):
    """What the pieces between `start` and `end` make; the first characters of `clear`, `beside`, only stand before."""

    start: int
    end: int
    clear: str
    beside: int = 0


def pieces(view: View, scan: Callable[[str], list[Span]]) -> Iterator[Span]:
    """Parts of the text that hold a secret once their pieces are put together."""
    text, after = view.text, 0
    for at, _ in _PLACES(view.data):
        for put_together in (_spaced, _quoted, _dumped) if at >= after else ():
            whole = put_together(text, at, after)
            if whole is not None:
                after = max(after, whole.end)
                found = [each for each in scan(whole.clear) if each.end > whole.beside]
                yield from (Span(whole.start, whole.end, each.kind) for each in found[:1])


def _spaced(text: str, at: int, _: int) -> Whole | None:
    """`g h p _ …`"""
    found = _SPACED.match(text, at) or _SPACED.match(text, at + 2)  # behind the last letter of a word
    return Whole(*found.span(), found.group().replace(" ", "")) if found else None


def _quoted(text: str, at: int, floor: int) -> Whole | None:
    """`"AKIA" + "…"`, and without a sign between them, as C, Python and shells take it."""
    opening = _OPENING.search(text, max(floor, at - 520), at + 1)
    found = _TOGETHER.match(text, opening.start()) if opening else None
    if found is None:
        return None
    start = found.start()
    before = text[max(text.rfind("\n", 0, start) + 1, start - _BESIDE) : start]
    return Whole(start, found.end(), f'{before}"{"".join(_PIECE.findall(found.group()))}"', len(before))


def _dumped(text: str, at: int, floor: int) -> Whole | None:
    """The lines of `hexdump -C` and `xxd`: an offset, bytes, and the letters they are."""
    start = end = max(text.rfind("\n", 0, at) + 1, floor)
    clear = bytearray()
    while line := _LINE.match(text, end):
        row = bytearray()
        for cell in line["cells"].split():
            if len(row) > 15 or not _CELL.fullmatch(cell):
                break
            row += bytes.fromhex(cell)
        clear += row
        end = line.end()
    return Whole(start, len(text[:end].rstrip()), clear.decode("latin-1")) if len(clear) >= 16 else None
