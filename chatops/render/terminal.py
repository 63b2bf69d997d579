"""What does the answer look like in a terminal (and, without colours, in a file or an e-mail)?

The same order as the card in the thread: the answer, the causes, what changed, the next commands, what to
decide, runbooks, what was looked at. Commands stand on lines of their own, so that they can be copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chatops.domain.diagnosis import Diagnosis, Hypothesis, Mitigation, NextStep, RunbookLink
from chatops.policy.untrusted import plain
from chatops.render import charts, wording
from chatops.render.detail import decisive
from connectors.evidence import Change, Evidence, LogPatterns, State
from connectors.patterns import readable

_STYLES = {"identified": "bold red", "probable": "bold yellow", "healthy": "bold green", "blocked": "bold dim"}
_STATE_STYLES = {State.FAILED: "red", State.NO_DATA: "dim", State.NOT_CONFIGURED: "dim", State.SKIPPED: "dim"}


def print_diagnosis(diagnosis: Diagnosis, console: Console | None = None) -> None:
    """Print the answer."""
    (console or Console(highlight=False)).print(Group(*_sections(diagnosis)))


def _clean(text: str) -> str:
    """Text of other systems must not move the cursor or change the colours."""
    return plain(text)


def _sections(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    verdict = Text(f"{diagnosis.verdict.upper()}  ", style=_STYLES.get(diagnosis.verdict, "bold"))
    yield verdict.append(_clean(diagnosis.summary), style="bold")
    yield Text(_clean(f"{diagnosis.incident.title} · {diagnosis.incident.id}"), style="dim")
    yield from _titled("Likely causes", (_cause(h) for h in wording.live(diagnosis.hypotheses)))
    yield from _titled("Evidence", (_evidence(item) for item in decisive(diagnosis)[:12]))
    yield from _titled("Next", (_step(step) for step in diagnosis.next_steps))
    yield from _titled("For a person to decide", map(_mitigation, diagnosis.mitigations))
    yield from _titled("Not known", (_bullet(gap) for gap in (*diagnosis.gaps, *diagnosis.open_questions)))
    yield from _titled("Runbooks", map(_runbook, diagnosis.runbooks))
    seen = (_bullet(f"{one.title}: {one.cause}. {one.resolution}") for one in diagnosis.seen_before)
    yield from _titled("Seen before", seen)
    yield from _titled("Looked at", [_coverage(diagnosis)])
    yield Text(wording.engine(diagnosis), style="dim")


def _titled(title: str, parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    shown = list(parts)
    if shown:
        yield Text(f"\n{title}", style="bold")
        yield from shown


def _bullet(text: str) -> RenderableType:
    return Padding(Text("• " + _clean(text)), (0, 0, 0, 2))


def _runbook(page: RunbookLink) -> RenderableType:
    return _bullet("  ".join(part for part in (page.title, page.href, page.why) if part))


def _cause(h: Hypothesis) -> RenderableType:
    against = f"  against it {' '.join(h.contradicting)}" if h.contradicting else ""
    moved = f"  {wording.STATUS_WORD[h.status]}" if wording.STATUS_WORD[h.status] else ""
    lines = [
        Text(f"{h.rank}. {_clean(h.statement)}", style="bold" if h.rank == 1 else ""),
        Text(f"   {wording.bar(h.confidence)}  {h.cause} ({h.kind})  {_clean(str(h.subject))}{moved}", style="cyan"),
        Text(f"   rests on {' '.join(h.supporting)}{against}", style="dim"),
    ]
    return Padding(Group(*lines, *([Text("   " + _clean(h.mechanism))] if h.mechanism else [])), (0, 0, 0, 2))


def _evidence(item: Evidence) -> RenderableType:
    lines = [Text(f"{item.id}  {_clean(item.title)}").append(f"  {item.source}", style="dim")]
    lines += [Text("    " + _clean(line)) for line in (item.summary, *_body(item)) if line]
    lines += [Text("    " + _clean(item.query), style="dim")] if item.query else []
    return Padding(Group(*lines), (0, 0, 0, 2))


def _body(item: Evidence) -> list[str]:
    body = item.body
    if isinstance(body, LogPatterns):
        return [f"{p.before:>5} → {p.after:<5} {readable(p.example or p.template)[:200]}" for p in body.patterns[:4]]
    if isinstance(body, Change):
        return [f"{wording.clock(body.at)} {wording.difference(body)}" + (f" by {body.by}" if body.by else "")]
    return [f"{charts.sparkline(one)}  {one.name}" for one in charts.series_of(item)[:3]]


def _step(step: NextStep) -> RenderableType:
    lines = [Text(_clean(step.why)), Text(f"    {_clean(step.command)}", style="green")]
    lines += [Text(f"    expect: {_clean(step.expect)}", style="dim")] if step.expect else []
    return Padding(Group(*lines), (0, 0, 0, 2))


def _mitigation(one: Mitigation) -> RenderableType:
    lines = [Text(_clean(one.text)), *([Text("    " + _clean(" ".join(one.argv)), style="yellow")] if one.argv else [])]
    told = f"    undo: {one.rollback}; touches: {one.blast_radius}"
    return Padding(Group(*lines, Text(_clean(told), style="dim")), (0, 0, 0, 2))


def _coverage(diagnosis: Diagnosis) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for row in diagnosis.coverage:
        style = _STATE_STYLES.get(row.state, "green")
        table.add_row(Text(row.source), Text(row.check), Text(row.state, style=style), Text(_clean(row.detail)))
    return Padding(table, (0, 0, 0, 2))
