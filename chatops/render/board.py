"""The message about what waits for its turn while many alerts come at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chatops.domain.conversation import Message
from chatops.domain.incident import Incident
from chatops.render import blocks, wording
from chatops.render.blocks import Part
from chatops.render.mrkdwn import lines, words

SHOWN = 10
_TITLE = 110


def waiting(count: int, first: Sequence[tuple[Incident, datetime]]) -> Message:
    """So many incidents wait; the first of them with severity, place and when their turn comes (UTC)."""
    said = f"{count:,} incidents wait for their turn" if count != 1 else "1 incident waits for its turn"
    rows = [_row(incident, due) for incident, due in first[:SHOWN]]
    more = count - len(rows)
    tail = "Severe alerts do not wait. Each gets its own message when its turn comes."
    parts = [
        Part(9, "head", [blocks.section(f"⏳ *{said}*")]),
        Part(8, "rows", [blocks.section(lines(rows))] if rows else []),
        Part(7, "tail", [blocks.context(f"and {more:,} more. {tail}" if more > 0 else tail)]),
    ]
    return blocks.message(said, parts)


def over(most: int) -> Message:
    """Nothing waits any more."""
    return blocks.saying(f"✅ Nothing waits any more: up to {most:,} incidents waited for their turn.")


def _row(incident: Incident, due: datetime) -> str:
    place = wording.where(incident)
    where = f" · {words(place, 60)}" if place else ""
    alerts = len(incident.firing) + incident.more_alerts
    count = f" · {alerts} alerts" if alerts > 1 else ""
    return f"• {due:%H:%M:%S} {incident.severity} · {words(incident.title, _TITLE)}{where}{count}"
