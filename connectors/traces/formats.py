"""How do Jaeger, OTLP (Tempo) and Zipkin write a trace down? Their JSON → spans. KeyError and the like is garbage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.traces.spans import Span, Trace

_PEERS = (
    "peer.service", "server.address", "net.peer.name", "db.system.name", "db.system", "messaging.system", "rpc.service",
    "peer.hostname", "peer.address", "http.host", "url.full", "http.url",
)  # fmt: skip
"""Attributes that say who was called, the most exact first."""
_MESSAGES = ("exception.message", "error.message", "otel.status_description", "error.object", "message", "event")
_STATUS = ("http.response.status_code", "http.status_code")


def jaeger(data: Iterable[Mapping[str, Any]]) -> list[Trace]:
    """The `data` of Jaeger's answer."""
    return [[_jaeger_span(span, trace["processes"]) for span in trace["spans"]] for trace in data]


def _jaeger_span(span: Mapping[str, Any], processes: Mapping[str, Any]) -> Span:
    tags = {str(tag["key"]): tag.get("value") for tag in span.get("tags") or ()}
    logged = {
        str(field["key"]): field.get("value") for log in span.get("logs") or () for field in log.get("fields") or ()
    }
    parents = [ref["spanID"] for ref in span.get("references") or () if ref.get("refType") == "CHILD_OF"]
    return _span(
        str(span["traceID"]), str(span["spanID"]), str(next(iter(parents), "")),
        str(processes[span["processID"]]["serviceName"]), str(span["operationName"]), str(tags.get("span.kind", "")),
        float(span["startTime"]) / 1e6, float(span["duration"]) / 1e6, {**logged, **tags},
        failed=str(tags.get("error", "")).lower() == "true" or tags.get("otel.status_code") == "ERROR",
    )  # fmt: skip


def otlp(answer: Mapping[str, Any], trace_id: str) -> Trace:
    """OTLP as JSON, as Tempo answers (`batches`, `resourceSpans`, or `trace` around them)."""
    body = answer.get("trace") or answer
    found = []
    for batch in body.get("batches") or body.get("resourceSpans") or ():
        resource = _attributes((batch.get("resource") or {}).get("attributes") or ())
        scopes = batch.get("scopeSpans") or batch.get("instrumentationLibrarySpans") or ()
        service = str(resource.get("service.name") or "unknown")
        found += [_otlp_span(span, service, trace_id) for scope in scopes for span in scope.get("spans") or ()]
    return found


def _otlp_span(span: Mapping[str, Any], service: str, trace_id: str) -> Span:
    start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    status = span.get("status") or {}
    tags = _attributes(span.get("attributes") or ())
    for event in span.get("events") or ():
        tags = {**_attributes(event.get("attributes") or ()), **tags}
    if status.get("message"):
        tags["otel.status_description"] = status["message"]
    kind = str(span.get("kind") or "").removeprefix("SPAN_KIND_").lower()
    return _span(
        trace_id, str(span["spanId"]), str(span.get("parentSpanId") or ""), service, str(span["name"]),
        _OTLP_KINDS.get(kind, kind), start / 1e9, (end - start) / 1e9, tags,
        failed=status.get("code") in ("STATUS_CODE_ERROR", 2),
    )  # fmt: skip


_OTLP_KINDS = {"1": "internal", "2": "server", "3": "client", "4": "producer", "5": "consumer"}


def _attributes(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(row["key"]): next(iter((row.get("value") or {"": ""}).values()), "") for row in rows}


def zipkin(traces: Iterable[Iterable[Mapping[str, Any]]]) -> list[Trace]:
    """Zipkin's list of lists of spans."""
    return [[_zipkin_span(span) for span in trace] for trace in traces]


def _zipkin_span(span: Mapping[str, Any]) -> Span:
    tags = dict(span.get("tags") or {})
    remote = span.get("remoteEndpoint") or {}
    peer = remote.get("serviceName") or remote.get("ipv4")
    if peer and str(span.get("kind")) == "CLIENT":
        tags["peer.service"] = peer
    if tags.get("error") not in (None, "", "true"):
        tags["error.message"] = tags["error"]
    return _span(
        str(span["traceId"]), str(span["id"]), str(span.get("parentId") or ""),
        str((span.get("localEndpoint") or {}).get("serviceName") or "unknown"), str(span.get("name") or ""),
        str(span.get("kind") or "").lower(), float(span.get("timestamp") or 0) / 1e6,
        float(span.get("duration") or 0) / 1e6, tags, failed="error" in tags,
    )  # fmt: skip


def _span(
    trace: str, identity: str, parent: str, service: str, operation: str, kind: str, start: float, seconds: float,
    tags: Mapping[str, Any], *, failed: bool,
) -> Span:  # fmt: skip
    status = next((str(tags[name]) for name in _STATUS if tags.get(name)), "")
    error = failed or status.startswith("5")
    calls = kind in ("client", "producer")
    peer = next((str(tags[name]) for name in _PEERS if tags.get(name)), "") if calls else ""
    said = next((str(tags[name]) for name in _MESSAGES if tags.get(name)), "") if error else ""
    message = said or (f"HTTP {status}" if error and status else "")
    return Span(trace, identity, parent, service, operation, kind, start, seconds, error, peer[:80], message[:300])
