"""Which secrets does the notation around them give away?

Private keys, user and password in URLs and data source names, HTTP authorisation headers, cookies,
command-line users, `.netrc`, SQL passwords, and the data of Kubernetes Secrets in YAML and JSON.
Each finder looks for a cheap literal first, so that a text without it costs next to nothing.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence

from chatops.policy.redaction.commands import command_lines, near_values, notations, values
from chatops.policy.redaction.names import is_secret_value, looks_made, looks_random
from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.spans import CREDENTIAL, Span, positions
from chatops.policy.redaction.tables import tables
from chatops.policy.redaction.tokens import bare_tokens, looks_token, prefixed_tokens, vendor_secrets
from chatops.policy.redaction.vocabulary import strength

_PEM_BEGIN = re.compile(r"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----", re.IGNORECASE)
_PEM_END = re.compile(r"-----END[ A-Z0-9_-]{0,100}KEY(?: BLOCK)?-----", re.IGNORECASE)
_PEM_LINE = re.compile(r"[^\n]{0,120}?(?<![A-Za-z0-9])[A-Za-z0-9+/=\\]{24,}[\s\"',+]*?(?:\n|\Z)|[ \t\"',+]*\r?\n")
_LONGEST_KEY = 16384
_PUTTY = re.compile(r"Private-Lines: \d+\s+(?P<body>(?:[A-Za-z0-9+/=]+\s+)+)(?:Private-MAC: [0-9a-f]+)?")
_USERINFO = re.compile(
    r"://(?P<user>[^\s:/@\"'<>?#]*):(?P<password>[^\s\"'<>]{1,512}?)@(?=[\w\[][\w.:,\]\-]*(?:[/?#\s\"'<>)}\\]|$))"
)
_ONLY_USER = re.compile(r"://(?P<user>[^\s:/@\"'<>?#]{16,256})@(?=[\w\[])")
_GO_DSN = re.compile(r"[\w.-]+:(?P<password>[^\s\"'@]{1,256}(?:@[^\s\"'@(]{1,64})*)@(?=tcp\(|unix\()")
_ORACLE = re.compile(r"jdbc:oracle:\w+:[\w.]+/(?P<password>[^\s@\"']+)@")
_LINK = re.compile(
    r"/[\w-]*(?:reset|passwd|password|invit|magic|confirm|verif|activat|unlock|recover)[\w-]*/(?P<value>[\w~.=-]{16,256})",
    re.IGNORECASE,
)
_LINKS = Prefilter([_LINK.pattern], ignore_case=True)
_AUTHORIZATION = re.compile(
    r"""(?:proxy-)?authorization\\{0,3}["']?[ \t]*[:=,][ \t]*\\{0,3}["'\[]{0,2}
    (?:(?P<scheme>[A-Za-z][\w-]{2,20})[ \t]+)?
    (?P<value>[^\s"'\\,;]{6,})""",
    re.IGNORECASE | re.VERBOSE,
)
_BEARER = re.compile(r"(?:bearer|basic)(?:[ \t]+|%20|\+)(?P<value>[\w~+/.=-]{12,})", re.IGNORECASE)
_COOKIE = re.compile(r"(?:set-)?cookie\\?[\"']?[ \t]*:[ \t]*\\?[\"']?(?P<value>[^\r\n\"'\\]{4,})", re.IGNORECASE)
_HEADER_KEY = re.compile(
    r"x-[\w-]*(?:key|token|secret|auth|signature)[\w-]*\\?[\"']?[ \t]*:[ \t]*\\?[\"']?(?P<value>[^\s\"'\\,;]{6,})",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(
    r"""(?:name|key)\\?["']?[:=][ \t]*\\?["']?(?P<name>[\w.\-]+)\\?["']?,?\s+(?:-[ \t]+)?\\?["']?\Z"""
)
_VALUE_AFTER = re.compile(
    r"""value\\?["']?[:=][ \t]*(?P<quote>\\?["'])?(?P<value>(?(quote)[^"'\n]{3,}|[^\s"'{<][^\n]{2,}))"""
)
_JSON_NAME = r"""\\?"\w{0,16}(?:[Nn]ame|[Kk]ey)\\?"\s*:\s*\\?"(?P<name>[\w.\-]+)"""
_JSON_VALUE_OF = r"""\\?"\w{0,16}[Vv]alue\\?"\s*:\s*\\?"(?P<value>[^"\\]{3,})"""
_COMMA = r"""\\?"\s*,\s*"""
_NAME_VALUE_JSON = re.compile(_JSON_NAME + _COMMA + _JSON_VALUE_OF)
_VALUE_NAME_JSON = re.compile(_JSON_VALUE_OF + _COMMA + _JSON_NAME)
_VALUE_NAME = re.compile(
    r"""value:[ \t]*(?P<quote>["']?)(?P<value>[^\s"'][^\n]{2,}?)(?P=quote)[ \t]*\r?\n
    [ \t]+(?:name|key):[ \t]*["']?(?P<name>[\w.\-]+)""",
    re.VERBOSE,
)
_NAME_VALUE_XML = re.compile(
    r"""<(?P<tag>key|(?:[\w-]*-)?name)>(?P<name>[\w.\- ]+)</(?P=tag)>\s*
    <(?P<kind>string|(?:[\w-]*-)?value)>(?P<value>[^<>\n]{3,})</(?P=kind)>""",
    re.VERBOSE,
)


def private_keys(view: View) -> Iterator[Span]:
    """PEM and OpenPGP private keys, whole; one that does not end is a secret as far as its lines go."""
    text = view.text
    for at in positions(view.lower, "-----begin"):
        header = _PEM_BEGIN.match(text, at)
        if header:
            yield Span(at, _end_of_key(text, header.end()), "private-key")
    if "Private-Lines" in text:
        for found in _PUTTY.finditer(text):
            yield Span(*found.span("body"), "private-key")


def _end_of_key(text: str, at: int) -> int:
    """Where the key ends whose header ends here: every line of it may have something before it (a log's time)."""
    another = text.find("-----BEGIN", at)
    limit = min(at + _LONGEST_KEY, len(text) if another < 0 else another)
    end = _PEM_END.search(text, at, limit)
    if end:
        return end.end()
    last = at
    while line := _PEM_LINE.match(text, at, limit):
        at = line.end()
        last = at if line.group().strip() else last
    return last


def urls(view: View) -> Iterator[Span]:
    """Passwords (and tokens as user) in URLs, in data source names of Go and Java, and what lets in by a link."""
    text = view.text
    for at, _ in _LINKS(view.data):
        link = _LINK.match(text, at)
        if link and (looks_token(link["value"]) or (looks_made(link["value"]) and not looks_random(link["value"]))):
            yield Span(*link.span("value"), CREDENTIAL)
    if "://" in text and "@" in text:
        for found in _USERINFO.finditer(text):
            if is_secret_value(found["password"], 2) or looks_random(found["user"]):
                yield Span(
                    found.start("user") if looks_random(found["user"]) else found.start("password"),
                    found.end("password"),
                    CREDENTIAL,
                )
        for found in _ONLY_USER.finditer(text):
            if looks_made(found["user"]):
                yield Span(*found.span("user"), CREDENTIAL)
    if "@tcp(" in text or "@unix(" in text:
        yield from values(_GO_DSN, text, "password")
    if "jdbc:oracle" in text:
        yield from values(_ORACLE, text, "password")


def headers(view: View) -> Iterator[Span]:
    """Values of HTTP headers that authenticate."""
    text = view.text
    yield from near_values(_AUTHORIZATION, view, "authorization", back=8)
    for literal in ("bearer", "basic"):
        spans = near_values(_BEARER, view, literal)
        yield from (s for s in spans if looks_like_token(text[s.start : s.end]))
    yield from near_values(_COOKIE, view, "cookie", back=4)
    for at in positions(view.lower, "x-"):
        found = _HEADER_KEY.match(text, at)
        if found and is_secret_value(found["value"], 2) and not found["value"].isalpha():
            yield Span(*found.span("value"), CREDENTIAL)


def looks_like_token(value: str) -> bool:
    """Whether what follows `Bearer` is a token and not the next word of a sentence, or the next name."""
    return len(value) >= 12 and not _NEXT_NAME.match(value) and (len(value) >= 24 or any(c.isdigit() for c in value))


_VARIABLE = re.compile(
    r"""variable[ \t]+"(?P<name>[\w-]+)"[ \t]*\{[^{}]{0,400}?\bdefault[ \t]*=[ \t]*"(?P<value>[^"\n]{3,})"""
)
_NEXT_NAME = re.compile(r"[a-z_]{2,30}=[^=]")
_NAME_THEN_VALUE = Prefilter(
    [
        r"""(?:name|key)\\?["']?[:=][ \t]*\\?["']?[\w.\-]+\\?["']?,?\s+(?:-[ \t]+)?\\?["']?value\\?["']?[:=]""",
        r"""\\?"\w{0,16}(?:name|key)\\?"\s*:\s*\\?"[\w.\-]+\\?"\s*,\s*\\?"\w{0,16}value\\?"\s*:""",
        _VARIABLE.pattern,
        _VALUE_NAME_JSON.pattern,
        r"value:[ \t]*[^\n]{3,512}\n[ \t]+(?:name|key):",
        r"<(?:key|[\w-]*name)>[\w.\- ]+</[\w-]+>\s*<(?:string|[\w-]*value)>",
    ],
    ignore_case=True,
)


def named_values(view: View) -> Iterator[Span]:
    """`name: DB_PASSWORD` and `value: …` on two lines, as environments are written in Kubernetes."""
    text = view.text
    for first, last in _NAME_THEN_VALUE(view.data):
        at = view.lower.rfind("value", first, last)
        found = _VALUE_AFTER.match(text, at) if at >= 0 else None
        name = _NAME_BEFORE.search(text, max(0, at - 200), at) if found else None
        if found and name:
            yield from _named(found, name["name"])
        pair = next(filter(None, (notation.match(text, first) for notation in _PAIRS)), None)
        if pair:
            yield from _named(pair, pair["name"])


_PAIRS = (_NAME_VALUE_JSON, _VARIABLE, _VALUE_NAME_JSON, _VALUE_NAME, _NAME_VALUE_XML)


def _named(found: re.Match[str], name: str) -> Iterator[Span]:
    value = found["value"].rstrip("\"'\\ ")
    level = strength(name)
    if level and is_secret_value(value, level):
        yield Span(found.start("value"), found.start("value") + len(value), CREDENTIAL)


_SECRET_KIND = re.compile(r"kind[\\\"']*\s*:\s*[\\\"']*secret(?:list)?\b")
_KIND = re.compile(
    r"""^(?P<pad>[ \t]*(?:-[ \t]+)?)["']?kind["']?:[ \t]*["']?(?P<kind>\w+)""", re.MULTILINE | re.IGNORECASE
)
_DATA = re.compile(r"^(?P<pad>[ \t]*(?:-[ \t]+)?)(?:data|stringData):[ \t]*(?:#[^\n]*)?\r?\n", re.MULTILINE)
_ENTRY = re.compile(
    r"[ \t]*(?:\"[^\"\n]+\"|'[^'\n]+'|[\w.\-/]+):[ \t]*(?P<block>[|>][+-]?\d?[ \t]*$)?(?P<value>[^\n]*)"
)
_JSON_KIND = re.compile(r'\\*"kind\\*"\s*:\s*\\*"(?P<kind>\w+)', re.IGNORECASE)
_JSON_DATA = re.compile(r'\\*"(?:data|stringData)\\*"\s*:\s*\{(?P<body>[^{}]*)')
_JSON_VALUE = re.compile(r':\s*\\*"(?P<value>(?:[^"\\]|\\[^"\\])+)')
_JSON_PAIR = re.compile(r'\s*"(?:[^"\\]|\\.)*"\s*:\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*,?', re.DOTALL)


def kubernetes_secrets(view: View) -> Iterator[Span]:
    """Every value under `data` and `stringData` of a Secret, in YAML and in JSON (escaped JSON too)."""
    text, lower = view.text, view.lower
    if "data" not in lower or not _SECRET_KIND.search(lower):
        return
    yield from _yaml_secrets(text, lower)
    yield from _json_secrets(text, lower)


def _yaml_secrets(text: str, lower: str) -> Iterator[Span]:
    kinds = [(m.start(), len(m["pad"]), m["kind"].lower()) for m in _lines(_KIND, text, lower, "kind")]
    breaks = list(positions(text, "\n---"))
    columns: dict[int, list[tuple[int, str]]] = {}
    for at, column, kind in kinds:
        columns.setdefault(column, []).append((at, kind))
    for data in _lines(_DATA, text, lower, "data:"):
        column = len(data["pad"])
        if _is_secret(data.start(), columns.get(column, []), breaks):
            yield from _entries(text, data.end(), column)


def _lines(pattern: re.Pattern[str], text: str, lower: str, literal: str) -> Iterator[re.Match[str]]:
    """Matches of a pattern that begins at a line's start, for the lines that hold a literal."""
    for at in positions(lower, literal):
        found = pattern.match(text, text.rfind("\n", max(0, at - 200), at) + 1)
        if found and found.end() > at:
            yield found


def _is_secret(at: int, kinds: Sequence[tuple[int, str]], breaks: Sequence[int] = ()) -> bool:
    """Whether the nearest kind before or after a place, within the same document, is Secret."""
    document = bisect(breaks, at)
    index = bisect(kinds, (at, ""))
    near = [*kinds[max(0, index - 1) : index], *kinds[index : index + 1]]
    return any(kind in {"secret", "secretlist"} and bisect(breaks, place) == document for place, kind in near)


def _entries(text: str, at: int, column: int) -> Iterator[Span]:
    """The values of the lines that are deeper than `column`; block scalars are values line by line."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        depth = len(line) - len(line.lstrip(" \t"))
        if line.strip() and (depth <= column or line.lstrip().startswith("- ")):
            return
        entry = _ENTRY.match(text, at, end)
        start = end if entry and entry["block"] else entry.start("value") if entry else at + depth
        value = text[start:end].strip().strip("\"'")
        if value and not line.lstrip().startswith("#") and not value.startswith(("{{", "<")):
            first = text.index(value, start)
            yield Span(first, first + len(value), "kubernetes-secret")
        at = end + 1


def _json_secrets(text: str, lower: str) -> Iterator[Span]:
    kinds = [(m.start(), m["kind"].lower()) for at in positions(lower, '"kind') if (m := _JSON_KIND.match(text, at))]
    found = (_JSON_DATA.match(text, at) for literal in ('"data', '"stringdata') for at in positions(lower, literal))
    for data in filter(None, found):
        if _is_secret(data.start(), kinds):
            yield from _json_values(text, data.start("body"), data.end("body"))


def _json_values(text: str, at: int, end: int) -> Iterator[Span]:
    """The values of an object of texts: pair by pair (a value may hold braces), or as far as the next brace."""
    while pair := _JSON_PAIR.match(text, at):
        at = pair.end()
        if pair["value"]:
            yield Span(*pair.span("value"), "kubernetes-secret")
    for found in _JSON_VALUE.finditer(text, at, max(at, end)):
        yield Span(*found.span("value"), "kubernetes-secret")


Finder = Callable[[View], Iterator[Span]]

FINDERS: tuple[Finder, ...] = (
    private_keys,
    urls,
    headers,
    command_lines,
    notations,
    named_values,
    tables,
    vendor_secrets,
    prefixed_tokens,
    bare_tokens,
    kubernetes_secrets,
)
"""What to run over a text."""
