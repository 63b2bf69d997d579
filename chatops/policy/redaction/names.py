"""Which values are secrets because of the name they are assigned to?

`DB_PASSWORD=…`, `"client_secret": "…"`, `--token …`, `<apiToken>…</apiToken>`, `X-Api-Key: …`. How much a name says
is in `vocabulary`; what may stand between a name and its value, and what can be one, is here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.spans import CREDENTIAL, Span, is_placeholder
from chatops.policy.redaction.vocabulary import ANY, KEYWORDS, MACHINE_MADE, OBJECT, RANDOM, strength

_KEYWORD = f"(?:{'|'.join(map(re.escape, KEYWORDS))})"
_ASSIGNMENT = Prefilter(
    [
        _KEYWORD + r"""[\w.-]*(?:\\{0,3}["'`\])]){0,3}[ \t]*(?:(?:string|str|const)[ \t]*)?(?:[:=>,?+.|%-]|\t[^ \t])""",
        rf"-[\w.-]*{_KEYWORD}[\w.-]*(?:\\{{0,3}}[\"'`\])]){{0,3}}[ \t]",
        r"(?:requirepass|masterauth|bindpw)[ \t]",
        _KEYWORD + r"[A-Za-z0-9_]{0,24} {2,}[^ \n]{8,}[ \t\r]*(?:\n|$)",
        _KEYWORD + r"[\w-]*[\"']?,?\r?\n[ \t]*(?:-[ \t]+)?[\"']?[^\s-]",
        rf"(?:ENV|ARG|setenv|setx|set -[xgU]+)[ \t]+[\w.$-]*{_KEYWORD}[\w.-]*[ \t]",
    ],
    ignore_case=True,
)
"""A keyword in what may be a name, and what may be an assignment behind it."""


_KEYWORDS = re.compile(_KEYWORD)
_TAIL = re.compile(r"[A-Za-z0-9_.\-]{0,48}")
_SEPARATOR = re.compile(
    r"""(?:\\{0,3}["'`\]\)]){0,3}
    (?:[ \t]+(?:string|str|String|const|=\s*os\.environ\S*)(?=[ \t]*=))?
    (?:(?P<next>:[ \t]*\r?\n[ \t]*(?=[^\s:#<{\[-][^\s:]{5,}[ \t]*(?:\r?\n|\Z)))
      |[ \t]{0,20}(?::{1,3}=|[?+.]=|=>|->|={1,3}|:|\|\||,(?=[ \t]{0,4}\\{0,3}["'`])|%3[AD])[ \t]{0,40}
      |(?P<xml>>)\s{0,200}(?:<[Vv]alue>\s{0,40})?
      |(?P<cell>[ \t]*\|[ \t]*|\t+|[ ]{2,60}(?=[^\s:]{8,}[ \t\r]*(?:\n|\Z)))
      |(?P<argument>,?\r?\n[ \t]*(?:-[ \t]+)?(?=[^\s-]))
      |(?P<blank>[ \t]{1,4}(?=[^\s=:,>-])))
    (?P<block>[|>][+-]?\d?[ \t]*\n[ \t]+)?
    (?:\{\s{0,20}\\{0,3}"(?:value|default|plaintext)\\{0,3}"[ \t]*:[ \t]*)?
    (?:[ubr](?=["']))?
    (?:<!\[CDATA\[)?
    (?P<quote>\\{0,3}(?:""\"|["'`]))?""",
    re.VERBOSE,
)
_BARE = re.compile(r"[^\s\"'`<>]+")
_REST_OF_LINE = re.compile(r"[^\n\r\"]+")
_REFERENCE = re.compile(
    r"""\$[{(\w%]|\{[A-Za-z_]+\}?$|%[({]?\w+[)}]?%?$|\{\{|<|\[?(?:redacted|hidden|masked|filtered|removed|omitted|scrubbed|sensitive)\b
    |(?:true|false|null|none|nil|undefined|yes|no|string|str|bytes?|optional|required|empty|missing|invalid|expired|
      unset|set|enabled|disabled|changed|unchanged|unknown|not|is|was|has|must|for|from|the|in|to|of|on|and|or|a|an|with
      |password|passwd|secret|token|username|user|example|files|compat|changeme_?)(?=[.,;:!?)\]}]*(?:\s|$))
    |(?-i:[a-z]+_[a-z_]+\.[a-z]\w*\.[a-z]\w*)(?![\w.])
    |\*+(?![\w])|x{3,}$|\.{3}|os\.|env\.|process\.|var\.|secrets?\.|data\.|local\.|module\.|ENC\[|vault:|arn:|ssm:|sops:|projects/""",
    re.VERBOSE | re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)
_DIGEST = re.compile(r"(?:sha\d+:)?[0-9a-f]{32,}$")


def looks_made(value: str) -> bool:
    """Whether a value was made by a machine: random, an identifier or a digest."""
    return looks_random(value) or bool(_UUID.match(value) or _DIGEST.match(value))


_NO_TOKEN = re.compile(r"[\s:]|\.\w+\.|//|^/\w+(?:/|$)|[{}()]|^[a-z]+(?:[-_.][a-z]+)*[-_.]\d+$")
"""What no token looks like: prose, hosts, paths, calls, numbered things (`orders-717359`)."""


def looks_random(value: str) -> bool:
    """Whether a value is more likely made by a machine than by a person who names things."""
    if len(value) < 10 or _UUID.match(value) or _DIGEST.match(value) or _NO_TOKEN.search(value):
        return False
    if not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value):
        return False
    return entropy(value) >= 3.3


def entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def named_secrets(view: View) -> Iterator[Span]:
    """Values assigned to sensitive names."""
    text, done = view.text, -1
    for first, last in _ASSIGNMENT(view.data):
        for keyword in _KEYWORDS.finditer(view.lower, max(first, done), max(last, done)):
            if keyword.start() < done:
                continue
            start, done = _identifier(text, keyword.start())
            span = _assigned(text, start, done)
            if span is not None:
                done = max(done, span.end)
                yield span


def _identifier(text: str, at: int) -> tuple[int, int]:
    start = at
    while start > 0 and at - start < 64 and (text[start - 1].isalnum() or text[start - 1] in "_-.$"):
        start -= 1
    tail = _TAIL.match(text, at)
    end = tail.end() if tail else at
    while end > start and text[end - 1] in ".-":
        end -= 1
    return start, end


def _assigned(text: str, start: int, end: int) -> Span | None:
    name = text[start:end]
    level = strength(name)
    if not level or text.endswith("checksum/", max(0, start - 9), start):
        return None
    if level == RANDOM and text[start - 1 : start] in {"?", "&"}:
        level = MACHINE_MADE  # what a request asks with is not made up of digests
    separator = _SEPARATOR.match(text, end)
    if separator is None or (separator["blank"] and not _takes_blank(text, start, separator)):
        return None
    if separator["cell"] and separator["cell"].isspace() and "\t" not in separator["cell"] and "-" in name:
        return None  # names of objects have dashes
    if separator["argument"]:
        flag = _FLAG_LINE.fullmatch(text[text.rfind("\n", 0, start) + 1 : end])
        if not flag or flag["lead"] != separator["argument"].lstrip(",\r\n"):
            return None
    if separator["xml"] and text[start - 1 : start] == "/":
        return None  # what follows a closing tag
    if separator.group() == "> " and text[start - 1 : start] == "<" and not _CLOSED.match(text, separator.end()):
        return None  # `-p <password> https://…`: a stand-in, and the next word of the command
    if text[start - 1 : start] == ":" and _ARN.search(text, max(0, start - 120), start):
        return None
    first = separator.end()
    last = _value_end(text, start, first, separator, level)
    value = text[first:last]
    if separator["next"] and not (looks_made(value) if text[first - 1] == "\n" else any(map(str.isdigit, value))):
        return None
    if separator["cell"] and not (len(value) >= 8 and any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
        return None
    if not is_secret_value(value, level) or _is_prose(text, last, value, separator) or _is_key(text, last, separator):
        return None
    return Span(first, last, CREDENTIAL)


def _takes_blank(text: str, start: int, separator: re.Match[str]) -> bool:
    """Whether `name value` is an assignment: flags (`--token abc`), `ENV NAME abc` and words of configurations."""
    name = text[start : separator.start()]
    flag = name.startswith("--") or (name.startswith("-") and bool(separator["quote"]))
    return (
        flag
        or name.lower() in {"requirepass", "masterauth", "bindpw"}
        or bool(_SETS.search(text, max(0, start - 24), start))
    )


_SETS = re.compile(r"(?:^|\n|[;&] ?)[ \t]*(?:ENV|ARG|setenv|setx|set -[xgU]+)[ \t]+\Z")


def _is_prose(text: str, last: int, value: str, separator: re.Match[str]) -> bool:
    """`could not fetch a token: unexpected status`: a plain word, and the sentence goes on."""
    return separator.group() == ": " and value.isalpha() and value.islower() and bool(_PROSE.match(text, last))


def _is_key(text: str, last: int, separator: re.Match[str]) -> bool:
    """`"name": "istio-token", "mountPath": …`: what follows a comma is the next name, not a value."""
    return "," in separator.group() and bool(_KEY_END.match(text, last))


_FLAG_LINE = re.compile(r"""(?P<lead>[ \t]*(?:-[ \t]+)?)["']?--?[A-Za-z][\w.-]*""")
"""A flag alone on its line, as arguments are listed: what stands on the next line is its value."""

_CLOSED = re.compile(r"[^<>\n]*</")
_ARN = re.compile(r"\barn:[\w:/-]*\Z")
_KEY_END = re.compile(r"""\\{0,3}["'`][ \t]*:""")
_PROSE = re.compile(r" [a-z]+(?:[ ,.:;!?\n\"']|\Z)")


def _value_end(text: str, start: int, first: int, separator: re.Match[str], level: int) -> int:
    quote = separator["quote"]
    if quote:
        close = _closing(text, first, quote)
        if close >= 0:
            return close
    rest = _REST_OF_LINE.match(text, first) if level == ANY and _starts_line(text, start) else None
    if rest and not _MORE_FOLLOWS.search(rest.group()):
        return first + len(rest.group().rstrip().rstrip(","))
    found = _BARE.match(text, first)
    return trimmed(text, first, found.end()) if found else first


_MORE_FOLLOWS = re.compile(r"\s(?:[\w.-]+[=:]|is |was |has |for |from |to |#|\|)|[;&<>{}`]|\\n|, ")


def _starts_line(text: str, start: int) -> bool:
    """Whether a name is the first on its line (after `export`, a dash or a quote): then the line is its value."""
    line = text[max(text.rfind("\n", 0, start) + 1, start - 80) : start]
    return line.strip(" \t-\"'") in {"", "export", "set", "env", "ENV", "Environment="}


def _closing(text: str, first: int, quote: str) -> int:
    """Where the quoted value that starts at `first` ends; -1 where it does not end within reason."""
    at = text.find(quote, first, first + 8192)
    while at > first and len(quote) == 1 and text[at - 1] == "\\":
        at = text.find(quote, at + 1, first + 8192)
    return at


def trimmed(text: str, first: int, last: int) -> int:
    """Cut an unquoted value where the notation around it goes on: `a=1&b=2`, `a=1;`, `(a=1)`."""
    value = text[first:last]
    for mark in ("&", ";", ","):
        cut = value.find(mark, 4)
        if cut >= 0:
            value = value[:cut]
    while len(value) > 1 and value[-1] in ",;)}]\\":
        value = value[:-1]
    return first + len(value)


_OBJECT_NAME = re.compile(r"[a-z]+[a-z0-9]{0,20}(?:-[a-z0-9]{1,24})+")
"""`secret: shop-db` names a Kubernetes object."""


def is_secret_value(value: str, level: int) -> bool:
    """Whether a value can be a secret: no reference, no placeholder, no plain word where the name is weak."""
    if len(value) < 3 or _REFERENCE.match(value) or is_placeholder(value):
        return False
    if level == RANDOM:
        return looks_random(value)
    if level == OBJECT and _OBJECT_NAME.fullmatch(value):
        return False
    if level == MACHINE_MADE:
        return looks_made(value)
    return not (value.isdigit() and len(value) < 6) and not value.startswith(("/", "./", "~/", "kubernetes.io/"))
