"""Moments as the clock, the calendar or people say them."""

from __future__ import annotations

import pytest

from chatops.policy.text.clocks import Clocks
from chatops.policy.text.observed import observe
from tests.persona.cases import OOM, case, evidence

SEEN = (OOM, evidence(2, "began at 14:05"))


def holds(sentence: str) -> list[bool]:
    checks = Clocks(observe(case(SEEN), SEEN)).checks
    return [right(found) for pattern, right in checks for found in pattern.finditer(sentence)]


@pytest.mark.parametrize("said", ["14:05", "2:05 pm", "14h05", "1405Z", "2 pm", "2026-11-23", "November 23"])
def test_what_was(said: str) -> None:
    assert holds(f"It began at {said} here.") == [True]


@pytest.mark.parametrize("said", ["03:17", "3:17 am", "noon", "half past three", "2019-05-12", "12 May", "4 am"])
def test_what_was_not(said: str) -> None:
    assert holds(f"It began at {said} here.") == [False]


def test_half_an_hour_past_is_of_the_morning_or_the_afternoon() -> None:
    assert holds("quarter past two") == [False]
