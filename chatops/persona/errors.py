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


_KINDS: tuple[tuple[PersonaErrorKind, frozenset[object]], ...] = (
    ("overloaded", frozenset({"overloaded_error", 529})),
    ("rate limited", frozenset({"rate_limit_error", "throttlingexception", 429})),
    ("timeout", frozenset({"timeout_error", "modeltimeoutexception", 408, 504})),
    (
        "denied",
        frozenset(
            {"authentication_error", "permission_error", "billing_error", "accessdeniedexception", 401, 402, 403}
        ),
    ),
    ("not found", frozenset({"not_found_error", 404})),
    ("rejected", frozenset({"invalid_request_error", "request_too_large", "validationexception", 400, 413, 422})),
)


def kind_of(*signs: object) -> PersonaErrorKind:
    """The kind of a failure, by the first of its signs that tells: the error's own type, a status."""
    for sign in signs:
        for kind, known in _KINDS:
            if (sign.lower() if isinstance(sign, str) else sign) in known:
                return kind
    return "unavailable"


class PersonaError(Exception):
    """Why the model could not be asked. `retry_after` is what the server asked for, in seconds."""

    def __init__(self, kind: PersonaErrorKind, detail: str, retry_after: float | None = None) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind: PersonaErrorKind = kind
        self.detail = detail
        self.retry_after = retry_after
