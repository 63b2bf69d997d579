"""What do an incident and alerts become together? Pure: news or repeat, bounded, re-opened, resolved, flapping."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chatops.domain.alert import Alert
from chatops.domain.incident import Incident, worst

KEPT = 200
"""Alerts that an incident keeps; how many more fire is counted only."""
_TITLE = 150


def is_news(known: Alert | None, alert: Alert) -> bool:
    """A repeat of what is known is no news: same status, and for a firing one the same start."""
    if known is None:
        return alert.status == "firing"
    return known.status != alert.status or (alert.status == "firing" and alert.starts_at > known.starts_at)


def held_by(incident: Incident, alerts: Sequence[Alert]) -> tuple[list[Alert], list[Alert]]:
    """Split alerts into those the incident keeps, as far as it has room, and those it only counts."""
    known = {alert.fingerprint for alert in incident.alerts}
    room = KEPT - len(known)
    kept: list[Alert] = []
    counted: list[Alert] = []
    for alert in alerts:
        if alert.fingerprint not in known and room > 0 and alert.status == "firing":
            room -= 1
            known.add(alert.fingerprint)
        (kept if alert.fingerprint in known else counted).append(alert)
    return kept, counted


def with_alerts(incident: Incident, alerts: Sequence[Alert], now: datetime, more: int = 0) -> Incident:
    """Return the incident with newer versions of its alerts, re-opened or resolved as they say.

    `more` alerts that it does not keep fire beside them.
    """
    merged = {alert.fingerprint: alert for alert in incident.alerts}
    merged |= {alert.fingerprint: _ended(merged.get(alert.fingerprint), alert) for alert in alerts}
    firing = more > 0 or any(alert.status == "firing" for alert in merged.values())
    told = [alert.severity for alert in merged.values() if alert.status == "firing" or not firing]
    update: dict[str, Any] = {
        "alerts": tuple(merged.values()),
        "severity": worst(told) if told else incident.severity,
        "more_alerts": more,
    }
    if not firing:
        update |= {"status": "resolved", "resolved_at": incident.resolved_at or now}
    elif incident.status == "resolved":
        update |= {"status": "open", "resolved_at": None, "refires": incident.refires + 1}
    return incident.model_copy(update=update)


def _ended(known: Alert | None, alert: Alert) -> Alert:
    """The alert; one that resolves began when it fired: most sources tell with its end only when that was."""
    if known is None or alert.status == "firing" or known.starts_at >= alert.starts_at:
        return alert
    return alert.model_copy(update={"starts_at": known.starts_at})


def damped(incident: Incident, limit: int) -> Incident:
    """An incident that was re-opened too often is open without a new investigation."""
    if incident.status != "open" or incident.refires < limit:
        return incident
    told = f"Flapping, fired again {incident.refires} times: not looked into again until it has been quiet"
    return incident.model_copy(update={"status": "answered", "held": told})


def common_labels(alerts: Sequence[Alert]) -> dict[str, str]:
    """The labels that all of them have with the same value."""
    first, *rest = (dict(alert.labels) for alert in alerts)
    return {label: value for label, value in first.items() if all(other.get(label) == value for other in rest)}


def title(alerts: Sequence[Alert]) -> str:
    """What the incident is called: the first alert, and how many others."""
    names = list(dict.fromkeys(alert.name for alert in alerts))
    first = next((alert.summary for alert in alerts if alert.summary), "")
    told = names[0] if first in ("", names[0]) else f"{names[0]}: {first}"
    return (told if len(names) == 1 else f"{told} (+{len(names) - 1} other alerts)")[:_TITLE]


def news_line(alerts: Sequence[Alert]) -> str:
    """One line for the incident's record."""
    told = [_named(status, [alert.name for alert in alerts if alert.status == status]) for status in _STATUS]
    return "; ".join(line for line in told if line)


_STATUS = ("firing", "resolved")


def _named(status: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"{status}: {', '.join(names[:10])}{more}" if names else ""
