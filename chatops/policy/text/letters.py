"""As what does a reader see a text, whatever it is made of? What is shown of it, and what it is judged as.

A word can be written so that people read one thing and rules another: with letters of no width, with letters of
other alphabets that look the same, in full width, in pieces that Markdown, HTML or a shell puts together. What is
shown (`clean`) holds nothing invisible and one kind of digits; what is judged (`skeleton`) is what those readers
would make of it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote

from chatops.policy.untrusted import plain

_LOOKALIKES = str.maketrans(
    dict(zip("аеорсухіјѕһԁԛԝкмтвнАВЕКМНОРСТУХЅІЈ", "aeopcyxijshdqwkmtbhABEKMHOPCTYXSIJ", strict=True))
    | dict(zip("αοενικρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aoevikptuxABEZHIKMNOPTYX", strict=True))
    | dict(zip("ıɡɑℓ‐‑‒–−。․⁄∕＼", "igal-----../" + "/\\", strict=True))
)
"""Letters and signs that look like another of ASCII: the ones of Cyrillic and Greek, and those of Unicode's list of
confusables that are on every keyboard's reach."""
_LATIN = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[^\W_]+")
_QUOTES_INSIDE = re.compile(r"(?<=\w)(?:''|\"\"|\\(?=[A-Za-z]))(?=\w)")
_MARKUP_INSIDE = re.compile(r"(?<=\w)(?:\*{1,3}|`|__|~~)(?=\w)")
_EMPHASIS = re.compile(r"\*{1,3}|~~|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)")
_SPACED = re.compile(r"\$(?:\{IFS[^}]*\}|IFS\b)")
_DEFANGED = re.compile(r"\s?[\[({]\s?(?:\.|dot|:)\s?[\])}]\s?", re.IGNORECASE)
_SCHEME = re.compile(r"\bh(?:xx|tt)p(s?)(?=:|\[)", re.IGNORECASE)
_LETTERED = re.compile(r"\b(?:[A-Za-z][-. ]){4,}[A-Za-z]\b")


def clean(text: str) -> str:
    """The text as it may be shown: nothing invisible, digits and Latin letters as ASCII writes them."""
    text = plain(text)
    return text if text.isascii() else "".join(map(_plain_character, text))


def mixed(text: str) -> bool:
    """Whether a word in it is put together from Latin letters and ones of another alphabet that look like them."""
    if text.isascii():
        return False
    words = (word for word in _WORD.findall(text) if not word.isascii() and _LATIN.search(word))
    return any(word.translate(_LOOKALIKES).isascii() for word in words)


def skeleton(text: str) -> str:
    """What a browser, a shell, a Markdown reader or a pair of eyes makes of it, in one line."""
    text = _unescaped(text)
    text = clean(text).translate(_LOOKALIKES)
    text = _SPACED.sub(" ", _MARKUP_INSIDE.sub("", _QUOTES_INSIDE.sub("", text)))
    text = _DEFANGED.sub(".", _SCHEME.sub(r"http\1", text)).replace(":/\\", "://").replace("\\", "")
    text = _LETTERED.sub(lambda found: re.sub(r"[-. ]", "", found[0]), text)
    return " ".join(_EMPHASIS.sub("", text.replace("`", " ")).split())


def _unescaped(text: str) -> str:
    """Without HTML entities and percent escapes, also of one another."""
    for _ in range(3):
        further = unquote(html.unescape(text), errors="replace")
        if further == text:
            break
        text = further
    return text


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in {"Lu", "Ll", "Zs"} or "\uff01" <= character <= "\uff5e":
        normal = unicodedata.normalize("NFKC", character)
        return normal if len(normal) == 1 and normal.isascii() else character
    return character
