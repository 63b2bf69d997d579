from __future__ import annotations

from chatops.triage.ranking import rank
from chatops.triage.verdicts import diagnose, summary, verdict
from connectors.causes import BY_CODE
from connectors.evidence import Coverage, Finding, Role, State
from tests.triage.hypotheses import BLIND, CALM, CART, FINE, WEB, evidence, found, inquiry


def left_out(unread: int, *, watched: int = 0) -> tuple[Coverage, ...]:
    logs = Coverage(source="kubernetes", check="logs", state=State.NO_DATA, detail="logs of 3 of 9 workloads read",
                    decides=("InvalidCredentials",), unread=unread)  # fmt: skip
    return *FINE, logs, Coverage(source="prometheus", check="signals", state=State.NO_DATA, watched=watched)


def test_objects_alone_do_not_make_healthy() -> None:
    assert diagnose([], [], CALM, inquiry()).verdict == "healthy"
    told = diagnose([], [], FINE, inquiry())
    assert (told.verdict, len(told.gaps)) == ("inconclusive", 1)
    assert "CPUOverload" in told.gaps[0]


def test_only_checks_that_ran_can_tell_that_nothing_is_wrong() -> None:
    skipped = Coverage(source="cloudwatch", check="databases", state=State.SKIPPED)
    told = diagnose([], [], [*CALM, skipped], inquiry()).summary
    assert f"as far as {len(CALM)} checks can tell" in told


def test_what_was_left_out_is_not_called_healthy_unless_the_golden_signals_are() -> None:
    assert [verdict((), left_out(n, watched=w)) for n, w in ((0, 3), (6, 3), (6, 9))] == [
        "healthy",
        "inconclusive",
        "healthy",
    ]
    told = diagnose([], [], left_out(6, watched=3), inquiry())
    assert told.gaps == (
        "kubernetes/logs was not read to the end (logs of 3 of 9 workloads read); stays open: InvalidCredentials",
    )
    assert diagnose([], [], left_out(6, watched=9), inquiry()).gaps == ()


def test_nothing_is_healthy_while_something_suffers() -> None:
    suffers = found("ErrorRateIncrease", CART, 0.3, role=Role.SYMPTOM)
    assert diagnose([suffers], evidence([suffers]), CALM, inquiry()).verdict == "inconclusive"


def verdict_of(*findings: Finding, coverage: tuple[Coverage, ...] = CALM) -> str:
    return verdict(rank(findings, evidence(list(findings)), coverage, inquiry()), coverage)


def test_verdicts() -> None:
    failed = Coverage(source="kubernetes", check="pods", state=State.FAILED, detail="down")
    assert verdict_of(found("OOMKilled", CART, 0.9)) == "identified"
    assert verdict_of(found("OOMKilled", CART, 0.6)) == "probable"
    assert verdict_of(found("OOMKilled", CART, 0.4)) == "inconclusive"
    assert verdict_of(found("OOMKilled", CART, 0.9), found("InvalidCredentials", WEB, 0.9)) == "probable"
    assert verdict_of() == "healthy"
    assert verdict_of(coverage=BLIND) == "inconclusive"
    assert verdict_of(coverage=(failed,)) == "blocked"
    assert verdict_of(coverage=()) == "inconclusive"
    missing = Coverage(source="cloudwatch", check="all", state=State.NOT_CONFIGURED)
    assert verdict_of(coverage=(missing, *CALM)) == "healthy"
    assert verdict_of(coverage=(missing, *FINE)) == "inconclusive"


def test_the_summary_says_what_where_and_what_was_not_read() -> None:
    result = diagnose([found("OOMKilled", CART, 0.9)], evidence([found("OOMKilled", CART, 0.9)]), FINE, inquiry())
    assert result.summary == f"cart: {BY_CODE['OOMKilled'].title} (97%, E1)."
    blind = diagnose([], [], BLIND, inquiry())
    assert "kubernetes/events" in blind.summary
    assert blind.gaps == ("kubernetes/events could not be read (forbidden); stays open: OOMKilled",)
    assert summary("healthy", (), FINE, inquiry()).startswith("Nothing is wrong in shop")


def test_a_source_that_is_away_is_one_word_in_the_summary_and_some_checks_are_counted() -> None:
    away = [Coverage(source="prometheus", check=f"c{n}", state=State.FAILED, detail="timeout: late") for n in range(9)]
    told = summary("inconclusive", (), [*away, *FINE], inquiry())
    assert told.endswith("Not read: prometheus (timeout: late).")
    some = [Coverage(source="prometheus", check="c", state=State.CHECKED), *away]
    assert summary("inconclusive", (), some, inquiry()).endswith("prometheus/c1, prometheus/c2 and 6 more.")


def test_a_source_that_is_away_with_many_checks_blocks_nothing_that_another_one_tells() -> None:
    away = [Coverage(source="cloudwatch", check=f"c{n}", state=State.FAILED, detail="timeout: late") for n in range(9)]
    read = [Coverage(source="kubernetes", check=f"c{n}", state=State.NO_DATA) for n in range(5)]
    assert verdict((), [*away, *read]) == "inconclusive"
    assert verdict((), away) == "blocked"


def test_what_failed_in_one_way_is_one_gap() -> None:
    rows = [
        Coverage(source="kubernetes", check=check, state=State.FAILED, detail="timeout", decides=(f"C{check}", "Other"))
        for check in ("pods", "events", "logs")
    ]
    rows.append(Coverage(source="prometheus", check="golden", state=State.FAILED, detail="unreachable"))
    assert diagnose([], [], rows, inquiry()).gaps == (
        "kubernetes/pods, events, logs could not be read (timeout); stays open: Cpods, Other, Cevents and 1 more",
        "prometheus/golden could not be read (unreachable)",
    )
    assert "Kubernetes and Prometheus could not be read" in diagnose([], [], rows, inquiry()).summary
    rows.append(Coverage(source="cloudwatch", check="alarms", state=State.FAILED, detail="timeout"))
    assert "Kubernetes, Prometheus and CloudWatch could not be read" in diagnose([], [], rows, inquiry()).summary
