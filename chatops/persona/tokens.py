"""How many tokens is this text, about?

The vendor's counter is a network call that Bedrock does not have, so the brief is measured here: text
is cut as a byte-pair tokenizer tends to cut it (case changes, long words, digits by three, punctuation
by two). That comes to one token for 3.3–4 characters, for prose, identifiers and JSON alike: rather more
than the API counts for English. Once the API has answered, the loop scales the measure by what it
reported.
"""

from __future__ import annotations

import re

_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]{1,3}|\n+ *|[!-/:-@\[-`{-~]{1,2}|[^\x00-\x7f]")
_LETTERS_PER_TOKEN = 6
"""Longer words are two tokens or more; hashes and base64 come out right because they have no long words."""


def estimate(text: str) -> int:
    """Return the number of tokens `text` costs, on the high side."""
    return sum(1 + (len(piece) - 1) // _LETTERS_PER_TOKEN for piece in _PIECE.findall(text))


def clip(text: str, limit: int) -> str:
    """Return at most `limit` characters, the head and the tail, saying in the middle how many are missing."""
    if len(text) <= limit:
        return text
    keep = max(limit - 24, 16)
    head = keep * 2 // 3
    return f"{text[:head]} …[{len(text) - keep} characters]… {text[len(text) - (keep - head) :]}"
