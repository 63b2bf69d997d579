"""How is PagerDuty asked? Open incidents and change events, and what the answers look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from connectors import moments
from connectors.contract import Health
from connectors.http import HttpApi

PUBLIC = "https://api.pagerduty.com"
ACCEPT = "application/vnd.pagerduty+json;version=2"
_MANY = "100"


class Incident(NamedTuple):
    """An incident that is not resolved."""

    number: int
    at: datetime
    title: str
    status: str
    urgency: str
    service: str
    link: str


class Announced(NamedTuple):
    """A change event: what some pipeline told PagerDuty."""

    id: str
    at: datetime
    what: str
    source: str
    services: tuple[str, ...]
    link: str


class PagerDuty:
    """Read-only calls. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def open_incidents(self, start: datetime, end: datetime) -> tuple[list[Incident], str]:
        """Incidents of this range that are triggered or acknowledged."""
        params = [("statuses[]", "triggered"), ("statuses[]", "acknowledged"), *_range(start, end)]
        return await self._api.read("/incidents", params, lambda found: [_incident(row) for row in found["incidents"]])

    async def changes(self, start: datetime, end: datetime) -> tuple[list[Announced], str]:
        """Change events of this range."""
        return await self._api.read(
            "/change_events", _range(start, end), lambda found: [_announced(row) for row in found["change_events"]]
        )

    async def health(self) -> list[Health]:
        """Whether incidents may be read."""
        setting = "CHATOPS_CONNECTORS__PAGERDUTY__API_KEY"
        return [await self._api.health("pagerduty", "/incidents", setting, {"limit": 1})]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def _range(start: datetime, end: datetime) -> list[tuple[str, str]]:
    return [("since", moments.written(start)), ("until", moments.written(end)), ("limit", _MANY)]


def _incident(row: Mapping[str, Any]) -> Incident:
    return Incident(
        int(row["incident_number"]),
        moments.read(row["created_at"]),
        str(row.get("title") or ""),
        str(row["status"]),
        str(row.get("urgency") or ""),
        str((row.get("service") or {}).get("summary") or ""),
        str(row.get("html_url") or ""),
    )


def _announced(row: Mapping[str, Any]) -> Announced:
    links = [str(one.get("href") or "") for one in row.get("links") or ()]
    services = tuple(str(one.get("summary") or "") for one in row.get("services") or ())
    return Announced(
        str(row["id"]),
        moments.read(row["timestamp"]),
        str(row["summary"]),
        str(row.get("source") or ""),
        services,
        next((one for one in links if one.startswith("https://")), ""),
    )
