"""What is a trace, whoever stored it, and what does it say? Who called whom, who took long, where an error began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """One unit of work. Times in seconds; `peer` is who was called, where the span says so."""

    trace: str
    id: str
    parent: str
    service: str
    operation: str
    kind: str
    """`server`, `client`, `producer`, `consumer`, `internal` or empty."""
    start: float
    seconds: float
    error: bool = False
    peer: str = ""
    message: str = ""


class Place(NamedTuple):
    """Where work is done: a service's operation, or its call to somebody who has no spans of their own."""

    service: str
    operation: str
    peer: str = ""

    def __str__(self) -> str:
        calling = f" calling {self.peer}" if self.peer else ""
        return f"{self.service}{calling}: {self.operation}"


Trace = Sequence[Span]


def children(trace: Trace) -> Mapping[str, list[Span]]:
    """Spans by their parent's id. Zipkin gives both ends of a call one id: the server is then the client's child."""
    found: dict[str, list[Span]] = defaultdict(list)
    clients = {span.id for span in trace if span.kind == "client"}
    for span in trace:
        shared = span.kind == "server" and span.id in clients
        found[f"client {span.id}" if shared else span.parent].append(span)
    return found


def below(span: Span, tree: Mapping[str, list[Span]]) -> list[Span]:
    """The spans that this one waits for."""
    if span.kind == "client" and (other := tree.get(f"client {span.id}")):
        return other
    return tree.get(span.id, [])


def place(span: Span, tree: Mapping[str, list[Span]]) -> Place:
    """Where a span's own time is spent: at its peer only where the peer tells nothing itself."""
    silent = bool(span.peer) and all(one.service == span.service for one in below(span, tree))
    return Place(span.service, span.operation, span.peer if silent else "")


def own_seconds(span: Span, tree: Mapping[str, list[Span]]) -> float:
    """The time of a span in which none of its children ran."""
    begin, end = span.start, span.start + span.seconds
    covered, until = 0.0, begin
    for one in sorted(below(span, tree), key=lambda child: child.start):
        start, stop = max(one.start, until), min(one.start + one.seconds, end)
        if stop > start:
            covered += stop - start
            until = stop
    return max(0.0, span.seconds - covered)


def origins(trace: Trace) -> list[tuple[Place, Span]]:
    """The failed spans under which nothing failed: where the errors of a trace begin."""
    tree = children(trace)
    return [
        (place(span, tree), span) for span in trace if span.error and not any(one.error for one in below(span, tree))
    ]


def calls(traces: Iterable[Trace]) -> tuple[tuple[str, str], ...]:
    """Caller and callee, by service."""
    found: dict[tuple[str, str], None] = {}
    for trace in traces:
        tree = children(trace)
        for span in trace:
            for one in below(span, tree):
                if one.service != span.service:
                    found[span.service, one.service] = None
            where = place(span, tree)
            if where.peer and where.peer != span.service:
                found[span.service, where.peer] = None
    return tuple(found)


def callers(service: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Everybody who calls it, directly or through others."""
    known, waiting = {service}, [service]
    by_callee: dict[str, list[str]] = defaultdict(list)
    for caller, callee in pairs:
        by_callee[callee].append(caller)
    while waiting:
        fresh = [one for one in by_callee[waiting.pop()] if one not in known]
        known.update(fresh)
        waiting += fresh
    return sorted(known - {service})


def root(trace: Trace) -> Span:
    """The span that everything else hangs from; the earliest where that one was not stored."""
    ids = {span.id for span in trace}
    tops = [span for span in trace if not span.parent or span.parent not in ids] or list(trace)
    return min(tops, key=lambda span: (bool(span.parent), span.start))
