"""Which source a payload is from, for files that people hand in: the source whose form it has."""

from __future__ import annotations

from datetime import datetime

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks import payload
from chatops.webhooks.payload import BadPayload, Delivery
from chatops.webhooks.sources import SOURCES


def read_alerts(raw: bytes, now: datetime, settings: WebhookSettings | None = None) -> tuple[str, tuple[Alert, ...]]:
    """Return the source and the alerts of a payload; `BadPayload` says what the sources missed in it that come near."""
    try:
        document = payload.parsed(raw)
    except (ValueError, RecursionError) as error:
        raise BadPayload("not JSON") from error
    if isinstance(document, dict) and isinstance(document.get("body"), dict) and "headers" in document:
        document = document["body"]  # a recorded request: its body is the payload
    problems: list[BadPayload] = []
    for source in SOURCES.values():
        try:
            delivery = Delivery({}, document, raw, now)
            return source.name, source.parse(delivery, settings or WebhookSettings())
        except BadPayload as error:
            problems.append(error)
    # A document that has a source's own fields, and something else wrong in them, is meant for that source.
    near = [error for error in problems if error.near] or problems
    raise BadPayload(f"no source has this form ({'; '.join(map(str, near))})")
