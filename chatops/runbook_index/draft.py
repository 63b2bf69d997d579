"""How does a resolved incident become the first version of a runbook?

From what is known, and only from that: what fired, what was found, what was asked and done. The parts
nobody can know from the incident say so, and lint names them until a person has written them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

import yaml

from chatops.domain.diagnosis import Diagnosis, Hypothesis, Mitigation
from chatops.domain.incident import Incident, TimelineEntry
from connectors import causes as catalogue

_PEOPLE = "people"
"""What people said is evidence too, and of no system."""
TO_WRITE = "To be written by somebody who was there: the record of the incident does not hold it."


def draft(incident: Incident, diagnosis: Diagnosis | None, timeline: Sequence[TimelineEntry]) -> str:
    """A page in our format. Owner and review date are left out on purpose: lint asks for them."""
    settled = _settled(diagnosis)
    parts = [
        _front_matter(incident, diagnosis, settled),
        f"# {incident.title}",
        f"Drafted from incident {incident.id}, begun {incident.created_at:%Y-%m-%d %H:%M} UTC.",
        _part("What it looks like", _symptoms(incident, diagnosis)),
        _part("First checks", _checks(diagnosis)),
        _part("Causes", _causes(settled)),
        _part("Mitigations", _mitigations(incident, diagnosis)),
        _part("What was done", (f"- {entry.at:%H:%M} {entry.kind}: {_line(entry.text)}" for entry in timeline)),
        _part("Prevention", ()),
        _part("References", (f"- [{book.title}]({book.href})" for book in (diagnosis.runbooks if diagnosis else ()))),
    ]
    return "\n\n".join(parts) + "\n"


def _settled(diagnosis: Diagnosis | None) -> tuple[Hypothesis, ...]:
    """The confirmed hypotheses; without any the first of those not ruled out."""
    if diagnosis is None:
        return ()
    confirmed = tuple(h for h in diagnosis.hypotheses if h.status == "confirmed")
    return confirmed or tuple(h for h in diagnosis.hypotheses if h.status != "ruled out")[:1]


def _front_matter(incident: Incident, diagnosis: Diagnosis | None, settled: Sequence[Hypothesis]) -> str:
    evidence = diagnosis.evidence if diagnosis else ()
    meta = {
        "title": incident.title,
        "alerts": _unique(alert.name for alert in incident.alerts),
        "causes": _unique(h.cause for h in settled if catalogue.find(h.cause)),
        "services": _unique(filter(None, (incident.scope.service, incident.scope.workload))),
        "systems": _unique(item.source for item in evidence if item.source != _PEOPLE),
        "symptoms": _unique(alert.summary for alert in incident.alerts if alert.summary) or [incident.title],
        "owners": [],
        "links": _unique(book.href for book in (diagnosis.runbooks if diagnosis else ())),
    }
    return "---\n" + yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=120) + "---"


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _part(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"## {title}\n\n{body or TO_WRITE}"


def _symptoms(incident: Incident, diagnosis: Diagnosis | None) -> list[str]:
    fired = [f"- {alert.name}: {_line(alert.summary)}" for alert in incident.alerts]
    seen = {key for h in _settled(diagnosis) for key in h.supporting}
    evidence = diagnosis.evidence if diagnosis else ()
    return fired + [f"- {item.title}: {_line(item.summary)}" for item in evidence if item.id in seen]


def _checks(diagnosis: Diagnosis | None) -> list[str]:
    steps = [step for step in (diagnosis.next_steps if diagnosis else ()) if step.verdict == "read-only"]
    lines: list[str] = []
    for step in steps:
        reading = ". ".join(filter(None, (_line(step.why).rstrip("."), _line(step.expect))))
        lines += ["```sh", step.command, "```", reading, ""]
    return lines[:-1]


def _causes(settled: Sequence[Hypothesis]) -> list[str]:
    return [f"- {h.cause} ({h.subject}): {_line(h.statement)} {_line(h.mechanism)}".rstrip() for h in settled]


def _mitigations(incident: Incident, diagnosis: Diagnosis | None) -> list[str]:
    lines = [f"What ended it: {_line(incident.resolution)}", ""] if incident.resolution else []
    proposed = diagnosis.mitigations if diagnosis else ()
    rows = [f"| {_cell(_told(m))} | {_cell(m.rollback)} | {_cell(m.blast_radius)} |" for m in proposed]
    return [*lines, "| Do | Rollback | Blast radius |", "| --- | --- | --- |", *(rows or [f"| {TO_WRITE} | | |"])]


def _told(mitigation: Mitigation) -> str:
    return mitigation.text + (f": `{shlex.join(mitigation.argv)}`" if mitigation.argv else "")


def _line(text: str) -> str:
    """One line: what came from outside cannot open a heading, a fence or a table of its own."""
    return re.sub(r"`{3,}|~{3,}", "'", " ".join(text.split()))


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
