"""The Opsgenie connector: what else is open.

`GET /v2/alerts` with the query `status:open`, the newest first; fields as in Opsgenie's own OpenAPI description.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors import moments, noted
from connectors.address import COMMON, plain
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Observation, Subject
from connectors.http import HttpApi, open_api
from connectors.noted import Open

PUBLIC = "https://api.opsgenie.com"
_PATH = "/v2/alerts"
_MANY = 100


class OpsgenieConnector:
    """One Opsgenie account in one environment."""

    name = "opsgenie"

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Open alerts."""
        return (Check("open_alerts", "Which other alerts are open?", partial(self._open, inquiry)),)

    def tools(self) -> Sequence[Tool]:
        """None: the check reads all there is."""
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: messages are no names."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether alerts may be read."""
        return [await self._api.health(self.name, _PATH, "CHATOPS_CONNECTORS__OPSGENIE__API_KEY", {"limit": 1})]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _open(self, inquiry: Inquiry) -> Observation:
        params: dict[str, str | int] = {"query": "status:open", "sort": "createdAt", "order": "desc", "limit": _MANY}
        found, query = await self._api.read(_PATH, params, lambda answer: [_alert(row) for row in answer["data"]])
        start, end = noted.span(inquiry)
        recent = [one for one in found if start <= one.at <= end]
        older = sum(one.at < start for one in found)
        left = f"{older} more are open since before {start:%Y-%m-%d %H:%M} UTC" if older else ""
        if not recent:
            return Observation(searched=f"no alert was opened {start:%H:%M}–{end:%H:%M} UTC and is open: {query}")
        told = noted.still_open(self.name, "open_alerts", recent, "alerts are open in Opsgenie", query)
        return told.model_copy(update={"partial": left})


def _alert(row: Mapping[str, Any]) -> Open:
    status = "acknowledged" if row.get("acknowledged") else str(row.get("status") or "open")
    return Open(
        str(row.get("tinyId") or row["id"]),
        moments.read(str(row["createdAt"])),
        "snoozed" if row.get("snoozed") else status,
        str(row.get("priority") or ""),
        str(row.get("source") or ""),
        str(row.get("message") or ""),
    )


@reads(*COMMON, "api_key")
def open_connector(settings: ConnectorSettings) -> OpsgenieConnector | None:
    """The connector of these settings; None without an `api_key` (or a `url`).

    Options: `api_key` (read-only), and those of `connectors.http` (`url` for the EU region).
    """
    key = plain(settings.options.get("api_key"))
    if not key and not settings.options.get("url"):
        return None
    headers = {"Authorization": f"GenieKey {key}"} if key else {}
    api = open_api(OpsgenieConnector.name, settings, url=PUBLIC, headers=headers)
    return OpsgenieConnector(api) if api else None
