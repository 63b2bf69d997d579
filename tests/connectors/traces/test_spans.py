from __future__ import annotations

import pytest

from connectors.traces import spans
from connectors.traces.spans import Place, Span


def span(identity: str, parent: str, service: str, start: float, seconds: float, **more: object) -> Span:
    return Span("t", identity, parent, service, "op", str(more.pop("kind", "internal")), start, seconds, **more)  # type: ignore[arg-type]


def test_time_of_children_that_overlap_is_counted_once() -> None:
    trace = [span("a", "", "x", 0, 10), span("b", "a", "x", 1, 4), span("c", "a", "x", 3, 4), span("d", "a", "x", 9, 5)]
    assert spans.own_seconds(trace[0], spans.children(trace)) == pytest.approx(10 - 6 - 1)


def test_an_error_begins_where_nothing_below_failed() -> None:
    trace = [
        span("a", "", "web", 0, 3, error=True),
        span("b", "a", "web", 0, 2, error=True, kind="client", peer="cart"),
        span("c", "b", "cart", 0, 1, kind="server"),
    ]
    assert spans.origins(trace) == [(Place("web", "op"), trace[1])]


def test_a_peer_without_spans_is_the_place() -> None:
    trace = [span("a", "", "web", 0, 3, error=True, kind="client", peer="db")]
    assert spans.origins(trace)[0][0] == Place("web", "op", "db")


def test_callers_are_found_through_others_and_loops_end() -> None:
    pairs = [("web", "cart"), ("cart", "db"), ("db", "web"), ("batch", "cart")]
    assert spans.callers("db", pairs) == ["batch", "cart", "web"]


def test_the_root_of_half_a_trace_is_its_earliest_span() -> None:
    assert spans.root([span("b", "lost", "x", 2, 1), span("c", "lost", "x", 1, 1)]).id == "c"
