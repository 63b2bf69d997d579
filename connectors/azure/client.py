"""How is Azure asked? Activity log, resource health and metrics of a subscription, and what the answers look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote

from connectors import moments
from connectors.contract import Health
from connectors.evidence import Series
from connectors.http import HttpApi, shaped

T = TypeVar("T")
_ACTIVITY = "2015-04-01"
_HEALTH = "2025-05-01"
_METRICS = "2023-10-01"
_PAGES = 3


class Activity(NamedTuple):
    """An entry of the activity log: an operation on a resource, by whom, and how it stands."""

    id: str
    at: datetime
    category: str
    operation: str
    what: str
    resource: str
    by: str
    status: str
    message: str
    correlation: str


class Availability(NamedTuple):
    """What Azure itself says of a resource's health."""

    resource: str
    state: str
    title: str
    summary: str
    reason: str
    since: datetime | None


class Azure:
    """Read-only calls about one subscription. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi, subscription: str) -> None:
        self._api = api
        self.subscription = subscription

    async def activities(self, start: datetime, end: datetime, group: str = "") -> tuple[list[Activity], bool, str]:
        """The activity log of this range, of one resource group where one is given; whether there is more."""
        words = f"eventTimestamp ge '{moments.written(start)}' and eventTimestamp le '{moments.written(end)}'"
        words += f" and resourceGroupName eq '{group}'" if group else ""
        path = f"/subscriptions/{self.subscription}/providers/Microsoft.Insights/eventtypes/management/values"
        said = f"GET {path}?api-version={_ACTIVITY}&$filter={words}"
        return *await self._pages(path, {"api-version": _ACTIVITY, "$filter": words}, said, _activity), said

    async def unavailable(self) -> tuple[list[Availability], int, bool, str]:
        """Resources that Azure says are not available, of how many it knows; whether there are more."""
        path = f"/subscriptions/{self.subscription}/providers/Microsoft.ResourceHealth/availabilityStatuses"
        said = f"GET {path}?api-version={_HEALTH}"
        found, more = await self._pages(path, {"api-version": _HEALTH}, said, _availability)
        return [one for one in found if one.state in ("Unavailable", "Degraded")], len(found), more, said

    async def _pages(
        self, path: str, params: Mapping[str, str], said: str, row: Callable[[Mapping[str, Any]], T]
    ) -> tuple[list[T], bool]:
        """The rows of a list, a few pages of it; whether there are more."""
        rows: list[T] = []
        asked: dict[str, str | int] = dict(params)
        for _ in range(_PAGES):
            answer = await self._api.get(path, asked, query=said)
            rows += shaped(answer, said, lambda body: [row(one) for one in body["value"]])
            skip = _skip_token(answer)
            if not skip:
                return rows, False
            asked = {**params, "$skipToken": skip}
        return rows, True

    async def metrics(
        self, resource: str, names: str, aggregation: str, start: datetime, end: datetime
    ) -> tuple[list[Series], str]:
        """A resource's metrics, a point a minute."""
        path = f"{resource}/providers/Microsoft.Insights/metrics"
        params: dict[str, str | int] = {
            "api-version": _METRICS,
            "metricnames": names,
            "aggregation": aggregation,
            "interval": "PT1M",
            "timespan": f"{moments.written(start)}/{moments.written(end)}",
        }
        said = f"az monitor metrics list --resource {resource} --metrics {names} --aggregation {aggregation}"
        answer = await self._api.get(path, params, query=said)
        return shaped(answer, said, lambda body: [_series(row, aggregation) for row in body["value"]]), said

    async def health(self) -> list[Health]:
        """Whether the subscription may be read."""
        path = f"/subscriptions/{self.subscription}"
        setting = "CHATOPS_CONNECTORS__AZURE__SUBSCRIPTION and the identity's role (Reader)"
        return [await self._api.health("azure", path, setting, {"api-version": "2022-12-01"})]

    @staticmethod
    def link(resource: str) -> str:
        """Where people see a resource."""
        return f"https://portal.azure.com/#resource{resource}" if resource.startswith("/") else ""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


def _skip_token(answer: Any) -> str:
    """The token of the next page: its link is not followed, it might lead elsewhere."""
    link = str(answer.get("nextLink") or "") if isinstance(answer, dict) else ""
    for name in ("$skipToken=", "%24skipToken=", "$skiptoken="):
        if name in link:
            return unquote(link.partition(name)[2].partition("&")[0])
    return ""


def _activity(row: Mapping[str, Any]) -> Activity:
    operation, about = row.get("operationName") or {}, row.get("properties") or {}
    return Activity(
        str(row.get("eventDataId") or row["id"]),
        moments.read(row["eventTimestamp"]),
        str((row.get("category") or {}).get("value") or ""),
        str(operation.get("value") or ""),
        str(operation.get("localizedValue") or operation.get("value") or ""),
        str(row.get("resourceId") or ""),
        str(row.get("caller") or ""),
        str((row.get("status") or {}).get("value") or ""),
        str(about.get("statusMessage") or about.get("title") or about.get("cause") or row.get("description") or ""),
        str(row.get("correlationId") or ""),
    )


def _availability(row: Mapping[str, Any]) -> Availability:
    about = row["properties"]
    since = about.get("occuredTime") or about.get("occurredTime")  # the API's own spelling, and the right one
    return Availability(
        str(row["id"]).partition("/providers/Microsoft.ResourceHealth")[0],
        str(about["availabilityState"]),
        str(about.get("title") or ""),
        str(about.get("summary") or ""),
        str(about.get("reasonType") or ""),
        moments.read(since) if since else None,
    )


def _series(row: Mapping[str, Any], aggregation: str) -> Series:
    field = aggregation.lower()
    points = tuple(
        (moments.read(point["timeStamp"]).timestamp(), float(point[field]))
        for part in (row.get("timeseries") or ())[:1]
        for point in part["data"]
        if point.get(field) is not None
    )
    return Series(name=str(row["name"]["value"]), unit=str(row.get("unit") or ""), points=points)
