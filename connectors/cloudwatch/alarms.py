"""Which alarms are in ALARM, since when, and which of them are about the scope?

An alarm is context: it says what suffers and when that was noticed. What it brings to the search for a
cause is the time of its state change, the dimensions it watches and the threshold somebody chose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from connectors.cloudwatch.client import Aws
from connectors.cloudwatch.targets import Target, from_dimensions, unique
from connectors.contract import Window

_CHILD = re.compile(r"""ALARM\(\s*["']?([^"')]+)["']?\s*\)""", re.IGNORECASE)


_AT_ONCE = timedelta(minutes=15)
_FEW = 3
_ANY_ALARM = frozenset(
    word
    for line in (
        "alarm alert prod production stage staging global error errors latency high low count rate usage percent",
        "memory queue database table function service cluster instance target targetgroup loadbalancer connection",
        "request response health healthy unhealthy status check free space storage throttle throttled age",
    )
    for word in line.split()
)


class Alarm(NamedTuple):
    """One alarm. `since` is its last state change; a composite has `children` and no metric."""

    name: str
    state: str
    since: datetime | None
    reason: str
    namespace: str = ""
    metric: str = ""
    dimensions: Mapping[str, str] = {}
    threshold: float | None = None
    comparison: str = ""
    children: tuple[str, ...] = ()
    description: str = ""

    @property
    def targets(self) -> list[Target]:
        """The resources it watches."""
        return from_dimensions(self.dimensions, self.namespace) if self.dimensions else []


class Transition(NamedTuple):
    """A state change out of an alarm's history."""

    alarm: str
    at: datetime
    summary: str


class Alarms(NamedTuple):
    """What is in ALARM, and the query that said so."""

    alarms: tuple[Alarm, ...]
    query: str
    more: bool = False


async def in_alarm(aws: Aws, names: Sequence[str] = ()) -> Alarms:
    """All alarms in ALARM, or those with these names in whatever state."""
    chosen: dict[str, Any] = {"AlarmNames": list(names)[:100]} if names else {"StateValue": "ALARM"}
    found: list[Alarm] = []
    more, query, token = False, "", ""
    for _ in range(3):
        request = {**chosen, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100}
        query = query or aws.query("cloudwatch", "DescribeAlarms", request)
        answer = await aws.call("cloudwatch", "DescribeAlarms", **request, **({"NextToken": token} if token else {}))
        found += [_metric_alarm(raw) for raw in answer.get("MetricAlarms") or ()]
        found += [_composite(raw) for raw in answer.get("CompositeAlarms") or ()]
        token, more = str(answer.get("NextToken") or ""), bool(answer.get("NextToken"))
        if not more:
            break
    return Alarms(tuple(found), query, more)


def _metric_alarm(raw: Mapping[str, Any]) -> Alarm:
    metric = raw
    if not raw.get("MetricName"):
        # Metric math: the dimensions are in the first metric of the expression.
        stats = [q["MetricStat"]["Metric"] for q in raw.get("Metrics") or () if q.get("MetricStat")]
        metric = stats[0] if stats else {}
    return Alarm(
        name=str(raw.get("AlarmName")),
        state=str(raw.get("StateValue")),
        since=_utc(raw.get("StateTransitionedTimestamp") or raw.get("StateUpdatedTimestamp")),
        reason=str(raw.get("StateReason") or ""),
        namespace=str(metric.get("Namespace") or ""),
        metric=str(metric.get("MetricName") or ""),
        dimensions={d["Name"]: d["Value"] for d in metric.get("Dimensions") or ()},
        threshold=raw.get("Threshold"),
        comparison=str(raw.get("ComparisonOperator") or ""),
        description=str(raw.get("AlarmDescription") or ""),
    )


def _composite(raw: Mapping[str, Any]) -> Alarm:
    return Alarm(
        name=str(raw.get("AlarmName")),
        state=str(raw.get("StateValue")),
        since=_utc(raw.get("StateTransitionedTimestamp") or raw.get("StateUpdatedTimestamp")),
        reason=str(raw.get("StateReason") or ""),
        children=children(str(raw.get("AlarmRule") or "")),
        description=str(raw.get("AlarmDescription") or ""),
    )


def children(rule: str) -> tuple[str, ...]:
    """The alarms a composite's rule asks for; an ARN is reduced to its alarm's name."""
    return tuple(dict.fromkeys(name.strip().split(":alarm:")[-1] for name in _CHILD.findall(rule)))


async def history(aws: Aws, window: Window) -> list[Transition]:
    """State changes within the window, oldest first."""
    pages = await aws.pages(
        "cloudwatch", "DescribeAlarmHistory", "AlarmHistoryItems", most=2,
        HistoryItemType="StateUpdate", StartDate=window.start - timedelta(hours=2), EndDate=window.end,
        ScanBy="TimestampDescending", MaxRecords=100,
    )  # fmt: skip
    found = [
        Transition(str(item.get("AlarmName")), at, str(item.get("HistorySummary") or ""))
        for item in pages.items
        if (at := _utc(item.get("Timestamp"))) is not None
    ]
    return sorted(found, key=lambda one: one.at)


def about(
    alarms: Iterable[Alarm], targets: Sequence[Target], names: Sequence[str], alerts: Sequence[str]
) -> list[Alarm]:
    """The alarms of the scope: those that fired, watch its resources, or are called like it; and composites' children.

    Where the scope names nothing at all every alarm is about it.
    """
    every = list(alarms)
    if not targets and not names and not alerts:
        return every
    known = {value.lower() for target in targets for _, value in target.dimensions}
    direct = [alarm for alarm in every if _concerns(alarm, known, names, alerts)]
    inherited = {child for alarm in direct for child in alarm.children}
    parents = {a.name for a in every if set(a.children) & {d.name for d in direct}}
    chosen = {alarm.name for alarm in direct} | inherited | parents
    return [alarm for alarm in every if alarm.name in chosen]


def _concerns(alarm: Alarm, known: set[str], names: Sequence[str], alerts: Sequence[str]) -> bool:
    if alarm.name in alerts or known & {value.lower() for value in alarm.dimensions.values()}:
        return True
    texts = [alarm.name.lower(), *(value.lower() for value in alarm.dimensions.values())]
    return any(re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) for name in names for text in texts)


def beside(
    alarms: Sequence[Alarm], chosen: Sequence[Alarm], names: Sequence[str], onset: datetime | None
) -> list[Alarm]:
    """Alarms of others that went off at the same time: those with a name in common, or all where they are few.

    What makes the scope suffer is seldom called like it; two or three alarms at once are seldom chance. So a
    workload that fails leads to the database that went into alarm with it.
    """
    began = onset or min((alarm.since for alarm in chosen if alarm.since), default=None)
    if began is None:
        return []
    same = [
        alarm
        for alarm in alarms
        if alarm not in chosen and alarm.state == "ALARM" and alarm.since and abs(alarm.since - began) <= _AT_ONCE
    ]
    if len(same) <= _FEW:
        return same
    ours = {word for alarm in chosen for word in _words(alarm)} | {_stem(name) for name in names}
    return [alarm for alarm in same if ours & _words(alarm)][:_FEW]


def _words(alarm: Alarm) -> set[str]:
    """What an alarm and its resource are called, without the words that any alarm has."""
    said = " ".join((alarm.name, *alarm.dimensions.values())).lower()
    return {_stem(word) for word in re.findall(r"[a-z][a-z0-9]{3,}", said)} - _ANY_ALARM


def _stem(word: str) -> str:
    return word.lower().removesuffix("s")


def watched(alarms: Iterable[Alarm]) -> list[Target]:
    """The resources that these alarms watch."""
    return unique(target for alarm in alarms for target in alarm.targets)


def _utc(at: Any) -> datetime | None:
    return at.astimezone(UTC) if isinstance(at, datetime) else None
