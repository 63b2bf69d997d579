"""The Elasticsearch connector: error lines before and after the onset, their number, and somebody's own search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from connectors import log_reading
from connectors.address import COMMON
from connectors.contract import Check, ConnectorSettings, Health, Inquiry, Scope, Tool, reads
from connectors.elasticsearch import searches
from connectors.elasticsearch.client import Elasticsearch, Layout
from connectors.evidence import Observation, Series, Subject
from connectors.http import open_api
from connectors.log_reading import TROUBLE, Source
from connectors.together import every

_LINES = 500
_OWN = ("index", "time_field", "fields")
_QUERY = 1000
_TROUBLE = "trouble"


class ElasticsearchConnector:
    """One cluster's logs in one environment."""

    name = "elasticsearch"

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        """Errors and the amount of lines."""
        return (
            Check(
                "log_errors",
                "What do the logs say since the onset that they did not say before?",
                partial(self._errors, inquiry),
            ),
            Check(
                "log_volume",
                "Did the amount of log lines, or of errors among them, change?",
                partial(self._volume, inquiry),
            ),
        )

    def tools(self) -> Sequence[Tool]:
        """A search of the persona's own, kept within the incident's namespace."""
        return (
            Tool(
                "elasticsearch_search",
                "Search log documents in Elasticsearch over the incident's window, in Lucene's query syntax "
                '(`"connection refused" AND kubernetes.container_name:cart`); answers with patterns of lines before '
                "and after the onset. Stays in the incident's namespace unless `anywhere`.",
                {
                    "type": "object",
                    "properties": {
                        "query": {"type": "string", "maxLength": _QUERY},
                        "limit": {"type": "integer", "minimum": 1, "maximum": searches.MOST},
                        "anywhere": {"type": "boolean"},
                    },
                    "required": ["query"],
                    "additionalProperties": False,
                },
                self._own_search,
            ),
        )

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        """Nothing: documents name no objects."""
        return ()

    async def health(self) -> Sequence[Health]:
        """Whether the indices can be searched."""
        return [await self._client.health()]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _errors(self, inquiry: Inquiry) -> Observation:
        layout = self._client.layout
        filters = searches.of_scope(inquiry.scope, layout.fields)
        if not filters:
            return Observation(searched="the scope names nothing that log documents carry")
        ranges = log_reading.ranges(inquiry)
        bodies = [
            searches.lines(
                [*filters, searches.words(TROUBLE)], *between, layout.time, _LINES, latest=at < len(ranges) - 1
            )
            for at, between in enumerate(ranges)
        ]
        parts = await every([partial(self._client.lines, body) for body in bodies])
        found = [line for part in parts for line in part.lines]
        source = _source(inquiry, parts[-1].query)
        told = log_reading.errors(found, log_reading.claimed_onset(inquiry), source, cut=any(p.cut for p in parts))
        notes = [told.partial, *dict.fromkeys(part.partial for part in parts)]
        return told.model_copy(update={"partial": "; ".join(note for note in notes if note)})

    async def _volume(self, inquiry: Inquiry) -> Observation:
        layout = self._client.layout
        filters = searches.of_scope(inquiry.scope, layout.fields)
        if not filters:
            return Observation(searched="the scope names nothing that log documents carry")
        ranges = log_reading.ranges(inquiry)
        start, end = ranges[0][0], ranges[-1][1]
        step = log_reading.step(start, end)
        body = searches.histogram(filters, {_TROUBLE: searches.words(TROUBLE)}, start, end, layout.time, step)
        counts, query = await self._client.counts(body, (_TROUBLE,))
        series = [
            Series(name=name, unit=f"lines in {step} s", points=tuple(counts[key]))
            for key, name in (("", "lines"), (_TROUBLE, "lines of trouble"))
        ]
        return log_reading.volume(series, log_reading.claimed_onset(inquiry), _source(inquiry, query))

    async def _own_search(self, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        text, layout, window = str(arguments["query"])[:_QUERY], self._client.layout, inquiry.window
        scope = Scope() if arguments.get("anywhere") else Scope(namespace=inquiry.scope.namespace)
        filters = [*searches.of_scope(scope, layout.fields), searches.text(text)]
        limit = int(arguments.get("limit") or _LINES)
        body = searches.lines(filters, window.start, window.end, layout.time, limit, latest=True)
        found = await self._client.lines(body)
        source = _source(inquiry, found.query)._replace(key=sha256(found.query.encode()).hexdigest()[:12])
        told = log_reading.listed(found.lines, log_reading.claimed_onset(inquiry), source, text, cut=found.cut)
        return told.model_copy(update={"partial": "; ".join(note for note in (told.partial, found.partial) if note)})


def _source(inquiry: Inquiry, query: str) -> Source:
    scope = inquiry.scope
    about = log_reading.where((scope.namespace, scope.workload or scope.service or scope.pod or scope.node))
    subject = Subject(kind="Deployment", namespace=scope.namespace, name=scope.workload) if scope.workload else None
    return Source(ElasticsearchConnector.name, about, about, query, "", subject)


@reads(*COMMON, *_OWN)
def open_connector(settings: ConnectorSettings) -> ElasticsearchConnector | None:
    """The connector of these settings; None without a `url`.

    Options: those of `connectors.http`, `index` (a list with wildcards), `time_field`, and `fields`: field of the
    scope (`namespace`, `pod`, `workload`, `node`) → field of the documents, where shippers name them unusually.
    An API key goes into `headers` (`Authorization: ApiKey …`).
    """
    api = open_api(ElasticsearchConnector.name, settings, keep=_OWN)
    return ElasticsearchConnector(Elasticsearch(api, Layout.read(settings.options))) if api else None
