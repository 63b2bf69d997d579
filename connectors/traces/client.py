"""How are Jaeger, Tempo and Zipkin asked? Three dialects of the same four questions."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from connectors.contract import ConnectorError, Health
from connectors.http import HttpApi
from connectors.together import every
from connectors.traces import formats
from connectors.traces.spans import Trace

_TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}")
_TEMPO_SEARCH = "/api/search"


class Traces(NamedTuple):
    """Traces, exactly what was asked, and whether the limit was reached."""

    traces: tuple[Trace, ...]
    query: str
    cut: bool


class Backend(Protocol):
    """A store of traces. All raise `ConnectorError`."""

    name: str
    sample: int
    """How many traces one question may bring."""

    async def services(self, start: datetime, end: datetime) -> tuple[str, ...]:
        """The services that have traces."""
        ...

    async def traces(
        self, service: str, start: datetime, end: datetime, limit: int, *, failed: bool, slower: float = 0.0
    ) -> Traces:
        """Traces that a service takes part in: any, those with errors, or those that took `slower` seconds."""
        ...

    async def trace(self, identity: str) -> Trace:
        """One trace."""
        ...

    async def calls(self, start: datetime, end: datetime) -> tuple[tuple[str, str], ...]:
        """Caller and callee, as the store has counted them; empty where it does not."""
        ...

    async def health(self) -> Health:
        """Whether services can be listed. Never raises."""
        ...

    def link(self, identity: str) -> str:
        """Where people see a trace."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class _Dialect:
    """What the three have in common."""

    name = ""
    sample = 40
    services_path = ""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def health(self) -> Health:
        """Whether services can be listed."""
        setting = f"CHATOPS_CONNECTORS__{self.name.upper()}__URL"
        return await self._api.health(f"{self.name} services", self.services_path, setting)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()


class Jaeger(_Dialect):
    """Jaeger's query service (and what speaks its API: VictoriaTraces, OpenSearch)."""

    name = "jaeger"
    services_path = "/api/services"

    async def services(self, start: datetime, end: datetime) -> tuple[str, ...]:
        """The services that Jaeger knows."""
        return (await self._api.read(self.services_path, {}, lambda a: _names(a["data"] or [])))[0]

    async def traces(
        self, service: str, start: datetime, end: datetime, limit: int, *, failed: bool, slower: float = 0.0
    ) -> Traces:
        """Traces by service; errors by their tag."""
        params: dict[str, str | int] = {"service": service, "start": _us(start), "end": _us(end), "limit": limit}
        params |= {"tags": '{"error":"true"}'} if failed else {}
        params |= {"minDuration": f"{round(slower * 1000)}ms"} if slower else {}
        found, query = await self._api.read("/api/traces", params, lambda a: formats.jaeger(a["data"] or ()))
        return Traces(tuple(found), query, len(found) >= limit)

    async def trace(self, identity: str) -> Trace:
        """One trace."""
        path = f"/api/traces/{checked(identity)}"
        return (await self._api.read(path, {}, lambda a: formats.jaeger(a["data"])[0] if a["data"] else []))[0]

    async def calls(self, start: datetime, end: datetime) -> tuple[tuple[str, str], ...]:
        """Jaeger's dependencies; without its Spark job on some storages there are none."""
        params: dict[str, str | int] = {"endTs": _ms(end), "lookback": _ms(end) - _ms(start)}
        return (await self._api.read("/api/dependencies", params, lambda a: _pairs(a["data"] or ())))[0]

    def link(self, identity: str) -> str:
        """Jaeger's own page."""
        return f"{self._api.options.external_url}/trace/{identity}"


class Tempo(_Dialect):
    """Grafana Tempo: searching gives ids, each trace is fetched by itself."""

    name = "tempo"
    sample = 12
    services_path = "/api/search/tag/service.name/values"

    async def services(self, start: datetime, end: datetime) -> tuple[str, ...]:
        """The values of service.name."""
        return (await self._api.read(self.services_path, {}, lambda a: _names(a.get("tagValues") or [])))[0]

    async def traces(
        self, service: str, start: datetime, end: datetime, limit: int, *, failed: bool, slower: float = 0.0
    ) -> Traces:
        """Traces by TraceQL."""
        conditions = [f"resource.service.name = {_quoted(service)}"]
        conditions += ["status = error"] if failed else []
        conditions += [f"duration > {round(slower * 1000)}ms"] if slower else []
        q = "{ " + " && ".join(conditions) + " }"
        params: dict[str, str | int] = {
            "q": q, "start": int(start.timestamp()), "end": int(end.timestamp()), "limit": limit
        }  # fmt: skip
        ids, query = await self._api.read(_TEMPO_SEARCH, params, _tempo_ids)
        found = await every([partial(self.trace, identity) for identity in ids[:limit]])
        return Traces(tuple(one for one in found if one), query, len(ids) >= limit)

    async def trace(self, identity: str) -> Trace:
        """One trace."""
        path = f"/api/traces/{checked(identity)}"
        return (await self._api.read(path, {}, lambda a: formats.otlp(a, identity)))[0]

    async def calls(self, start: datetime, end: datetime) -> tuple[tuple[str, str], ...]:
        """Tempo counts calls into Prometheus, not here."""
        return ()

    def link(self, identity: str) -> str:
        """Grafana's Explore, where `external_url` is a Grafana; else nothing that people could read."""
        options = self._api.options
        if options.external_url == options.url:
            return ""
        pane = f'{{"datasource":"tempo","queries":[{{"refId":"A","queryType":"traceql","query":"{identity}"}}]}}'
        return f"{options.external_url}/explore?left={quote(pane)}"


class Zipkin(_Dialect):
    """Zipkin's API, version 2."""

    name = "zipkin"
    services_path = "/api/v2/services"

    async def services(self, start: datetime, end: datetime) -> tuple[str, ...]:
        """The services that Zipkin knows."""
        return (await self._api.read(self.services_path, {}, _names))[0]

    async def traces(
        self, service: str, start: datetime, end: datetime, limit: int, *, failed: bool, slower: float = 0.0
    ) -> Traces:
        """Traces by service; errors by their tag."""
        params: dict[str, str | int] = {
            "serviceName": service, "endTs": _ms(end), "lookback": _ms(end) - _ms(start), "limit": limit
        }  # fmt: skip
        params |= {"annotationQuery": "error"} if failed else {}
        params |= {"minDuration": round(slower * 1e6)} if slower else {}
        found, query = await self._api.read("/api/v2/traces", params, formats.zipkin)
        return Traces(tuple(found), query, len(found) >= limit)

    async def trace(self, identity: str) -> Trace:
        """One trace."""
        return (await self._api.read(f"/api/v2/trace/{checked(identity)}", {}, lambda a: formats.zipkin([a])[0]))[0]

    async def calls(self, start: datetime, end: datetime) -> tuple[tuple[str, str], ...]:
        """Zipkin's dependencies."""
        params: dict[str, str | int] = {"endTs": _ms(end), "lookback": _ms(end) - _ms(start)}
        return (await self._api.read("/api/v2/dependencies", params, _pairs))[0]

    def link(self, identity: str) -> str:
        """Zipkin's own page."""
        return f"{self._api.options.external_url}/zipkin/traces/{identity}"


def checked(identity: str) -> str:
    """A trace id, which goes into a path."""
    if not _TRACE_ID.fullmatch(identity):
        raise ConnectorError("rejected", identity[:80], "not the id of a trace")
    return identity


def _names(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise TypeError("no list of names")
    return tuple(map(str, found))


def _tempo_ids(answer: Any) -> list[str]:
    return [str(one["traceID"]) for one in answer.get("traces") or ()]


def _pairs(rows: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(row["parent"]), str(row["child"])) for row in rows)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _us(at: datetime) -> int:
    return int(at.timestamp() * 1e6)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1e3)
