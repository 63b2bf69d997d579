"""Numbers and shares in words."""

from __future__ import annotations

import re

import pytest

from chatops.policy.text.numerals import FRACTION, NUMBER, number, share


@pytest.mark.parametrize(
    ("written", "said"),
    [("7", 7), ("2.5", 2.5), ("twelve", 12), ("forty-two", 42), ("seven hundred and thirty-one", 731)],
)
def test_numbers(written: str, said: float) -> None:
    assert re.fullmatch(NUMBER, written)
    assert number(written) == said


@pytest.mark.parametrize(("written", "said"), [("half", 0.5), ("a quarter", 0.25), ("three-quarters", 0.75)])
def test_shares(written: str, said: float) -> None:
    assert re.fullmatch(FRACTION, written)
    assert share(written) == said
