"""What of a free text does a model see? The words that decide stay, fields that anybody may fill become shapes.

A log line quotes what users of a system send: request paths, queries, user agents, referers, bodies. None of it
decides a diagnosis as it stands, all of it may hold a sentence for the reader. Such fields are found by how log
lines are written (request lines, the combined log format, `name=value`, JSON, URLs) and reduced by
`untrusted.abstract`; a sentence that gives orders to who reads it is reduced to its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from chatops.policy.untrusted import Kind, abstract, plain

_FIELDS: dict[Kind, str] = {
    "path": "path uri url request_uri request_path requestpath requesturi http_path http_url http_target url_path "
    "original_path http_route target_path csuristem",
    "query": "query_string querystring http_query url_query params csuriquery",
    "user-agent": "user_agent useragent ua http_user_agent agent user_agent_original",
    "body": "body request_body requestbody payload post_data form_data response_body comment search search_term",
    "text": "referer referrer http_referer x_forwarded_host csreferer",
}
"""Names by which logs, labels and tables call what users fill, in lower case, `_` for every other sign."""
_KINDS: dict[str, Kind] = {name: kind for kind, names in _FIELDS.items() for name in names.split()}

ORDERS = (
    r"(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|all|your|these)\b.{0,30}"
    r"\b(?:instruction|rule|prompt|context|guideline|message)|"
    r"(?:ignore|disregard|forget|override)\b.{0,20}\b(?:instruction|rule|prompt|guideline)s?\s"
    r"(?:above|before|so\sfar|given)|system prompt|you are now\b(?! connected)|"
    r"\bnew instructions?\b|\bas an ai\b|\bassistant\s*:|</?(?:system|untrusted|instructions?)\b[^>\n]{0,40}>|"
    r"(?:ignorier|vergiss|missachte|ignora|ignorez|ignore[zsr]?\b|oubli|olvid|dimentica|esque[çc]|игнорир|забуд|忽略|无视|無視|忘)"
    r".{0,30}(?:anweisung|anordnung|instru[cçkz]|istruzion|consigne|regras?\b|reglas?\b|regeln?\b|инструкци|указани|правил|"
    r"指令|指示|命令|规则)"
)
"""How text that gives orders to its reader looks, in a few languages: a pattern, without regard to case."""

_ORDERED = re.compile(rf"(?:{ORDERS})(?:(?![.!?;]\s)[^\n\"'`|])*", re.IGNORECASE)
_METHOD = r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|PROPFIND"
_REQUEST = re.compile(rf"\b({_METHOD})(\s+)(/[^\"\n]*?)(?=\s+HTTP/|[\"'\n]|\s+[-=]|\s+\(?\d{{3}}\b|\s+\w+=|$)")
_COMBINED = re.compile(r"(HTTP/\S+\s+\S+\s+\S+\s+)\"([^\"\n]*)\"\s+\"([^\"\n]*)\"?")
_URL = re.compile(r"\b((?:https?|wss?|ftp)://[^\s/?#\"'<>`|\\)]+)([/?#][^\s\"'<>`|\\)]*)", re.IGNORECASE)
_NAMED = re.compile(
    r"(?<![\w.-])([A-Za-z][\w.-]{1,24})(\\?[\"']?\s?[=:]\s?)"
    r"(\\?\"(?:[^\"\\\n]|\\[^\"\n])*\\?\"|'[^'\n]*'|\{[^\n]*\}|[^\s,;}\])\"']+)"
)
_SIGNS = re.compile(r"[^a-z0-9]+")
_QUOTES = re.compile(r"^(\\?[\"']?)(.*?)(\\?[\"']?)$", re.DOTALL)


def shaped(text: str) -> str:
    """A line of a log, or what quotes one, with everything that users fill as a shape."""
    text = _COMBINED.sub(_combined, plain(text))
    text = _REQUEST.sub(lambda found: found[1] + found[2] + abstract(found[3], "path"), text)
    text = _NAMED.sub(_named, text)
    return without_orders(_URL.sub(lambda found: found[1] + _tail(found[2]), text))


def without_orders(text: str) -> str:
    """The text with sentences that give orders to their reader as their length."""
    return _ORDERED.sub(lambda found: f"[words that give orders, {len(found[0])} characters]", plain(text))


def cell(name: str, value: str, free: Callable[[str], str] = shaped) -> str:
    """A value by the name of its label or column: a shape where users fill it, else what `free` makes of it."""
    kind = _kind(name)
    return _reduced(value, kind) if kind else free(value)


def _kind(name: str) -> Kind | None:
    return _KINDS.get(_SIGNS.sub("_", name.lower()).strip("_"))


def _reduced(value: str, kind: Kind) -> str:
    if kind == "path" and "://" in value:
        return _URL.sub(lambda found: found[1] + _tail(found[2]), value)
    if kind == "path" and not value.startswith("/"):
        kind = "text"
    return abstract(value, kind)


def _tail(text: str) -> str:
    """What follows the host of an address."""
    return abstract(text.partition("#")[0], "path")


def _combined(found: re.Match[str]) -> str:
    referer = found[2] if found[2] in {"-", ""} else abstract(found[2], "text")
    return f'{found[1]}"{referer}" "{abstract(found[3], "user-agent")}"'


def _named(found: re.Match[str]) -> str:
    kind = _kind(found[1])
    quoted = _QUOTES.match(found[3])
    if kind is None or quoted is None:
        return found[0]
    return f"{found[1]}{found[2]}{quoted[1]}{_reduced(quoted[2], kind)}{quoted[3]}"
