"""What is asked about is what the words name, and not what merely has their letters."""

from __future__ import annotations

import pytest

from connectors.kubernetes.snapshot import Snapshot
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("checkout", True),
        ("CHECKOUT", True),
        ("orders-db", True),
        ("orders", False),  # a part of orders-db
        ("out", False),
        ("db", False),
        ("a.b", True),
        ("axb", False),
    ],
)
def test_a_name_is_asked_about_where_it_stands_alone(name: str, asked: bool) -> None:
    snapshot = Snapshot(taken=NOW, asked="Is checkout slow because of orders-db, or a.b?")
    assert snapshot.asked_about(name) is asked


def test_without_words_nothing_is_asked_about() -> None:
    assert Snapshot(taken=NOW).asked_about("checkout") is False
