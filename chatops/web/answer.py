"""What is the answer? The upper half of the page: what happened, the hypotheses, what to do next, what is open."""

from __future__ import annotations

from chatops.domain.diagnosis import Diagnosis, Hypothesis, Mitigation, NextStep
from chatops.domain.incident import Incident
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
_SCOPE = ("environment", "cluster", "namespace", "workload", "pod", "node", "service", "account", "region")


def waiting(incident: Incident | None) -> Html:
    """The page before the first facts are there."""
    title = incident.title if incident is not None else "Incident"
    line = tag("p", "The first facts are being gathered. This page fills itself.", class_="lead")
    return tag("section", tag("h1", title), line, id="diagnosis", aria_busy="true")


def scope_line(scope: Scope) -> str:
    """Where it was looked, in one line."""
    return " · ".join(f"{name} {value}" for name in _SCOPE if (value := getattr(scope, name)))


def cites(ids: tuple[str, ...]) -> list[Html]:
    """Links to the evidence on this page."""
    return [tag("a", one, href=f"#{one}", class_="cite") for one in ids]


def verdict(diagnosis: Diagnosis, incident: Incident | None) -> Html:
    """The first lines: what happened, and how sure that is."""
    window = diagnosis.incident.window
    span = f"{window.start:%Y-%m-%d %H:%M}–{window.end:%H:%M} UTC"
    onset = f", began {window.onset:%H:%M:%S}" if window.onset else ""
    status = tag("span", incident.status, class_="badge") if incident is not None else None
    failed = sum(row.state is State.FAILED for row in diagnosis.coverage)
    warning = None
    if failed:
        many = "One check" if failed == 1 else f"{failed} checks"
        warning = tag("p", f"{many} failed: ", tag("a", "see the coverage", href="#coverage"), class_="warning")
    return tag(
        "section",
        tag("h1", diagnosis.incident.title),
        tag(
            "p", tag("span", VERDICTS[diagnosis.verdict], class_=f"badge {diagnosis.verdict}"), status, class_="badges"
        ),
        tag("p", diagnosis.summary, class_="lead"),
        tag("p", " · ".join(filter(None, (scope_line(diagnosis.incident.scope), span + onset))), class_="dim"),
        warning,
        id="diagnosis",
    )


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
    line = (meter, tag("span", f"{percent}%"), *marks, tag("span", f"by {_BY[h.by]}", class_="dim"))
    head = tag("h3", tag("span", h.id, class_="number"), h.statement)
    return tag("li", head, tag("p", line, class_="badges"), tag("dl", told), class_=f"card {_slug(h.status)}", id=h.id)


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
    """Commands that tell more, changes for a person to decide, and runbooks."""
    blocks = [
        _listed("Next commands", "steps", [_step(s) for s in diagnosis.next_steps]),
        _listed("Mitigations to decide", "mitigations", [_mitigation(m) for m in diagnosis.mitigations]),
        _listed("Runbooks", "runbooks", [_runbook(r.title, r.href, r.section, r.why) for r in diagnosis.runbooks]),
        _listed(
            "Seen before", "before", [_runbook(s.title, s.link, s.cause, s.resolution) for s in diagnosis.seen_before]
        ),
    ]
    return join(blocks) if any(blocks) else None


def _listed(title: str, name: str, rows: list[Html]) -> Html | None:
    if not rows:
        return None
    return tag("section", tag("h2", title, id=name), tag("ul", rows, class_="cards"), aria_labelledby=name)


def _step(step: NextStep) -> Html:
    marks = [tag("span", COMMANDS[step.verdict], class_=f"badge {step.verdict}")]
    if step.hypothesis:
        marks.append(tag("a", step.hypothesis, href=f"#{step.hypothesis}", class_="cite"))
    expect = tag("p", f"Expect: {step.expect}", class_="dim") if step.expect else None
    return tag("li", tag("p", step.why, " ", marks), command(step.command), expect, class_="card")


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
    gaps = [tag("li", gap) for gap in diagnosis.gaps]
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
