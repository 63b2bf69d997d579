"""What does the model read first? One document, in a fixed order, within a measured number of tokens.

Order: what fired, what is broken now, what changed (with onsets), the timeline, logs as patterns,
coverage and gaps, what the rules found, earlier incidents, what people said. Every piece of evidence
has a line; bodies are added while the budget lasts, first those that findings rest on. What does not
fit is named at the end with the way to ask for it: nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from chatops.domain.casefile import CaseFile
from chatops.persona.excerpts import body, clock, fenced, headline
from chatops.persona.tokens import clip, estimate
from connectors.evidence import Change, Coverage, Evidence, Finding, LogPatterns, Role, State

BUDGET = 5_500
"""Tokens, so that prefix and brief stay below 12,000 together."""
READ = "read_evidence"
_RESERVE = 250
"""For the last section, which says what was left out."""


@dataclass(frozen=True)
class Brief:
    """The document, its size by our measure, and what it does not show."""

    text: str
    tokens: int
    shortened: tuple[str, ...] = ()
    """Evidence of which the line is shown, but not the body."""
    left_out: tuple[str, ...] = ()
    """Evidence that is not shown at all."""


def build(case: CaseFile, budget: int = BUDGET) -> Brief:
    """Return the brief of a case."""
    ordered = sorted(case.evidence, key=_weight(case))
    fixed = {name: write(case) for name, write in _FIXED.items()}
    left = budget - _RESERVE - sum(estimate(text) for text in fixed.values())
    lines, left = _fill({item.id: headline(item) for item in ordered}, left)
    bodies, _ = _fill({item.id: body(item) for item in ordered if item.id in lines and body(item)}, left)
    sections = {**fixed, **_listed(case.evidence, lines, bodies)}
    shortened = tuple(item.id for item in ordered if item.id in lines and body(item) and item.id not in bodies)
    left_out = tuple(item.id for item in ordered if item.id not in lines)
    parts = [f"## {name}\n{sections[name]}" for name in _ORDER if sections.get(name)]
    text = "\n\n".join([*parts, *_missing(shortened, left_out)])
    return Brief(text, estimate(text), shortened, left_out)


_NOW, _CHANGED, _LOGS = "What is broken now", "What changed", "Logs, as patterns"
_ORDER = (
    "What fired",
    _NOW,
    _CHANGED,
    "Timeline",
    _LOGS,
    "Coverage and gaps",
    "Findings by the rules",
    "Diagnosis so far",
    "Seen before",
    "Runbooks",
    "Said in the thread",
)


def _weight(case: CaseFile) -> Callable[[Evidence], tuple[int, float]]:
    """First what findings rest on (the likeliest first), then what has an onset, then the rest; stable."""
    ranks: dict[str, int] = {}
    likeliest = sorted(case.findings, key=lambda finding: (finding.role is not Role.CAUSE, -finding.confidence))
    for finding in likeliest:
        for key in (*finding.rests_on, *finding.contradicted_by):
            ranks.setdefault(key, len(ranks))
    return lambda item: (ranks.get(item.key, 10_000 if item.onset or isinstance(item.body, Change) else 20_000), 0.0)


def _fill(texts: dict[str, str], budget: int) -> tuple[dict[str, str], int]:
    """As many of the texts as fit, in their order; a long one does not keep the shorter ones behind it out."""
    taken: dict[str, str] = {}
    for key, text in texts.items():
        if (size := estimate(text) + 1) <= budget:
            taken[key] = text
            budget -= size
    return taken, budget


def _listed(evidence: Iterable[Evidence], lines: dict[str, str], bodies: dict[str, str]) -> dict[str, str]:
    sections: dict[str, list[str]] = {}
    for item in evidence:
        if item.id in lines:
            shown = lines[item.id] + (f"\n{bodies[item.id]}" if item.id in bodies else "")
            sections.setdefault(_section(item), []).append(shown)
    return {name: "\n".join(shown) for name, shown in sections.items()}


def _section(item: Evidence) -> str:
    if isinstance(item.body, LogPatterns):
        return _LOGS
    return _CHANGED if isinstance(item.body, Change) or item.onset else _NOW


def _missing(shortened: Sequence[str], left_out: Sequence[str]) -> list[str]:
    said = []
    if shortened:
        said.append(f"Only the line is shown, not the data: {_ids(shortened)}.")
    if left_out:
        said.append(f"Not shown at all for lack of room: {_ids(left_out)}.")
    return ["## Left out of this brief\n" + " ".join(said) + f" Ask with {READ}."] if said else []


def _ids(ids: Sequence[str]) -> str:
    shown = " ".join(ids[:40])
    return f"{shown} and {len(ids) - 40} more up to {ids[-1]}" if len(ids) > 40 else shown


def _fired(case: CaseFile) -> str:
    incident, window = case.incident, case.incident.window
    scope = " ".join(f"{name}={value}" for name, value in incident.scope if isinstance(value, str) and value)
    onset = f", onset {clock(window.onset)}" if window.onset else ""
    day = window.end.strftime("%Y-%m-%d")
    lines = [
        f"Incident: {clip(incident.title, 200)} ({incident.severity})",
        f"Scope: {scope or 'everything'}. Window {day} {clock(window.start)}–{clock(window.end)}{onset} (UTC).",
        *(_alert(case, at) for at in range(min(len(incident.alerts), 8))),
    ]
    if len(incident.alerts) > 8:
        lines.append(f"… {len(incident.alerts) - 8} more alerts of the same group")
    if incident.question:
        lines.append(f"Asked: {clip(incident.question, 500)}")
    return "\n".join(lines)


def _alert(case: CaseFile, at: int) -> str:
    alert = case.incident.alerts[at]
    labels = " ".join(f"{key}={value}" for key, value in alert.labels.items() if key != "alertname")
    notes = " ".join(str(value) for value in alert.annotations.values())
    said = clip(" ".join((alert.summary or notes).split()), 300)
    state = f"{alert.name} [{alert.source}, {alert.status}, {alert.severity}] since {clock(alert.starts_at)}"
    return f"{state} · {clip(labels, 300)} · {said}"


def _timeline(case: CaseFile) -> str:
    moments = [(item.onset, f"{item.id} {clip(item.title, 90)}") for item in case.evidence if item.onset]
    moments += [
        (item.body.at, f"{item.id} {clip(item.body.what, 90)}")
        for item in case.evidence
        if isinstance(item.body, Change)
    ]
    moments += [(alert.starts_at, f"alert {alert.name} fires") for alert in case.incident.alerts[:8]]
    lines = list(dict.fromkeys(f"{clock(at)} {what}" for at, what in sorted(moments)))
    return "\n".join([*lines[:24], *([f"… {len(lines) - 24} later moments: see above"] if len(lines) > 24 else [])])


def _coverage(case: CaseFile) -> str:
    checked = sorted({f"{row.source}/{row.check}" for row in case.coverage if row.state is State.CHECKED})
    rest = [row for row in case.coverage if row.state is not State.CHECKED]
    failed = sorted(rest, key=lambda row: (row.state is not State.FAILED, row.state.value))
    lines = [f"Checked: {', '.join(checked)}"] if checked else []
    lines += [_gap(row) for row in failed[:20]]
    more = [f"… {len(failed) - 20} more rows that were not checked" for _ in failed[20:21]]
    return "\n".join([*lines, *more]) or "Nothing was checked."


def _gap(row: Coverage) -> str:
    decides = f" (would decide {', '.join(row.decides[:6])})" if row.decides and row.state is State.FAILED else ""
    return f"{row.state.value}: {row.source}/{row.check} {clip(row.detail, 160)}{decides}"


def _findings(case: CaseFile) -> str:
    numbers = {item.key: item.id for item in case.evidence}
    ordered = sorted(case.findings, key=lambda finding: (finding.role is not Role.CAUSE, -finding.confidence))
    lines = [_finding(finding, numbers) for finding in ordered[:14]]
    return "\n".join([*lines, *([f"… {len(ordered) - 14} weaker findings"] if len(ordered) > 14 else [])])


def _finding(finding: Finding, numbers: dict[str, str]) -> str:
    rests = " ".join(numbers[key] for key in finding.rests_on if key in numbers)
    against = " ".join(numbers[key] for key in finding.contradicted_by if key in numbers)
    contra = f", against it {against}" if against else ""
    what = (
        f"{finding.cause} {finding.confidence:.2f}"
        if finding.role is Role.CAUSE
        else f"{finding.role.value} {finding.cause}"
    )
    return (
        f"{what} · {finding.subject} · {clip(finding.statement, 260)} (rests on {rests or 'nothing numbered'}{contra})"
    )


def _so_far(case: CaseFile) -> str:
    """Only in follow-ups: before the first turn it says what the findings say."""
    if not case.turns:
        return ""
    head = f"{case.diagnosis.verdict}: {clip(case.diagnosis.summary, 300)}"
    lines = [
        f"{one.id} [{one.status}, {one.confidence:.2f}, by {one.by}] {one.cause} · {one.subject} · "
        f"{clip(one.statement, 200)} (cites {' '.join(one.supporting)})"
        for one in case.diagnosis.hypotheses
    ]
    return "\n".join([head, *lines])


def _seen_before(case: CaseFile) -> str:
    return "\n".join(
        f"{one.incident} {clip(one.title, 120)}: a person confirmed {one.cause}"
        + (f"; what fixed it: {clip(one.resolution, 200)}" if one.resolution else "")
        for one in case.seen_before[:5]
    )


def _runbooks(case: CaseFile) -> str:
    return "\n".join(f"{one.href} {one.title} {one.section} {clip(one.why, 100)}".strip() for one in case.runbooks[:6])


def _said(case: CaseFile) -> str:
    turns = case.turns[-12:]
    lines = [f"{clock(turn.at)} {turn.author}: {fenced(clip(turn.text, 600))}" for turn in turns]
    earlier = [f"… {len(case.turns) - 12} earlier messages not shown"] if len(case.turns) > 12 else []
    return "\n".join([*earlier, *lines])


_FIXED: dict[str, Callable[[CaseFile], str]] = {
    "What fired": _fired,
    "Timeline": _timeline,
    "Coverage and gaps": _coverage,
    "Findings by the rules": _findings,
    "Diagnosis so far": _so_far,
    "Seen before": _seen_before,
    "Runbooks": _runbooks,
    "Said in the thread": _said,
}
