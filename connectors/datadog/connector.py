"""The Datadog connector: monitors that alert, changes around the onset, error lines, and somebody's own queries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from connectors import log_reading, noted
from connectors.address import COMMON, plain
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.datadog.client import MOST, Datadog, Event, Monitor
from connectors.evidence import Evidence, Observation, ResourceState, SeriesSet, Subject
from connectors.http import open_api
from connectors.log_reading import Source
from connectors.noted import Noted
from connectors.together import every

TAGS: Mapping[str, str] = {
    "cluster": "kube_cluster_name",
    "namespace": "kube_namespace",
    "workload": "kube_deployment",
    "service": "service",
}
"""Field of the scope → tag that the Datadog agent sets."""
_CHANGES = re.compile(
    r"deploy|release|roll(?:ed |ing )?(?:out|back)|rollback|upgrad|migrat|config|flag|scal(?:e|ing)|restart"
    r"|failover|terraform|helm|argo|version|canary",
    re.IGNORECASE,
)
_SHOWN = 30
_SERIES = 10
_QUERY = 1000


class DatadogConnector:
    """One Datadog organisation in one environment."""

    name = "datadog"

    def __init__(self, client: Datadog, tags: Mapping[str, str]) -> None:
        self._client = client
        self._tags = tags

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Monitors, changes, errors."""
        return (
            Check("monitors", "Which monitors of the scope are not well?", partial(self._monitors, inquiry)),
            Check("changes", "Which changes do events tell around the onset?", partial(self._changes, inquiry)),
            Check("log_errors", "What do the logs say since the onset that they did not say before?",
                  partial(self._errors, inquiry)),
        )  # fmt: skip

    def tools(self) -> Sequence[Tool]:
        """Metrics and logs by a query of the persona's own."""
        query = {"type": "string", "maxLength": _QUERY}
        return (
            Tool(
                "datadog_metric",
                "A Datadog metric query over the incident's window and half an hour before "
                "(`avg:trace.http.request.errors{service:cart}.as_rate()`).",
                {"type": "object", "properties": {"query": query}, "required": ["query"],
                 "additionalProperties": False},
                self._metric,
            ),
            Tool(
                "datadog_logs",
                "Search Datadog's logs over the incident's window (`service:cart status:error`); answers with patterns "
                "of lines before and after the onset. Stays in the incident's namespace unless `anywhere`.",
                {"type": "object", "properties": {"query": query, "anywhere": {"type": "boolean"}},
                 "required": ["query"], "additionalProperties": False},
                self._search,
            ),
        )  # fmt: skip

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: tags name no objects."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether both keys are good."""
        return await self._client.health()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _monitors(self, inquiry: Inquiry) -> Observation:
        words = self._of(inquiry.scope, "namespace", "cluster")
        found, query = await self._client.monitors(words)
        if not found:
            return Observation(searched=f"no monitor alerts: {query}")
        rows = tuple(map(_monitor_row, found[:_SHOWN]))
        item = Evidence(
            key=f"{self.name}/monitors/{words}",
            source=self.name,
            check="monitors",
            title=f"{len(found)} Datadog monitors are not well",
            summary="; ".join(f"{row[0]} ({row[1]} since {row[2] or 'unknown'})" for row in rows[:5]),
            onset=min((one.since for one in found if one.since), default=None),
            query=query,
            link=self._client.monitor_link(found[0]),
            body=ResourceState(columns=("monitor", "state", "since", "query"), rows=rows,
                               omitted=max(0, len(found) - _SHOWN)),
            untrusted=True,
        )  # fmt: skip
        return Observation(evidence=(item,))

    async def _changes(self, inquiry: Inquiry) -> Observation:
        start, end = noted.span(inquiry)
        found, query = await self._client.events(self._of(inquiry.scope, "cluster") or "*", start, end)
        rows = [_row(one) for one in found if one.category == "change" or _CHANGES.search(one.title)]
        return noted.told(self.name, "changes", rows, inquiry, query)

    async def _errors(self, inquiry: Inquiry) -> Observation:
        words = self._of(inquiry.scope)
        if not words:
            return Observation(searched="the scope names nothing that logs are tagged with")
        asked = f"{words} status:(error OR critical OR alert OR emergency)"
        ranges = log_reading.ranges(inquiry)
        parts = await every([partial(self._client.logs, asked, *between, MOST) for between in ranges])
        lines = [line for found, _, _ in parts for line in found]
        source = self._source(inquiry, parts[-1][2], asked)
        cut = any(more for _, more, _ in parts)
        return log_reading.errors(lines, log_reading.claimed_onset(inquiry), source, cut=cut)

    async def _metric(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        text = str(arguments["query"])[:_QUERY]
        start = log_reading.ranges(inquiry)[0][0]
        found, query = await self._client.series(text, start, inquiry.window.end)
        drawn = [one for one in found if one.points]
        if not drawn:
            return Observation(searched=f"no series: {query}")
        told = "; ".join(f"{one.name}: last {one.points[-1][1]:g} {one.unit}".rstrip() for one in drawn[:4])
        item = Evidence(
            key=f"{self.name}/metric/{sha256(text.encode()).hexdigest()[:12]}",
            source=self.name,
            check="query",
            title=text[:120],
            summary=f"{len(drawn)} series. {told}",
            query=query,
            body=SeriesSet(series=tuple(drawn[:_SERIES]), omitted=max(0, len(drawn) - _SERIES)),
            untrusted=True,
        )
        return Observation(evidence=(item,))

    async def _search(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        text, window = str(arguments["query"])[:_QUERY], inquiry.window
        within = "" if arguments.get("anywhere") else self._of(inquiry.scope, "namespace")
        asked = f"{within} ({text})" if within else text
        lines, cut, query = await self._client.logs(asked, window.start, window.end, MOST)
        key = sha256(asked.encode()).hexdigest()[:12]
        source = self._source(inquiry, query, asked)._replace(key=key)
        return log_reading.listed(lines, log_reading.claimed_onset(inquiry), source, text, cut=cut)

    def _of(self, scope: Scope, *fields: str) -> str:
        """The scope as tags; only these fields where some are given."""
        pairs = ((tag, str(getattr(scope, name))) for name, tag in self._tags.items() if not fields or name in fields)
        return " ".join(f"{tag}:{value}" for tag, value in pairs if value)

    def _source(self, inquiry: Inquiry, query: str, words: str) -> Source:
        scope, start = inquiry.scope, log_reading.ranges(inquiry)[0][0]
        about = log_reading.where((scope.namespace, scope.workload or scope.service))
        subject = Subject(kind="Deployment", namespace=scope.namespace, name=scope.workload) if scope.workload else None
        return Source(self.name, about, about, query, self._client.logs_link(words, start, inquiry.window.end), subject)


def _monitor_row(one: Monitor) -> tuple[str, ...]:
    return (one.name, one.state, f"{one.since:%Y-%m-%d %H:%M:%S}" if one.since else "", one.query[:200])


def _row(one: Event) -> Noted:
    tags = f" [{', '.join(one.tags[:8])}]" if one.tags else ""
    text = " ".join((one.title or one.message).split())
    return Noted(one.id, one.at, f"{text}{tags}", one.source)


@reads(*COMMON, "api_key", "app_key", "site", "tags")
def open_connector(settings: ConnectorSettings) -> DatadogConnector | None:
    """The connector of these settings; None without an `api_key` (or a `url`).

    Options: `api_key` and `app_key` (scopes `monitors_read`, `events_read`, `logs_read_data`, `timeseries_query`),
    `site` (`datadoghq.eu`, `us5.datadoghq.com` …), `tags`: field of the scope → tag, and those of `connectors.http`.
    """
    options = settings.options
    key, application = plain(options.get("api_key")), plain(options.get("app_key"))
    if not key and not options.get("url"):
        return None
    if key and not application:
        raise ValueError("app_key: monitors, events and logs need an application key beside the api_key")
    site = str(options.get("site") or "datadoghq.com")
    if "/" in site:
        raise ValueError(f"site: {site!r} is no host name such as datadoghq.eu")
    headers = {"DD-API-KEY": key, "DD-APPLICATION-KEY": application} if key else {}
    api = open_api(DatadogConnector.name, settings, ("site", "tags"), url=f"https://api.{site}", headers=headers)
    if api is None:
        return None
    app = str(options.get("external_url") or f"https://app.{site}").rstrip("/")
    tags = {**TAGS, **{str(name): str(tag) for name, tag in (options.get("tags") or {}).items()}}
    return DatadogConnector(Datadog(api, app), tags)
