"""Words, bars and lengths of time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatops.render import wording
from connectors.evidence import Coverage, State
from tests import factories
from tests.conftest import NOW
from tests.render import cases


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min"), (7_320, "2 h 2 min"), (90_000, "1 d 1 h")],
)
def test_lengths(seconds: int, said: str) -> None:
    assert wording.span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(("confidence", "said"), [(0.0, "░░░░░░░░░░ 0%"), (1.0, "██████████ 100%")])
def test_bars(confidence: float, said: str) -> None:
    assert wording.bar(confidence) == said


def test_many_failures_are_counted() -> None:
    rows = [Coverage(source="cloudwatch", check=f"c{i}", state=State.FAILED, detail="timeout") for i in range(6)]
    told = wording.counts(rows)
    assert told == "❌ 6 failed: CloudWatch c0, c1, c2 and 3 more (timeout)"
    differently = [row.model_copy(update={"detail": f"HTTP {500 + i}"}) for i, row in enumerate(rows)]
    assert wording.counts(differently).endswith("CloudWatch c3 (HTTP 503) and 2 more")


def test_what_was_not_read_is_told_with_what_it_would_show_as_long_as_that_decides() -> None:
    forbidden = "kubernetes/events, nodes could not be read (forbidden); stays open: ClockSkew, NoSuchCode and 2 more"
    unwatched = "no source told traffic, errors and latency; stays open: JobSuspended"
    asked = "Whether somebody changed the firewall"
    gaps = (forbidden, "aws/x could not be read (late)", unwatched, asked)
    open_case = cases.diagnosis(verdict="inconclusive", gaps=gaps)
    assert wording.unknown(open_case) == [
        "Kubernetes: events, nodes could not be read (forbidden). It would show whether it is one of these: "
        "a node's clock is wrong; NoSuchCode; 2 more causes",
        "Aws: x could not be read (late)",
        "No source told traffic, errors and latency. It would show whether it is one of these: "
        "a job is suspended, and something waits for it",
        asked,
    ]
    assert wording.unknown(open_case.model_copy(update={"verdict": "identified"})) == [asked]


def test_a_question_has_no_onset_to_count_from() -> None:
    asked = cases.incident(alerts=(), window=cases.incident().window.model_copy(update={"onset": None}))
    assert wording.age(asked, NOW) == "asked 12:00 UTC"


def test_who_diagnosed() -> None:
    assert wording.engine(cases.diagnosis()) == "By rules, no model · 1.6 s"


def test_many_alerts_are_counted_with_their_services() -> None:
    alerts = tuple(
        factories.alert(fingerprint=f"a:{number}", labels={"deployment": f"svc{number % 6}"}) for number in range(30)
    )
    incident = factories.incident(alerts=alerts, more_alerts=11)
    assert wording.more_alerts(incident, shown=4) == "+37 alerts in 6 services"
    assert wording.more_alerts(factories.incident(), shown=4) == ""


def test_what_waits_is_said_until_it_is_looked_into() -> None:
    held = factories.incident(held="Waits for its turn")
    assert wording.waiting(held) == "Waits for its turn"
    assert wording.waiting(held.model_copy(update={"status": "investigating"})) == ""


def test_what_is_still_looked_into_is_no_answer_until_a_cause_stands_out() -> None:
    going, known = cases.incident(status="investigating"), cases.diagnosis()
    assert wording.headline(going, known).startswith("🔎 cart 1.4.2 is killed")
    unclear = known.model_copy(update={"verdict": "inconclusive", "summary": "No cause stands out in shop."})
    assert wording.headline(going, unclear) == f"🔎 Looking into: {going.title}. So far: No cause stands out in shop"
    told = going.model_copy(update={"status": "answered"})
    assert wording.headline(told, unclear) == f"🟡 {going.title}. No cause stands out in shop"
    over = going.model_copy(update={"status": "resolved"})
    assert wording.headline(over, unclear) == f"🟢 Resolved: {going.title}", "what no cause was found of is called so"
