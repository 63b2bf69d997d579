"""How is Grafana asked? Annotations and the list of dashboards, and what the answers look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from connectors.contract import Health
from connectors.http import HttpApi


class Annotation(NamedTuple):
    """A note on the time line: a deploy, a flag, a test. `end` is None for a moment."""

    id: str
    at: datetime
    end: datetime | None
    text: str
    tags: tuple[str, ...]
    by: str
    dashboard: str


class Dashboard(NamedTuple):
    """A dashboard: its title, its folder, its tags and its address."""

    title: str
    folder: str
    tags: tuple[str, ...]
    link: str


class Grafana:
    """Read-only calls. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def annotations(
        self, start: datetime, end: datetime, limit: int, tags: tuple[str, ...] = ()
    ) -> tuple[list[Annotation], str]:
        """What people and pipelines noted in this range (not what alert rules did), and the exact query."""
        params: list[tuple[str, str]] = [("from", _ms(start)), ("to", _ms(end)), ("limit", str(limit))]
        params += [("type", "annotation"), *(("tags", tag) for tag in tags)]
        return await self._api.read("/api/annotations", params, lambda rows: [_annotation(row) for row in rows])

    async def dashboards(self, words: str, limit: int) -> tuple[list[Dashboard], str]:
        """Dashboards whose title contains this."""
        params = [("query", words), ("type", "dash-db"), ("limit", str(limit))]
        return await self._api.read("/api/search", params, lambda rows: [self._dashboard(row) for row in rows])

    async def health(self) -> list[Health]:
        """Whether it is there, and whether annotations may be read (the first needs no token)."""
        setting = "CHATOPS_CONNECTORS__GRAFANA__URL"
        there = await self._api.health("grafana", "/api/health", setting)
        if not there.ok:
            return [there]
        return [there, await self._api.health("grafana annotations", "/api/annotations", setting, {"limit": 1})]

    def link(self, annotation: Annotation) -> str:
        """The dashboard of an annotation around its time; empty where it belongs to none."""
        if not annotation.dashboard:
            return ""
        at = int(annotation.at.timestamp() * 1000)
        around = urlencode({"from": at - 1_800_000, "to": at + 1_800_000})
        return f"{self._api.options.external_url}/d/{annotation.dashboard}?{around}"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    def _dashboard(self, row: Mapping[str, Any]) -> Dashboard:
        tags = tuple(map(str, row.get("tags") or ()))
        return Dashboard(
            str(row["title"]), str(row.get("folderTitle") or ""), tags, f"{self._api.options.external_url}{row['url']}"
        )


def _annotation(row: Mapping[str, Any]) -> Annotation:
    at, end = _time(row["time"]), row.get("timeEnd")
    until = _time(end) if end and end != row["time"] else None
    tags = tuple(map(str, row.get("tags") or ()))
    by = str(row.get("login") or row.get("email") or "")
    return Annotation(
        str(row["id"]), at, until, str(row.get("text") or ""), tags, by, str(row.get("dashboardUID") or "")
    )


def _time(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _ms(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))
