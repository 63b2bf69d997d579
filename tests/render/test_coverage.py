"""What was looked at and what was not, as it is told."""

from __future__ import annotations

from chatops.render import coverage
from connectors.evidence import Coverage, State
from tests.render import cases


def row(source: str, check: str, state: State = State.FAILED, detail: str = "timeout") -> Coverage:
    return Coverage(source=source, check=check, state=state, detail=detail)


def test_many_failures_are_counted() -> None:
    rows = [row("cloudwatch", f"c{i}") for i in range(6)] + [row("cloudwatch", "alarms", State.CHECKED)]
    said = "✅ 1 check ran, 1 found something · ❌ 6 failed: CloudWatch"
    assert coverage.counts(rows) == f"{said} c0, c1, c2 and 3 more (timeout)"
    differently = [one.model_copy(update={"detail": f"HTTP {500 + i}"}) for i, one in enumerate(rows)]
    assert coverage.counts(differently).endswith("CloudWatch c3 (HTTP 503) and 2 more")


def test_a_source_that_is_away_is_told_once_with_what_its_first_call_met() -> None:
    again = "open_circuit: prometheus did not answer the last calls (unreachable: refused); not asked again yet"
    rows = [
        row("prometheus", "alerts", detail="unreachable: refused"),
        *(row("prometheus", name, detail=again) for name in ("states", "targets")),
        row("prometheus", "rules", detail="rules could not be read"),
    ]
    assert coverage.counts(rows) == "❌ 4 failed: Prometheus (unreachable: refused)"
    gaps = ("prometheus/alerts could not be read (x); stays open: OOMKilled", "prometheus/rules could not be read (y)")
    blind = cases.diagnosis(verdict="blocked", coverage=tuple(rows), gaps=gaps)
    assert coverage.unknown(blind) == ["Prometheus could not be read at all (unreachable: refused)"]


def test_what_was_not_read_is_told_with_what_it_would_show_as_long_as_that_decides() -> None:
    forbidden = "kubernetes/events, nodes could not be read (forbidden); stays open: ClockSkew, NoSuchCode and 2 more"
    unwatched = "no source told traffic, errors and latency; stays open: JobSuspended"
    asked = "Whether somebody changed the firewall"
    gaps = (forbidden, "aws/x could not be read (late)", unwatched, asked)
    open_case = cases.diagnosis(verdict="inconclusive", gaps=gaps)
    assert coverage.unknown(open_case) == [
        "Kubernetes: events, nodes could not be read (forbidden). It would show whether it is one of these: "
        "a node's clock is wrong; NoSuchCode; 2 more causes",
        "Aws: x could not be read (late)",
        "No source told traffic, errors and latency. It would show whether it is one of these: "
        "a job is suspended, and something waits for it",
        asked,
    ]
    assert coverage.unknown(open_case.model_copy(update={"verdict": "identified"})) == [asked]
