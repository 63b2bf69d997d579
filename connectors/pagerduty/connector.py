"""The PagerDuty connector: what else is open, and which changes were announced around the onset."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from connectors import noted
from connectors.address import COMMON, plain
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Observation, Subject
from connectors.http import open_api
from connectors.noted import Noted, Open
from connectors.pagerduty.client import ACCEPT, PUBLIC, Announced, PagerDuty


class PagerDutyConnector:
    """One PagerDuty account in one environment."""

    name = "pagerduty"

    def __init__(self, client: PagerDuty) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Open incidents and changes."""
        return (
            Check("open_incidents", "Which other incidents are open?", partial(self._incidents, inquiry)),
            Check("change_events", "Which changes were announced around the onset?", partial(self._changes, inquiry)),
        )

    def tools(self) -> Sequence[Tool]:
        """None: the checks read all there is."""
        return ()

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: titles are no names."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether incidents may be read."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _incidents(self, inquiry: Inquiry) -> Observation:
        found, query = await self._client.open_incidents(*noted.span(inquiry))
        if not found:
            return Observation(searched=f"no incident is open: {query}")
        rows = [
            Open(str(one.number), one.at, one.status, one.urgency, one.service, one.title, one.link) for one in found
        ]
        return noted.still_open(self.name, "open_incidents", rows, "incidents are open in PagerDuty", query)

    async def _changes(self, inquiry: Inquiry) -> Observation:
        found, query = await self._client.changes(*noted.span(inquiry))
        return noted.told(self.name, "change_events", [_row(one) for one in found], inquiry, query)


def _row(one: Announced) -> Noted:
    about = f" [{', '.join(filter(None, one.services))}]" if any(one.services) else ""
    return Noted(one.id, one.at, f"{' '.join(one.what.split())}{about}", one.source, one.link)


@reads(*COMMON, "api_key")
def open_connector(settings: ConnectorSettings) -> PagerDutyConnector | None:
    """The connector of these settings; None without an `api_key` (or a `url`).

    Options: `api_key` (a read-only REST key), and those of `connectors.http` (`url` for the EU region).
    """
    key = plain(settings.options.get("api_key"))
    if not key and not settings.options.get("url"):
        return None
    headers = {"Accept": ACCEPT, **({"Authorization": f"Token token={key}"} if key else {})}
    api = open_api(PagerDutyConnector.name, settings, url=PUBLIC, headers=headers)
    return PagerDutyConnector(PagerDuty(api)) if api else None
