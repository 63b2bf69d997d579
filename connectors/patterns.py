"""What the log lines are about: lines of one shape as one template, counted before and after the onset.

Numbers, identifiers and addresses are masked; what remains the same is the template. Grouping by
the masked text is linear, needs no training, and gives the same templates for the same lines every time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from connectors.evidence import LogPattern, LogPatterns

_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), "<time>"),
    (re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<address>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b"), "<id>"),
    (re.compile(r"\b[A-Za-z]+\d{3,}\b|\b(?=\w{5})\w*\d[A-Za-z]+\d\w*"), "<id>"),
    (re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?(?=ms\b|s\b|us\b|[kMG]i?B?\b|%|\b)"), "<n>"),
)
_LEVELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("fatal", re.compile(r"\b(fatal|panic|critical|emerg)\b", re.IGNORECASE)),
    ("error", re.compile(r"\b(error|err|exception|failed|failure|traceback|severe)\b|^E\d{4}\b", re.IGNORECASE)),
    ("warning", re.compile(r"\b(warn|warning)\b|^W\d{4}\b", re.IGNORECASE)),
)
_RANK = {"fatal": 0, "error": 1, "warning": 2, "": 3}
_LONGEST = 400


_LEVEL_KEYS = ("level", "severity", "lvl", "loglevel", "log.level")
_MESSAGE_KEYS = ("message", "msg", "event", "log", "text")
_ERROR_KEYS = ("error", "err", "exception", "cause", "reason", "error.message")


def readable(line: str) -> str:
    """A line as a person reads it: of a JSON object its level, its error and its message, of all else the line."""
    text, fields = line.strip(), _object(line)
    error, message = _field(fields, _ERROR_KEYS), _field(fields, _MESSAGE_KEYS)
    if not error and not message:
        return text
    said = message if error in message else error if message in error else f"{message}: {error}"
    return " ".join(filter(None, (_field(fields, _LEVEL_KEYS), said)))


def both_ends(text: str, limit: int) -> str:
    """At most `limit` characters: who complains stands at the beginning of a line, of what at its end."""
    if len(text) <= limit:
        return text
    tail = limit * 2 // 5
    return f"{text[: limit - tail - 3].rstrip()} … {text[-tail:].lstrip()}"


def quote(line: str, limit: int) -> str:
    """What a line of a log says, on one line of at most `limit` characters."""
    return both_ends(" ".join(readable(line).split()), limit)


def _others(line: str) -> str:
    """What a JSON object holds besides: ` name=value …`, without identifiers and times, which tell nothing alone."""
    if readable(line) == line.strip():
        return ""
    said = {*_LEVEL_KEYS, *_MESSAGE_KEYS, *_ERROR_KEYS}
    rest = ((name, str(value)) for name, value in _object(line).items() if isinstance(value, (str, int, float)))
    return "".join(
        f" {name}={value}" for name, value in rest
        if name not in said and value and template(value) not in {"<id>", "<time>"}
    )  # fmt: skip


def _object(line: str) -> Mapping[str, object]:
    """The fields of a line that is a JSON object; none of any other."""
    text = line.strip()
    if not text.startswith("{"):
        return {}
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _field(fields: Mapping[str, object], names: Iterable[str]) -> str:
    return next((str(fields[name]) for name in names if isinstance(fields.get(name), (str, int)) and fields[name]), "")


def template(line: str) -> str:
    """The line with everything masked that differs between lines of one shape."""
    text = line.strip()[:_LONGEST]
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def level(line: str) -> str:
    """`fatal`, `error`, `warning`, or empty: by the words of the line."""
    return next((name for name, pattern in _LEVELS if pattern.search(both_ends(line, _LONGEST))), "")


def patterns(
    lines: Iterable[tuple[datetime | None, str]], onset: datetime | None = None, limit: int = 12
) -> LogPatterns:
    """Lines with their times as patterns: the gravest first, then those that are new or more after the onset.

    A line without a time, or without an onset to compare with, counts as after. JSON objects go by what they say:
    their other fields differ from line to line, and stand behind the words of the example.
    """
    found: dict[str, LogPattern] = {}
    read = 0
    for at, written in lines:
        if not written.strip():
            continue
        read += 1
        line = readable(written)
        shape = template(line)
        before = int(onset is not None and at is not None and at < onset)
        known = found.get(shape)
        if known is None:
            found[shape] = LogPattern(
                template=shape, example=both_ends(f"{line}{_others(written)}", _LONGEST), before=before,
                after=1 - before, level=level(line), first=at,
            )  # fmt: skip
        else:
            found[shape] = known.model_copy(update={"before": known.before + before, "after": known.after + 1 - before})
    ranked = sorted(found.values(), key=lambda one: (_RANK[one.level], one.before - one.after, one.template))
    return LogPatterns(patterns=tuple(ranked[:limit]), lines=read, omitted=max(0, len(ranked) - limit))
