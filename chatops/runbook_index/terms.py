"""Which words count when a runbook is searched, and which of them mean the same?

Names are split (`KubePodCrashLooping`, `crash-loop`, `oom_killed`), words are reduced to their stem by
SQLite's own Porter tokenizer (so that no stemmer is carried here), and phrases that people of the field
use for one thing share a token. The same rules read pages and questions.
"""

from __future__ import annotations

import re
import sqlite3
import weakref
from collections.abc import Container, Iterable, Iterator, Sequence
from string import ascii_lowercase
from threading import RLock
from typing import NamedTuple

from chatops.runbook_index import languages
from chatops.runbook_index.synonyms import SYNONYMS

_NOT_RUN = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + b" " * 128
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]*")
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s")
_WORD_WITH_DIGITS = re.compile(r"[a-z]{1,3}[0-9]{1,2}[a-z]?|[0-9]xx")

_REMEMBERED = 300_000
"""Questions bring names that never come again: beyond so many the memory is emptied."""

TYPED, SHORTEST = 120, 6
"""A text of at most so many letters was typed by somebody; words of at least so many may be misspelt."""
_LOWER = re.compile(rf"(?<![\w./-])[a-z]{{{SHORTEST},}}(?![\w./-])")
_PATH = re.compile(r"(?<![\w:/.])(?:/[\w.@-]+){2,}/?")

STOP_WORDS = languages.STOP_WORDS | frozenset(
    """
    a about after again all also am an and any are as at be because been before being but by can could did do
    does doing don during each else etc ever every for from further get gets given has have having he her here
    hers him his how however i if in into is isn it its itself just let like ll may me might more most much my
     nor now of off on once one only or other our over own per please re s same shall she should so
    some such t than that the their them then there these they this those through thus to too under until up
    upon us very via was we were what when where whether which while who whom why will with within without would
    you your yours
    """.split()  # noqa: SIM905 - a list of words is read as prose
)
"""Words that say nothing about a fault. `down`, `full`, `out`, `no`, `not` are not among them: they do."""


class Term(NamedTuple):
    """A word of a question. `optional` ones (a name's joined form, numbers) count only where the library knows them."""

    stem: str
    optional: bool = False
    words: tuple[str, ...] = ()
    """Where the stem stands for a phrase: its words, which count together as the phrase does."""


class Reading(NamedTuple):
    """A page's text in order: every stem with a phrase's common token beside its first word, and with it instead."""

    every: list[str]
    said: list[str]


class Vocabulary:
    """Words to stems, remembered; and phrases of one meaning to their common token."""

    def __init__(self, synonyms: Sequence[Sequence[str]] = SYNONYMS) -> None:
        self._lock = RLock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._db.close)
        self._db.execute("CREATE VIRTUAL TABLE w USING fts5(t, tokenize='porter ascii')")
        self._db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(w, instance)")
        self._stems: dict[str, str] = {}
        self._runs: dict[str, tuple[Term, ...]] = {}
        self._run_stems: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        # Learnt in one batch: SQLite takes a millisecond for each.
        self.stem(word for row in synonyms for phrase in row for word in phrase.split() if word not in STOP_WORDS)
        for row in synonyms:
            self._add_synonyms(row)

    def _add_synonyms(self, row: Sequence[str]) -> None:
        token = "=" + row[0].replace(" ", "")
        for phrase in row:
            stems = tuple(self.stem(word for word in phrase.split() if word not in STOP_WORDS))
            self._phrases.setdefault(stems[0], []).append((stems, token))
            self._phrases[stems[0]].sort(key=lambda entry: -len(entry[0]))

    def stem(self, words: Iterable[str]) -> list[str]:
        """The stems of lower-case words, in order."""
        words = list(words)
        with self._lock:
            if new := [word for word in dict.fromkeys(words) if word not in self._stems]:
                self._learn(new)
            return [self._stems[word] for word in words]

    def _learn(self, words: list[str]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO w(rowid, t) VALUES (?, ?)", enumerate(words))
        for stem, number in self._db.execute("SELECT term, doc FROM v"):
            self._stems[words[number]] = stem
        self._db.execute("ROLLBACK")  # quicker than to write the words and to delete them
        for word in words:
            self._stems.setdefault(word, word)

    def of_page(self, text: str) -> Reading:
        """A page's text: every token, and the same as a question would say it."""
        stems, phrases = self._stems_in(text), self._phrases
        every: list[str] = []
        said: list[str] = []
        told = end = 0
        for at in [at for at, stem in enumerate(stems) if stem in phrases]:
            if at >= end and (hit := self._phrase(stems, at)):
                every += (*stems[told : at + 1], hit[1])
                said += (*stems[end:at], hit[1])
                told, end = at + 1, at + len(hit[0])
        return Reading([*every, *stems[told:]], [*said, *stems[end:]])

    def of_question(self, text: str) -> list[Term]:
        """The tokens of a question, in order; a phrase of the field is replaced by its common token."""
        terms = self._read(text)
        stems = [term.stem for term in terms]
        out: list[Term] = []
        at = 0
        while at < len(stems):
            if hit := self._phrase(stems, at):
                out.append(Term(hit[1], words=hit[0]))
                at += len(hit[0])
            else:
                out.append(terms[at])
                at += 1
        return out

    def corrected(self, text: str, known: Container[str]) -> str:
        """What somebody typed, with words that are a letter away from a known one as that one: `throttlng`.

        `known` are stems. Without paths, that name an object of theirs; names (`Thanos`) are left as they are.
        """
        text = _PATH.sub(" ", text) if _PATH.sub("", text).strip() else text
        return _LOWER.sub(lambda word: self._meant(word[0], known), text) if len(text) <= TYPED else text

    def _meant(self, word: str, known: Container[str]) -> str:
        (stem,) = self.stem([word])
        if stem in known or stem in self._phrases or word in STOP_WORDS:
            return word
        return min((one for one in _a_letter_away(word) if self._stems.get(one) in known), default=word)

    def spoken(self, text: str) -> dict[str, str]:
        """How the text itself writes each of its tokens."""
        out: dict[str, str] = {}
        for run in runs_of(text):
            for word in words_of(run):
                out.setdefault(self.stem([word.stem])[0], word.stem)
        for term in self.of_question(text):
            if term.words:
                out[term.stem] = " ".join(out.get(word, word) for word in term.words)
        return out

    def _read(self, text: str) -> list[Term]:
        """Stemmed terms; every distinct run of letters and digits is taken apart once, until too many are known."""
        runs = runs_of(text)
        with self._lock:
            if len(self._runs) > _REMEMBERED:
                self._runs.clear()
                self._run_stems.clear()
                self._stems.clear()
            if new := [run for run in dict.fromkeys(runs) if run not in self._runs]:
                self._take_apart(new)
            return [term for run in runs for term in self._runs[run]]

    def _stems_in(self, text: str) -> list[str]:
        """The stems only: pages are long, and read by the thousand."""
        runs = runs_of(text)
        try:
            return [stem for run in runs for stem in self._run_stems[run]]
        except KeyError:
            return [term.stem for term in self._read(text)]

    def prepare(self, texts: Iterable[str]) -> None:
        """Learn the words of many texts at once: SQLite is asked for their stems in one go."""
        runs = {run for text in texts for run in runs_of(text)}
        with self._lock:
            self._take_apart([run for run in runs if run not in self._runs])

    def _take_apart(self, runs: Sequence[str]) -> None:
        split = {run: tuple(words_of(run)) for run in runs}
        self.stem(word.stem for words in split.values() for word in words)
        for run, words in split.items():
            self._runs[run] = tuple(Term(self._stems[word.stem], word.optional) for word in words)
            self._run_stems[run] = tuple(term.stem for term in self._runs[run])

    def _phrase(self, stems: Sequence[str], at: int) -> tuple[tuple[str, ...], str] | None:
        for one in self._phrases.get(stems[at], ()):
            size = len(one[0])
            if size == 1 or tuple(stems[at : at + size]) == one[0]:  # the first word is the one asked for
                return one
        return None


def _a_letter_away(word: str) -> Iterator[str]:
    """Words with a letter too few, too many, another, or two swapped; the first letter stays."""
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in ascii_lowercase:
            yield head + letter + tail
            yield head + letter + tail[1:]


def runs_of(text: str) -> list[str]:
    """The runs of letters and digits (ASCII), in order."""
    return languages.plain(text).encode("ascii", "replace").translate(_NOT_RUN).decode("ascii").split()


def words_of(text: str) -> Iterable[Term]:
    """Lower-case words; the parts of a compound name, then the name joined together."""
    for run in runs_of(text):
        if run.islower() or run.isupper() or _PLURAL_ACRONYM.fullmatch(run):
            yield from _plain(run[:-1] if _PLURAL_ACRONYM.fullmatch(run) else run)
            continue
        parts = _PART.findall(run)
        for part in parts:
            yield from _plain(part)
        if len(parts) > 1:
            yield Term(run.lower(), optional=True)


def _plain(word: str) -> Iterable[Term]:
    word = word.lower()
    if word not in STOP_WORDS and (len(word) > 1 or word.isdigit()):
        has_digits = not word.isalpha()
        yield Term(word, optional=has_digits and not _WORD_WITH_DIGITS.fullmatch(word))
