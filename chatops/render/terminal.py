"""What does the answer look like in a terminal (and, without colours, in a file or an e-mail)?

What is needed first comes first: the answer, the causes, the next commands, what to decide, runbooks; then what
it rests on and what was looked at. Commands and queries stand on lines of their own and are never broken by us, so
that they can be copied whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from rich.console import Console
from rich.text import Text

from chatops.domain.diagnosis import Diagnosis, Hypothesis, Mitigation, NextStep, RunbookLink
from chatops.policy.untrusted import plain
from chatops.render import charts, coverage, wording
from chatops.render.detail import decisive
from connectors.evidence import Change, Coverage, Evidence, LogPatterns, State

_STYLES = {"identified": "bold red", "probable": "bold yellow", "healthy": "bold green", "blocked": "bold dim"}
_LOOKED = {State.CHECKED: "green", State.NO_DATA: "dim"}
"""The states of checks that could look, and how they are shown."""
_all = chain.from_iterable
_NARROW = 24  # columns that text keeps beside what leads it, however narrow the terminal


@dataclass(frozen=True)
class _Line:
    """A paragraph: what leads it (continuation lines are indented as far), its text, and whether it is to be copied."""

    lead: str
    text: str
    style: str = ""
    lead_style: str = ""
    to_copy: bool = False


def print_diagnosis(diagnosis: Diagnosis, console: Console | None = None) -> None:
    """Print the answer."""
    out = console or Console(highlight=False)
    for line in _sections(diagnosis):
        _print(out, line)


def _print(out: Console, line: _Line) -> None:
    """Text of other systems must not move the cursor or change the colours."""
    lead, text = Text(line.lead, style=line.lead_style), Text(plain(line.text), style=line.style)
    if line.to_copy:
        out.print(lead + text, soft_wrap=True)
        return
    for part in text.wrap(out, max(_NARROW, out.width - len(lead))):
        part.rstrip()
        out.print(lead + part, soft_wrap=True)
        lead = Text(" " * len(lead))


def _sections(diagnosis: Diagnosis) -> Iterator[_Line]:
    verdict = f"{diagnosis.verdict.upper()}  "
    yield _Line("", verdict + diagnosis.summary, _STYLES.get(diagnosis.verdict, "bold"))
    yield _Line("", f"{diagnosis.incident.title} · {diagnosis.incident.id}", "dim")
    worth = wording.worth_reading(diagnosis.hypotheses)
    yield from _titled("Likely causes", (*_all(map(_cause, worth)), *_weaker(diagnosis, len(worth))))
    yield from _titled("Next", _all(map(_step, diagnosis.next_steps)))
    yield from _titled("For a person to decide", _all(map(_mitigation, diagnosis.mitigations)))
    yield from _titled("Not known", map(_bullet, (*coverage.unknown(diagnosis), *diagnosis.open_questions)))
    yield from _titled("Runbooks", map(_runbook, diagnosis.runbooks))
    seen = (_bullet(f"{one.title}: {wording.ended(one)}") for one in diagnosis.seen_before)
    yield from _titled("Seen before", seen)
    yield from _titled("Evidence", _all(map(_evidence, decisive(diagnosis)[:12])))
    yield from _titled("Looked at", _coverage(diagnosis.coverage))
    yield _Line("", wording.engine(diagnosis), "dim")


def _titled(title: str, lines: Iterable[_Line]) -> Iterator[_Line]:
    shown = list(lines)
    if shown:
        yield _Line("", "")
        yield _Line("", title, "bold")
        yield from shown


def _bullet(text: str) -> _Line:
    return _Line("  • ", text)


def _runbook(page: RunbookLink) -> _Line:
    return _bullet("  ".join(part for part in (page.title, page.href, page.why) if part))


def _cause(h: Hypothesis) -> Iterator[_Line]:
    against = f"  against it {' '.join(h.contradicting)}" if h.contradicting else ""
    moved = f"  {wording.STATUS_WORD[h.status]}" if wording.STATUS_WORD[h.status] else ""
    yield _Line(f"  {h.rank}. ", h.statement, "bold" if h.rank == 1 else "")
    yield _Line("     ", f"{wording.bar(h.confidence)}  {h.cause} ({h.kind})  {h.subject}{moved}", "cyan")
    yield _Line("     ", f"rests on {' '.join(h.supporting)}{against}", "dim")
    if h.mechanism:
        yield _Line("     ", h.mechanism)
    if fix := wording.usual_fix(h):
        yield _Line("     ", f"Usual fix: {fix}")


def _weaker(diagnosis: Diagnosis, shown: int) -> Iterator[_Line]:
    """How many causes are too unlikely to be read."""
    rest = wording.live(diagnosis.hypotheses)[shown:]
    if rest:
        yield _Line("  ", f"{wording.less_likely(rest)}: --format json has them", "dim")


def _evidence(item: Evidence) -> Iterator[_Line]:
    yield _Line(f"  {item.id}  ", f"{item.title}  ({item.source})")
    for line in (item.summary, *_body(item)):
        if line:
            yield _Line("      ", line)
    if item.query:
        yield _Line("      ", item.query, "dim", to_copy=True)


def _body(item: Evidence) -> list[str]:
    body = item.body
    if isinstance(body, LogPatterns):
        return [f"{p.before:>5} → {p.after:<5} {(p.example or p.template)[:200]}" for p in body.patterns[:4]]
    if isinstance(body, Change):
        return [f"{wording.clock(body.at)} {wording.difference(body)}" + (f" by {body.by}" if body.by else "")]
    return [f"{charts.sparkline(one)}  {one.name}" for one in charts.series_of(item)[:3]]


def _step(step: NextStep) -> Iterator[_Line]:
    yield _Line("  ", step.why)
    yield _Line("      ", step.command, "green", to_copy=True)
    if step.expect:
        yield _Line("      expect: ", step.expect, "dim", "dim")


def _mitigation(one: Mitigation) -> Iterator[_Line]:
    yield _Line("  ", one.text)
    if one.argv:
        yield _Line("      ", " ".join(one.argv), "yellow", to_copy=True)
    yield _Line("      ", f"undo: {one.rollback}; touches: {one.blast_radius}", "dim")


def _coverage(rows: Iterable[Coverage]) -> Iterator[_Line]:
    """What each source was asked, by what became of it; the checks that could not look, with why."""
    checks: dict[tuple[str, State, str], list[str]] = {}
    for row in rows:
        checks.setdefault((row.source, row.state, "" if row.state in _LOOKED else row.detail), []).append(row.check)
    sources = list(dict.fromkeys(source for source, _, _ in checks))
    order = [*_LOOKED, *(state for state in State if state not in _LOOKED)]
    widest = max(map(len, sources), default=0), max((len(coverage.STATES[state]) for _, state, _ in checks), default=0)
    for (source, state, detail), names in sorted(
        checks.items(), key=lambda one: (sources.index(one[0][0]), order.index(one[0][1]))
    ):
        lead = f"  {source:<{widest[0]}}  {coverage.STATES[state]:<{widest[1]}}  "
        told = ", ".join(names) + (f": {detail}" if detail else "")
        yield _Line(lead, told, lead_style=_LOOKED.get(state, "red" if state is State.FAILED else "dim"))
