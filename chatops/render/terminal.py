"""What does the answer look like in a terminal (and, without colours, in a file or an e-mail)?

What is needed first comes first: the answer, the causes, the next commands, what to decide, runbooks; then what
it rests on and what was looked at. Commands stand on lines of their own, so that they can be copied.
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

_STYLES = {"identified": "bold red", "probable": "bold yellow", "healthy": "bold green", "blocked": "bold dim"}
_LOOKED = {State.CHECKED: "green", State.NO_DATA: "dim"}
"""The states of checks that could look, and how they are shown."""


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
    worth = wording.worth_reading(diagnosis.hypotheses)
    yield from _titled("Likely causes", (*map(_cause, worth), *_weaker(diagnosis, len(worth))))
    yield from _titled("Next", (_step(step) for step in diagnosis.next_steps))
    yield from _titled("For a person to decide", map(_mitigation, diagnosis.mitigations))
    yield from _titled("Not known", (_bullet(gap) for gap in (*diagnosis.gaps, *diagnosis.open_questions)))
    yield from _titled("Runbooks", map(_runbook, diagnosis.runbooks))
    seen = (_bullet(f"{one.title}: {one.cause}. {one.resolution}") for one in diagnosis.seen_before)
    yield from _titled("Seen before", seen)
    yield from _titled("Evidence", (_evidence(item) for item in decisive(diagnosis)[:12]))
    yield from _titled("Looked at", [_coverage(diagnosis)] if diagnosis.coverage else [])
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
    lines += [Text("   " + _clean(h.mechanism))] if h.mechanism else []
    lines += [Text(f"   Usual fix: {fix}")] if (fix := wording.usual_fix(h)) else []
    return Padding(Group(*lines), (0, 0, 0, 2))


def _weaker(diagnosis: Diagnosis, shown: int) -> Iterator[RenderableType]:
    """How many causes are too unlikely to be read."""
    rest = wording.live(diagnosis.hypotheses)[shown:]
    if rest:
        yield Padding(Text(f"{wording.less_likely(rest)}: --format json has them", style="dim"), (0, 0, 0, 2))


def _evidence(item: Evidence) -> RenderableType:
    lines = [Text(f"{item.id}  {_clean(item.title)}").append(f"  {item.source}", style="dim")]
    lines += [Text("    " + _clean(line)) for line in (item.summary, *_body(item)) if line]
    lines += [Text("    " + _clean(item.query), style="dim")] if item.query else []
    return Padding(Group(*lines), (0, 0, 0, 2))


def _body(item: Evidence) -> list[str]:
    body = item.body
    if isinstance(body, LogPatterns):
        return [f"{p.before:>5} → {p.after:<5} {(p.example or p.template)[:200]}" for p in body.patterns[:4]]
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
    """What each source was asked, by what became of it; the checks that could not look, with why."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for source in dict.fromkeys(row.source for row in diagnosis.coverage):
        rows = [row for row in diagnosis.coverage if row.source == source]
        for state, style in _LOOKED.items():
            names = [row.check for row in rows if row.state is state]
            if names:
                table.add_row(Text(source), Text(wording.STATES[state], style=style), Text(", ".join(names)))
        unread: dict[tuple[State, str], list[str]] = {}
        for row in rows:
            if row.state not in _LOOKED:
                unread.setdefault((row.state, row.detail), []).append(row.check)
        for (state, detail), names in unread.items():
            told = ", ".join(names) + (f": {detail}" if detail else "")
            style = "red" if state is State.FAILED else "dim"
            table.add_row(Text(source), Text(wording.STATES[state], style=style), Text(_clean(told)))
    return Padding(table, (0, 0, 0, 2))
