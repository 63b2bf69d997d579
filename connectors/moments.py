"""How do APIs write a moment? ISO 8601 in UTC, with a Z: read and written in one place."""

from __future__ import annotations

from datetime import UTC, datetime


def read(text: str) -> datetime:
    """The moment in UTC; ValueError where the text is none. A text without a zone is taken as UTC."""
    moment = datetime.fromisoformat(text)  # nanoseconds too: what Python does not know of them is cut
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def written(at: datetime) -> str:
    """The moment as queries take it: `2026-03-01T12:00:00Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
