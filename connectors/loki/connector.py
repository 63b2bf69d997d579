"""The Loki connector: its checks, its tools, and whether it is well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.evidence import Subject
from connectors.http import open_api
from connectors.loki import checks, tools
from connectors.loki.checks import Search
from connectors.loki.client import Loki


class LokiConnector:
    """One Loki in one environment."""

    name = "loki"

    def __init__(self, client: Loki, labels: Mapping[str, str] | None = None) -> None:
        self._client = client
        self._labels = dict(labels or {})

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """All checks, sharing what they ask."""
        return checks.bound(self._search(inquiry))

    def tools(self) -> Sequence[Tool]:
        """LogQL, and the labels to write it with."""
        return tools.table(self._search)

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: who logs is named by the cluster, and stream labels are not its objects."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether labels can be read."""
        return [await self._client.health()]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _search(self, inquiry: Inquiry) -> Search:
        return Search(self._client, inquiry, self._labels)


@reads(*COMMON, "labels")
def open_connector(settings: ConnectorSettings) -> LokiConnector | None:
    """The connector of these settings; None without a `url`.

    Options: those of `connectors.http` (`url`, `token`, `username`, `password`, `headers`, `verify`, `ca`,
    `timeout`, `external_url`: a Grafana, for links), and `labels`: field of the scope → label of the streams,
    where collectors name them unusually.
    """
    api = open_api(LokiConnector.name, settings, keep=("labels",))
    return LokiConnector(Loki(api), settings.options.get("labels")) if api else None
