"""Any JSON: `webhooks.generic` says where in the payload each field of an alert is, by dotted path."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any

from chatops.domain.alert import Alert
from chatops.settings import WebhookSettings
from chatops.webhooks import payload
from chatops.webhooks.payload import BadPayload, Delivery, Source

_RESOLVED = frozenset({"resolved", "ok", "closed", "recovered", "recovery", "normal", "up", "false", "0"})


def _parse(delivery: Delivery, settings: WebhookSettings) -> tuple[Alert, ...]:
    mapping = settings.generic
    if "name" not in mapping:
        raise BadPayload(
            "map the fields first: webhooks.generic needs at least 'name' (a dotted path into the payload)"
        )
    rows = payload.at(delivery.document, mapping["alerts"]) if "alerts" in mapping else [delivery.document]
    if not isinstance(rows, list) or not 1 <= len(rows) <= 10_000:
        raise BadPayload(f"there is no list of alerts at '{mapping.get('alerts')}' (webhooks.generic.alerts)")
    return tuple(_alert(row, dict(mapping), delivery.now) for row in rows)


def _alert(row: Any, mapping: dict[str, str], now: datetime) -> Alert:
    def field(name: str) -> str:
        value = payload.at(row, mapping[name]) if name in mapping else None
        return "" if value is None else str(value)

    name = field("name")
    if not name:
        raise BadPayload(f"the payload has nothing at '{mapping['name']}' (webhooks.generic.name)")
    labels = payload.at(row, mapping["labels"]) if "labels" in mapping else {}
    found = payload.text_labels(labels if isinstance(labels, dict) else {})
    found |= {key.removeprefix("label_"): field(key) for key in mapping if key.startswith("label_") and field(key)}
    resolved = field("status").lower() in _RESOLVED
    identity = field("fingerprint") or "\0".join([name, *(f"{key}={value}" for key, value in sorted(found.items()))])
    return Alert(
        fingerprint=payload.fingerprint("generic", identity),
        source="generic",
        name=name[:200],
        status="resolved" if resolved else "firing",
        severity=payload.severity(field("severity")),
        summary=field("summary")[:1_000],
        labels=found,
        starts_at=_moment(field("starts_at"), now),
        ends_at=now if resolved else None,
        runbook_url=field("runbook_url")[:1_000],
        link=field("link")[:4_000],
        group_key=field("group_key")[:1_000],
    )


def _moment(text: str, now: datetime) -> datetime:
    """ISO 8601, or Unix time in seconds or milliseconds; now where it is neither."""
    with contextlib.suppress(ValueError):
        return payload.from_unix(float(text)) or now
    try:
        return payload.utc(datetime.fromisoformat(text), now)
    except ValueError:
        return now


GENERIC = Source("generic", _parse)
