"""How Loki is asked: its paths, its nanoseconds, and what its answers look like."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from connectors.contract import ConnectorError, Health
from connectors.evidence import Series
from connectors.http import HttpApi
from connectors.log_reading import Line

_API = "/loki/api/v1"
_BY = ("pod", "k8s_pod_name", "container", "service_name", "app")


class Lines(NamedTuple):
    """Lines, oldest first, the exact query, and whether the limit cut them off."""

    lines: tuple[Line, ...]
    query: str
    cut: bool


class Loki:
    """Read-only calls to one Loki (or Grafana Enterprise Logs); a tenant is a header (`X-Scope-OrgID`)."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def labels(self, start: datetime, end: datetime) -> tuple[str, ...]:
        """The labels that streams of this range carry."""
        return await self._names(f"{_API}/labels", start, end, "logcli labels")

    async def label_values(self, label: str, start: datetime, end: datetime) -> tuple[str, ...]:
        """The values of a label in this range."""
        return await self._names(f"{_API}/label/{quote(label, safe='')}/values", start, end, f"logcli labels {label}")

    async def lines(self, query: str, start: datetime, end: datetime, limit: int, *, latest: bool = False) -> Lines:
        """Lines of a log query: the first ones of the range, or the latest."""
        asked = command(query, start, end, limit, latest=latest)
        data = await self._range(query, start, end, {"limit": limit, "direction": _direction(latest)}, asked)
        found = sorted(_lines(data, asked), key=lambda line: line.at)
        return Lines(tuple(found), asked, len(found) >= limit)

    async def series(self, query: str, start: datetime, end: datetime, step: int, unit: str = "") -> list[Series]:
        """A metric query over time."""
        asked = f"{command(query, start, end)} --step={step}s"
        return _series(await self._range(query, start, end, {"step": step}, asked), unit, asked)

    async def health(self) -> Health:
        """Whether labels can be listed, which is what everything else begins with."""
        return await self._api.health("loki labels", f"{_API}/labels", "CHATOPS_CONNECTORS__LOKI__URL")

    def link(self, query: str, start: datetime, end: datetime) -> str:
        """Grafana's Explore with this query, where `external_url` is a Grafana; empty otherwise."""
        options = self._api.options
        if options.external_url == options.url:
            return ""
        pane = {
            "datasource": "loki",
            "queries": [{"refId": "A", "expr": query}],
            "range": {"from": str(int(start.timestamp() * 1000)), "to": str(int(end.timestamp() * 1000))},
        }
        return f"{options.external_url}/explore?left={quote(json.dumps(pane, separators=(',', ':')))}"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _names(self, path: str, start: datetime, end: datetime, query: str) -> tuple[str, ...]:
        answer = await self._api.get(path, _between(start, end), query=query)
        found = answer.get("data") if isinstance(answer, dict) else None
        # An empty Loki leaves `data` out.
        if not isinstance(answer, dict) or not isinstance(found, list | None):
            raise ConnectorError("garbage", query, "the answer is no list of names")
        return tuple(sorted(map(str, found or ())))

    async def _range(
        self, query: str, start: datetime, end: datetime, more: Mapping[str, str | int], asked: str
    ) -> Mapping[str, Any]:
        params = {"query": query, **_between(start, end), **more}
        answer = await self._api.get(f"{_API}/query_range", params, query=asked)
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, dict) or not isinstance(data.get("result"), list):
            raise ConnectorError("garbage", asked, "the answer has no result")
        return data


def command(query: str, start: datetime, end: datetime, limit: int = 0, *, latest: bool = False) -> str:
    """The same question on the command line."""
    words = ["logcli", "query", query, f"--from={start:%Y-%m-%dT%H:%M:%SZ}", f"--to={end:%Y-%m-%dT%H:%M:%SZ}"]
    words += [f"--limit={limit}"] if limit else []
    words += ["--forward"] if limit and not latest else []
    return shlex.join(words)


def _direction(latest: bool) -> str:
    return "backward" if latest else "forward"


def _between(start: datetime, end: datetime) -> dict[str, str | int]:
    return {"start": int(start.timestamp() * 1e9), "end": int(end.timestamp() * 1e9)}


def _lines(data: Mapping[str, Any], query: str) -> Sequence[Line]:
    if data.get("resultType") != "streams":
        raise ConnectorError("rejected", query, "this query yields numbers and no lines")
    try:
        return [
            Line(datetime.fromtimestamp(int(entry[0]) / 1e9, UTC), str(entry[1]), _writer(one["stream"]))
            for one in data["result"]
            for entry in one["values"]
        ]
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as wrong:
        raise ConnectorError("garbage", query, f"a stream of another shape: {wrong!r}") from wrong


def _writer(labels: Mapping[str, str]) -> str:
    return next((str(labels[name]) for name in _BY if labels.get(name)), "")


def _series(data: Mapping[str, Any], unit: str, query: str) -> list[Series]:
    if data.get("resultType") != "matrix":
        raise ConnectorError("rejected", query, "this query yields lines and no numbers")
    try:
        return [
            Series(
                name=", ".join(f"{k}={v}" for k, v in sorted(one["metric"].items())) or "lines",
                unit=unit,
                labels=one["metric"],
                points=tuple((float(t), float(v)) for t, v in one["values"]),
            )
            for one in data["result"]
        ]
    except (KeyError, TypeError, ValueError) as wrong:
        raise ConnectorError("garbage", query, f"a series of another shape: {wrong!r}") from wrong
