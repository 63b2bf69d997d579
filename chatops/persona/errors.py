"""The one exception of the persona: what kind of failure, and the full message."""

from __future__ import annotations

from typing import Literal

PersonaErrorKind = Literal[
    "persona",  # the persona file or the settings
    "overloaded",
    "rate limited",
    "unavailable",  # 5xx, no connection
    "cut",  # the answer ended before it was complete
    "timeout",
    "garbage",  # not an answer of a Messages API
    "rejected",  # the request
    "denied",  # key, permission, payment
    "not found",  # usually the model
]

TRANSIENT: frozenset[PersonaErrorKind] = frozenset(
    {"overloaded", "rate limited", "unavailable", "cut", "timeout", "garbage"}
)
"""Worth asking again."""


class PersonaError(Exception):
    """Why the model could not be asked. `retry_after` is what the server asked for, in seconds."""

    def __init__(self, kind: PersonaErrorKind, detail: str, retry_after: float | None = None) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind: PersonaErrorKind = kind
        self.detail = detail
        self.retry_after = retry_after
