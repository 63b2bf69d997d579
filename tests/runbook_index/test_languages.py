"""What people say who do not write English."""

from __future__ import annotations

import pytest

from chatops.runbook_index.languages import STOP_WORDS, plain
from chatops.runbook_index.terms import Vocabulary


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("lässt sich nicht einhängen", "lasst sich nicht einhangen"),
        ("le certificat a expiré", "le certificat a expire"),
        ("groß", "gross"),
        ("証明書が期限切れ", " certificate が expired "),
        ("a – b → 3 µs", "a – b → 3 µs"),
        ("plain", "plain"),
    ],
)
def test_accents_go_and_japanese_terms_are_english(said: str, read: str) -> None:
    assert plain(said).replace("か\u3099", "が") == plain(read).replace("か\u3099", "が")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Knoten abgelaufen", "node expired"),
        ("la base de données est lente", "the database is slow"),
        ("Zertifikat läuft", "certificate"),
        ("メモリ 上限", "memory limit"),
    ],
)
def test_the_fields_words_mean_the_same_in_each_language(said: str, meant: str) -> None:
    vocabulary = Vocabulary()
    assert [t.stem for t in vocabulary.of_question(said)] == [t.stem for t in vocabulary.of_question(meant)]


def test_words_that_english_needs_are_not_stopped() -> None:
    assert not STOP_WORDS & {"die", "war", "not", "no", "down", "full", "out", "on", "was"}
