"""Did a cache fail over, lose a node or restart? ElastiCache's own events, of clusters and of the groups they form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.events import Event, evidence, newest, utc
from connectors.cloudwatch.states.state import judged, near_onset
from connectors.cloudwatch.targets import Target
from connectors.cloudwatch.wording import clock
from connectors.contract import ConnectorError, Window
from connectors.evidence import Finding, Observation
from connectors.together import every

_SHOWN = 12
_CACHES = 3
_GROUP = re.compile(r"(.+?)(?:-\d{4})?-\d{3}")
"""Nodes of a replication group are named after it."""
_DOWN = re.compile(r"failover|recovering cache nodes?|finished recovery|restarted|shutdown|rebooted", re.IGNORECASE)
_TESTED = re.compile(r"test failover api called", re.IGNORECASE)


async def events_of(aws: Aws, caches: Sequence[Target], window: Window) -> Observation:
    """What ElastiCache reports of these caches; a node that went away near the onset is the cause."""
    calls = [
        partial(_events, aws, cache, kind, name, window)
        for cache in caches[:_CACHES]
        for kind, name in _sources(cache.name)
    ]
    found = newest([event for events in await every(calls) for event in events], _SHOWN)
    return Observation(
        evidence=tuple(evidence(one, "cache events") for one in found),
        findings=tuple(_lost(found, window)),
        searched=f"events of {', '.join(cache.name for cache in caches)}",
    )


def _sources(name: str) -> list[tuple[str, str]]:
    group = _GROUP.fullmatch(name)
    return [("cache-cluster", name), *([("replication-group", group[1])] if group else [])]


async def _events(aws: Aws, cache: Target, kind: str, name: str, window: Window) -> list[Event]:
    try:
        pages = await aws.pages(
            "elasticache", "DescribeEvents", "Events", most=1, SourceIdentifier=name, SourceType=kind,
            StartTime=window.start - timedelta(hours=1), EndTime=window.end,
        )  # fmt: skip
    except ConnectorError as error:
        # That a node is named like one of a group does not mean that there is one.
        if kind == "replication-group" and error.kind in ("not_found", "rejected"):
            return []
        raise
    return [
        Event(at, cache.subject, str(raw.get("Message") or ""), "ElastiCache", pages.query)
        for raw in pages.items
        if (at := utc(raw.get("Date")))
    ]


def _lost(events: Sequence[Event], window: Window) -> list[Finding]:
    down = [one for one in events if one.says(_DOWN) and near_onset(one.at, window)]
    if not down:
        return []
    first, tested = down[0], any(one.says(_TESTED) for one in events)
    said = "; ".join(dict.fromkeys(f"{one.text} at {clock(one.at)}" for one in down[:3]))
    why = ", asked for by a person" if tested else ""
    about = evidence(first, "cache events")
    found = judged(
        "DatabaseFailover", about, f"{first.subject.spoken} lost a node or failed over{why}: {said}", 0.78,
        onset=first.at, rule="CacheEvents",
    )  # fmt: skip
    return [found.model_copy(update={"rests_on": tuple(one.key for one in down)})]
