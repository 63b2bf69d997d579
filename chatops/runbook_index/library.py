"""Which runbook helps with this incident, and at which section?

In this order: the page the alert itself names, pages that name the alert or the cause in their front
matter, full text. Where nothing fits well enough, nothing is returned: a wrong page at night costs more
than none. The library follows its files: a look at their times, at most every few seconds, before a search.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from chatops.domain.alert import Alert
from chatops.domain.diagnosis import RunbookLink
from chatops.domain.ports import CauseChecks, RunbookHit
from chatops.runbook_index.checks import checks_of, cut, plain
from chatops.runbook_index.index import Index, Match, Weights
from chatops.runbook_index.pages import Page, PageProblem, Section
from chatops.runbook_index.sources import PACKAGED, Source, SourceProblem, Stamp
from chatops.runbook_index.terms import Vocabulary
from connectors import causes as catalogue

FITS = 0.2
"""The score from which the best page is said to fit. Of alerts that have a page 98 in 100 lie above it, of alerts
of other systems four in five below; pages after the best are shown down to half of it."""
BESIDE_THE_BEST = 0.6
"""On an incident's card a page by its words must come near the best such page: three links are read, not five."""
LINK, ALERT, CAUSE = 1.0, 0.97, 0.94
LOOK_EVERY = 5.0
_Key = tuple[str, Path]
"""A page's source and file."""


@dataclass(frozen=True)
class Stats:
    """What the library holds, for `runbooks stats`."""

    pages: int
    sections: int
    sources: dict[str, int]
    alerts: int
    causes: int
    causes_missing: tuple[str, ...]
    oldest_review: date | None
    unreviewed: int
    problems: tuple[str, ...]
    build_seconds: float


@dataclass(frozen=True)
class _State:
    stamps: dict[_Key, Stamp]
    pages: dict[_Key, Page]
    index: Index
    by_alert: dict[str, list[Page]]
    by_cause: dict[str, list[Page]]
    problems: dict[_Key, str]
    seconds: float


class Library:
    """Implements `RunbookLibrary`. Safe to use from several threads; `update` may block on the network."""

    def __init__(
        self,
        sources: Sequence[Source],
        clock: Callable[[], float] = time.monotonic,
        threshold: float = FITS,
        weights: Weights | None = None,
    ) -> None:
        self._sources = tuple(sources)
        self._clock = clock
        self._threshold = threshold
        self._weights = weights
        self._vocabulary = Vocabulary()
        self._lock = Lock()
        self._looked = float("-inf")
        self._away: tuple[str, ...] = ()
        self._state = self._build({}, {}, {}, None)
        self.reload()

    @property
    def pages(self) -> tuple[Page, ...]:
        """Every page, in the order of the sources."""
        return tuple(self._state.pages.values())

    def update(self) -> tuple[str, ...]:
        """Bring git repositories up to date and reload; return what went wrong, a line each."""
        problems = []
        for source in self._sources:
            try:
                source.update()
            except SourceProblem as error:
                problems.append(str(error))
        self._away = tuple(problems)
        self.reload()
        return self._away

    def reload(self) -> bool:
        """Read what changed; True where something did."""
        with self._lock:
            self._looked = self._clock()
            files = {(s.name, path): (s, stamp) for s in self._sources for path, stamp in s.files().items()}
            stamps = {key: stamp for key, (_, stamp) in files.items()}
            if stamps == self._state.stamps:
                return False
            pages: dict[_Key, Page] = {}
            problems: dict[_Key, str] = {}
            for key, (source, stamp) in files.items():
                known = self._state.stamps.get(key) == stamp and key not in self._state.problems
                try:
                    pages[key] = self._state.pages[key] if known else source.page(key[1])
                except PageProblem as error:
                    problems[key] = str(error)
                    if error.page is not None:  # found by its words, if not by its fields
                        pages[key] = error.page
            self._state = self._build(stamps, pages, problems, self._state.index)
            return True

    def _build(
        self, stamps: dict[_Key, Stamp], pages: dict[_Key, Page], problems: dict[_Key, str], earlier: Index | None
    ) -> _State:
        begin = time.perf_counter()
        index = Index(tuple(pages.values()), self._vocabulary, self._weights, earlier)
        return _State(
            stamps,
            pages,
            index,
            _by(pages.values(), lambda page: {*page.listed("alerts"), page.name}),
            _by(pages.values(), lambda page: page.listed("causes")),
            problems,
            time.perf_counter() - begin,
        )

    def _current(self) -> _State:
        if self._clock() - self._looked >= LOOK_EVERY:
            self.reload()
        return self._state

    def search(self, text: str, limit: int = 5) -> Sequence[RunbookHit]:
        """Pages by full text at their best section, best first, one hit a page; empty where none fits."""
        state = self._current()
        text = state.index.corrected(text)
        matches = state.index.search(text, limit)
        if not matches or matches[0].score < self._threshold:
            return []
        spoken = self._vocabulary.spoken(text)
        return [_text_hit(match, spoken) for match in matches if match.score >= self._threshold / 2]

    def for_incident(
        self, alerts: Sequence[Alert], causes: Sequence[str], text: str, limit: int = 3
    ) -> Sequence[RunbookHit]:
        """Runbooks by the alerts' own links, then exact alert or cause; by full text only where these find none.

        One hit a page. Beside a page that is meant, one that merely shares words distracts at 3 a.m.
        """
        state = self._current()
        hits: dict[str, RunbookHit] = {}
        for hit in (*_linked(state, alerts), *_exact(state, alerts, causes)):
            hits.setdefault(hit.slug or hit.link.href, hit)
        if not hits:
            found = self.search(text, limit)
            hits = {hit.slug: hit for hit in found if hit.score >= BESIDE_THE_BEST * found[0].score}
        return list(hits.values())[:limit]

    def checks_for(self, code: str) -> CauseChecks | None:
        """What a page of ours gives to run for a cause; None where there is none."""
        pages = [page for page in self._current().by_cause.get(code.lower(), ()) if page.source == PACKAGED]
        return next(filter(None, (checks_of(page, code) for page in pages)), None)

    def page(self, slug: str) -> Page | None:
        """The page of this slug (`causes/memory`), the packaged ones first."""
        return next((page for page in self._current().pages.values() if page.slug == slug), None)

    def stats(self) -> Stats:
        """What is in it, and what is missing."""
        state = self._current()
        pages = tuple(state.pages.values())
        reviews = [page.reviewed for page in pages if page.reviewed]
        covered = {cause.code for cause in catalogue.CATALOGUE if cause.code.lower() in state.by_cause}
        return Stats(
            pages=len(pages),
            sections=sum(len(page.sections) for page in pages),
            sources=dict(Counter(page.source for page in pages)),
            alerts=len({alert for page in pages for alert in page.listed("alerts")}),
            causes=len(covered),
            causes_missing=tuple(cause.code for cause in catalogue.CATALOGUE if cause.code not in covered),
            oldest_review=min(reviews, default=None),
            unreviewed=len(pages) - len(reviews),
            problems=(*self._away, *state.problems.values()),
            build_seconds=round(state.seconds, 3),
        )


def _by(pages: Iterable[Page], names: Callable[[Page], Iterable[str]]) -> dict[str, list[Page]]:
    out: dict[str, list[Page]] = {}
    for page in pages:
        for name in names(page):
            out.setdefault(name.lower(), []).append(page)
    return out


def _linked(state: _State, alerts: Sequence[Alert]) -> Iterator[RunbookHit]:
    for alert in alerts:
        url = alert.runbook_url or alert.annotations.get("runbook_url", "") or alert.annotations.get("runbook", "")
        if not url.startswith(("http://", "https://")):
            continue
        why = f"the alert {alert.name} links to it"
        page = next((page for page in state.pages.values() if page.href == url.partition("#")[0]), None)
        if page is not None:
            yield _hit(page, page.section_of(urlsplit(url).fragment) or page.first_checks(), LINK, "link", why)
        else:
            yield RunbookHit(RunbookLink(title=f"Runbook of {alert.name}", href=url, why=why), "", LINK, "link")


def _exact(state: _State, alerts: Sequence[Alert], causes: Sequence[str]) -> Iterator[RunbookHit]:
    for name in dict.fromkeys(alert.name for alert in alerts):
        pages = state.by_alert.get(name.lower(), [])
        # One alert has many causes: where one is known, its page is meant and the others would distract.
        for page in [page for page in pages if any(map(page.section_for_cause, causes))] or pages:
            section = next(filter(None, map(page.section_for_cause, causes)), None) or page.first_checks()
            yield _hit(page, section, ALERT, "alert", f"it is written for the alert {name}")
    for code in causes:
        yield from _for_cause(state, code)


def _for_cause(state: _State, name: str) -> Iterator[RunbookHit]:
    cause = catalogue.find(name) or next((row for row in catalogue.CATALOGUE if row.runbook == name), None)
    code = cause.code if cause else name
    why = f"it is written for the cause {code}"
    for page in state.by_cause.get(code.lower(), ()):
        yield _hit(page, page.section_for_cause(code) or page.first_checks(), CAUSE, "cause", why)


def _text_hit(match: Match, spoken: dict[str, str]) -> RunbookHit:
    said = dict.fromkeys(spoken.get(word, word.lstrip("=")) for word in match.words)
    words = ", ".join(word for word in said if not word.isdigit())
    return _hit(match.page, match.section, round(match.score, 4), "text", f"it speaks of: {words}")


def _hit(page: Page, section: Section | None, score: float, how: str, why: str) -> RunbookHit:
    href = f"{page.href}#{section.anchor}" if section and section.anchor else page.href
    link = RunbookLink(title=page.title, href=href, section=section.heading if section else "", why=why)
    return RunbookHit(link, page.slug, score, how, excerpt_of(section) if section else "")


def excerpt_of(section: Section, size: int = 240) -> str:
    """The beginning of a section's prose, without code and marks of Markdown."""
    return cut(plain(section), size)
