"""What do the rules answer to a person? The first line is the answer, the rest is what it rests on.

Pure functions from what was understood and what was read to Markdown. Nothing is said that the evidence, the
findings or the coverage do not say; where they are silent, the answer says what was looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chatops.domain.diagnosis import Diagnosis, Hypothesis
from chatops.domain.ports import RunbookHit
from chatops.persona.statements import SOURCE
from chatops.render import coverage, wording
from chatops.triage.questions import Asked, Kind, Topic
from connectors.causes import BY_CODE
from connectors.evidence import Change, Coverage, Evidence, Finding, LogPatterns, Role, Series, SeriesSet, State

NO_MODEL = "No model is configured"
_MOST = 6
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{2,}", re.IGNORECASE)
_STOP_WORDS = frozenset(
    """the and for are was were what which why who how when where does did with this that from have has been into
    not you can could should show list check look any now still our your its there about give tell explain""".split()  # noqa: SIM905
)
_CHANGE_CHECKS = re.compile(r"change|rollout|release|revision|deploy|trail|event", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """What there is to answer from: the diagnosis as it is now, and the findings it was ranked from."""

    diagnosis: Diagnosis
    findings: tuple[Finding, ...] = ()
    hits: tuple[RunbookHit, ...] = ()
    """Runbook sections that fit the question, or the likely cause where it asks what to do."""
    fresh: tuple[Evidence, ...] = ()
    """What was read for this question alone."""

    @property
    def best(self) -> Hypothesis | None:
        """The likeliest hypothesis that stands."""
        return next((one for one in self.diagnosis.hypotheses if one.status != "ruled out"), None)

    def cited(self, ids: Iterable[str]) -> list[Evidence]:
        """Evidence by its ids, in their order."""
        by_id = {one.id: one for one in self.diagnosis.evidence}
        return [by_id[one] for one in ids if one in by_id]


def reply(asked: Asked, known: Known, unasked: str = NO_MODEL) -> str:
    """The answer in Markdown; `unasked` says why no model gives it."""
    if asked.kind in ("now", "why", "words") and asked.topics:
        lines = _topics(asked, known)
    else:
        lines = _BY_KIND[asked.kind](asked, known)
    pages = [f"• Runbook: [{hit.link.title}]({hit.link.href})" for hit in known.hits[:2] if hit.link.href]
    return "\n".join([*lines, *pages, f"_{unasked}: this is what the rules and the sources say._"])


def _logs(asked: Asked, known: Known) -> list[str]:
    logs = [one for one in (*known.fresh, *known.diagnosis.evidence) if isinstance(one.body, LogPatterns)]
    if not logs:
        looked = _looked(known, lambda row: "log" in row.check)
        return ["**No log was read that says anything.**", *looked]
    first, *others = {one.id: one for one in logs}.values()
    told, *tail = first.summary.splitlines() or [""]
    shown = _block(tail) if tail else _patterns(first.body)
    lines = [f"**{first.title}** ({first.id}): {told}", *shown]
    return [*lines, *(f"• *{one.id}* {one.title}: {one.summary.splitlines()[0]}" for one in others[:3])]


def _patterns(body: object) -> list[str]:
    if not isinstance(body, LogPatterns) or not body.patterns:
        return []
    shown = [f"{one.before:>4} → {one.after:<4} {one.example or one.template}" for one in body.patterns[:8]]
    return ["Lines before → after the onset:", *_block(shown)]


def _block(lines: Sequence[str]) -> list[str]:
    """Lines of others as a code block that they cannot leave."""
    return ["```", *(line[:300].replace("`", "'") for line in lines[-20:]), "```"]


def _changes(asked: Asked, known: Known) -> list[str]:
    changes = [(one, one.body) for one in known.diagnosis.evidence if isinstance(one.body, Change)]
    meant = [(one, body) for one, body in changes if asked.since is None or body.at >= asked.since]
    since = f" since {asked.since:%H:%M} UTC" if asked.since else " around the onset"
    if not meant:
        older = max((body.at for _, body in changes), default=None)
        lines = [f"**Nothing that was read changed{since}.**"]
        lines += [f"The last change before: {older:%H:%M} UTC."] if older else []
        return lines + _looked(known, lambda row: bool(_CHANGE_CHECKS.search(row.check)))
    ordered = sorted(meant, key=lambda pair: pair[1].at, reverse=True)
    lines = [f"**{len(meant)} change{'s' if len(meant) > 1 else ''}{since}**, the latest first:"]
    lines += [f"• {body.at:%H:%M:%S} UTC {_change(body)} [{one.id}]" for one, body in ordered[:_MOST]]
    return lines + _release_line(known, {one.id for one, _ in meant})


def _change(body: Change) -> str:
    return wording.difference(body) + (f", by {body.by}" if body.by else "")


def _release_line(known: Known, ids: set[str]) -> list[str]:
    """Whether a change is thought to be the cause."""
    blamed = [one for one in known.diagnosis.hypotheses if ids & set(one.supporting) and one.status != "ruled out"]
    if not blamed:
        return ["None of them is a likely cause by the rules."]
    return [f"As a cause: {one.statement} ({one.confidence:.0%})" for one in blamed[:2]]


def _mitigate(asked: Asked, known: Known) -> list[str]:
    best = known.best
    lines = [f"**{_guess(best)}**" if best else "**No cause stands out yet: look first, change nothing.**"]
    if best and best.cause in BY_CODE:
        lines.append(f"The usual remedy: {BY_CODE[best.cause].next_step}. A change is for a person to decide.")
    lines += [f"• {m.text} – to undo: {m.rollback}; touches: {m.blast_radius}" for m in known.diagnosis.mitigations[:3]]
    changes = [(one, one.body) for one in known.diagnosis.evidence if isinstance(one.body, Change)]
    near = max(changes, key=lambda pair: pair[1].at, default=None)
    if near:
        lines.append(
            f"The last change, which could be taken back: {near[1].at:%H:%M} UTC {_change(near[1])} [{near[0].id}]"
        )
    return lines


def _before(asked: Asked, known: Known) -> list[str]:
    seen = known.diagnosis.seen_before
    if not seen:
        return ["**No earlier incident with the same alert, cause and subject has a confirmed cause.**"]
    return [
        "**Seen before:**",
        *(f"• {one.title}: {wording.ended(one)} {one.link}".rstrip() for one in seen[:4]),
    ]


def _start(asked: Asked, known: Known) -> list[str]:
    onset = known.diagnosis.incident.window.onset
    dated = sorted((one for one in known.diagnosis.evidence if one.onset), key=lambda one: one.onset or datetime.max)
    lines = [f"**The alert began at {onset:%H:%M:%S} UTC.**" if onset else "**No alert says when it began.**"]
    lines += [f"• {one.onset:%H:%M:%S} UTC {one.title}: {one.summary} [{one.id}]" for one in dated[:_MOST] if one.onset]
    return lines if dated else [*lines, "Nothing that was read has a time of its own."]


def _impact(asked: Asked, known: Known) -> list[str]:
    symptoms = [one for one in known.findings if one.role is Role.SYMPTOM]
    hurt = list(dict.fromkeys(one.subject.spoken for one in symptoms))
    if not hurt:
        best = known.best
        only = f"Only what is at fault is known to suffer: {best.subject.spoken}" if best else "Nothing suffers visibly"
        return [f"**{only}.**"]
    lines = [f"**{len(hurt)} {'things suffer' if len(hurt) > 1 else 'thing suffers'}:** {', '.join(hurt[:10])}"]
    return [*lines, *(f"• {one.statement}" for one in _unlike(symptoms)[:_MOST])]


def _unlike(findings: Sequence[Finding]) -> list[Finding]:
    return list({one.statement: one for one in findings}.values())


def _now(asked: Asked, known: Known) -> list[str]:
    lines = [f"**Now:** {known.diagnosis.summary}"]
    broken = [one.statement for one in _unlike([one for one in known.findings if one.role is Role.SYMPTOM])]
    lines += [f"• {one}" for one in broken[:4]]
    return lines + [f"• {line}" for one in known.diagnosis.evidence if (line := _latest(one))][:4]


def _latest(one: Evidence) -> str:
    """The last value of a series that shifted, against what it was before."""
    series = one.body.series[0] if isinstance(one.body, SeriesSet) and one.body.series else one.body
    if not isinstance(series, Series) or not series.points or series.before is None:
        return ""
    unit = wording.unit(series.unit)
    return f"{one.title}: {series.points[-1][1]:.3g}{unit} now, {series.before:.3g}{unit} before [{one.id}]"


def _why(asked: Asked, known: Known) -> list[str]:
    best = known.best
    if best is None:
        unknown = coverage.unknown(known.diagnosis)
        return [f"**{known.diagnosis.summary}**", *(f"• Not known: {gap}" for gap in unknown[:4])]
    lines = [f"**{_guess(best)}**"]
    lines += [best.mechanism] if best.mechanism else []
    lines += [f"• For it: *{one.id}* {one.title}: {one.summary}" for one in known.cited(best.supporting)[:4]]
    lines += [f"• Against it: *{one.id}* {one.title}: {one.summary}" for one in known.cited(best.contradicting)[:3]]
    others = [one for one in known.diagnosis.hypotheses if one is not best and one.status != "ruled out"]
    lines += [f"• Less likely: {one.statement} ({one.confidence:.0%})" for one in others[:2]]
    return lines


def _guess(one: Hypothesis) -> str:
    word = {"confirmed": "Confirmed: ", "open": ""}.get(one.status, "")
    return f"{word}{one.statement} ({one.confidence:.0%})"


def _topics(asked: Asked, known: Known) -> list[str]:
    lines: list[str] = []
    for topic in asked.topics[:2]:
        lines += _topic(topic, known)
    return lines


def _topic(topic: Topic, known: Known) -> list[str]:
    """Is it that? The hypotheses of the topic, what was read of it, and what could not be."""
    blamed = [
        one for one in known.diagnosis.hypotheses
        if one.status != "ruled out" and one.cause in BY_CODE and topic.covers(BY_CODE[one.cause])
    ]  # fmt: skip
    rows = [row for row in known.diagnosis.coverage if _decides(row, topic)]
    failed = [row for row in rows if row.state is State.FAILED]
    looked = [row for row in rows if row.state in (State.CHECKED, State.NO_DATA)]
    name = topic.name[0].upper() + topic.name[1:]
    if blamed:
        likely = blamed[0].confidence >= 0.5
        lines = [f"**{name}: {'likely' if likely else 'possible'}.** {_guess(blamed[0])}"]
        lines += [f"• *{one.id}* {one.title}: {one.summary}" for one in known.cited(blamed[0].supporting)[:3]]
    elif failed and not looked:
        lines = [f"**{name}: cannot be told.** What would tell could not be read."]
    elif looked:
        told = "no rule blames it" if _mentions(topic.words, known, ()) else "no sign of it"
        lines = [f"**{name}: {told}.** Looked at: {_names(looked)}."]
    else:
        lines = [f"**{name}: not looked at.** No source that is connected tells."]
    lines += [f"• Not read: {row.source}/{row.check} ({row.detail})" for row in failed[:3]]
    best = known.best
    if best and best not in blamed:
        lines.append(f"More likely: {_guess(best)}")
    return lines + _mentions(topic.words, known, blamed[0].supporting if blamed else ())


def _decides(row: Coverage, topic: Topic) -> bool:
    return any(code in BY_CODE and topic.covers(BY_CODE[code]) for code in row.decides)


def _mentions(words: str, known: Known, told: Sequence[str]) -> list[str]:
    pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    found = [
        one for one in known.diagnosis.evidence if one.id not in told and pattern.search(f"{one.title} {one.summary}")
    ]
    return [f"• *{one.id}* {one.title}: {one.summary}" for one in found[:3]]


def _words(asked: Asked, known: Known) -> list[str]:
    found = about(asked.text, known.diagnosis.evidence)
    if found:
        return [f"**{found[0].title}:** {found[0].summary} [{found[0].id}]",
                *(f"• *{one.id}* {one.title}: {one.summary}" for one in found[1:_MOST])]  # fmt: skip
    return [f"**Nothing that was read mentions what you ask about.** {known.diagnosis.summary}"]


def about(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Evidence that shares words with the question, most first; what people said comes last."""
    words = {word.lower() for word in _WORD.findall(question)} - _STOP_WORDS
    scored = []
    for one in evidence:
        text = f"{one.title} {one.summary} {one.check} {one.subject or ''}".lower()
        score = sum(word in text or word.rstrip("s") in text for word in words)
        if score:
            scored.append((score, one))
    return [one for _, one in sorted(scored, key=lambda pair: (pair[1].source == SOURCE, -pair[0]))]


def _looked(known: Known, which: Callable[[Coverage], bool]) -> list[str]:
    rows = [row for row in known.diagnosis.coverage if which(row)]
    read = [row for row in rows if row.state in (State.CHECKED, State.NO_DATA)]
    failed = [row for row in rows if row.state is State.FAILED]
    lines = [f"Looked at: {_names(read)}."] if read else []
    return lines + [f"• Not read: {row.source}/{row.check} ({row.detail})" for row in failed[:3]]


def _names(rows: Sequence[Coverage]) -> str:
    shown = ", ".join(f"{row.source}/{row.check}" for row in rows[:5])
    return shown + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")


_BY_KIND: Mapping[Kind, Callable[[Asked, Known], list[str]]] = {
    "logs": _logs,
    "changes": _changes,
    "mitigate": _mitigate,
    "before": _before,
    "start": _start,
    "impact": _impact,
    "now": _now,
    "why": _why,
    "words": _words,
}
