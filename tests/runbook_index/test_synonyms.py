"""Rows of one meaning: each says something, and none says two things."""

from __future__ import annotations

from chatops.runbook_index.synonyms import SYNONYMS
from chatops.runbook_index.terms import STOP_WORDS, Vocabulary


def test_every_phrase_is_written_as_it_is_read() -> None:
    for row in SYNONYMS:
        for phrase in row:
            assert phrase == phrase.lower()
            assert phrase.isascii(), "accents are taken off before"
            assert set(phrase.split()) - STOP_WORDS, phrase


def test_a_phrase_stands_for_its_row() -> None:
    vocabulary = Vocabulary()
    for row in SYNONYMS:
        token = vocabulary.of_question(row[0])[0].stem
        assert all(token == vocabulary.of_question(phrase)[0].stem for phrase in row[1:]), row
