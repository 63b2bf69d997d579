"""What is the answer? The upper half of the page: what happened, the hypotheses, what to do next, what is open."""

from __future__ import annotations

import re
from datetime import datetime

from chatops.domain.diagnosis import Diagnosis, Hypothesis, Mitigation, NextStep
from chatops.domain.incident import Incident
from chatops.render import coverage, wording
from chatops.web.markup import Html, join, link, tag
from connectors.contract import Scope
from connectors.evidence import State

VERDICTS = {
    "identified": "Cause identified",
    "probable": "Probable cause",
    "inconclusive": "Inconclusive",
    "healthy": "Nothing is wrong",
    "blocked": "Could not be checked",
}
COMMANDS = {
    "read-only": "only reads",
    "writes": "changes something",
    "reveals-secrets": "shows secrets",
    "unknown": "not known to be safe",
    "unparsable": "cannot be read",
}
_LONG = 200
"""Characters of an error or a gap that are shown at once."""
_SCOPE = ("environment", "cluster", "namespace", "workload", "pod", "node", "service", "account", "region")


def waiting(incident: Incident | None) -> Html:
    """The page before the first facts are there."""
    title = incident.title if incident is not None else "Incident"
    line = tag("p", "The first facts are being gathered. This page fills itself.", class_="lead")
    return tag("section", tag("h1", title), line, id="diagnosis", aria_busy="true")


def scope_line(scope: Scope) -> str:
    """Where it was looked, in one line; what is the same under two names is said once."""
    named = {name: value for name in _SCOPE if (value := getattr(scope, name))}
    where = "/".join(filter(None, (named.pop("namespace", ""), named.pop("workload", ""))))
    rest = [f"{name} {value}" for name, value in named.items() if value not in where.split("/")]
    return " · ".join(filter(None, (where, *rest)))


_ID = re.compile(r"\b([EH]\d{1,3})\b")


def cited(text: str, diagnosis: Diagnosis) -> list[object]:
    """A text whose ids of evidence and hypotheses lead to them."""
    known = {*(e.id for e in diagnosis.evidence), *(h.id for h in diagnosis.hypotheses)}
    parts = _ID.split(text)
    return [tag("a", part, href=f"#{part}", class_="cite") if n % 2 and part in known else part
            for n, part in enumerate(parts)]  # fmt: skip


def folded(text: str) -> list[object]:
    """A long text by its beginning, with the rest to unfold: errors quote whole queries."""
    if len(text) <= _LONG:
        return [text]
    cut = text.rfind(" ", 0, _LONG) if " " in text[:_LONG] else _LONG
    return [f"{text[:cut]} …", tag("details", tag("summary", "All of it"), tag("p", text, class_="dim"))]


def cites(ids: tuple[str, ...]) -> list[Html]:
    """Links to the evidence on this page."""
    return [tag("a", one, href=f"#{one}", class_="cite") for one in ids]


def verdict(diagnosis: Diagnosis, incident: Incident | None) -> Html:
    """The first lines: what happened, and how sure that is."""
    status = tag("span", incident.status, class_="badge") if incident is not None else None
    told, aside = _parted(diagnosis.summary)
    failed = sum(row.state is State.FAILED for row in diagnosis.coverage)
    warning = None
    if failed:
        many = "One check" if failed == 1 else f"{failed} checks"
        warning = tag("p", f"{many} failed: ", tag("a", "see the coverage", href="#coverage"), class_="warning")
    return tag(
        "section",
        tag("p", tag("span", VERDICTS[diagnosis.verdict], class_=f"badge {diagnosis.verdict}"), status,
            class_="badges"),
        tag("h1", diagnosis.incident.title),
        tag("p", cited(told, diagnosis), class_="lead"),
        tag("p", cited(aside, diagnosis), class_="aside") if aside else None,
        tag("dl", [tag("div", tag("dt", label), tag("dd", value)) for label, value in _glance(diagnosis)],
            class_="glance"),
        warning,
        id="diagnosis",
        class_=f"hero {diagnosis.verdict}",
    )  # fmt: skip


def _parted(summary: str) -> tuple[str, str]:
    """The answer in one sentence, and what is said beside it (what was not read, what else is open)."""
    found = re.search(r"(?<=[.!?)]) (?=Not read: |[A-Z][^.]*\b(?:not|also|but)\b)", summary)
    return (summary[: found.start()], summary[found.end() :]) if found else (summary, "")


def began(diagnosis: Diagnosis) -> tuple[datetime | None, str]:
    """When it began, and the evidence that says so: what the best hypothesis rests on may be older than the alert."""
    best = min(diagnosis.hypotheses, key=lambda h: h.rank, default=None)
    rests = best.supporting if best else ()
    seen = [(e.onset, e.id) for e in diagnosis.evidence if e.id in rests and e.onset is not None]
    at, evidence = min(seen, default=(None, ""))
    alerted = diagnosis.incident.window.onset
    if at is None or (alerted is not None and alerted <= at):
        return alerted, ""
    return at, evidence


def _glance(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """When, where, how sure, how long it took: what a reader looks for first."""
    window, engine = diagnosis.incident.window, diagnosis.engine
    best = min(diagnosis.hypotheses, key=lambda h: h.rank, default=None)
    onset, _ = began(diagnosis)
    facts = [
        ("Confidence", f"{round(best.confidence * 100)}%" if best else ""),
        ("Began", f"{onset:%H:%M:%S} UTC" if onset else ""),
        ("Where", scope_line(diagnosis.incident.scope)),
        ("Looked at", f"{window.start:%Y-%m-%d %H:%M}–{window.end:%H:%M} UTC"),
        ("Answered in", f"{engine.seconds.total:.1f} s" if engine.seconds.total else ""),
        ("Cost", f"${engine.usage.cost_usd:.2f}" if engine.kind == "model" else ""),
    ]
    return [(label, value) for label, value in facts if value]


def hypotheses(diagnosis: Diagnosis) -> Html | None:
    """Possible causes by rank, what speaks for and against each, and how it moved."""
    if not diagnosis.hypotheses:
        return None
    rows = [_hypothesis(h) for h in sorted(diagnosis.hypotheses, key=lambda h: h.rank)]
    return tag(
        "section",
        tag("h2", "Hypotheses", id="hypotheses"),
        tag("ol", rows, class_="cards"),
        aria_labelledby="hypotheses",
    )


def _hypothesis(h: Hypothesis) -> Html:
    percent = round(h.confidence * 100)
    name = f"{h.id} confidence"
    meter = tag("meter", f"{percent}%", min=0, max=100, value=str(percent), aria_label=name)
    sure = tag("div", tag("b", f"{percent}%"), meter, class_="sure")
    facts = [
        ("For", cites(h.supporting)),
        ("Against", cites(h.contradicting)),
        ("How it leads there", h.mechanism),
        ("Would confirm", h.would_confirm),
        ("Would refute", h.would_refute),
        ("Why it moved", h.reason),
    ]
    told = [(tag("dt", label), tag("dd", value)) for label, value in facts if value]
    marks = (
        tag("code", h.cause),
        tag("span", h.kind, class_="badge"),
        tag("span", h.status, class_=f"badge {_slug(h.status)}"),
    )
    line = (*marks, tag("span", f"by {_BY[h.by]}", class_="dim"))
    head = tag("h3", tag("span", h.id, class_="number"), h.statement)
    said = tag("div", head, tag("p", line, class_="badges"), tag("dl", told) if told else None)
    return tag("li", sure, said, class_=f"card hypothesis {_slug(h.status)}", id=h.id)


_BY = {"rules": "rules", "model": "the model", "both": "rules and the model"}


def _slug(words: str) -> str:
    return words.replace(" ", "-")


def command(text: str) -> Html:
    """A command or query with its copy button."""
    return tag(
        "div",
        tag("pre", tag("code", text), tabindex="0"),
        tag("button", "Copy", type="button", class_="copy", hidden=True),
        class_="copyable",
    )


def next_steps(diagnosis: Diagnosis) -> Html | None:
    """Commands that tell more, and changes for a person to decide."""
    blocks = [
        _listed("Next commands", "steps", [_step(s, diagnosis) for s in diagnosis.next_steps]),
        _listed("Mitigations to decide", "mitigations", [_mitigation(m) for m in diagnosis.mitigations]),
    ]
    return join(blocks) if any(blocks) else None


def reading(diagnosis: Diagnosis) -> Html | None:
    """Runbooks, and incidents that were like this one."""
    blocks = [
        _listed("Runbooks", "runbooks", [_runbook(r.title, r.href, r.section, r.why) for r in diagnosis.runbooks]),
        _listed(
            "Seen before", "before", [_runbook(s.title, s.link, "", wording.ended(s)) for s in diagnosis.seen_before]
        ),
    ]
    return join(blocks) if any(blocks) else None


def _listed(title: str, name: str, rows: list[Html]) -> Html | None:
    if not rows:
        return None
    return tag("section", tag("h2", title, id=name), tag("ul", rows, class_="cards"), aria_labelledby=name)


def _step(step: NextStep, diagnosis: Diagnosis) -> Html:
    marks: list[object] = [tag("span", COMMANDS[step.verdict], class_=f"badge {step.verdict}")]
    if step.hypothesis and step.hypothesis not in step.why:
        marks += [" ", tag("a", step.hypothesis, href=f"#{step.hypothesis}", class_="cite")]
    expect = tag("p", f"Expect: {step.expect}", class_="dim") if step.expect else None
    return tag("li", tag("p", cited(step.why, diagnosis), " ", marks), command(step.command), expect, class_="card")


def _mitigation(m: Mitigation) -> Html:
    facts = [("Rollback", m.rollback), ("Blast radius", m.blast_radius)]
    shown = command(" ".join(m.argv)) if m.argv else None
    told = [(tag("dt", label), tag("dd", value)) for label, value in facts if value]
    return tag("li", tag("p", m.text), shown, tag("dl", told), class_="card")


def _runbook(title: str, href: str, section: str, why: str) -> Html:
    part = f" – {section}" if section else ""
    return tag("li", tag("p", link(href, title), part), tag("p", why, class_="dim") if why else None, class_="card")


def open_ends(diagnosis: Diagnosis) -> Html | None:
    """Questions to a person, and what could not be checked and would decide."""
    rows = [tag("li", question) for question in diagnosis.open_questions]
    gaps = [tag("li", folded(gap)) for gap in coverage.unknown(diagnosis)]
    parts = [
        tag("section", tag("h2", "Open questions", id="questions"), tag("ul", rows), aria_labelledby="questions")
        if rows
        else None,
        tag(
            "section",
            tag("h2", "What would decide and could not be checked", id="gaps"),
            tag("ul", gaps),
            aria_labelledby="gaps",
        )
        if gaps
        else None,
    ]
    return join(parts) if any(parts) else None
