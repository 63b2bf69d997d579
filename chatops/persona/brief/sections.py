"""What does the brief say besides the evidence? What fired, the timeline, coverage, findings, what was said.

Each section has a share of the budget; lines that do not fit are counted at its end, with how to ask for them. All
shares together leave room for evidence in a brief of the usual size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from chatops.domain.alert import Alert
from chatops.domain.casefile import CaseFile
from chatops.domain.diagnosis import RunbookLink
from chatops.persona import statements
from chatops.persona.brief.excerpts import READ, beside, clock, ids, line, named, quoted
from chatops.persona.brief.repeats import repeated
from chatops.persona.tokens import clip, estimate
from chatops.policy.untrusted import Fence, handle
from connectors.evidence import Change, Coverage, Evidence, Finding, Role, State

_WAITED = timedelta(minutes=1)
_CITED = 6


def written(case: CaseFile, fence: Fence) -> dict[str, str]:
    """Every section by its name; '' where it has nothing to say."""
    return {name: _capped(section.lines(case, fence), section.tokens, name) for name, section in SECTIONS.items()}


def whole(case: CaseFile, fence: Fence) -> dict[str, str]:
    """Every section by its name without a share that it has to keep to: for who asks for what was cut."""
    return {name: "\n".join(section.lines(case, fence)) for name, section in SECTIONS.items()}


def likeliest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Causes before symptoms and context, then by confidence."""
    return sorted(findings, key=lambda finding: (finding.role is not Role.CAUSE, -finding.confidence))


def _capped(lines: list[str], tokens: int, name: str) -> str:
    kept: list[str] = []
    for one in lines:
        tokens -= estimate(one) + 1
        if tokens < 0 and kept:
            left = f'… {len(lines) - len(kept)} more lines not shown: ask {READ} for "{name}"'
            return "\n".join([*kept, left])
        kept.append(one)
    return "\n".join(kept)


def _fired(case: CaseFile, fence: Fence) -> list[str]:
    incident, window = case.incident, case.incident.window
    scope = " ".join(f"{name}={value}" for name, value in incident.scope if isinstance(value, str) and value)
    day = window.end.date()
    onset = f", onset {clock(window.onset, day)}{_first_sign(case)}" if window.onset else ""
    asked = [f"Asked: {quoted(incident.question, 500, fence)}"] if incident.question not in {"", incident.title} else []
    return [
        f"Incident: {quoted(incident.title, 200, fence)} ({incident.severity})",
        f"Scope: {scope or 'everything'}. Window {clock(window.start, day)}–{clock(window.end)} on {day}{onset} (UTC).",
        *asked,
        *(_alert(alert, day, fence) for alert in incident.alerts),
    ]


def _first_sign(case: CaseFile) -> str:
    """An alert waits before it fires: what it waited for began before."""
    window = case.incident.window
    earlier = [
        (item.onset, item.id) for item in case.evidence
        if item.onset and window.onset and window.start <= item.onset < window.onset - _WAITED
    ]  # fmt: skip
    return f", first sign {clock(min(earlier)[0])} ({min(earlier)[1]})" if earlier else ""


def _alert(alert: Alert, day: date, fence: Fence) -> str:
    labels = " ".join(f"{key}={value}" for key, value in alert.labels.items() if key != "alertname")
    notes = " ".join(str(value) for value in alert.annotations.values())
    said = f"{clip(labels, 300)} · {clip(alert.summary or notes, 300)}"
    since = clock(alert.starts_at, day)
    state = f"{named(alert.name, fence)} [{alert.source}, {alert.status}, {alert.severity}] since {since}"
    return f"{state} · {quoted(said, 700, fence)}"


def _timeline(case: CaseFile, fence: Fence) -> list[str]:
    """In order. What happened alike to several objects is one line, at the first of them."""
    day = case.incident.window.end.date()
    dated = sorted(((at, item) for item in case.evidence if (at := _moment(item))), key=lambda one: one[0])
    like = repeated(item for _, item in dated)
    moments: list[tuple[datetime, str]] = []
    for at, item in dated:
        later = [(when, one.id) for when, one in dated if like.get(one.id) == item.id]
        so = f", until {clock(later[-1][0], day)} likewise {ids([one for _, one in later])}" if later else ""
        moments += [] if item.id in like else [(at, f"{item.id} {_what(item, fence)}{so}")]
    moments += [(alert.starts_at, f"alert {named(alert.name, fence)} fires") for alert in case.incident.alerts]
    return list(dict.fromkeys(f"{clock(at, day)} {what}" for at, what in sorted(moments)))


def _moment(item: Evidence) -> datetime | None:
    return item.body.at if isinstance(item.body, Change) else item.onset


def _what(item: Evidence, fence: Fence) -> str:
    """What happened, in the words of a person where one tells it."""
    said = f"{item.title}: {item.summary}" if item.source == statements.SOURCE else item.title
    text = item.body.what if isinstance(item.body, Change) else said
    return quoted(text, 90, fence) if item.untrusted else line(text, 90)


def _coverage(case: CaseFile, fence: Fence) -> list[str]:
    """What was looked at is only named; then what failed, as it may decide, what was read in part, the rest."""
    states = {state: [row for row in case.coverage if row.state is state] for state in State}
    part = [row for row in states[State.CHECKED] if row.detail]
    gaps = [*states[State.FAILED], *part, *states[State.SKIPPED], *states[State.NOT_CONFIGURED]]
    alike: dict[tuple[State, str, str], list[Coverage]] = {}
    for row in gaps:
        alike.setdefault((row.state, row.source, row.detail), []).append(row)
    lines = (_named("Checked", states[State.CHECKED]), _named("Checked, nothing found", states[State.NO_DATA]))
    return [line for line in (*lines, *(_gap(rows, fence) for rows in alike.values())) if line] or [
        "Nothing was checked."
    ]


def _named(what: str, rows: Iterable[Coverage]) -> str:
    checks: dict[str, set[str]] = {}
    for row in rows:
        checks.setdefault(row.source, set()).add(row.check)
    names = "; ".join(f"{source}: {', '.join(sorted(found))}" for source, found in sorted(checks.items()))
    return f"{what} in {names}" if names else ""


def _gap(rows: Sequence[Coverage], fence: Fence) -> str:
    """Checks that failed or were left out for one reason, in a line."""
    row = rows[0]
    codes = list(dict.fromkeys(code for one in rows for code in one.decides)) if row.state is State.FAILED else []
    decides = f" (would decide {_first(codes, 6)})" if codes else ""
    detail = f" {quoted(row.detail, 160, fence)}" if row.detail else ""
    state = "in part" if row.state is State.CHECKED else row.state.value
    return f"{state}: {row.source}/{', '.join(one.check for one in rows)}{detail}{decides}"


def _findings(case: CaseFile, fence: Fence) -> list[str]:
    """Findings that name the same cause of the same object, or the same symptom of several, are one line."""
    numbers = {item.key: item.id for item in case.evidence}
    others = {item.key for item in case.evidence if item.untrusted}
    together: dict[tuple[str, ...], list[Finding]] = {}
    for finding in likeliest_first(case.findings):
        about = (str(finding.subject),) if finding.role is Role.CAUSE else ()
        together.setdefault((finding.role.value, finding.cause, *about), []).append(finding)
    return [
        _finding(several, numbers, fence, quotes=bool(others & set(several[0].rests_on)))
        for several in together.values()
    ]


def _finding(several: list[Finding], numbers: dict[str, str], fence: Fence, *, quotes: bool) -> str:
    """The likeliest speaks for all. A rule may quote what it rests on: then its statement is fenced like that."""
    finding = several[0]
    rests = _cited([key for one in several for key in one.rests_on], numbers)
    against = _cited([key for one in several for key in one.contradicted_by], numbers)
    others = list(
        dict.fromkeys(beside(one.subject, finding.subject, fence) for one in several if one.subject != finding.subject)
    )
    also = f" (so also {_first(others, 8)})" if others else ""
    said = quoted(finding.statement, 420, fence) if quotes else line(finding.statement, 420)
    contra = f", against it {against}" if against else ""
    what = (
        f"{finding.cause} {finding.confidence:.2f}"
        if finding.role is Role.CAUSE
        else f"{finding.role.value} {finding.cause}"
    )
    return f"{what} · {named(finding.subject, fence)} · {said}{also} (rests on {rests or 'nothing numbered'}{contra})"


def _first(names: Sequence[str], count: int) -> str:
    """So many of them, and how many more there are."""
    left = f" … {len(names) - count} more" if len(names) > count else ""
    return ", ".join(names[:count]) + left


def _cited(keys: list[str], numbers: dict[str, str]) -> str:
    """The most telling first, as far as they can be overseen."""
    cited = list(dict.fromkeys(numbers[key] for key in keys if key in numbers))
    return " ".join(cited[:_CITED]) + (f" {ids(cited[_CITED:])}" if len(cited) > _CITED else "")


def _so_far(case: CaseFile, fence: Fence) -> list[str]:
    """Only in follow-ups: before the first turn it says what the findings say."""
    if not case.turns:
        return []
    head = f"{case.diagnosis.verdict}: {quoted(case.diagnosis.summary, 300, fence)}"
    lines = [
        f"{one.id} [{one.status}, {one.confidence:.2f}, by {one.by}] {one.cause} · {named(one.subject, fence)} · "
        f"{quoted(one.statement, 200, fence)} (cites {' '.join(one.supporting)})"
        for one in case.diagnosis.hypotheses
    ]
    return [head, *lines]


def _seen_before(case: CaseFile, fence: Fence) -> list[str]:
    return [
        f"{one.incident} {quoted(one.title, 120, fence)}: a person confirmed {one.cause}"
        + (f"; what fixed it: {quoted(one.resolution, 200, fence)}" if one.resolution else "")
        + (f"; differs: {line(one.differs, 120)}" if one.differs else "")
        for one in case.seen_before
    ]


def _runbooks(case: CaseFile, fence: Fence) -> list[str]:
    return [f"{one.href} {quoted(_why(one), 220, fence)}" for one in case.runbooks]


def _why(link: RunbookLink) -> str:
    """A section that is named where it is told why the page is shown is not named before."""
    parts = (link.title, "" if link.section in link.why else link.section, link.why)
    return " · ".join(filter(None, parts))


def _said(case: CaseFile, fence: Fence) -> list[str]:
    """The latest first: what is cut for lack of room is the oldest. What is evidence already is not told twice."""
    told = {item.key: item.summary for item in case.evidence if item.source == statements.SOURCE}
    turns = [turn for turn in reversed(case.turns) if told.get(statements.key(turn)) != " ".join(turn.text.split())]
    day = case.incident.window.end.date()
    return [f"{clock(turn.at, day)} {handle(turn.author)}: {quoted(turn.text, 600, fence)}" for turn in turns]


class Section(NamedTuple):
    """Its lines, the most telling first, and how many tokens it may take."""

    lines: Callable[[CaseFile, Fence], list[str]]
    tokens: int


SECTIONS: dict[str, Section] = {
    "What fired": Section(_fired, 700),
    "Timeline": Section(_timeline, 450),
    "Coverage and gaps": Section(_coverage, 500),
    "Findings by the rules": Section(_findings, 900),
    "Diagnosis so far": Section(_so_far, 450),
    "Seen before": Section(_seen_before, 200),
    "Runbooks": Section(_runbooks, 150),
    "Said in the thread": Section(_said, 600),
}
