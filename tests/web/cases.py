"""Diagnoses that the page must be able to show: the usual, the hostile, the empty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chatops.domain.diagnosis import (
    Diagnosis,
    Engine,
    Mitigation,
    NextStep,
    RunbookLink,
    Seconds,
    SeenBefore,
    Usage,
)
from chatops.domain.incident import TimelineEntry
from connectors.evidence import (
    Change,
    Coverage,
    LogPattern,
    LogPatterns,
    ResourceState,
    Series,
    SeriesSet,
    State,
)
from tests import factories
from tests.conftest import NOW

ONSET = NOW - timedelta(minutes=5)
ROLL_BACK = Mitigation(text="Roll back", argv=("helm", "rollback"), rollback="roll on", blast_radius="checkout")
RUNBOOK = RunbookLink(title="Out of memory", href="https://runbooks.example.com/oom", section="First", why="cause")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> & \x1b[31m</style></script>"


def points(before: float, after: float, count: int = 60) -> tuple[tuple[float, float], ...]:
    """A minute apart, the last at NOW; the level changes at the onset."""
    times = [(NOW - timedelta(minutes=count - 1 - i)).timestamp() for i in range(count)]
    return tuple((at, after if at >= ONSET.timestamp() else before) for at in times)


def usual(**changes: Any) -> Diagnosis:
    """An answer with every part filled in."""
    memory = Series(
        name="checkout-1", unit="bytes", points=points(1.3e8, 2.6e8), before=1.3e8, after=2.6e8, threshold=2.68e8
    )
    ratio = Series(name="errors", unit="ratio", points=points(0.002, 0.4))
    evidence = (
        factories.evidence(
            1, title="Memory of checkout", onset=ONSET, body=SeriesSet(series=(memory, ratio), omitted=2)
        ),
        factories.evidence(2, title="Log patterns", body=_patterns(), untrusted=True),
        factories.evidence(3, title="Pods", body=_table(), link="https://console.example.com/pods"),
        factories.evidence(4, title="Release", body=Change(at=ONSET, what="image", by="ci", before="1.0", after="1.1")),
    )
    first = factories.hypothesis(
        supporting=("E1", "E4"), contradicting=("E2",), status="strengthened", by="both", mechanism="It fills.",
        would_confirm="a heap dump", would_refute="flat memory", reason="E1 came in",
    )  # fmt: skip
    second = factories.hypothesis(id="H2", rank=2, cause="BadRelease", confidence=0.3, status="ruled out")
    step = NextStep(
        id="S1", argv=("kubectl", "logs", "checkout-1"), command="kubectl logs checkout-1", why="Read the last lines",
        expect="a heap warning", hypothesis="H1", verdict="read-only", runnable=True,
    )  # fmt: skip
    fields: dict[str, Any] = {
        "hypotheses": (second, first),
        "evidence": evidence,
        "next_steps": (step,),
        "mitigations": (ROLL_BACK,),
        "runbooks": (RUNBOOK,),
        "coverage": (
            Coverage(source="kubernetes", check="pods", state=State.CHECKED, ms=12),
            Coverage(source="cloudwatch", check="alarms", state=State.FAILED, detail="AccessDenied: ask for it", ms=80),
        ),
        "open_questions": ("Was there a campaign?",),
        "gaps": ("Alarms could not be read.",),
        "seen_before": (SeenBefore(incident="inc-1", title="Last month", cause="OOMKilled", resolution="rolled back"),),
        "engine": Engine(
            kind="model", model="claude", turns=3, seconds=Seconds(first_facts=1.2, gather=3.4, total=21.5),
            usage=Usage(input_tokens=12_000, output_tokens=800, cost_usd=0.0421), removed=("E9 does not exist",),
        ),
    }  # fmt: skip
    return factories.diagnosis(**{**fields, **changes})


def _patterns() -> LogPatterns:
    row = LogPattern(template="heap above <n>%", example="heap above 95%", before=0, after=12, level="warn")
    return LogPatterns(patterns=(row,), lines=400, omitted=3)


def _table() -> ResourceState:
    rows = tuple((f"checkout-{number}", "Running") for number in range(12))
    return ResourceState(columns=("pod", "phase"), rows=rows, omitted=4)


def hostile() -> Diagnosis:
    """Every text that a system or a model controls is an attack."""
    evidence = factories.evidence(
        1, title=HOSTILE, summary=HOSTILE, source=HOSTILE, check=HOSTILE, query=HOSTILE, link="javascript:alert(3)",
        onset=ONSET, body=Series(name=HOSTILE, unit=HOSTILE, points=points(1, 2)),
    )  # fmt: skip
    table = factories.evidence(2, body=ResourceState(columns=(HOSTILE,), rows=((HOSTILE,),)))
    step = NextStep(id="S1", argv=(HOSTILE,), command=HOSTILE, why=HOSTILE, verdict="unknown")
    return factories.diagnosis(
        summary=HOSTILE,
        evidence=(evidence, table),
        hypotheses=(factories.hypothesis(cause=HOSTILE, statement=HOSTILE, mechanism=HOSTILE),),
        next_steps=(step,),
        runbooks=(RunbookLink(title=HOSTILE, href="data:text/html,<script>alert(4)</script>"),),
        coverage=(Coverage(source=HOSTILE, check=HOSTILE, state=State.FAILED, detail=HOSTILE),),
        open_questions=(HOSTILE,),
        gaps=(HOSTILE,),
    )


def timeline() -> tuple[TimelineEntry, ...]:
    """What was noted along the way."""
    return (
        TimelineEntry(at=NOW - timedelta(seconds=30), kind="opened", text="opened by alert HighErrorRate"),
        TimelineEntry(at=NOW, kind="question", text="what changed?", by="U1"),
    )
