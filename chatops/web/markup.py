"""How is HTML built so that nothing untrusted becomes markup? Elements as functions; every text is escaped."""

from __future__ import annotations

import re
from html import escape

SAFE_SCHEMES = ("https://", "http://", "mailto:")
_TURNING = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
VOID = frozenset({"br", "hr", "meta", "link", "input", "img", "line", "circle", "rect", "polyline", "polygon", "path"})


class Html(str):
    """Text that is markup already: only `tag` and `raw` make it."""

    __slots__ = ()


def raw(markup: str) -> Html:
    """Mark our own constant markup (styles, scripts) as safe. Never for anything that was read from somewhere."""
    return Html(markup)


def text(value: object) -> Html:
    """A text, escaped. Control characters are shown as a replacement; marks that turn the direction are gone."""
    if isinstance(value, Html):
        return value
    shown = "".join(
        ch if ch >= " " or ch in "\n\t" else "\N{REPLACEMENT CHARACTER}" for ch in _TURNING.sub("", str(value))
    )
    return Html(escape(shown, quote=True))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """An element. `class_` is class, underscores become hyphens; None, False and '' attributes are left out."""
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{text(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False and value != ""
    )
    if name in VOID:
        return Html(f"<{name}{told}>" if name not in _SVG_VOID else f"<{name}{told}/>")
    return Html(f"<{name}{told}>{join(children)}</{name}>")


_SVG_VOID = frozenset({"line", "circle", "rect", "polyline", "polygon", "path"})


def join(children: object) -> Html:
    """Children in a row: texts are escaped, markup stays, None is nothing, sequences are flattened."""
    if children is None:
        return Html("")
    if isinstance(children, list | tuple):
        return Html("".join(join(child) for child in children))
    return text(children)


def link(url: str, label: object, **attributes: object) -> Html:
    """A link to the outside; where the address is none that a browser may be sent to, only its text."""
    if not url.lower().startswith(SAFE_SCHEMES):
        return tag("span", label)
    return tag("a", label, href=url, rel="noopener noreferrer", target="_blank", **attributes)
