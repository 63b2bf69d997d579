"""A shop's traces as spans, and how Jaeger, Tempo and Zipkin answer with them: web → cart → payments → redis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.traces.spans import Span, Trace
from tests.connectors.http_server import Request

ONSET = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
END = ONSET + timedelta(minutes=20)
SERVICES = ("cart", "payments", "web")


def request(number: int, at: datetime, *, redis: float = 0.004, refused: bool = False) -> Trace:
    """One request through the shop; `redis` is how long the last call takes, in seconds."""
    begin, name = at.timestamp(), f"{number:032x}"

    def span(i: int, service: str, kind: str, delay: float, extra: float, peer: str = "", said: str = "") -> Span:
        parent = f"{i - 1:016x}" if i > 1 else ""
        operation = {"web": "GET /cart", "cart": "GET /items", "payments": "Price"}[service]
        if kind == "client":
            operation = "GET" if peer == "redis" else f"call {peer}"
        return Span(
            name, f"{i:016x}", parent, service, operation, kind, begin + delay, redis + extra, refused, peer, said
        )

    message = "dial tcp 10.0.0.9:6379: connection refused" if refused else ""
    http = "HTTP 500" if refused else ""
    return [
        span(1, "web", "server", 0.0, 0.06, said=http),
        span(2, "web", "client", 0.01, 0.04, "cart", http),
        span(3, "cart", "server", 0.015, 0.03, said=http),
        span(4, "cart", "client", 0.02, 0.02, "payments", http),
        span(5, "payments", "server", 0.022, 0.01, said=http),
        span(6, "payments", "client", 0.025, 0.0, "redis", message),
    ]


def many(start: datetime, count: int, first: int, **how: Any) -> list[Trace]:
    """Requests half a minute apart."""
    return [request(first + i, start + timedelta(seconds=30 * i), **how) for i in range(count)]


@dataclass
class Store:
    """Traces, and the three APIs that serve them."""

    traces: list[Trace] = field(default_factory=list)

    def chosen(self, service: str, start: float, end: float, limit: int, *, failed: bool) -> list[Trace]:
        found = [t for t in self.traces if start <= t[0].start < end and any(s.service == service for s in t)]
        return [t for t in found if not failed or any(s.error for s in t)][:limit]

    def jaeger(self, asked: Request) -> Any:
        p = asked.params
        if asked.path == "/api/services":
            return {"data": list(SERVICES)}
        if asked.path == "/api/dependencies":
            return {"data": [{"parent": "web", "child": "cart", "callCount": 7}]}
        if asked.path.startswith("/api/traces/"):
            return {"data": [jaeger(t) for t in self.traces if t[0].trace == asked.path.rsplit("/", 1)[1]]}
        start, end = int(p["start"]) / 1e6, int(p["end"]) / 1e6
        found = self.chosen(p["service"], start, end, int(p["limit"]), failed="error" in p.get("tags", ""))
        return {"data": [jaeger(t) for t in found]}

    def tempo(self, asked: Request) -> Any:
        p = asked.params
        if asked.path == "/api/search/tag/service.name/values":
            return {"tagValues": list(SERVICES)}
        if asked.path == "/api/search":
            service = re.search(r'resource\.service\.name = "(\w+)"', p["q"])
            assert service
            failed = "status = error" in p["q"]
            found = self.chosen(service[1], int(p["start"]), int(p["end"]), int(p["limit"]), failed=failed)
            return {"traces": [{"traceID": t[0].trace} for t in found]}
        return next((otlp(t) for t in self.traces if asked.path.endswith(t[0].trace)), None)

    def zipkin(self, asked: Request) -> Any:
        p = asked.params
        if asked.path == "/api/v2/services":
            return list(SERVICES)
        if asked.path == "/api/v2/dependencies":
            return [{"parent": "web", "child": "cart", "callCount": 7}]
        if asked.path.startswith("/api/v2/trace/"):
            return next((zipkin(t) for t in self.traces if asked.path.endswith(t[0].trace)), None)
        end = int(p["endTs"]) / 1e3
        start = end - int(p["lookback"]) / 1e3
        found = self.chosen(p["serviceName"], start, end, int(p["limit"]), failed=p.get("annotationQuery") == "error")
        return [zipkin(t) for t in found]


def jaeger(trace: Trace) -> Any:
    def tags(span: Span) -> list[Any]:
        found: list[Any] = [{"key": "span.kind", "type": "string", "value": span.kind}]
        found += [{"key": "peer.service", "type": "string", "value": span.peer}] if span.peer else []
        return found + ([{"key": "error", "type": "bool", "value": True}] if span.error else [])

    spans = [
        {
            "traceID": s.trace, "spanID": s.id, "operationName": s.operation, "processID": f"p-{s.service}",
            "references": [{"refType": "CHILD_OF", "traceID": s.trace, "spanID": s.parent}] if s.parent else [],
            "startTime": round(s.start * 1e6), "duration": round(s.seconds * 1e6), "tags": tags(s),
            "logs": [{"timestamp": 1, "fields": [{"key": "message", "value": s.message}]}] if s.message else [],
        }
        for s in trace
    ]  # fmt: skip
    return {"traceID": trace[0].trace, "spans": spans,
            "processes": {f"p-{name}": {"serviceName": name, "tags": []} for name in SERVICES}}  # fmt: skip


def otlp(trace: Trace) -> Any:
    def text(key: str, value: str) -> Any:
        return {"key": key, "value": {"stringValue": value}}

    batches = []
    for service in SERVICES:
        spans = [
            {
                "traceId": "AAAA", "spanId": s.id, "parentSpanId": s.parent, "name": s.operation,
                "kind": f"SPAN_KIND_{s.kind.upper()}", "startTimeUnixNano": str(round(s.start * 1e9)),
                "endTimeUnixNano": str(round((s.start + s.seconds) * 1e9)),
                "attributes": [text("server.address", s.peer)] if s.peer else [],
                "status": {"code": "STATUS_CODE_ERROR", "message": s.message} if s.error else {},
            }
            for s in trace
            if s.service == service
        ]  # fmt: skip
        resource = {"attributes": [text("service.name", service)]}
        batches.append({"resource": resource, "scopeSpans": [{"spans": spans}]})
    return {"batches": batches}


def zipkin(trace: Trace) -> list[Any]:
    """Zipkin shares one id between the client's and the server's half of a call."""
    shared = {s.id: s.parent for s in trace if s.kind == "server" and s.parent}
    return [
        {
            "traceId": s.trace, "id": shared.get(s.id, s.id),
            **({"parentId": _zipkin_parent(s, trace, shared)} if _zipkin_parent(s, trace, shared) else {}),
            "name": s.operation.lower(), "kind": s.kind.upper(), "timestamp": round(s.start * 1e6),
            "duration": round(s.seconds * 1e6), "localEndpoint": {"serviceName": s.service},
            **({"remoteEndpoint": {"serviceName": s.peer}} if s.peer else {}),
            "tags": {"error": s.message or "true"} if s.error else {},
        }
        for s in trace
    ]  # fmt: skip


def _zipkin_parent(span: Span, trace: Sequence[Span], shared: dict[str, str]) -> str:
    parent = span.parent
    if span.kind == "server" and parent:
        parent = next(s.parent for s in trace if s.id == parent)
    return shared.get(parent, parent)
