"""What does the root message of an incident say? One message, edited in place from the first second to the end.

First line the answer or the state; then what is broken, the likely causes, what changed, the next commands,
changes for a person to decide, runbooks, the coverage strip, and the buttons.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chatops.domain.alert import Alert
from chatops.domain.conversation import Message
from chatops.domain.diagnosis import Diagnosis, Hypothesis, Mitigation, NextStep, RunbookLink, SeenBefore
from chatops.domain.incident import Incident
from chatops.render import blocks, coverage, wording
from chatops.render.blocks import Block, Part
from chatops.render.mrkdwn import code, inline, lines, link, sentences, words
from connectors.evidence import Change, Evidence, Finding, Role

SHOWN_CAUSES = 3
SHOWN_STEPS = 4


class View(NamedTuple):
    """Everything the card is made from; `page` is the address of the incident's page, or empty."""

    incident: Incident
    diagnosis: Diagnosis | None = None
    findings: Sequence[Finding] = ()
    now: datetime | None = None
    page: str = ""
    doing: str = ""
    """What is being done right now, where something is."""
    told_in: str = ""
    """The address of the thread that tells of the same outage, where the incident was joined to another."""


def root_card(
    incident: Incident,
    diagnosis: Diagnosis | None = None,
    findings: Sequence[Finding] = (),
    *,
    now: datetime,
    page: str = "",
    doing: str = "",
    told_in: str = "",
) -> Message:
    """Return the root message for any state of the incident; `page` is where its page is, `doing` what goes on now.

    `told_in` is where the thread is that tells of it, too.
    """
    view = View(incident, diagnosis, findings, now, page, doing, told_in)
    first = wording.headline(incident, diagnosis)
    return blocks.message(_notification(incident, first), _parts(view, first), wording.look(incident, diagnosis).color)


def _notification(incident: Incident, first: str) -> str:
    """What a locked phone shows: the first line, and where it is."""
    where = wording.where(incident)
    return words(first if not where or where in first else f"{first} ({where})", 3_000)


def _parts(view: View, first: str) -> list[Part]:
    incident, diagnosis = view.incident, view.diagnosis
    head = [_headline(first), blocks.context(_facts_line(view)), *_one_outage(view)]
    if incident.joined_to and incident.status != "resolved":
        return [Part(9, "state", head), _broken(view), _buttons(view)]
    if diagnosis is None:
        return [Part(9, "state", [*head, *_doing(view)]), _broken(view), _buttons(view)]
    if incident.status == "resolved":
        return [
            Part(9, "state", head),
            _causes(view, diagnosis, buttons=False),
            _runbooks(diagnosis.runbooks),
            _coverage(view, diagnosis),
            _buttons(view),
        ]
    return [
        Part(9, "state", [*head, *_doing(view)]),
        _broken(view),
        _causes(view, diagnosis),
        _seen(diagnosis.seen_before),
        _changes(view, diagnosis),
        _steps(view, diagnosis),
        _mitigations(diagnosis.mitigations),
        _gaps(diagnosis),
        _runbooks(diagnosis.runbooks),
        _coverage(view, diagnosis),
        _buttons(view),
    ]


def _one_outage(view: View) -> list[Block]:
    """Which incidents are the same outage, and in whose thread all of them are told."""
    incident = view.incident
    if incident.joined_to:
        where = link(view.told_in, incident.joined_to)
        told = f"*The same outage as {where}*, whose thread goes on for both, as long as nobody splits them."
        return [blocks.section(lines([told, words(incident.joined_for, 600)]))]
    if incident.joined:
        return [blocks.context(f"🔗 The same outage, told here: {words(', '.join(incident.joined[:10]), 300)}")]
    return []


def _headline(first: str) -> Block:
    return blocks.header(first) if len(first) <= blocks.MAX_HEADER else blocks.section(f"*{words(first, 900)}*")


def _doing(view: View) -> list[Block]:
    told = view.doing or wording.waiting(view.incident)
    return [blocks.context(f"⏳ {words(told, 200)}")] if told else []


def _facts_line(view: View) -> str:
    incident = view.incident
    parts = [wording.look(incident, view.diagnosis).word, incident.severity, wording.where(incident)]
    parts.append(wording.age(incident, view.now or incident.created_at))
    if (firing := len(incident.firing) + incident.more_alerts) > 1:
        parts.append(wording.alerts(firing, incident.firing))
    return words(" · ".join(part for part in parts if part), 500)


def _broken(view: View) -> Part:
    """The alerts that fire and the symptoms that the rules saw."""
    groups = _alike(view.incident.firing)[:4]
    told = [_alerts(group) for group in groups]
    more = wording.more_alerts(view.incident, shown=sum(map(len, groups)))
    told += [f"• {more}"] if more else []
    symptoms = [finding for finding in view.findings if finding.role is Role.SYMPTOM]
    told += [f"• {words(finding.statement, 160)}" for finding in symptoms[:4]]
    asked = view.incident.question
    if not told and asked:
        told = [f"Asked: {words(asked, 400)}"]
    well = view.diagnosis is not None and view.diagnosis.verdict == "healthy"
    title = "*What fires*" if well else "*What is broken*"
    return Part(8, "what is broken", [blocks.section(lines([title, *told]))] if told else [])


def _alike(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """Alerts that say the same, together, in their order."""
    groups: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        groups.setdefault((alert.name, alert.summary), []).append(alert)
    return list(groups.values())


def _alerts(alike: Sequence[Alert]) -> str:
    """One line for alerts that say the same."""
    first = alike[0]
    count = f" ({wording.alerts(len(alike), alike)})" if len(alike) > 1 else ""
    return f"• {link(first.link, first.name)}{_said_of(first.name, first.summary)}{count}"


def _said_of(name: str, summary: str) -> str:
    """What an alert says beside its name; nothing where it only says its name again."""
    if _letters(summary) == _letters(name):
        return ""
    return f": {words(summary or 'firing', 240)}"


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _causes(view: View, diagnosis: Diagnosis, *, buttons: bool = True) -> Part:
    standing = wording.live(diagnosis.hypotheses)
    confirmed = [hypothesis for hypothesis in standing if hypothesis.status == "confirmed"]
    if not standing:
        return Part(8, "causes", [])
    # what a person confirmed leaves nothing to guess
    told = (confirmed or wording.worth_reading(standing))[:SHOWN_CAUSES]
    likely = "Likely" if told[0].confidence >= 0.5 else "Possible"
    title = "*Cause*" if confirmed else f"*{likely} cause{'s' * (len(told) > 1)}*"
    standing = told if confirmed else standing
    shown = [blocks.section(lines([title, _cause(view, standing[0])]))]
    if buttons:
        shown += _verdict_buttons(view.incident, standing[0])
    shown += [blocks.section(_cause(view, hypothesis)) for hypothesis in told[1:]]
    if buttons and (weaker := standing[len(told) :]):
        shown.append(blocks.context(f"{wording.less_likely(weaker)}: `why` shows more"))
    return Part(8, "causes", shown)


def _cause(view: View, hypothesis: Hypothesis) -> str:
    moved = wording.STATUS_WORD[hypothesis.status]
    figures = f"{wording.bar(hypothesis.confidence)} · {hypothesis.kind} · {inline(hypothesis.cause)}" + (
        f" · {moved}" if moved else ""
    )
    known = view.diagnosis.hypotheses if view.diagnosis else ()
    number = f"{hypothesis.rank}. " if len(wording.worth_reading(known)) > 1 else ""
    evidence = "Rests on " + cited(view, hypothesis.supporting)
    against = f" · against it: {cited(view, hypothesis.contradicting)}" if hypothesis.contradicting else ""
    return lines(
        [
            f"*{number}{words(hypothesis.statement, 320)}*",
            figures,
            evidence + against,
            words(hypothesis.mechanism, 300),
            _usual(view, hypothesis),
        ]
    )


def _usual(view: View, hypothesis: Hypothesis) -> str:
    """What usually ends such a fault, where the cause is likely: for a person to decide."""
    fix = "" if view.incident.status == "resolved" else wording.usual_fix(hypothesis)
    return f"_Usual fix:_ {words(fix, 200)}" if fix else ""


def cited(view: View, ids: Sequence[str]) -> str:
    """Evidence ids as links to where they can be looked at."""
    known = {item.id: item for item in view.diagnosis.evidence} if view.diagnosis else {}
    return " ".join(link(_address(view, known.get(eid), eid), eid) for eid in ids[:8]) or "nothing"


def _address(view: View, evidence: Evidence | None, eid: str) -> str:
    return f"{view.page}#{eid}" if view.page else (evidence.link if evidence else "")


def _verdict_buttons(incident: Incident, hypothesis: Hypothesis) -> list[Block]:
    if hypothesis.status == "confirmed":
        return []
    value = f"{incident.id}|{hypothesis.id}"
    return [
        blocks.actions(
            [
                blocks.button("That is it", f"confirm:{hypothesis.id}", value),
                blocks.button("Rule it out", f"rule_out:{hypothesis.id}", value),
            ]
        )
    ]


def _changes(view: View, diagnosis: Diagnosis) -> Part:
    found = [(item, item.body) for item in diagnosis.evidence if isinstance(item.body, Change)]
    if not found:
        return Part(4, "changes", [])
    onset = view.incident.window.onset or view.incident.created_at
    found.sort(key=lambda pair: abs((pair[1].at - onset).total_seconds()))
    told = [_change(view, item, change) for item, change in found[:3]]
    return Part(6, "changes", [blocks.section(lines(["*What changed around the onset*", *told]))])


def _change(view: View, item: Evidence, change: Change) -> str:
    by = f" by {words(change.by, 60)}" if change.by else ""
    told = words(wording.difference(change), 300)
    return f"• {wording.clock(change.at)} {told}{by} [{cited(view, (item.id,))}]"


def step_block(incident_id: str, step: NextStep) -> Block:
    """One next command: why, the command, what to expect, and *Run check* where it can be run here."""
    expect = f"_Expect:_ {words(sentences(step.expect, 240), 240)}" if step.expect else ""
    told = lines([words(step.why, 300), code(step.command, 900), expect])
    if not step.runnable:
        return blocks.section(told)
    return blocks.section(told, blocks.button("Run check", f"run_check:{step.id}", f"{incident_id}|{step.id}"))


def _steps(view: View, diagnosis: Diagnosis) -> Part:
    shown_causes = {hypothesis.id for hypothesis in wording.worth_reading(diagnosis.hypotheses)}
    steps = [step for step in diagnosis.next_steps if not step.hypothesis or step.hypothesis in shown_causes]
    if not steps:
        return Part(7, "next commands", [])
    shown = [step_block(view.incident.id, step) for step in steps[:SHOWN_STEPS]]
    rest = [blocks.context(f"{len(steps) - SHOWN_STEPS} more on the page")] if len(steps) > SHOWN_STEPS else []
    return Part(7, "next commands", [blocks.section("*Next*"), *shown, *rest])


def _mitigations(mitigations: Sequence[Mitigation]) -> Part:
    told = [
        blocks.section(
            lines(
                [
                    words(one.text, 400),
                    code(" ".join(one.argv), 600) if one.argv else "",
                    f"_Undo:_ {words(one.rollback, 240)} · _Touches:_ {words(one.blast_radius, 240)}",
                ]
            )
        )
        for one in mitigations[:2]
    ]
    return Part(5, "mitigations", [blocks.section("*For a person to decide* (I only read)"), *told] if told else [])


def _gaps(diagnosis: Diagnosis) -> Part:
    told = [f"• {words(gap, 400)}" for gap in (*coverage.unknown(diagnosis), *diagnosis.open_questions)[:5]]
    if told and diagnosis.verdict == "blocked":
        told.append("• `chatops doctor`, where the app runs, says what it may read and what to do")
    return Part(6, "gaps", [blocks.section(lines(["*Not known, and it would decide*", *told]))] if told else [])


def _runbooks(runbooks: Sequence[RunbookLink]) -> Part:
    told = [
        f"• {link(page.href, page.title + (f' § {page.section}' if page.section else ''))}"
        + (f": {words(page.why, 160)}" if page.why and not (page.section and page.section in page.why) else "")
        for page in runbooks[:3]
    ]
    return Part(6, "runbooks", [blocks.section(lines(["*Runbooks*", *told]))] if told else [])


def _seen(seen: Sequence[SeenBefore]) -> Part:
    told = [f"• {link(one.link, one.title)}: {words(wording.ended(one), 400)}" for one in seen[:2]]
    title = "*Similar before*" if all(one.differs for one in seen) else "*Seen before*"
    return Part(7, "earlier incidents", [blocks.section(lines([title, *told]))] if told else [])


def _coverage(view: View, diagnosis: Diagnosis) -> Part:
    strip = words(coverage.counts(diagnosis.coverage), 900)
    by = words(f"{wording.engine(diagnosis, going=bool(view.doing))} · {view.incident.id}", 200)
    return Part(9, "coverage", [blocks.context(*filter(None, (strip, by)))])


def _buttons(view: View) -> Part:
    incident, row = view.incident, []
    if view.page:
        row.append(blocks.button("Open investigation", "page", url=view.page))
    if incident.joined_to and incident.status != "resolved":
        row.append(blocks.button("Not the same: split", "split", incident.id))
    elif incident.status in ("open", "investigating"):
        row.append(blocks.button("Stop", "stop", incident.id))
    elif incident.status == "resolved":
        row.append(blocks.button("Postmortem", "postmortem", incident.id))
    else:
        row.append(blocks.button("Look again", "retry", incident.id))
        row.append(blocks.button("Resolved", "resolve", incident.id, style="primary"))
    shown = [blocks.actions(row)]
    if view.diagnosis is not None and incident.status in ("answered", "resolved"):
        shown.append(blocks.feedback(incident.id, "root"))
    return Part(9, "buttons", shown)
