"""Which pages fit a text, how well, and which section of each?

SQLite's FTS5 brings the candidates (its bm25 over pages, in memory). Their score is then how much of
what the question says the page speaks of: every word weighs what it tells (its rarity in the library,
the full weight where no page knows it), counted where it stands – title and names before symptoms
before the rest. So a score lies in 0–1 whatever the library's size, and "nothing fits" can be said.
"""

from __future__ import annotations

import math
import re
import sqlite3
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import TypeVar

from chatops.runbook_index.pages import Page, Section
from chatops.runbook_index.terms import Term, Vocabulary

_T = TypeVar("_T")

CANDIDATES = 20
RARE_FIRST = 8
"""So many of a question's rarest words choose the candidates; all of them decide the order."""


TELLING = ("what it looks", "symptom", "meaning", "impact", "cause", "prevent", "reference", "links", "documentation")
"""Sections that tell and do not help at once: where one of them fits best, the first checks are linked."""
COMMON = 0.25
"""A question none of whose words is in less than this share of the pages says nothing about which page."""


@dataclass(frozen=True)
class Weights:
    """How the parts of the score are mixed; chosen by reasoning, checked on a set that is not in here."""

    name: float = 4.0
    lead: float = 2.0
    body: float = 1.0
    saturation: float = 1.6
    length: float = 0.6
    """How strongly long pages are discounted (b of bm25)."""
    order: float = 0.2
    """The part of the score that neighbouring words of the question, found as neighbours, make up."""
    title: float = 0.3
    """The part that the title's and the first sentence's own words, found in the question, make up."""
    better: float = 0.7
    """Title and first sentence: the share that the one which fits better makes up of the two."""
    section: float = 0.2
    """The part that the best single section makes up."""
    repeated: float = 0.8
    """How much more a word weighs that the question says again."""
    lonely: float = 0.6
    """What is left of the score where a page has only one word of several: it may be another's name."""
    unknown: float = 1.0
    """The weight of a word no page knows, as a share of the rarest word's."""


@dataclass(frozen=True)
class Match:
    """A page that fits, the section to begin with, the score (0–1) and the telling words of the question it has."""

    page: Page
    section: Section | None
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Field:
    counts: Mapping[str, int]
    length: int


@dataclass(frozen=True)
class _Entry:
    page: Page
    name: _Field
    lead: _Field
    body: _Field
    title: frozenset[str]
    opening: frozenset[str]
    """What the first sentence says the page is about: it stands in for a title that says nothing."""
    pairs: frozenset[tuple[str, str]]
    sections: tuple[frozenset[str], ...]


class Index:
    """A full-text index over pages; immutable once built, safe to read from several threads."""

    def __init__(self, pages: Sequence[Page], vocabulary: Vocabulary, weights: Weights | None = None) -> None:
        self._weights = weights or Weights()
        self._vocabulary = vocabulary
        vocabulary.prepare(text for page in pages for text in _texts(page))
        self._entries = tuple(_entry(page, vocabulary) for page in pages)
        self._df = Counter(stem for entry in self._entries for stem in _stems(entry))
        self._mean = sum(entry.body.length for entry in self._entries) / max(1, len(self._entries))
        self._lock = Lock()
        self._db = _database(self._entries)
        weakref.finalize(self, self._db.close)

    def __len__(self) -> int:
        return len(self._entries)

    def search(self, text: str, limit: int = 5) -> list[Match]:
        """Pages by score, best first, whatever their score; [] where no word of the text is known."""
        terms = self._telling(self._vocabulary.of_question(text))
        if not any(self._tells(stem) for term in terms for stem in (term.stem, *term.words)):
            return []
        times = Counter(term.stem for term in terms)
        again = self._weights.repeated
        weigh = {term.stem: self._weight(term) * (1 + again * math.log(times[term.stem])) for term in terms}
        order = [(a.stem, b.stem) for a, b in pairwise(terms)]
        scored = [self._match(entry, terms, weigh, order) for entry in self._candidates(terms)]
        scored.sort(key=lambda match: (-match.score, match.page.slug))
        return scored[:limit]

    def _telling(self, terms: Iterable[Term]) -> list[Term]:
        return [term for term in terms if not term.optional or term.stem in self._df]

    def _tells(self, stem: str) -> bool:
        return 0 < self._df.get(stem, 0) <= max(8, COMMON * len(self._entries))

    def _idf(self, stem: str) -> float:
        found, size = self._df.get(stem, 0), len(self._entries)
        weight = math.log(1 + (size - found + 0.5) / (found + 0.5))
        return weight if found else weight * self._weights.unknown

    def _weight(self, term: Term) -> float:
        """What finding the term tells; a phrase that stands nowhere as one is as telling as its rarest word."""
        if term.stem in self._df or not term.words:
            return self._idf(term.stem)
        return max(map(self._idf, term.words))

    def _candidates(self, terms: Sequence[Term]) -> list[_Entry]:
        stems = {stem for term in terms for stem in (term.stem, *term.words)}
        known = sorted((stem for stem in stems if stem in self._df), key=lambda stem: (-self._idf(stem), stem))
        query = " OR ".join(f'"{stem}"' for stem in known[:RARE_FIRST])
        ranked = "SELECT rowid FROM page WHERE page MATCH ? ORDER BY bm25(page, 4.0, 2.0, 1.0) LIMIT ?"
        with self._lock:
            rows = self._db.execute(ranked, (query, CANDIDATES)).fetchall()
        return [self._entries[number] for (number,) in rows]

    def _match(
        self, entry: _Entry, terms: Sequence[Term], weigh: Mapping[str, float], order: Sequence[tuple[str, str]]
    ) -> Match:
        total, mix = sum(weigh.values()) or 1.0, self._weights
        found = {term.stem: self._found(entry, term) for term in terms}
        covered = sum(weigh[stem] * found[stem] for stem in weigh) / total
        pairs = _share(((pair, weigh[pair[0]] + weigh[pair[1]]) for pair in set(order)), entry.pairs.__contains__)
        title = self._about(entry, weigh)
        best, section = self._section(entry, weigh, total)
        score = (
            (1 - mix.order - mix.title - mix.section) * covered
            + mix.order * pairs
            + mix.title * title
            + mix.section * best
        )
        words = sorted((stem for stem in weigh if found[stem]), key=lambda stem: -weigh[stem])
        if len(words) == 1 < len(weigh):
            score *= mix.lonely
        return Match(entry.page, section, min(1.0, score), tuple(words[:6]))

    def _about(self, entry: _Entry, weigh: Mapping[str, float]) -> float:
        """How much of what the page says it is about is asked for: its title's words, its first sentence's."""
        shares = [
            _share(((stem, self._idf(stem)) for stem in words), weigh.__contains__)
            for words in (entry.title, entry.opening)
            if words
        ]
        low, high = min(shares, default=0.0), max(shares, default=0.0)
        return self._weights.better * high + (1 - self._weights.better) * low

    def _found(self, entry: _Entry, term: Term) -> float:
        whole = self._presence(entry, term.stem)
        return max(whole, min(self._presence(entry, stem) for stem in term.words)) if term.words else whole

    def _presence(self, entry: _Entry, stem: str) -> float:
        mix = self._weights
        long = 1 - mix.length + mix.length * entry.body.length / (self._mean or 1)
        count = mix.name * min(1, entry.name.counts.get(stem, 0))
        count += mix.lead * entry.lead.counts.get(stem, 0)
        count += mix.body * entry.body.counts.get(stem, 0) / long
        return count / (count + mix.saturation) if count else 0.0

    def _section(self, entry: _Entry, weigh: Mapping[str, float], total: float) -> tuple[float, Section | None]:
        """The best section's share of the question, and the section to begin with: one that says what to do."""
        best, chosen_share = 0.0, 0.0
        start = chosen = entry.page.first_checks()
        for section, stems in zip(entry.page.sections, entry.sections, strict=True):
            share = sum(weight for stem, weight in weigh.items() if stem in stems) / total
            best = max(best, share)
            if share > chosen_share and section.level > 1:
                chosen_share = share
                chosen = start if start and section.heading.lower().startswith(TELLING) else section
        return best, chosen


def _share(weighted: Iterable[tuple[_T, float]], present: Callable[[_T], bool]) -> float:
    have = total = 0.0
    for item, weight in weighted:
        total += weight
        have += weight if present(item) else 0.0
    return have / total if total else 0.0


def _texts(page: Page) -> Iterator[str]:
    """Everything of a page that is searched."""
    yield from (page.title, page.name)
    for field in ("alerts", "causes", "symptoms", "services", "systems"):
        yield from page.listed(field)
    for section in page.sections:
        yield from (section.heading, section.text)


def _entry(page: Page, vocabulary: Vocabulary) -> _Entry:
    names = [_readable(page.title), _readable(page.name), *page.listed("alerts"), *page.listed("causes")]
    lead = [*page.listed("symptoms"), *page.listed("services"), *page.listed("systems")]
    named, led = vocabulary.of_page("\n".join(names)), vocabulary.of_page("\n".join(lead))
    per_section = [vocabulary.of_page(f"{section.heading}\n{section.text}") for section in page.sections]
    opening = _opening(page)
    begun = [one.every for section, one in zip(page.sections, per_section, strict=True) if section is opening]
    said = [*named.said, "", *led.said, "", *(token for one in per_section for token in one.said)]
    return _Entry(
        page,
        _field(named.every),
        _field([*led.every, *(token for tokens in begun for token in tokens)]),
        _field([token for one in per_section for token in one.every]),
        frozenset(named.said),
        frozenset(vocabulary.of_page(_first_sentence(opening)).said),
        frozenset(pairwise(said)),
        tuple(frozenset(one.every) for one in per_section),
    )


def _readable(name: str) -> str:
    """A file's name as words; nothing where it is only a number (`0017`, `page-17`)."""
    return "" if re.fullmatch(r"(page|runbook|doc|index|readme)?[-_ ]?\d*", name.lower()) else name


def _opening(page: Page) -> Section | None:
    """The section that says what the page is about: the first that has text."""
    return next((section for section in page.sections if len(section.text.split()) > 2), None)


def _first_sentence(section: Section | None) -> str:
    text = re.sub(r"^\s*(```|~~~).*?^\s*(```|~~~)\s*$", " ", section.text, flags=re.M | re.S) if section else ""
    return re.split(r"(?<=[.!?])\s|\n\s*\n", text.strip(), maxsplit=1)[0]


def _field(tokens: Sequence[str]) -> _Field:
    return _Field(Counter(tokens), len(tokens))


def _stems(entry: _Entry) -> set[str]:
    return {*entry.name.counts, *entry.lead.counts, *entry.body.counts}


def _database(entries: Sequence[_Entry]) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", check_same_thread=False)
    db.execute("CREATE VIRTUAL TABLE page USING fts5(name, lead, body, tokenize=\"ascii tokenchars '='\", content='')")
    db.executemany(
        "INSERT INTO page(rowid, name, lead, body) VALUES (?, ?, ?, ?)",
        (
            (number, *(_flat(part) for part in (entry.name, entry.lead, entry.body)))
            for number, entry in enumerate(entries)
        ),
    )
    return db


def _flat(part: _Field) -> str:
    return " ".join(" ".join([stem] * count) for stem, count in part.counts.items())
