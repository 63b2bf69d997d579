"""What did the model mean where a value does not have the shape it was asked for?

Models write `"E3, E4"` for a list of ids, `high` for a number, `deployment/cart` for an object, a command as one line.
Each of them is one thing only, and asking again costs a turn: it is brought to its shape here. What stays unclear is
left as it is, for validation to name; nothing is made up that the answer does not say.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chatops.persona import causelist
from chatops.policy.resources import KINDS

EVEN = 0.5
"""The confidence of who gave none."""
_SHARES = {"very high": 0.95, "high": 0.85, "medium": 0.6, "moderate": 0.6, "low": 0.3, "very low": 0.1}
_MEANT = {
    "likely": "probable", "suspected": "probable", "unknown": "inconclusive", "uncertain": "inconclusive",
    "undetermined": "inconclusive", "certain": "identified", "confirmed": "identified", "rejected": "ruled out",
    "refuted": "ruled out", "excluded": "ruled out", "disproved": "ruled out", "proven": "confirmed",
}  # fmt: skip
"""What is written for a value of an `enum`."""
_FIELDS = {
    "command": "argv", "cmd": "argv", "evidence": "supporting", "evidence_ids": "supporting",
    "supporting_evidence": "supporting", "contradicting_evidence": "contradicting", "cause_code": "cause",
    "purpose": "why", "expected": "expect", "expected_output": "expect", "steps": "next_steps", "action": "text",
    "hypothesis": "hypotheses",
    "diagnoses": "hypotheses", "root_cause": "cause", "resource": "subject", "object": "subject", "title": "statement",
    "description": "statement", "likelihood": "confidence", "probability": "confidence",
}  # fmt: skip
"""What is written for the name of a field."""
_MAIN = ("text", "argv", "statement", "name", "href", "id", "question", "gap")
"""The field of an object that says what it is: a text in its place is meant for this one."""
_ID = re.compile(r"\bE0*(\d+)\b(?:\s*(?:-|–|—|\.\.|to)\s*E0*(\d+)\b)?", re.IGNORECASE)
_MOST = 40
"""Ids of one range."""
_NUMBER = re.compile(r"-?\d*\.?\d+(?:e[+-]?\d+)?")
_QUOTES = "`'\"“”‘’ "
_OBJECT = re.compile(
    r"(?:(?P<kind>[A-Za-z]+)(?:\.[a-z.]+)?(?P<by>/|:?\s+))?(?:(?P<space>[^\s/]+)/)?(?P<name>[^\s/(][^\s/]*)"
    r"(?:,?\s+(?:\(|in\s+(?:the\s+)?)(?:namespace|ns)?:?\s*(?P<within>[^\s/()]+)\)?)?"
)
"""`deployment/cart`, `shop/cart`, `Deployment shop/cart`, `Deployment cart in namespace shop`, `cart (shop)`."""
_FENCE = re.compile(r"^```\w*\s*|\s*```$")
_FILTERS = frozenset(
    {"grep", "egrep", "jq", "yq", "head", "tail", "awk", "sed", "sort", "uniq", "wc", "cut", "tr", "less"}
)
"""What only shortens the output of the command before it: without, the command shows the same and more."""


def shaped(given: object, shape: Mapping[str, Any]) -> Any:
    """A value in its shape, as far as it is clear what was meant."""
    match shape["type"]:
        case "object":
            return _object(parsed(given, "{"), shape["properties"])
        case "array":
            return _list(parsed(given, "["), shape["items"])
        case "string" if "enum" in shape:
            return _one_of(given, shape["enum"])
        case "string":
            return _text(given)
        case "number":
            return share(given)
        case _:
            return given


def cited(given: object) -> tuple[str, ...]:
    """Ids of evidence: `E3`, `[E3]`, `e3`, 3, `E3, E4 and E7`, `E3–E5`, `{"id": "E3"}`; another text stays one."""
    match given:
        case bool() | None:
            return ()
        case int():
            return (f"E{given}",)
        case Mapping():
            named = [str(key) for key in given if _ID.fullmatch(str(key))]
            return cited(named or _text(given))
        case list() | tuple():
            return tuple(dict.fromkeys(one for item in given for one in cited(item)))
        case str() if given.strip(" #[]()").isdecimal():
            return (f"E{int(given.strip(' #[]()'))}",)
    found = [one for match in _ID.finditer(str(given)) for one in _ranged(match)]
    return tuple(dict.fromkeys(found)) or ((str(given),) if str(given).strip() else ())


def _ranged(match: re.Match[str]) -> Sequence[str]:
    first, last = int(match[1]), int(match[2] or match[1])
    return [f"E{number}" for number in range(first, min(last, first + _MOST) + 1)] or [f"E{first}"]


def argv(given: object) -> Any:
    """A command as its words: a line is split, a list of one line too; what only filters its output is left out."""
    if isinstance(given, str):
        return _unpiped(_split(given))
    if not isinstance(given, list | tuple):
        return given
    if len(given) == 1 and isinstance(given[0], list | tuple | str):
        return argv(given[0])
    return _unpiped([_text(word) for word in given])


def _split(line: str) -> list[str]:
    line = _FENCE.sub("", line.strip()).strip("`").replace("\\\n", " ").strip()
    line = line.partition("\n")[0].removeprefix("$ ").strip("; ")  # of several commands the first
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|")
        lexer.whitespace_split, lexer.commenters = True, ""
        return list(lexer)
    except ValueError:
        return line.split()


def _unpiped(words: list[str]) -> tuple[str, ...]:
    words = [word for word in words if word not in {"2>/dev/null", "2>&1"}]
    words = words[: next((at for at, word in enumerate(words) if word.startswith("#")), len(words))]
    at = words.index("|") if "|" in words else len(words)
    after = [words[place + 1] for place, word in enumerate(words[:-1]) if word == "|"]
    return tuple(words[:at] if all(word in _FILTERS for word in after) else words)


def subject(given: object) -> Any:
    """An object: its three fields, or `deployment/cart`, `shop/cart`, `Deployment cart in namespace shop`."""
    given = parsed(given, "{")
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    if isinstance(given, Mapping):
        told = {str(key).lower(): str(value).strip(_QUOTES) for key, value in given.items() if value is not None}
        read = _named(told.get("name", ""))
        kind = told.get("kind", "").rpartition("/")[2]  # `apps/v1 Deployment`
        kind = kind.rpartition(" ")[2] if kind.startswith("v1") else kind
        return {**read, "kind": kind or read["kind"], "namespace": told.get("namespace") or read["namespace"]}
    return _named(given) if isinstance(given, str) else given


def _named(text: str) -> dict[str, str]:
    read = _OBJECT.fullmatch(text.strip(_QUOTES))
    if read is None or not (read["kind"] is None or read["kind"].lower() in KINDS or read["by"] == "/"):
        return {"kind": "", "namespace": "", "name": text.strip(_QUOTES)}
    kind, space = read["kind"] or "", read["space"] or read["within"] or ""
    if kind and kind.lower() not in KINDS:
        kind, space = "", kind  # `shop/cart`
    return {"kind": kind, "namespace": space.strip(_QUOTES), "name": read["name"].strip(_QUOTES)}


def share(given: object) -> Any:
    """A confidence between 0 and 1: `0.8`, `"80%"`, `80`, `"0.8 (high)"`, `high`."""
    text = str(given).strip().lower()
    if text in _SHARES:
        return _SHARES[text]
    found = _NUMBER.search(text)
    if found is None or isinstance(given, bool):
        return given
    number = float(found[0])
    percent = number > 1 or text[found.end() :].lstrip().startswith(("%", "percent"))
    return min(max(number / 100 if percent else number, 0.0), 1.0)


def _cause(given: object) -> Any:
    """The code, where what is written has one of the catalogue in it; else the words, for the model to choose again."""
    text = str(_text(given)).strip(_QUOTES)
    parts = [text, re.sub(r"\(.*?\)", "", text).strip(), *re.split(r"\s*[/,;:()–—]\s*|\s-\s", text)]
    return next((known.code for part in parts if (known := causelist.read(part)) is not None), text)


_OWN: Mapping[str, Callable[[object], Any]] = {
    "supporting": lambda given: cited(parsed(given, "[")),
    "contradicting": lambda given: cited(parsed(given, "[")),
    "argv": lambda given: argv(parsed(given, "[")),
    "subject": subject,
    "cause": _cause,
}
"""Fields that are more than their type."""


def _object(given: object, properties: Mapping[str, Any]) -> Any:
    if isinstance(given, str | list | tuple) and given:
        main = next((name for name in _MAIN if name in properties), "")
        given = {main: given} if main else given
    if not isinstance(given, Mapping):
        return given
    named = {field(str(key), properties): value for key, value in reversed(list(given.items())) if value is not None}
    return {
        name: _OWN[name](value) if name in _OWN else shaped(value, properties[name])
        for name, value in named.items() if name in properties
    }  # fmt: skip


def field(name: str, properties: Mapping[str, Any]) -> str:
    """`nextSteps`, `Next Steps` → `next_steps`; another word for a field there is."""
    if name in properties:
        return name
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s-]+", "_", name.strip()).lower()
    return plain if plain in properties else _FIELDS.get(plain, name)


def _list(given: object, items: Mapping[str, Any]) -> Any:
    if isinstance(given, Mapping):
        whole = items["type"] == "object" and any(field(str(key), items["properties"]) in _MAIN for key in given)
        given = [given] if whole or items["type"] != "object" else list(given.values())
    if isinstance(given, str):
        given = [given] if given.strip() else []
    if not isinstance(given, list | tuple):
        return given
    return tuple(shaped(one, items) for one in given if one not in (None, "", {}, []))


def _one_of(given: object, values: Sequence[str]) -> Any:
    text = re.sub(r"[\s_-]+", " ", str(_text(given))).strip(_QUOTES + ".").lower()
    text = text if text in values else _MEANT.get(text, text)
    return next((value for value in values if re.match(rf"{value}\b", text)), given)


def _text(given: object) -> Any:
    """A text; of an object its main field, of a list its lines."""
    match given:
        case str():
            return given
        case bool():
            return str(given).lower()
        case int() | float():
            return str(given)
        case Mapping():
            named = [given[name] for name in (*_MAIN, *given) if isinstance(given.get(name), str)]
            return named[0] if named else given
        case list() | tuple() if all(isinstance(one, str) for one in given):
            return "\n".join(given)
        case _:
            return given


def parsed(given: object, opening: str) -> object:
    """Data that came as its text."""
    if isinstance(given, str) and given.lstrip().startswith((opening, "{" if opening == "[" else opening)):
        try:
            return json.loads(given)
        except (ValueError, RecursionError):
            return given
    return given
