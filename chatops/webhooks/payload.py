"""What every source of alerts has in common: a delivery comes in, alerts come out, bad input has one clear error."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from chatops.domain.alert import Alert, Severity
from chatops.settings import WebhookSettings


class BadPayload(Exception):
    """A payload that cannot be used: one line that says what to do, and the HTTP status.

    `near`: it has the fields that this source's payloads have, and something in them is wrong.
    """

    def __init__(self, message: str, status: int = 400, *, near: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.near = near


class Lenient(BaseModel):
    """A payload of somebody else's: what is not known is ignored, what is needed is checked."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


@dataclass(frozen=True)
class Delivery:
    """One request as it came: headers by name in lower case, the JSON document, and the bytes it was made of."""

    headers: Mapping[str, str]
    document: Any
    body: bytes
    now: datetime


@dataclass(frozen=True)
class Source:
    """One way in. `verify` raises `BadPayload` (401) where the sender proves itself in the payload or a header;
    without it the token or the basic credentials of the settings are asked for."""

    name: str
    parse: Callable[[Delivery, WebhookSettings], tuple[Alert, ...]]
    verify: Callable[[Delivery, WebhookSettings], Awaitable[None]] | None = None


def parsed(text: str | bytes) -> Any:
    """Return the JSON document; ValueError or RecursionError where it is none.

    Half of a surrogate pair, which JSON can escape and UTF-8 cannot hold, becomes `?`: nothing could store it.
    """
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    try:
        return from_json(raw)  # in half the time, and refuses what `json` reads: such halves, UTF-16, deep nesting
    except ValueError:
        document = json.loads(text)
    if not _SURROGATE.search(raw):
        return document
    return json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def checked(model: type[BaseModel], document: Any, what: str) -> Any:
    """Return the document as the model, or raise `BadPayload` that names the first field that is wrong."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        told = "a JSON object is expected" if first["type"] == "model_type" else first["msg"].lower()
        missing = not first["loc"] or (len(first["loc"]) == 1 and first["type"] == "missing")
        raise BadPayload(f"this is no {what}: {where}: {told}", near=not missing) from error


_SEVERITIES: dict[str, Severity] = {
    **dict.fromkeys(
        ("critical", "page", "emergency", "fatal", "sev1", "sev0", "p1", "p0", "disaster", "high"), "critical"
    ),
    **dict.fromkeys(("error", "major", "sev2", "p2", "urgent"), "error"),
    **dict.fromkeys(("warning", "warn", "minor", "sev3", "p3", "ticket", "medium", "low"), "warning"),
    **dict.fromkeys(("info", "informational", "none", "notice", "sev4", "sev5", "p4", "p5", "ok"), "info"),
}


def severity(word: str, default: Severity = "warning") -> Severity:
    """Return our severity for the words that alerting systems use."""
    return _SEVERITIES.get(word.strip().lower(), default)


def fingerprint(source: str, *parts: str) -> str:
    """Return a stable fingerprint of what identifies an alert at its source."""
    return f"{source}:{sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"


def utc(moment: datetime | None, default: datetime) -> datetime:
    """Return the moment in UTC; Go's zero time (year 1) and a missing one are the default."""
    if moment is None or not 1971 <= moment.year <= 9000:
        return default
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def from_unix(seconds: float | None) -> datetime | None:
    """Return the moment of a Unix time in seconds or milliseconds; None where it is none."""
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def text_labels(labels: Mapping[str, Any]) -> dict[str, str]:
    """Return labels as text, bounded: at most 64 of at most 1,000 characters."""
    kept = list(labels.items())[:64]
    return {str(key)[:200]: str(value)[:1_000] for key, value in kept if value is not None}


def untold(title: str) -> str:
    """The title without the priority and the state that stand before it: its end would be another alert's."""
    return _STATE.sub("", title).strip() or title


_STATE = re.compile(
    r"^(?:[^\w\[]*(?:\[[^\]]*\]|(?:(?:re-)?triggered|recovered|resolved|firing|alerting|alarm|problem|ok)\b)[\W_]*){1,2}",
    re.I,
)


def at(document: Any, path: str) -> Any:
    """The value at a dotted path (`data.items.0.name`), None where there is none."""
    for part in path.split(".") if path else []:
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return None
    return document
