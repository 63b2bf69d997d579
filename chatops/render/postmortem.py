"""What happened, from the incident's own record: a postmortem in Markdown that a person finishes.

Only what was recorded is written; what people must add is asked for, not invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from chatops.domain.conversation import Message
from chatops.domain.diagnosis import Diagnosis, Hypothesis
from chatops.domain.incident import Incident, TimelineEntry
from chatops.render import blocks, coverage, wording
from chatops.render.blocks import Part
from chatops.render.markdown import safe_markdown, split_markdown
from connectors.evidence import Evidence


def postmortem(incident: Incident, diagnosis: Diagnosis | None, timeline: Sequence[TimelineEntry]) -> str:
    """Return the whole document."""
    sections = [
        _head(incident, diagnosis),
        _timeline(timeline),
        _cause(diagnosis),
        _evidence(diagnosis),
        _coverage(diagnosis),
        _people(),
    ]
    return "\n\n".join(part for part in sections if part) + "\n"


def messages(incident: Incident, diagnosis: Diagnosis | None, timeline: Sequence[TimelineEntry]) -> tuple[Message, ...]:
    """Return the document as messages for the thread (slots `postmortem:1` …)."""
    pieces = split_markdown(safe_markdown(postmortem(incident, diagnosis, timeline)), 9_000)
    return tuple(blocks.message(piece, [Part(9, "postmortem", [blocks.markdown(piece)])]) for piece in pieces)


def _head(incident: Incident, diagnosis: Diagnosis | None) -> str:
    ended = f"{incident.resolved_at:%Y-%m-%d %H:%M} UTC" if incident.resolved_at else "not resolved yet"
    begun = min((a.starts_at for a in incident.alerts), default=incident.window.onset or incident.created_at)
    took = wording.span(incident.resolved_at - begun) if incident.resolved_at else ""
    rows = [
        ("Incident", f"`{incident.id}`"),
        ("Severity", incident.severity),
        ("Where", _cell(wording.where(incident))),
        ("Began", f"{begun:%Y-%m-%d %H:%M} UTC"),
        ("Ended", ended),
        ("Took", took),
        ("Resolution", _cell(incident.resolution)),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows if value)
    summary = diagnosis.summary if diagnosis else incident.question or incident.title
    return f"# Postmortem: {_line(incident.title)}\n\n{_line(summary)}\n\n| | |\n|---|---|\n{table}"


def _timeline(timeline: Sequence[TimelineEntry]) -> str:
    told = [one for one, later in zip_longest(timeline, timeline[1:]) if not _repeated(one, later)]
    return "## Timeline (UTC)\n\n" + ("\n".join(map(_entry, told)) or "Nothing was recorded.")


def _repeated(entry: TimelineEntry, later: TimelineEntry | None) -> bool:
    """Whether it says nothing of the incident: facts that the diagnosis says again, and this document's own making."""
    return entry.kind == "postmortem" or (entry.kind == "facts" and later is not None and entry.text in later.text)


def _entry(entry: TimelineEntry) -> str:
    by = f" ({_line(entry.by)})" if entry.by not in ("", "chatops") else ""
    said = _line(entry.text)
    kind = "" if said.lower().startswith(entry.kind) else f"{entry.kind}: "
    return f"- **{entry.at:%H:%M:%S}** {kind}{said}{by}"


def _cause(diagnosis: Diagnosis | None) -> str:
    if diagnosis is None or not diagnosis.hypotheses:
        return "## Cause\n\nNo cause was found."
    return "## Cause\n\n" + "\n".join(_hypothesis(h) for h in sorted(diagnosis.hypotheses, key=lambda h: h.rank))


def _hypothesis(h: Hypothesis) -> str:
    against = f", against it {', '.join(h.contradicting)}" if h.contradicting else ""
    state = f", {h.status}" if h.status != "open" else ""
    rests = f"rests on {', '.join(h.supporting)}{against}"
    return f"{h.rank}. {_line(h.statement)} (`{h.cause}`, {h.confidence:.0%}{state}; {rests})"


def _evidence(diagnosis: Diagnosis | None) -> str:
    told = [_observation(item) for item in (diagnosis.evidence if diagnosis else ())]
    return "## Evidence\n\n" + "\n".join(told) if told else ""


def _observation(item: Evidence) -> str:
    query = f" `{item.query.replace('`', 'ˋ')}`" if item.query else ""
    return f"- **{item.id}** {_line(item.title)}: {_line(item.summary)}{query}"


def _coverage(diagnosis: Diagnosis | None) -> str:
    return f"## What was looked at\n\n{_line(coverage.counts(diagnosis.coverage))}" if diagnosis else ""


def _people() -> str:
    impact = "- Impact on users: …\n- What went well, what did not: …\n- Follow-up actions, with an owner each: …"
    return f"## To be added by people\n\n{impact}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
