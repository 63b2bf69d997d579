"""What do a database's sessions wait for, and which SQL makes them? Performance Insights, where it is on.

Shares are what counts: whether the load is CPU, I/O, locks, log writes or idle clients tells causes
apart that look the same in CloudWatch's metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from statistics import fmean
from typing import Any, NamedTuple

from connectors.changes import Point
from connectors.cloudwatch.client import Aws
from connectors.contract import ConnectorError
from connectors.together import outcomes


class Wait(NamedTuple):
    """Sessions that waited for one thing, on average; `kind` is the group (CPU, IO, Lock, Client …)."""

    name: str
    kind: str
    sessions: float


class Statement(NamedTuple):
    """One SQL digest and its load."""

    text: str
    sessions: float


class Load(NamedTuple):
    """A database's load: waits and statements, the heaviest first, and average active sessions over time."""

    waits: tuple[Wait, ...] = ()
    statements: tuple[Statement, ...] = ()
    sessions: tuple[Point, ...] = ()
    query: str = ""
    partial: str = ""

    @property
    def total(self) -> float:
        """All sessions of the waits."""
        return sum(wait.sessions for wait in self.waits)

    def share(self, *kinds: str) -> float:
        """The part of the load that waits for things whose group or name begins like one of these."""
        chosen = [w for w in self.waits if any(_is(w, kind) for kind in kinds)]
        return sum(wait.sessions for wait in chosen) / self.total if self.total else 0.0

    @property
    def top(self) -> Statement | None:
        """The heaviest statement."""
        return self.statements[0] if self.statements else None

    @property
    def dominance(self) -> float:
        """The heaviest statement's part of all statements' load."""
        total = sum(one.sessions for one in self.statements)
        return self.statements[0].sessions / total if total else 0.0


def _is(wait: Wait, kind: str) -> bool:
    return wait.kind.lower() == kind.lower() or wait.name.lower().startswith(kind.lower())


async def read(aws: Aws, resource_id: str, start: datetime, end: datetime) -> Load:
    """The load of a database; raises where neither waits nor statements could be read."""
    period = 60 if (end - start).total_seconds() <= 3 * 3600 else 300
    common: dict[str, Any] = {"ServiceType": "RDS", "Identifier": resource_id, "StartTime": start, "EndTime": end}
    waits: dict[str, Any] = {
        **common,
        "PeriodInSeconds": period,
        "MetricQueries": [
            {"Metric": "db.load.avg"},
            {"Metric": "db.load.avg", "GroupBy": {"Group": "db.wait_event", "Limit": 10}},
        ],
    }
    sql: dict[str, Any] = {**common, "PeriodInSeconds": period, "Metric": "db.load.avg",
           "GroupBy": {"Group": "db.sql_tokenized", "Limit": 5}}  # fmt: skip
    metrics, keys = await outcomes(
        [
            partial(aws.call, "pi", "GetResourceMetrics", **waits),
            partial(aws.call, "pi", "DescribeDimensionKeys", **sql),
        ]
    )
    if isinstance(metrics, ConnectorError) and isinstance(keys, ConnectorError):
        raise metrics
    partial_text = "; ".join(one.brief for one in (metrics, keys) if isinstance(one, ConnectorError))
    rows = [] if isinstance(metrics, ConnectorError) else metrics.get("MetricList") or []
    statements = [] if isinstance(keys, ConnectorError) else keys.get("Keys") or []
    return Load(
        waits=_waits(rows),
        statements=_statements(statements),
        sessions=next((_points(row) for row in rows if not _dimensions(row)), ()),
        query=aws.query("pi", "GetResourceMetrics", waits),
        partial=partial_text,
    )


def _dimensions(row: Mapping[str, Any]) -> Mapping[str, str]:
    return (row.get("Key") or {}).get("Dimensions") or {}


def _points(row: Mapping[str, Any]) -> tuple[Point, ...]:
    points = [(p["Timestamp"].timestamp(), p.get("Value")) for p in row.get("DataPoints") or () if "Timestamp" in p]
    return tuple((at, float(value)) for at, value in points if value is not None)


def _waits(rows: Iterable[Mapping[str, Any]]) -> tuple[Wait, ...]:
    found = []
    for row in rows:
        dimensions, points = _dimensions(row), _points(row)
        name = dimensions.get("db.wait_event.name", "")
        if name and points:
            kind = dimensions.get("db.wait_event.type") or name.split(":")[0]
            found.append(Wait(name, kind, fmean(v for _, v in points)))
    return tuple(sorted(found, key=lambda wait: -wait.sessions))


def _statements(rows: Iterable[Mapping[str, Any]]) -> tuple[Statement, ...]:
    found = []
    for row in rows:
        dimensions = row.get("Dimensions") or {}
        text = dimensions.get("db.sql_tokenized.statement") or dimensions.get("db.sql.statement") or ""
        if text:
            found.append(Statement(" ".join(str(text).split()), float(row.get("Total") or 0)))
    return tuple(sorted(found, key=lambda one: -one.sessions))
