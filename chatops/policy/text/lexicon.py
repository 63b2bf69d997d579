"""Is this a word, or was it made up to call something by?

Two lists answer. `ordinary_words.txt` is closed: the words that prose about incidents puts where names stand, in which
`billing` and `ledger` are missing, because services are called so. The dictionary of English (pyspellchecker's, 160,000
words) is open: what neither it nor the closed list has, in any form of the word, nobody says of anything but a name.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from chatops.policy.resources import KINDS
from connectors.causes import CATALOGUE

_SUFFIXED = re.compile(r"\w+(?:[^e]ed|able|ible|ous|less|ful|ward|ly|[dgikpw]est)", re.IGNORECASE)
"""Forms of words that are no nouns."""
_PREFIX = re.compile(
    r"(?:anti|auto|bi|co|cross|de|dis|hyper|inter|intra|macro|mega|meta|micro|mid|mis|multi|non|out|over|post|pre|pseudo|re|self|"
    r"semi|sub|super|trans|un|under|up)(?=\w{4})"
)
_BRITISH = (("is(?=(?:e[ds]?|ing|ations?|ational)$)", "iz"), ("our", "or"), ("ll(?=ed|ing)", "l"), ("re$", "er"))
_ACRONYM = 5
_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


def parts(text: str) -> list[str]:
    """What a name in capitals and small letters is put together from: `OOM`, `Killed`."""
    return _SPLIT.findall(text)


_LIST = (Path(__file__).parent / "ordinary_words.txt").read_text(encoding="utf-8")
_ORDINARY = frozenset(
    {word for line in _LIST.splitlines() if not line.startswith("#") for word in line.split()}
    | {word.lower() for cause in CATALOGUE for word in parts(f"{cause.code} {cause.title}")}
    | KINDS
)


def is_ordinary(word: str) -> bool:
    """Whether a word stands where names stand, and is none."""
    lower = word.lower()
    forms = {lower, lower.removesuffix("s"), lower.removesuffix("es"), lower.removesuffix("'s")}
    if lower.endswith("ing"):
        forms |= {lower[:-3], f"{lower[:-3]}e"}
    acronym = word.removesuffix("s").isupper() and len(word) <= _ACRONYM
    return acronym or bool(forms & _ORDINARY) or _SUFFIXED.fullmatch(word) is not None


def is_word(word: str) -> bool:
    """Whether it is a word of English or of the field, in whatever form."""
    return is_ordinary(word) or any(form in _english() or form in _ORDINARY for form in _forms(word.lower()))


@cache
def _english() -> frozenset[str]:
    """Read when it is first asked for: it takes a quarter of a second and 20 MB."""
    packed = (files("spellchecker") / "resources" / "en.json.gz").read_bytes()
    return frozenset(json.loads(gzip.decompress(packed)))


def _forms(word: str) -> Iterator[str]:
    """The word and what it may be a form of."""
    for base in (word, _PREFIX.sub("", word, count=1)):
        yield base
        yield from (re.sub(there, here, base) for there, here in _BRITISH)
        for ending in ("'s", "s", "es", "ed", "er", "ers", "ly", "ing", "ings", "ability", "fold"):
            if base.endswith(ending) and len(base) > len(ending) + 2:
                stem = base.removesuffix(ending)
                yield from (stem, f"{stem}e", stem[:-1] if stem[-2:-1] == stem[-1:] else stem)
