"""How does a text of any length pass the redactor, when a secret may lie across two reads?

The text goes through in chunks. Each chunk is looked at together with what came before it and what
follows it, and only the middle is let go, at a line end that lies in no secret.
"""

from __future__ import annotations

from typing import Protocol

from chatops.policy.redaction import RedactionFailed, Redactor
from chatops.policy.redaction.spans import Span

CHUNK = 1024 * 1024
CONTEXT = 64 * 1024
"""Characters looked at before and after a chunk: more than any key, certificate or token is long."""

LONGEST = 16 * 1024 * 1024
"""A secret longer than this (or a line without an end) is refused rather than guessed at."""


class Source(Protocol):
    """What text is read from."""

    def read(self, size: int, /) -> str:
        """Up to `size` characters, '' at the end."""
        ...


class Sink(Protocol):
    """What redacted text is written to."""

    def write(self, text: str, /) -> object:
        """Take the text."""
        ...


def redact_stream(redactor: Redactor, source: Source, sink: Sink) -> int:
    """Copy the text with tags in place of secrets; return how many there were. Raises RedactionFailed."""
    before, pending, count = "", "", 0
    while True:
        block = source.read(CHUNK)
        pending += block
        if block and len(pending) < CHUNK + CONTEXT:
            continue
        window = before + pending
        spans = [s for s in _spans(redactor, window) if s.end > len(before)]
        cut = _cut(window, len(before), spans) if block else len(window)
        if cut > len(before):
            clear = [s for s in spans if s.start < cut]
            sink.write(_written(redactor, window, len(before), cut, clear))
            count += len(clear)
            before, pending = window[max(0, cut - CONTEXT) : cut], window[cut:]
        elif len(pending) > LONGEST:
            raise RedactionFailed(f"no end of a secret or a line within {LONGEST} characters")
        if not block:
            return count


def _spans(redactor: Redactor, window: str) -> list[Span]:
    try:
        return redactor.spans(window)
    except Exception as error:
        raise RedactionFailed(f"{type(error).__name__} while redacting a stream") from error


def _cut(window: str, first: int, spans: list[Span]) -> int:
    """The last line end that leaves enough text behind it to judge, and lies in no secret."""
    last = len(window) - CONTEXT
    cut = window.rfind("\n", first, last) + 1
    if not cut:
        cut = max(window.rfind(mark, first, last) for mark in (" ", ",", ";")) + 1
    for span in reversed(spans):
        if span.start < cut <= span.end:
            cut = span.start
    return cut


def _written(redactor: Redactor, window: str, first: int, cut: int, spans: list[Span]) -> str:
    parts, last = [], first
    for span in spans:
        parts += [window[last : span.start], redactor.tag(window[span.start : span.end], span.kind)]
        last = span.end
    return "".join([*parts, window[last:cut]])
