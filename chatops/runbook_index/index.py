"""Which pages fit a text, how well, and which section of each?

BM25 over the question's rarest words brings the candidates. Their score is then how much of what the
question says the page speaks of: every word weighs what it tells (its rarity in the library, the full
weight where no page knows it), counted where it stands – title and names before symptoms before the
rest. So a score lies in 0–1 whatever the library's size, and "nothing fits" can be said. The lists of
pages by word are our own: SQLite's FTS5 brought the same pages in the same order, in twice the time.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from chatops.runbook_index.pages import Page, Section
from chatops.runbook_index.terms import Term, Vocabulary

CANDIDATES = 20
RARE_FIRST = 8
"""So many of a question's rarest words choose the candidates; all of them decide the order."""
K1, B = 1.2, 0.75
"""BM25's usual constants: how soon a word's repetition is enough, how much a long page is discounted."""
NAMED, LED = 4, 2
"""How many times a word in a page's names, or in its lead, counts for a candidate."""

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
class _Entry:
    page: Page
    name: Counter[str]
    lead: Counter[str]
    body: Counter[str]
    length: int
    """Words of the body."""
    title: frozenset[str]
    opening: frozenset[str]
    """What the first sentence says the page is about: it stands in for a title that says nothing."""
    said: str
    """All of its words in order, between spaces: where neighbours are looked for. Searching a string costs less
    than sets of every page's neighbours, which few questions ever ask about."""
    sections: tuple[str, ...]
    """The words of each section, in the same way."""


class Index:
    """A full-text index over pages; immutable once built, safe to read from several threads."""

    def __init__(
        self,
        pages: Sequence[Page],
        vocabulary: Vocabulary,
        weights: Weights | None = None,
        earlier: Index | None = None,
    ) -> None:
        """`earlier` is an index by the same vocabulary: pages that it has read are not read again."""
        self._weights = weights or Weights()
        self._vocabulary = vocabulary
        known = {id(entry.page): entry for entry in earlier._entries} if earlier else {}
        vocabulary.prepare(text for page in pages if id(page) not in known for text in page.texts())
        self._entries: tuple[_Entry, ...] = tuple(known.get(id(page)) or _entry(page, vocabulary) for page in pages)
        self._mean = sum(entry.length for entry in self._entries) / max(1, len(self._entries))
        sizes = [sum(map(Counter.total, (entry.name, entry.lead, entry.body))) for entry in self._entries]
        mean = sum(sizes) / max(1, len(sizes))
        self._discount = [K1 * (1 - B + B * size / (mean or 1)) for size in sizes]
        self._postings = _postings(self._entries)
        self._known = {stem: self._rarity(len(found) // 2) for stem, found in self._postings.items()}
        self._stranger = self._rarity(0) * self._weights.unknown

    def __len__(self) -> int:
        return len(self._entries)

    def corrected(self, text: str) -> str:
        """What somebody typed, with misspelt words as the library has them."""
        return self._vocabulary.corrected(text, self._known)

    def search(self, text: str, limit: int = 5) -> list[Match]:
        """Pages by score, best first, whatever their score; [] where no word of the text is known."""
        terms = self._telling(self._vocabulary.of_question(text))
        if not any(self._tells(stem) for term in terms for stem in (term.stem, *term.words)):
            return []
        asked = _Asked(terms, self._weigh(terms))
        scored = sorted(
            ((self._score(entry, asked), entry) for entry in self._candidates(terms)),
            key=lambda one: (-one[0], one[1].page.slug),
        )
        return [self._match(entry, asked, score) for score, entry in scored[:limit]]

    def _weigh(self, terms: Sequence[Term]) -> dict[str, float]:
        times, again = Counter(term.stem for term in terms), self._weights.repeated
        return {term.stem: self._weight(term) * (1 + again * math.log(times[term.stem])) for term in terms}

    def _telling(self, terms: Iterable[Term]) -> list[Term]:
        return [term for term in terms if not term.optional or term.stem in self._known]

    def _tells(self, stem: str) -> bool:
        return 0 < len(self._postings.get(stem, ())) // 2 <= max(8, COMMON * len(self._entries))

    def _rarity(self, found: int) -> float:
        """What a word tells that so many pages have."""
        return math.log(1 + (len(self._entries) - found + 0.5) / (found + 0.5))

    def _idf(self, stem: str) -> float:
        return self._known.get(stem, self._stranger)

    def _weight(self, term: Term) -> float:
        """What finding the term tells; a phrase that stands nowhere as one is as telling as its rarest word."""
        if term.stem in self._known or not term.words:
            return self._idf(term.stem)
        return max(map(self._idf, term.words))

    def _candidates(self, terms: Sequence[Term]) -> list[_Entry]:
        stems = {stem for term in terms for stem in (term.stem, *term.words)}
        known = sorted((stem for stem in stems if stem in self._known), key=lambda stem: (-self._idf(stem), stem))
        size, discount = len(self._entries), self._discount
        scores = [0.0] * size
        for stem in known[:RARE_FIRST]:
            pages, times_in = self._postings[stem][::2], self._postings[stem][1::2]
            # As SQLite has it: a word that half of the pages have tells nearly nothing.
            tells = (K1 + 1) * max(1e-6, math.log((size - len(pages) + 0.5) / (len(pages) + 0.5)))
            for number, times in zip(pages, times_in, strict=True):
                scores[number] += tells * times / (times + discount[number])
        least = sorted(scores)[-CANDIDATES:][0]
        best = sorted((-score, number) for number, score in enumerate(scores) if score and score >= least)
        return [self._entries[number] for _, number in best[:CANDIDATES]]

    def _score(self, entry: _Entry, asked: _Asked) -> float:
        mix, weigh = self._weights, asked.weigh
        found = self._found(entry, asked.terms)
        covered = sum(weigh[stem] * found[stem] for stem in weigh) / asked.total
        best = max((share for share, _ in self._sections(entry, asked)), default=0.0)
        score = (
            (1 - mix.order - mix.title - mix.section) * covered
            + mix.order * asked.in_order(entry.said, covered)
            + mix.title * self._about(entry, weigh)
            + mix.section * best
        )
        only_one = len(weigh) > 1 and sum(map(bool, found.values())) == 1
        return min(1.0, score * mix.lonely if only_one else score)

    def _match(self, entry: _Entry, asked: _Asked, score: float) -> Match:
        found = self._found(entry, asked.terms)
        words = sorted((stem for stem in asked.weigh if found[stem]), key=lambda stem: -asked.weigh[stem])
        return Match(entry.page, self._section(entry, asked), score, tuple(words[:6]))

    def _about(self, entry: _Entry, weigh: Mapping[str, float]) -> float:
        """How much of what the page says it is about is asked for: its title's words, its first sentence's."""
        shares = []
        for words in (entry.title, entry.opening):
            have = total = 0.0
            for stem in words:
                weight = self._idf(stem)
                total += weight
                have += weight if stem in weigh else 0.0
            if words:
                shares.append(have / total if total else 0.0)
        low, high = min(shares, default=0.0), max(shares, default=0.0)
        return self._weights.better * high + (1 - self._weights.better) * low

    def _found(self, entry: _Entry, terms: Sequence[Term]) -> dict[str, float]:
        """How well the page has each of the terms, 0–1; a phrase is as well known as its words together."""
        mix = self._weights
        long = 1 - mix.length + mix.length * entry.length / (self._mean or 1)

        def presence(stem: str) -> float:
            count = mix.name * min(1, entry.name.get(stem, 0))
            count += mix.lead * entry.lead.get(stem, 0)
            count += mix.body * entry.body.get(stem, 0) / long
            return count / (count + mix.saturation) if count else 0.0

        return {term.stem: max(presence(term.stem), min(map(presence, term.words), default=0.0)) for term in terms}

    def _sections(self, entry: _Entry, asked: _Asked) -> Iterator[tuple[float, Section]]:
        """Each section's share of the question."""
        there = [(_spaced((stem,)), weight) for stem, weight in asked.weigh.items() if stem in entry.body]
        for section, words in zip(entry.page.sections, entry.sections, strict=True):
            yield sum([weight for word, weight in there if word in words]) / asked.total, section

    def _section(self, entry: _Entry, asked: _Asked) -> Section | None:
        """The section to begin with: the one that has most of the question, where it says what to do."""
        start = entry.page.first_checks()
        below = [(share, section) for share, section in self._sections(entry, asked) if section.level > 1]
        share, best = max(below, key=lambda one: one[0], default=(0.0, None))
        if best is None or not share:
            return start
        return start if start and best.heading.lower().startswith(TELLING) else best


class _Asked:
    """A question: its terms, what each weighs, and which of them stand side by side."""

    def __init__(self, terms: Sequence[Term], weigh: Mapping[str, float]) -> None:
        self.terms = terms
        self.weigh = weigh
        self.total = sum(weigh.values()) or 1.0
        neighbours = {(one.stem, other.stem) for one, other in pairwise(terms)}
        self._pairs = [(_spaced(pair), weigh[pair[0]] + weigh[pair[1]]) for pair in neighbours]
        self._all_pairs = sum(weight for _, weight in self._pairs)

    def in_order(self, said: str, covered: float) -> float:
        """The share of the neighbours that a page has as neighbours; of a single word the share that it has."""
        found = sum([weight for pair, weight in self._pairs if pair in said])
        return found / self._all_pairs if self._pairs else covered


def _entry(page: Page, vocabulary: Vocabulary) -> _Entry:
    names = [_readable(page.title), _readable(page.name), *page.listed("alerts"), *page.listed("causes")]
    lead = [*page.listed("symptoms"), *page.listed("services"), *page.listed("systems")]
    named, led = vocabulary.of_page("\n".join(names)), vocabulary.of_page("\n".join(lead))
    per_section = [vocabulary.of_page(f"{section.heading}\n{section.text}") for section in page.sections]
    opening = _opening(page)
    begun = [one.every for section, one in zip(page.sections, per_section, strict=True) if section is opening]
    said = [*named.said, "", *led.said, "", *chain.from_iterable(one.said for one in per_section)]
    body = list(chain.from_iterable(one.every for one in per_section))
    return _Entry(
        page,
        Counter(named.every),
        Counter(chain(led.every, *begun)),
        Counter(body),
        len(body),
        frozenset(named.said),
        frozenset(vocabulary.of_page(_first_sentence(opening)).said),
        _spaced(said),
        tuple(_spaced(one.every) for one in per_section),
    )


def _spaced(words: Iterable[str]) -> str:
    return f" {' '.join(words)} "


def _readable(name: str) -> str:
    """A file's name as words; nothing where it is only a number (`0017`, `page-17`)."""
    return "" if re.fullmatch(r"(page|runbook|doc|index|readme)?[-_ ]?\d*", name.lower()) else name


def _opening(page: Page) -> Section | None:
    """The section that says what the page is about: the first that has text."""
    return next((section for section in page.sections if len(section.text.split()) > 2), None)


def _first_sentence(section: Section | None) -> str:
    text = re.sub(r"^\s*(```|~~~).*?^\s*(```|~~~)\s*$", " ", section.text, flags=re.M | re.S) if section else ""
    return re.split(r"(?<=[.!?])\s|\n\s*\n", text.strip(), maxsplit=1)[0]


def _postings(entries: Sequence[_Entry]) -> dict[str, list[int]]:
    """Word → for each page that has it the page's number, then how often, by where it stands: one flat list."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        counts = dict(entry.body)
        for field, factor in ((entry.lead, LED), (entry.name, NAMED)):
            for stem, count in field.items():
                counts[stem] = counts.get(stem, 0) + factor * count
        for stem, count in counts.items():
            found[stem] += (number, count)
    return dict(found)
