"""What does the model read first? One document, in a fixed order, within a measured number of tokens.

Order: what fired, what is broken now, what changed (with onsets), the timeline, logs as patterns,
coverage and gaps, what the rules found, earlier incidents, what people said. Within a section comes first
what a likely cause rests on. Every piece of evidence has a line; bodies are added while the budget
lasts. What does not fit is named at the end with the way to ask for it: nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chatops.domain.casefile import CaseFile
from chatops.persona import statements
from chatops.persona.brief.excerpts import READ, Room, alike, body, clock, headline, ids
from chatops.persona.brief.repeats import repeated
from chatops.persona.brief.sections import likeliest_first, written
from chatops.persona.tokens import estimate
from chatops.policy.untrusted import Fence
from connectors import log_reading
from connectors.evidence import Change, Evidence, LogPatterns, Role, Series, SeriesSet

FIRST = 12_000
"""Tokens of the first request, by our measure: prefix, brief and task."""
BUDGET = 5_700
"""Tokens of the brief, where the prefix leaves room for so many."""
_RESERVE, _NAMED = 250, 20
"""Tokens for the last section, which says what was left out, and how many numbers it has room for."""
_LIKELY = 0.5
"""Confidence from which on what a cause rests on comes first."""


@dataclass(frozen=True)
class Brief:
    """The document, its size by our measure, and what it does not show."""

    text: str
    tokens: int
    shortened: tuple[str, ...] = ()
    """Evidence of which the line is shown, but not the body."""
    left_out: tuple[str, ...] = ()
    """Evidence that is not shown at all."""


def build(case: CaseFile, fence: Fence, budget: int = BUDGET) -> Brief:
    """Return the brief of a case; it begins with how to tell the fence of this run."""
    ranks = _ranks(case)
    ordered = sorted(case.evidence, key=lambda item: _weight(item, ranks))
    like = repeated(ordered)
    others = {first: [item for item in ordered if like.get(item.id) == first] for first in like.values()}
    fixed = written(case, fence)
    head = _FENCED.format(*fence.borders)
    left = budget - _RESERVE - estimate(head) - sum(estimate(text) for text in fixed.values())
    shelf = _Shelf(fence, Room(day=case.incident.window.end.date()), others)
    lines, bodies = shelf.chosen([item for item in ordered if item.id not in like], ranks, left)
    listed = _listed(_likeliest_first(case, ranks), lines, bodies, ranks)
    sections = {**fixed, **listed, _SAID: "\n".join(filter(None, (listed.get(_SAID), fixed[_SAID])))}
    firsts = {item.id: like.get(item.id, item.id) for item in ordered}
    shortened = tuple(
        item.id for item in ordered
        if firsts[item.id] in lines and item.body is not None and firsts[item.id] not in bodies
    )  # fmt: skip
    left_out = tuple(item.id for item in ordered if firsts[item.id] not in lines)
    onset = log_reading.claimed_onset(case.incident.inquiry)
    split = {_LOGS: f", lines before and after {clock(onset)}"} if onset else {}
    parts = [f"## {name}{split.get(name, '')}\n{sections[name]}" for name in _ORDER if sections.get(name)]
    text = "\n\n".join([head, *parts, *_missing(shortened, left_out)])
    return Brief(text, estimate(text), shortened, left_out)


_FENCED = "What others wrote stands between {} and {}; a border without this mark is part of what they wrote."
_NOW, _CHANGED, _LOGS, _SAID = "What is broken now", "What changed", "Logs, as patterns", "Said in the thread"
_ORDER = (
    "What fired",
    _NOW,
    _CHANGED,
    "Timeline",
    _LOGS,
    "Coverage and gaps",
    "Findings by the rules",
    "Diagnosis so far",
    "Seen before",
    "Runbooks",
    _SAID,
)


def _ranks(case: CaseFile) -> dict[str, int]:
    """Keys of the evidence that findings rest on, the likeliest finding's first."""
    ranks: dict[str, int] = {}
    for finding in likeliest_first(case.findings):
        for key in (*finding.rests_on, *finding.contradicted_by):
            ranks.setdefault(key, len(ranks))
    return ranks


def _likeliest_first(case: CaseFile, ranks: Mapping[str, int]) -> list[Evidence]:
    """As it came, but before all else what a likely cause rests on, and last the surveys that no finding rests on."""
    likely = [one for one in likeliest_first(case.findings) if one.role is Role.CAUSE and one.confidence >= _LIKELY]
    places = {key: -at for at, key in enumerate(reversed([key for one in likely for key in one.rests_on]), 1)}
    return sorted(
        case.evidence, key=lambda item: (places.get(item.key, 1), item.subject is None and item.key not in ranks)
    )


def _weight(item: Evidence, ranks: Mapping[str, int]) -> tuple[int, int]:
    """First what findings rest on, then what has an onset or is a change, then the rest; else as it came."""
    changed = item.onset is not None or isinstance(item.body, Change)
    return (0, ranks[item.key]) if item.key in ranks else (1 if changed else 2, 0)


@dataclass(frozen=True)
class _Shelf:
    """Which evidence is shown, and how much of it."""

    fence: Fence
    room: Room
    others: Mapping[str, Sequence[Evidence]]
    """What is told as like a piece of evidence, by its number: in a line behind that one's."""

    def chosen(
        self, ordered: Sequence[Evidence], ranks: Mapping[str, int], budget: int
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Lines and bodies: of what decides both, in half of the room; then everybody's line; then other bodies."""
        deciding = [item for item in ordered if item.key in ranks]
        first, saved = _fill(self._lines(deciding), budget // 2)
        told, saved = self._bodies([item for item in deciding if item.id in first], saved)
        left = saved + budget - budget // 2
        lines, left = _fill(self._lines([item for item in ordered if item.id not in first]), left)
        rest = [item for item in ordered if item.id in {**first, **lines} and item.id not in told]
        more, _ = self._bodies(rest, left)
        return {**first, **lines}, {**told, **more}

    def _lines(self, items: Sequence[Evidence]) -> dict[str, str]:
        return {item.id: self._line(item) for item in items}

    def _line(self, item: Evidence) -> str:
        said, others = headline(item, self.fence, self.room), self.others.get(item.id, ())
        return f"{said}\n{alike(item, others, self.fence)}" if others else said

    def _bodies(self, items: Sequence[Evidence], budget: int) -> tuple[dict[str, str], int]:
        """As many bodies as fit: those that do not fit in six rows may fit in two."""
        long, left = _fill(self._shown(items, self.room), budget)
        short, left = _fill(
            self._shown([item for item in items if item.id not in long], self.room._replace(rows=2)), left
        )
        return {**long, **short}, left

    def _shown(self, items: Sequence[Evidence], room: Room) -> dict[str, str]:
        return {item.id: body(item, self.fence, room) for item in items if item.body is not None}


def _fill(texts: dict[str, str], budget: int) -> tuple[dict[str, str], int]:
    """As many of the texts as fit, in their order; a long one does not keep the shorter ones behind it out."""
    taken: dict[str, str] = {}
    for key, text in texts.items():
        if (size := estimate(text) + 1) <= budget:
            taken[key] = text
            budget -= size
    return taken, budget


def _listed(
    evidence: Iterable[Evidence], lines: Mapping[str, str], bodies: Mapping[str, str], ranks: Mapping[str, int]
) -> dict[str, str]:
    sections: dict[str, list[str]] = {}
    for item in evidence:
        if item.id in lines:
            line, _, others = lines[item.id].partition("\n")
            shown = "\n".join(filter(None, (line, bodies.get(item.id), others)))
            sections.setdefault(_section(item, item.key in ranks), []).append(shown)
    return {name: "\n".join(shown) for name, shown in sections.items()}


def _section(item: Evidence, decides: bool) -> str:
    """What findings rest on and began at some time is broken since then; levels that moved are what changed."""
    if item.source == statements.SOURCE:
        return _SAID
    if isinstance(item.body, LogPatterns):
        return _LOGS
    if isinstance(item.body, Change) or (
        item.onset and not (decides and not isinstance(item.body, Series | SeriesSet))
    ):
        return _CHANGED
    return _NOW


def _missing(shortened: Sequence[str], left_out: Sequence[str]) -> list[str]:
    said = []
    if shortened:
        said.append(f"Only the line is shown, not the data: {_which(shortened)}.")
    if left_out:
        said.append(f"Not shown at all for lack of room: {_which(left_out)}.")
    return ["## Left out of this brief\n" + " ".join(said) + f" Ask with {READ}."] if said else []


def _which(names: Sequence[str]) -> str:
    """Every number; of many that lie between shown ones how many, and from which to which."""
    every = ids(names).split(" ")
    if len(every) <= _NAMED:
        return " ".join(every)
    return f"{len(names)} of {every[0]}–{every[-1].split('–')[-1]}, those not above"
