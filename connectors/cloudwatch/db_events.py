"""What does RDS itself report about these databases?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.events import Event, utc
from connectors.cloudwatch.targets import Target
from connectors.contract import Window
from connectors.evidence import Subject
from connectors.together import every

KINDS = {"rds": "db-instance", "aurora": "db-cluster"}
"""Our services and RDS' names for their sources."""
MARGIN = timedelta(hours=1)
"""Before the window: a cause may have happened a little earlier."""


async def read(aws: Aws, targets: Sequence[Target], window: Window) -> list[Event]:
    """Events of these databases and clusters in and shortly before the window."""
    calls = [partial(_of, aws, target, window) for target in targets if target.service.key in KINDS]
    return [event for events in await every(calls) for event in events]


async def _of(aws: Aws, target: Target, window: Window) -> list[Event]:
    pages = await aws.pages(
        "rds", "DescribeEvents", "Events", most=2,
        SourceIdentifier=target.name, SourceType=KINDS[target.service.key],
        StartTime=window.start - MARGIN, EndTime=window.end,
    )  # fmt: skip
    found = []
    for raw in pages.items:
        at, name = utc(raw.get("Date")), str(raw.get("SourceIdentifier") or target.name)
        if at is not None:
            subject = Subject(kind=target.service.kind, name=name)
            text, kinds = str(raw.get("Message") or ""), tuple(raw.get("EventCategories") or ())
            found.append(Event(at, subject, text, "RDS", pages.query, kinds=kinds))
    return found
