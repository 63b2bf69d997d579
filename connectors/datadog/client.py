"""How is Datadog asked? Monitors, events, logs and metrics, and what the answers look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from connectors import moments
from connectors.contract import ConnectorError, Health
from connectors.evidence import Series
from connectors.http import HttpApi, shaped
from connectors.log_reading import Line

MOST = 500
"""Lines of one search."""


class Monitor(NamedTuple):
    """A monitor that is not well, and since when."""

    id: int
    name: str
    state: str
    since: datetime | None
    query: str
    tags: tuple[str, ...]


class Event(NamedTuple):
    """An event of the event explorer."""

    id: str
    at: datetime
    title: str
    message: str
    source: str
    category: str
    tags: tuple[str, ...]


class Datadog:
    """Read-only calls. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi, app: str) -> None:
        self._api = api
        self._app = app

    async def monitors(self, words: str) -> tuple[list[Monitor], str]:
        """Monitors that alert, warn or lack data, of these tags."""
        query = " ".join(filter(None, ('status:(alert OR warn OR "no data")', words)))
        params: dict[str, str | int] = {"query": query, "per_page": 100}
        said = f"GET /api/v1/monitor/search?{urlencode(params)}"
        answer = await self._api.get("/api/v1/monitor/search", params, query=said)
        return shaped(answer, said, lambda found: [_monitor(row) for row in found["monitors"]]), said

    async def events(self, words: str, start: datetime, end: datetime) -> tuple[list[Event], str]:
        """Events of these tags in this range, the latest first."""
        answer, said = await self._search("/api/v2/events/search", words, start, end, 200)
        return shaped(answer, said, lambda found: [_event(row) for row in found["data"]]), said

    async def logs(self, words: str, start: datetime, end: datetime, limit: int) -> tuple[list[Line], bool, str]:
        """Log lines that match, the latest first; whether there are more; the exact query."""
        answer, said = await self._search("/api/v2/logs/events/search", words, start, end, min(limit, MOST))
        lines = shaped(answer, said, lambda found: [_line(row) for row in found["data"]])
        return lines, len(lines) >= min(limit, MOST), said

    async def series(self, query: str, start: datetime, end: datetime) -> tuple[list[Series], str]:
        """A metric query's series."""
        params: dict[str, str | int] = {"from": int(start.timestamp()), "to": int(end.timestamp()), "query": query}
        said = f"GET /api/v1/query?{urlencode(params)}"
        answer = await self._api.get("/api/v1/query", params, query=said)
        if isinstance(answer, dict) and answer.get("status") == "error":
            raise ConnectorError("rejected", said, str(answer.get("error") or "the query was refused"))
        return shaped(answer, said, lambda found: [_series(row) for row in found["series"]]), said

    async def health(self) -> list[Health]:
        """Whether the key is good, and whether monitors may be read (the first needs no application key)."""
        key = "CHATOPS_CONNECTORS__DATADOG__API_KEY"
        valid = await self._api.health("datadog", "/api/v1/validate", key)
        if not valid.ok:
            return [valid]
        setting = "CHATOPS_CONNECTORS__DATADOG__APP_KEY"
        return [valid, await self._api.health("datadog monitors", "/api/v1/monitor/search", setting, {"per_page": 1})]

    def monitor_link(self, monitor: Monitor) -> str:
        """Where people see it."""
        return f"{self._app}/monitors/{monitor.id}"

    def logs_link(self, words: str, start: datetime, end: datetime) -> str:
        """The log explorer with the same question."""
        span = {"from_ts": int(start.timestamp() * 1000), "to_ts": int(end.timestamp() * 1000), "live": "false"}
        return f"{self._app}/logs?{urlencode({'query': words, **span})}"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _search(self, path: str, words: str, start: datetime, end: datetime, limit: int) -> tuple[Any, str]:
        body = {
            "filter": {"query": words, "from": start.isoformat(), "to": end.isoformat()},
            "sort": "-timestamp",
            "page": {"limit": limit},
        }
        said = f"POST {path} {words!r} from {moments.written(start)} to {moments.written(end)}"
        return await self._api.post(path, body, query=said), said


def _monitor(row: Mapping[str, Any]) -> Monitor:
    since = row.get("last_triggered_ts")
    return Monitor(
        int(row["id"]),
        str(row["name"]),
        str(row["status"]),
        datetime.fromtimestamp(since, UTC) if since else None,
        str(row.get("query") or ""),
        tuple(map(str, row.get("tags") or ())),
    )


def _event(row: Mapping[str, Any]) -> Event:
    about = row["attributes"]
    inner = about.get("attributes") or {}
    return Event(
        str(row["id"]),
        _time(about["timestamp"]),
        str(inner.get("title") or ""),
        str(about.get("message") or ""),
        str((inner.get("evt") or {}).get("source") or inner.get("source_type_name") or ""),
        str((inner.get("evt") or {}).get("category") or inner.get("category") or ""),
        tuple(map(str, about.get("tags") or ())),
    )


def _line(row: Mapping[str, Any]) -> Line:
    about = row["attributes"]
    return Line(_time(about["timestamp"]), str(about.get("message") or ""), str(about.get("service") or ""))


def _series(row: Mapping[str, Any]) -> Series:
    unit = next((str(one["name"]) for one in row.get("unit") or () if one), "")
    points = tuple((at / 1000, float(value)) for at, value in row["pointlist"] if value is not None)
    return Series(name=str(row.get("expression") or row["metric"]), unit=unit, points=points)


def _time(value: Any) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC)
    return moments.read(str(value))
