"""How is Elasticsearch (or OpenSearch) asked? By `_search` and nothing else, over the indices of the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from connectors.contract import Health
from connectors.elasticsearch import searches
from connectors.http import HttpApi, shaped
from connectors.log_reading import Line

INDICES = "logs-*,filebeat-*,logstash-*,fluent*,kubernetes-*"
"""What shippers name their indices unless somebody chose otherwise."""


@dataclass(frozen=True)
class Layout:
    """Where logs lie: indices, the field of the time, and fields of the scope that are named unusually."""

    index: str = INDICES
    time: str = "@timestamp"
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Layout:
        """From the connector's section of the settings."""
        index = str(options.get("index") or INDICES)
        if "/" in index or index.startswith("_"):
            raise ValueError(f"index: {index!r} is no list of indices")
        return cls(index, str(options.get("time_field") or "@timestamp"), dict(options.get("fields") or {}))


class Lines(NamedTuple):
    """Lines, oldest first, the exact query, whether there are more, and what the servers could not do."""

    lines: tuple[Line, ...]
    query: str
    cut: bool
    partial: str = ""


class Elasticsearch:
    """Read-only searches. All raise `ConnectorError`."""

    def __init__(self, api: HttpApi, layout: Layout | None = None) -> None:
        self.layout = layout or Layout()
        self._api = api

    async def lines(self, body: searches.Body) -> Lines:
        """Documents as lines."""
        answer, query = await self._search(body)
        found = shaped(answer, query, lambda a: [self._line(hit["_source"]) for hit in a["hits"]["hits"]])
        ordered = tuple(sorted(found, key=lambda line: line.at))
        return Lines(ordered, query, len(found) >= body["size"], _incomplete(answer))

    async def counts(
        self, body: searches.Body, names: tuple[str, ...]
    ) -> tuple[dict[str, list[tuple[float, float]]], str]:
        """Documents over time: `""` is all of them; by name those that pass a filter."""
        answer, query = await self._search(body)

        def read(a: Any) -> dict[str, list[tuple[float, float]]]:
            buckets = a["aggregations"]["over_time"]["buckets"]
            series = {"": [(one["key"] / 1000, float(one["doc_count"])) for one in buckets]}
            for name in names:
                series[name] = [(one["key"] / 1000, float(one[name]["doc_count"])) for one in buckets]
            return series

        return shaped(answer, query, read), query

    async def health(self) -> Health:
        """Whether the indices can be searched."""
        return await self._api.health(
            "elasticsearch _search", self._path, "CHATOPS_CONNECTORS__ELASTICSEARCH__URL", {"size": 0, **_LENIENT}
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    @property
    def _path(self) -> str:
        return f"/{quote(self.layout.index, safe='*,-')}/_search"

    async def _search(self, body: searches.Body) -> tuple[Any, str]:
        query = f"POST {self._path} {json.dumps(body, separators=(',', ':'))}"
        answer = await self._api.post(self._path, body, _LENIENT, query=query)
        return answer, query

    def _line(self, source: Mapping[str, Any]) -> Line:
        said = next((text for name in searches.MESSAGES if (text := _value(source, name))), "")
        by = next((text for name in searches.BY if (text := _value(source, name))), "")
        return Line(_time(_value(source, self.layout.time)), said, by)


_LENIENT: Mapping[str, str] = {"ignore_unavailable": "true", "allow_no_indices": "true"}
"""Indices that do not exist are no mistake: the default names those of several shippers."""


def _value(source: Mapping[str, Any], dotted: str) -> str:
    """A field, whether the document nests it or writes its name with dots."""
    if dotted in source:
        return str(source[dotted])
    found: Any = source
    for name in dotted.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return "" if found is None or isinstance(found, Mapping) else str(found)


def _time(text: str) -> datetime:
    """ISO 8601, or milliseconds since 1970."""
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text) / 1000, UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _incomplete(answer: Mapping[str, Any]) -> str:
    """What the answer says of itself: late, stopped early, or without some shards."""
    failed = (answer.get("_shards") or {}).get("failed") or 0
    notes = ["the time was up" if answer.get("timed_out") else "", f"{failed} shards failed" if failed else ""]
    notes.append("not everything was looked at" if answer.get("terminated_early") else "")
    return "; ".join(note for note in notes if note)
