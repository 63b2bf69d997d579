from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from chatops.domain.alert import Alert
from chatops.domain.diagnosis import Diagnosis, Hypothesis, IncidentSummary, Mitigation, NextStep, RunbookLink
from chatops.domain.incident import Incident, TimelineEntry
from chatops.runbook_index.draft import TO_WRITE, draft
from chatops.runbook_index.lint import lint
from chatops.runbook_index.pages import read_page
from connectors.contract import Scope, Window
from connectors.evidence import Evidence, Subject

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SCOPE = Scope(namespace="shop", workload="cart")
WINDOW = Window(start=NOW, end=NOW)
INCIDENT = Incident(
    id="inc-1",
    title="cart: out of memory",
    origin="alert",
    scope=SCOPE,
    window=WINDOW,
    alerts=(Alert(fingerprint="f", source="am", name="PodOOM", summary="cart | was\n## killed", starts_at=NOW),),
    created_at=NOW,
    resolution="rolled back to 41",
)


def hypothesis(cause: str, status: str, rank: int) -> Hypothesis:
    return Hypothesis.model_validate(
        {
            "id": f"H{rank}",
            "rank": rank,
            "cause": cause,
            "kind": "capacity",
            "subject": Subject(kind="Deployment", namespace="shop", name="cart"),
            "statement": f"it is {cause}",
            "confidence": 0.9,
            "supporting": ("E1",),
            "status": status,
        }
    )


DIAGNOSIS = Diagnosis(
    incident=IncidentSummary(id="inc-1", title="x", scope=SCOPE, window=WINDOW),
    verdict="identified",
    summary="memory",
    hypotheses=(hypothesis("BadRelease", "ruled out", 1), hypothesis("OOMKilled", "confirmed", 2)),
    next_steps=(
        NextStep(
            id="N1",
            argv=("kubectl",),
            command="kubectl get pods -n shop",
            why="Look",
            expect="137",
            verdict="read-only",
        ),
        NextStep(id="N2", argv=("x",), command="kubectl delete pod x", why="", verdict="writes"),
    ),
    mitigations=(Mitigation(text="raise | limit", argv=("kubectl", "set"), rollback="lower it", blast_radius="cart"),),
    runbooks=(RunbookLink(title="Memory", href="https://wiki/memory.md"),),
    evidence=(
        Evidence(key="k", id="E1", source="kubernetes", check="c", title="Restarts", summary="137 three times"),
        Evidence(key="p", id="E3", source="people", check="c", title="Said", summary="it began at noon"),
        Evidence(key="l", id="E2", source="kubernetes", check="c", title="Other", summary="unrelated"),
    ),
)
TIMELINE = (TimelineEntry(at=NOW, kind="statement", text="```\nrolled back\n```", by="U1"),)


def test_the_draft_holds_what_was_seen_found_and_done() -> None:
    page = read_page(draft(INCIDENT, DIAGNOSIS, TIMELINE), "draft")

    assert page.listed("alerts") == ("PodOOM",)
    assert page.listed("causes") == ("OOMKilled",)
    assert page.listed("services") == ("cart",)
    texts = {section.heading: section.text for section in page.sections}
    assert "137 three times" in texts["What it looks like"]
    assert "unrelated" not in texts["What it looks like"]
    assert "kubectl get pods -n shop" in texts["First checks"]
    assert "\nLook. 137" in texts["First checks"]
    assert "kubectl delete" not in texts["First checks"]
    assert "it is OOMKilled" in texts["Causes"]
    assert "BadRelease" not in texts["Causes"]
    assert "rolled back to 41" in texts["Mitigations"]
    assert "raise \\| limit: `kubectl set`" in texts["Mitigations"]
    assert page.listed("systems") == ("kubernetes",), "people are none"
    assert TO_WRITE in texts["Prevention"]


def test_text_from_outside_opens_no_heading_and_no_fence() -> None:
    page = read_page(draft(INCIDENT, DIAGNOSIS, TIMELINE), "draft")
    assert "killed" not in [section.heading for section in page.sections]
    done = next(section for section in page.sections if section.heading == "What was done")
    assert done.blocks == ()
    assert "rolled back" in done.text


def test_lint_names_what_a_person_must_still_write(tmp_path: Path) -> None:
    (tmp_path / "draft.md").write_text(draft(INCIDENT, DIAGNOSIS, TIMELINE))
    problems = {problem.detail for problem in lint([tmp_path])}
    assert problems == {
        "owners is missing",
        "reviewed is missing",
        "no section's heading names OOMKilled",
        "the first checks do not say how to read what comes back",
    }


def test_an_incident_without_a_diagnosis_gives_a_page_too() -> None:
    page = read_page(draft(INCIDENT, None, ()), "draft")
    assert TO_WRITE in next(s.text for s in page.sections if s.heading == "First checks")
