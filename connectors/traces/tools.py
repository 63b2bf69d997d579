"""What may be asked of a trace store beyond the checks: traces of a service, and one trace as a tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Inquiry, Tool
from connectors.evidence import Evidence, Observation, ResourceState
from connectors.traces import spans
from connectors.traces.client import Backend
from connectors.traces.spans import Span, Trace

_SPANS = 120


def table(backend: Backend) -> Sequence[Tool]:
    """The tools, named after the store: two stores may be configured."""

    async def search(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        return await _search(backend, inquiry, arguments)

    async def show(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        return await _show(backend, str(arguments["id"]))

    return (
        Tool(
            f"{backend.name}_search",
            f"Traces of a service in the incident's window from {backend.name.title()}, the slowest first; `failed` "
            "for those with errors, `slower_ms` for those that took longer.",
            {
                "type": "object",
                "properties": {
                    "service": {"type": "string", "maxLength": 200},
                    "failed": {"type": "boolean"},
                    "slower_ms": {"type": "integer", "minimum": 0},
                },
                "required": ["service"],
                "additionalProperties": False,
            },
            search,
        ),
        Tool(
            f"{backend.name}_trace",
            f"One trace from {backend.name.title()} as a tree: who called whom, how long each took, what failed.",
            {
                "type": "object",
                "properties": {"id": {"type": "string", "pattern": "^[0-9a-fA-F]{1,32}$"}},
                "required": ["id"],
                "additionalProperties": False,
            },
            show,
        ),
    )


async def _search(backend: Backend, inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
    window, service = inquiry.window, str(arguments["service"])
    found = await backend.traces(
        service,
        window.start,
        window.end,
        backend.sample,
        failed=bool(arguments.get("failed")),
        slower=float(arguments.get("slower_ms") or 0) / 1000,
    )
    if not found.traces:
        return Observation(searched=f"no traces: {found.query}")
    tops = [(spans.root(trace), trace) for trace in found.traces if trace]
    rows = [_row(top, trace) for top, trace in sorted(tops, key=lambda pair: -pair[0].seconds)]
    failed = sum(any(span.error for span in trace) for _, trace in tops)
    item = Evidence(
        key=f"{backend.name}/search/{found.query}",
        source=backend.name,
        check="search",
        title=f"Traces of {service}",
        summary=f"{len(rows)} traces, {failed} with errors; the slowest took {rows[0][3]}.",
        query=found.query,
        link=backend.link(str(rows[0][0])),
        body=ResourceState(columns=("trace", "start", "root", "took", "spans", "errors"), rows=tuple(rows)),
        untrusted=True,
    )
    return Observation(evidence=(item,), partial="there are more traces than were read" if found.cut else "")


def _row(top: Span, trace: Trace) -> tuple[str, ...]:
    at = datetime.fromtimestamp(top.start, UTC)
    begun = [f"{place}{': ' + span.message if span.message else ''}" for place, span in spans.origins(trace)]
    said = "; ".join(begun)[:200]
    return (top.trace, f"{at:%H:%M:%S}", f"{top.service} {top.operation}", _took(top.seconds), str(len(trace)), said)


async def _show(backend: Backend, identity: str) -> Observation:
    trace = await backend.trace(identity)
    if not trace:
        return Observation(searched=f"no spans of trace {identity}")
    top = spans.root(trace)
    rows = [
        (
            f"{'· ' * depth}{span.service}", span.operation, span.kind, span.peer,
            f"{(span.start - top.start) * 1000:+.1f} ms", _took(span.seconds), _took(own),
            (span.message or "error") if span.error else "",
        )
        for depth, span, own in _walk(trace)
    ]  # fmt: skip
    item = Evidence(
        key=f"{backend.name}/trace/{identity}",
        source=backend.name,
        check="trace",
        title=f"Trace {identity}",
        summary=f"{len(trace)} spans of {len({s.service for s in trace})} services in {_took(top.seconds)}, "
        f"{sum(s.error for s in trace)} failed.",
        query=f"trace {identity}",
        link=backend.link(identity),
        body=ResourceState(
            columns=("service", "operation", "kind", "calls", "begins", "took", "itself", "error"),
            rows=tuple(rows[:_SPANS]),
            omitted=max(0, len(rows) - _SPANS),
        ),
        untrusted=True,
    )
    return Observation(evidence=(item,))


def _walk(trace: Trace) -> list[tuple[int, Span, float]]:
    """The spans depth first with their own time; a loop in what somebody sent ends where it began."""
    tree = spans.children(trace)
    ids = {span.id for span in trace}
    waiting = [(0, s) for s in sorted(trace, key=lambda s: -s.start) if s.parent not in ids and not _shared(s, tree)]
    found, seen = [], set()
    while waiting:
        depth, span = waiting.pop()
        if (span.id, span.kind) in seen:
            continue
        seen.add((span.id, span.kind))
        found.append((depth, span, spans.own_seconds(span, tree)))
        waiting += [(depth + 1, one) for one in sorted(spans.below(span, tree), key=lambda s: -s.start)]
    return found


def _shared(span: Span, tree: Mapping[str, list[Span]]) -> bool:
    return span in tree.get(f"client {span.id}", ())


def _took(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 10 else f"{seconds:.1f} s"
