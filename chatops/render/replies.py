"""What do commands answer to the one who typed them: status, why, runbook, list, settings, help?

These are shown to one person, at once, from what is stored; none of them reads a system.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from chatops.domain.conversation import Message
from chatops.domain.diagnosis import Diagnosis, Hypothesis
from chatops.domain.incident import Incident, TimelineEntry
from chatops.domain.ports import RunbookHit
from chatops.render import blocks, coverage, wording
from chatops.render.blocks import Part, saying
from chatops.render.card import View, cited
from chatops.render.detail import evidence_blocks
from chatops.render.mrkdwn import inline, lines, link, person, words
from connectors.contract import Health


def status(
    incident: Incident, diagnosis: Diagnosis | None, timeline: Sequence[TimelineEntry], *, now: datetime, page: str = ""
) -> Message:
    """Where the incident stands: for somebody who has just joined."""
    first = f"*{words(wording.headline(incident, diagnosis), 700)}*"
    facts = words(" · ".join(p for p in (wording.where(incident), wording.age(incident, now)) if p), 300)
    causes = [f"• {words(h.statement, 240)} ({h.confidence:.0%})" for h in wording.live(_hypotheses(diagnosis))[:3]]
    title = "*Likely causes*" if len(causes) > 1 else "*Likely cause*"
    recent = [f"• {wording.clock(e.at)} {words(e.text, 160)}{_by(e.by)}" for e in timeline[-8:]]
    strip = words(coverage.counts(diagnosis.coverage), 600) if diagnosis else ""
    used = _used(diagnosis)
    parts = [
        Part(9, "state", [blocks.section(lines([first, facts]))]),
        Part(8, "causes", [blocks.section(lines([title, *causes]))] if causes else []),
        Part(7, "record", [blocks.section(lines(["*Last in the record*", *recent]))] if recent else []),
        Part(6, "coverage", [blocks.context(*filter(None, (strip, used)))] if strip or used else []),
        Part(9, "link", [blocks.context(link(page, "Open investigation"))] if page else []),
    ]
    return blocks.message(first, parts)


def _used(diagnosis: Diagnosis | None) -> str:
    """What a model has used for the incident, if one was asked."""
    if diagnosis is None or not diagnosis.engine.turns:
        return ""
    return words(f"{wording.engine(diagnosis)} · {wording.spent(diagnosis.engine.usage)}", 300)


def _hypotheses(diagnosis: Diagnosis | None) -> Sequence[Hypothesis]:
    return diagnosis.hypotheses if diagnosis else ()


def _by(user: str) -> str:
    return f" ({person(user)})" if user and user != "chatops" else ""


def why(incident: Incident, diagnosis: Diagnosis | None, *, page: str = "") -> Message:
    """The evidence behind the best hypothesis, and what the others rest on."""
    standing = wording.live(_hypotheses(diagnosis))
    if diagnosis is None or not standing:
        known = words(diagnosis.summary, 600) if diagnosis else f"_{words(incident.title, 300)}_ is being looked into."
        return saying("There is no hypothesis yet.", known)
    view, best = View(incident, diagnosis, page=page), standing[0]
    head = lines([f"*Why: {words(best.statement)}*", words(best.mechanism, 600)])
    parts = [
        Part(9, "cause", [blocks.section(head)]),
        _side(view, diagnosis, "For it", best.supporting),
        _side(view, diagnosis, "Against it", best.contradicting, rich=False),
        _tests(best),
        _others(view, diagnosis, standing[1:6]),
    ]
    return blocks.message(words(f"Why: {best.statement}", 1000), parts)


def _side(view: View, diagnosis: Diagnosis, title: str, ids: Sequence[str], *, rich: bool = True) -> Part:
    known = {item.id: item for item in diagnosis.evidence}
    items = [known[eid] for eid in ids[:6] if eid in known]
    rows = [
        block for place, item in enumerate(items) for block in evidence_blocks(view, item, rich=rich and place == 0)
    ]
    return Part(7, title.lower(), [blocks.section(f"*{title}*"), *rows] if rows else [])


def _tests(best: Hypothesis) -> Part:
    told = [
        f"*Would confirm:* {words(best.would_confirm, 300)}" if best.would_confirm else "",
        f"*Would refute:* {words(best.would_refute, 300)}" if best.would_refute else "",
    ]
    return Part(8, "tests", [blocks.section(lines(told))] if any(told) else [])


def _others(view: View, diagnosis: Diagnosis, standing: Sequence[Hypothesis]) -> Part:
    told = [f"• {words(h.statement, 200)} ({h.confidence:.0%}) rests on {cited(view, h.supporting)}" for h in standing]
    out = [h for h in diagnosis.hypotheses if h.status == "ruled out"]
    told += [f"• ❌ {words(h.statement, 200)}: {words(h.reason or 'ruled out', 200)}" for h in out[:4]]
    return Part(6, "others", [blocks.section(lines(["*Others*", *told]))] if told else [])


def runbooks(text: str, hits: Sequence[RunbookHit]) -> Message:
    """The runbook sections that fit, or that none does."""
    if not hits:
        return saying(f"No runbook fits {inline(text)}.")
    told = [blocks.section(_hit(hit)) for hit in hits[:5]]
    return blocks.message(words(f"Runbooks for {text}", 500), [Part(9, "hits", told)])


def _hit(hit: RunbookHit) -> str:
    section = f" § {words(hit.link.section, 100)}" if hit.link.section else ""
    fits = f"_Fits: {words(hit.link.why, 200)}_" if hit.link.why else ""
    return lines([f"*{link(hit.link.href, hit.link.title)}*{section}", words(hit.excerpt, 400), fits])


def listing(
    incidents: Sequence[Incident],
    *,
    now: datetime,
    pages: Mapping[str, str] | None = None,
    known: Mapping[str, Diagnosis] | None = None,
    head: str = "",
) -> Message:
    """The incidents of a channel, or all recent ones; open ones first, each with what is `known` of it."""
    if not incidents:
        return saying("No incident in this channel yet.")
    ordered = sorted(incidents, key=lambda i: (i.status == "resolved", -i.created_at.timestamp()))
    told = [line_of(one, now, (pages or {}).get(one.id, ""), (known or {}).get(one.id)) for one in ordered[:LISTED]]
    first = [Part(9, "head", [blocks.section(head)])] if head else []
    return blocks.message(head or "Incidents", [*first, Part(9, "list", [blocks.section(lines(told))])])


LISTED = 15
"""Incidents in a list."""


def line_of(incident: Incident, now: datetime, page: str = "", diagnosis: Diagnosis | None = None) -> str:
    """One incident in one line, which begins as its card does."""
    mark, _, said = wording.headline(incident, diagnosis).partition(" ")
    return f"{mark} {link(page, said)} · {words(wording.age(incident, now), 80)} · {inline(incident.id)}"


def settings(rows: Mapping[str, str], health: Sequence[Health]) -> Message:
    """What is set for this channel and person, and which sources are connected."""
    told = [f"• *{words(name, 60)}:* {words(value, 300)}" for name, value in rows.items()]
    table = Part(9, "rows", [blocks.section(lines(["*Settings*", *told]))])
    return blocks.message("Settings", [table, health_part(health)])


def health_part(health: Sequence[Health]) -> Part:
    """The connectors' health, a line each, with what helps where something is wrong."""
    groups: dict[str, list[Health]] = {}
    for row in health:
        groups.setdefault(row.name.partition(": ")[0], []).append(row)
    told = [line for name, rows in sorted(groups.items(), key=_broken_first) for line in _source(name, rows)]
    return Part(7, "sources", [blocks.section(lines(["*Sources* (read only)", *told]))] if told else [])


def _broken_first(group: tuple[str, Sequence[Health]]) -> bool:
    return all(row.ok for row in group[1])


def _source(name: str, rows: Sequence[Health]) -> Iterator[str]:
    """A line that says whether the source answers, and one for each of the first faults."""
    bad = [row for row in rows if not row.ok]
    if len(rows) == 1:
        yield f"{'❌' if bad else '✅'} {_fault(rows[0])}"
        return
    if not bad:
        yield f"✅ {words(name, 60)}: answers, all {len(rows)} reads are allowed"
        return
    mark = "❌" if len(bad) == len(rows) else "⚠️"
    yield f"{mark} {words(name, 60)}: {len(rows) - len(bad)} of {len(rows)} reads work"
    # What helps says what is wrong, too; in full it stands in `chatops doctor`.
    yield from (
        f"• {words(row.name.partition(': ')[2], 60)}: {words(row.remedy or row.detail, 160)}" for row in bad[:3]
    )
    if len(bad) > 3:
        yield f"• and {len(bad) - 3} more: see `chatops doctor`"


def _fault(row: Health) -> str:
    helps = f" → {words(row.remedy, 200)}" if row.remedy and not row.ok else ""
    return f"{words(row.name, 60)}: {words(row.detail, 240)}{helps}"


def usage(command: str, rows: Sequence[tuple[str, str]]) -> Message:
    """How to use the command; rows are (what to type after it, what it does)."""
    told = [f"• {inline(f'{command} {form}'.strip())} {words(text, 200)}" for form, text in rows]
    more = "In a thread I opened just reply. Elsewhere mention me. On an alert: the shortcut *Investigate this alert*."
    return blocks.message("How to use this", [Part(9, "help", [blocks.section(lines(told)), blocks.context(more)])])
