"""How is any text put into Slack's mrkdwn without doing more than being read?

Log lines, labels and a model's words are data. Escaping `&`, `<` and `>` takes every control sequence
of Slack's (mentions, broadcasts, links, dates) away; a word joiner takes the rest (`@here`), and a fence
inside a code block is broken so that the block cannot be left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from chatops.policy import untrusted

_FENCE = re.compile(r"`{3,}")
_USER = re.compile(r"[UW][A-Z0-9]+\Z")
_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"[.!?](?= )")
_URL = re.compile(r"https?://[^\s<>|\"']+\Z")
WORD_JOINER = "⁠"
_BROKEN_FENCE = f"`{WORD_JOINER}`{WORD_JOINER}`"


def clip(text: str, limit: int, mark: str = "…") -> str:
    """Return the text, cut at a word where one is near and marked where it was cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - len(mark)]
    space = cut.rfind(" ", int(limit * 0.8))
    return (cut[:space] if space > 0 else cut).rstrip() + mark


def sentences(text: str, limit: int) -> str:
    """Return as many whole sentences as fit, and the mark; the text as it is where not even the first one does."""
    if len(text) <= limit:
        return text
    end = max((found.end() for found in _SENTENCE.finditer(text[: limit - 2])), default=0)
    return f"{text[:end]} …" if end else text


def escape(text: str) -> str:
    """Return the text with Slack's three control characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clip_escaped(text: str, limit: int) -> str:
    """Escape and clip so that the escaped text fits and no entity is cut in two."""
    escaped = escape(text)
    if len(escaped) <= limit:
        return escaped
    room = limit - 1
    for end, char in enumerate(text):
        room -= len(escape(char))
        if room < 0:
            cut = text[:end]
            space = cut.rfind(" ", int(end * 0.8))
            return escape(cut[:space] if space > 0 else cut).rstrip() + "…"
    return escaped


def _line(text: str) -> str:
    """One line that can only be read."""
    return _SPACE.sub(" ", untrusted.neutralise(text)).strip()


def words(text: str, limit: int = 600) -> str:
    """Return one line of text for mrkdwn: no mention, no link, no fence, no line break."""
    return _clip_escaped(_line(text), limit)


def plain(text: str, limit: int) -> str:
    """Return one line for a `plain_text` object (headers, button labels, titles)."""
    return clip(_line(text), limit)


def code(text: str, limit: int = 2400) -> str:
    """Return a code block that its content cannot leave; what is cut is said in its last line."""
    body = _FENCE.sub(_BROKEN_FENCE, untrusted.plain(text).strip("\n"))
    return f"```\n{_clip_escaped(body, limit)}\n```"


def inline(text: str, limit: int = 200) -> str:
    """Return inline code; backticks inside become the look-alike that cannot end it."""
    return f"`{_clip_escaped(_line(text).replace('`', 'ˋ'), limit)}`"


def link(url: str, label: str, limit: int = 150) -> str:
    """Return a link, or the label alone where the address is not plain http(s)."""
    shown = words(label, limit).replace("|", "¦")
    if not url or not _URL.match(url) or len(url) > 2000:
        return shown
    return f"<{escape(url)}|{shown}>"


def person(user: str) -> str:
    """Return a mention of the one who acted where the id is Slack's, the text itself elsewhere."""
    return f"<@{user}>" if _USER.match(user) else words(user, 80)


def lines(parts: Iterable[str]) -> str:
    """Join what is not empty, a line each."""
    return "\n".join(part for part in parts if part)
