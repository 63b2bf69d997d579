"""What does a warning event say? About what, why, how often, from when to when."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from connectors.kubernetes import objects as o
from connectors.kubernetes.objects import Json


class Event(NamedTuple):
    """A warning event, with its times as times."""

    kind: str
    namespace: str
    object: str
    reason: str
    message: str
    times: int
    first: datetime | None
    last: datetime | None

    @property
    def subject(self) -> tuple[str, str, str]:
        """What it is about."""
        return self.kind, self.namespace, self.object


def parse_event(one: Json) -> Event:
    """A core/v1 event; series and old fields both carry times and counts."""
    about = one.get("involvedObject") or {}
    series = one.get("series") or {}
    first = o.when(one.get("firstTimestamp")) or o.when(one.get("eventTime")) or o.created(one)
    return Event(
        str(about.get("kind") or ""),
        # Nodes have no namespace, whatever who reports of them writes.
        "" if about.get("kind") == "Node" else str(about.get("namespace") or ""),
        str(about.get("name") or ""),
        str(one.get("reason") or ""),
        str(one.get("message") or ""),
        int(series.get("count") or one.get("count") or 1),
        first,
        o.when(series.get("lastObservedTime")) or o.when(one.get("lastTimestamp")) or first,
    )
