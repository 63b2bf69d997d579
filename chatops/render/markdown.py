"""How is Markdown put into messages: made safe, split where it is too long, and said in mrkdwn where it must be?

Slack translates Markdown itself (the `markdown` block and `markdown_text` of streams), so conversion is
only the fallback for surfaces without it. Splitting never leaves a fence open: it is closed at the end of a
piece and opened again, with its language, in the next.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chatops.policy import untrusted
from chatops.render.mrkdwn import WORD_JOINER, code, escape, link

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)")
_BROADCAST = re.compile(r"[@\uff20\ufe6b](?=\s?(?:here|channel|everyone|group|all)\b)", re.IGNORECASE)
_CONTROL = re.compile(r"<(?=[!@#])")
_IMAGE = re.compile(r"!\[([^\]]*)\]\(")


def readable(text: str) -> str:
    """Return Markdown in which nothing mentions or hides; its own code fences stay, unlike in `neutralise`."""
    shown = _CONTROL.sub("<" + WORD_JOINER, untrusted.plain(text))
    return _BROADCAST.sub(lambda found: found.group() + WORD_JOINER, shown)


def safe_markdown(text: str) -> str:
    """Return Markdown for Slack to translate: nothing mentions, and images are links (nothing is fetched)."""
    return _IMAGE.sub(r"[\1](", readable(text))


def open_fence(text: str) -> tuple[str, str]:
    """Return the fence still open at the end of the text as (marks, language), or two empty strings."""
    marks = language = ""
    for line in text.splitlines():
        found = _FENCE.match(line)
        if found and not marks:
            marks, language = found[1], found[2]
        elif found and line.strip() == found[1] and found[1].startswith(marks):
            marks = language = ""
    return marks, language


def split_markdown(text: str, limit: int = 11_000) -> list[str]:
    """Return pieces of at most `limit` characters that are each well-formed by themselves."""
    pieces: list[str] = []
    rest = text
    while len(rest) > limit:
        head, rest = _cut(rest, limit - 40)
        marks, language = open_fence(head)
        if marks:
            head, rest = f"{head.rstrip()}\n{marks}", f"{marks}{language}\n{rest}"
        pieces.append(head)
    return [*pieces, rest] if rest.strip() or not pieces else pieces


def _cut(text: str, limit: int) -> tuple[str, str]:
    """Cut at a blank line, a line break or a space, in that order, in the second half of what fits."""
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, limit // 2, limit)
        if at > 0:
            return text[:at], text[at + len(mark) :]
    return text[:limit], text[limit:]


def to_mrkdwn(text: str) -> str:
    """Return the same in Slack's mrkdwn: for sections, where the `markdown` block is not known."""
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(text)
    return re.sub(r"\n{3,}", "\n\n", _Writer().write(tokens)).strip()


_INLINE = {
    "strong_open": "*",
    "strong_close": "*",
    "em_open": "_",
    "em_close": "_",
    "s_open": "~",
    "s_close": "~",
    "softbreak": "\n",
    "hardbreak": "\n",
}


class _Writer:
    """Walks the tokens of one text; `_lists` holds the counters of the lists it is in (0 for bullets)."""

    def __init__(self) -> None:
        self._lists: list[int] = []
        self._out: list[str] = []

    def write(self, tokens: list[Token]) -> str:
        for token in tokens:
            self._block(token)
        return "".join(self._out)

    def _block(self, token: Token) -> None:
        kind = token.type
        if kind == "inline":
            self._out.append(_inline(token.children or []))
        elif kind in ("fence", "code_block"):
            self._out.append(code(token.content, 2800) + "\n\n")
        elif kind in ("html_block",):
            self._out.append(escape(readable(token.content)) + "\n")
        elif kind == "hr":
            self._out.append("———\n\n")
        elif kind in _STARTS or kind in _ENDS:
            self._frame(token)

    def _frame(self, token: Token) -> None:
        kind = token.type
        if kind == "bullet_list_open":
            self._lists.append(0)
        elif kind == "ordered_list_open":
            self._lists.append(int(token.attrGet("start") or 1))
        elif kind == "list_item_open":
            self._out.append("    " * (len(self._lists) - 1) + self._marker())
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        self._out.append(_STARTS.get(kind, "") + _ENDS.get(kind, "\n" if self._lists else "\n\n") * (kind in _ENDS))

    def _marker(self) -> str:
        number = self._lists[-1]
        if number:
            self._lists[-1] += 1
        return f"{number}. " if number else "• "


_STARTS = {
    "heading_open": "*",
    "blockquote_open": "> ",
    "bullet_list_open": "",
    "ordered_list_open": "",
    "list_item_open": "",
}
_ENDS = {
    "heading_close": "*\n\n",
    "paragraph_close": "\n",
    "bullet_list_close": "\n",
    "ordered_list_close": "\n",
    "blockquote_close": "\n",
    "th_close": " | ",
    "td_close": " | ",
    "tr_close": "\n",
    "table_close": "\n",
}


def _inline(children: list[Token]) -> str:
    out: list[str] = []
    href = ""
    label: list[str] = []
    for token in children:
        if token.type == "link_open":
            href, label = str(token.attrGet("href") or ""), []
        elif token.type == "link_close":
            out.append(link(href, "".join(label) or href))
            href = ""
        elif href:
            label.append(token.content)
        else:
            out.append(_span(token))
    return "".join(out)


def _span(token: Token) -> str:
    if token.type == "code_inline":
        return "`" + escape(readable(token.content)).replace("`", "ˋ") + "`"
    if token.type == "image":
        return link(str(token.attrGet("src") or ""), token.content or "image")
    return _INLINE.get(token.type) or escape(readable(token.content))
