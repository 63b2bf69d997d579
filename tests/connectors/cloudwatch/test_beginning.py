"""Lines that always come are no beginning; lines that came after a silence are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from connectors.cloudwatch.beginning import newly
from connectors.contract import Window
from tests.connectors.cloudwatch.world import NOW, ONSET

START = NOW - timedelta(hours=2)
TOLD = Window(start=START, end=NOW, onset=ONSET)
UNTOLD = Window(start=START, end=NOW)


def at(*minutes: float) -> list[datetime]:
    """Minutes since the onset."""
    return [ONSET + timedelta(minutes=one) for one in minutes]


def every(step: float, first: float, last: float) -> list[datetime]:
    span: Iterable[float] = (first + step * n for n in range(int((last - first) / step) + 1))
    return at(*span)


@pytest.mark.parametrize("window", [TOLD, UNTOLD])
def test_what_comes_as_always_did_not_begin(window: Window) -> None:
    assert newly(every(5, -100, 20), START, window) is None


def test_what_comes_three_times_as_often_began_with_the_onset() -> None:
    assert newly([*at(-90, -40), *every(1, 1, 18)], START, TOLD) == at(1)[0]


def test_one_stray_line_just_before_belongs_to_it() -> None:
    assert newly([*at(-2), *every(1, 1, 18)], START, TOLD) == at(-2)[0]


def test_after_a_long_silence_it_began_even_if_nobody_was_told() -> None:
    assert newly(every(2, -20, 18), START, UNTOLD) == at(-20)[0]


def test_two_or_a_burst_are_no_beginning() -> None:
    assert newly(at(1, 2), START, TOLD) is None
    assert newly(every(0.1, -20, -19), START, UNTOLD) is None
