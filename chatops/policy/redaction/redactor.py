"""What may leave: every secret in a text becomes a tag before anybody outside the connectors sees it.

The same secret gets the same tag (`[secret:jwt#3fa2]`) from redactors with the same key, so a
reader can still say "the same token"; the key never leaves the process. Where the redactor cannot
do its work it raises `RedactionFailed`, and the text does not pass.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from chatops.policy.redaction.encodings import encoded, plain_letters, unescaped_in_place
from chatops.policy.redaction.names import is_secret_value, named_secrets
from chatops.policy.redaction.prefilter import View
from chatops.policy.redaction.spans import (
    CREDENTIAL,
    TAG,
    FormatScan,
    Span,
    merged,
    positions,
    trie_pattern,
    without_tags,
)
from chatops.policy.redaction.structures import FINDERS
from chatops.policy.redaction.vocabulary import strength

Model = TypeVar("Model", bound=BaseModel)

MAX_TEXT = 64 * 1024 * 1024
"""Characters of one text; a longer one is refused (the stream filter takes any length)."""

_DEPTH = 40
_PLAIN = (bool, int, float, Decimal, datetime, date, time, timedelta, UUID, Enum)
"""Values that hold no text of anybody's; of any other kind of value nothing passes."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*[_.][A-Za-z0-9_.]+|[a-z]+[A-Z]\w+|(?i:password|passwd|pwd)")
"""A cell that names a value: a variable or setting (names of objects have dashes), or a word that says nothing else."""


class RedactionFailed(Exception):
    """The text could not be redacted: it must not pass."""


@dataclass(frozen=True)
class Redactor:
    """Replaces secrets by tags. `key` makes the tags: one per process or incident, never stored with the text.

    `personal` are further finders (see `personal`), run over the text after the secrets are gone.
    """

    key: bytes
    personal: tuple[Callable[[str], Iterable[Span]], ...] = ()
    formats: FormatScan = field(default_factory=FormatScan, repr=False)

    def text(self, text: str) -> str:
        """The text with a tag in place of every secret. Raises RedactionFailed."""
        if len(text) > MAX_TEXT:
            raise RedactionFailed(f"a text of {len(text)} characters is more than {MAX_TEXT}")
        try:
            return self._replaced(text, self.spans(text))
        except Exception as error:  # fail closed, whatever went wrong; the text itself is not quoted
            raise RedactionFailed(f"{type(error).__name__} while redacting {len(text)} characters") from error

    def spans(self, text: str) -> list[Span]:
        """Where the secrets are, in order, without overlaps; what nobody sees of a text parts no secret."""
        if (not text.isascii() or "\x1b" in text or "\0" in text) and _UNSEEN.search(text):
            seen = [at for first, last in _kept(text) for at in range(first, last)]
            found = self._spans("".join(text[at] for at in seen))
            return [Span(seen[one.start], seen[one.end - 1] + 1, one.kind) for one in found]
        return self._spans(text)

    def _spans(self, text: str) -> list[Span]:
        view = View(plain_letters(without_tags(text)))
        found = list(self._direct(view))
        found.extend(encoded(view, self._scan, self.formats))
        for finder in self.personal:
            found.extend(finder(view.text))
        return merged(_repeated(view.text, found))

    def value(self, value: Any) -> Any:
        """The same value (pydantic models, mappings, sequences, text) with every text in it redacted."""
        return self._value(value, 0)

    def evidence(self, evidence: Model) -> Model:
        """A model with every text in it redacted; the type stays. Raises RedactionFailed."""
        result = self._value(evidence, 0)
        if not isinstance(result, type(evidence)):
            raise RedactionFailed(f"{type(evidence).__name__} did not survive redaction")
        return result

    def tag(self, secret: str, kind: str = CREDENTIAL) -> str:
        """What is shown in place of a secret."""
        digest = hmac.new(self.key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"[secret:{kind}#{digest[:4]}]"

    def _direct(self, view: View) -> Iterable[Span]:
        if "\\" in view.text:
            view = View(unescaped_in_place(view.text))
        yield from self.formats(view)
        yield from named_secrets(view)
        for finder in FINDERS:
            yield from finder(view)

    def _scan(self, text: str, depth: int = 2) -> list[Span]:
        """Secrets in a decoded text, further encodings included."""
        view = View(text)
        found = list(self._direct(view))
        if not found and depth:
            found = list(encoded(view, lambda inner: self._scan(inner, depth - 1), self.formats))
        return found

    def _replaced(self, text: str, spans: list[Span]) -> str:
        if not spans:
            return text
        parts, last = [], 0
        for span in spans:
            parts += [text[last : span.start], self.tag(text[span.start : span.end], span.kind)]
            last = span.end
        return "".join([*parts, text[last:]])

    def _value(self, value: Any, depth: int) -> Any:
        if depth > _DEPTH:
            raise RedactionFailed(f"more than {_DEPTH} values inside each other")
        if value is None or isinstance(value, _PLAIN):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, BaseModel):
            return self._model(value, depth)
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, (list, tuple, set, frozenset)):
            return _like(value, self._cells(value, depth + 1))
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        raise RedactionFailed(f"nothing is known of a {type(value).__name__}")

    def _model(self, value: BaseModel, depth: int) -> BaseModel:
        changed = {}
        for name in type(value).model_fields:
            old = getattr(value, name)
            new = self._value(old, depth + 1)
            if new is not old and new != old:
                changed[name] = new
        return value.model_copy(update=changed) if changed else value

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[Any, Any]:
        secret = str(value.get("kind", "")).lower() == "secret"
        named = str(value.get("name", value.get("Name", "")))
        result: dict[Any, Any] = {}
        for key, inner in value.items():
            name = named if key in {"value", "Value"} and named else str(key)
            if secret and key in {"data", "stringData"} and isinstance(inner, Mapping):
                result[key] = {self._value(k, depth): self.tag(str(v), "kubernetes-secret") for k, v in inner.items()}
            elif isinstance(inner, str) and not TAG.fullmatch(inner) and self._by_name(name, inner):
                result[self._value(key, depth)] = self.tag(inner)
            else:
                result[self._value(key, depth)] = self._value(inner, depth + 1)
        return result

    def _cells(self, values: Iterable[Any], depth: int) -> Iterator[Any]:
        """The values in order; in a row of texts, what follows the name of a secret is one."""
        before = ""
        for value in values:
            named = isinstance(value, str) and _NAME.fullmatch(before) and not TAG.fullmatch(value)
            yield self.tag(value) if named and self._by_name(before, value) else self._value(value, depth)
            before = value if isinstance(value, str) else ""

    def _by_name(self, name: str, value: str) -> bool:
        level = strength(name)
        return bool(level) and is_secret_value(value, level)


_UNSEEN = re.compile(
    r"\x1b\[[0-9;]*[A-Za-z]|[\x00\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
"""Colours of a terminal, direction marks, characters without width: they are taken out before a text is shown."""


def _kept(text: str) -> Iterator[tuple[int, int]]:
    """The pieces of the text between what is not seen."""
    last = 0
    for unseen in _UNSEEN.finditer(text):
        yield last, unseen.start()
        last = unseen.end()
    yield last, len(text)


def _like(value: Any, parts: Iterable[Any]) -> Any:
    """A sequence or set of the same type with other parts."""
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def _repeated(text: str, found: list[Span]) -> list[Span]:
    """The spans, and the places where secrets that only a name gave away stand again without it."""
    values = {text[s.start : s.end]: s.kind for s in found if s.kind in _NAMELESS and 10 <= s.end - s.start <= 512}
    again = [value for value in values if any(c.isdigit() for c in value) and any(c.isalpha() for c in value)]
    if len(again) > _MANY:
        pattern = re.compile(trie_pattern(again))
        return found + [Span(m.start(), m.end(), values[m.group()]) for m in pattern.finditer(text)]
    places = ((value, at) for value in again for at in positions(text, value))
    return found + [Span(at, at + len(value), values[value]) for value, at in places]


_NAMELESS = frozenset({CREDENTIAL, "kubernetes-secret"})
_MANY = 40
"""From so many values on, one pattern is faster than a search for each."""
