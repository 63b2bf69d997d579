from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.demo.shapes import Levels, Shift, counter, gauge, jitter, seed

START = 1_700_000_000.0


def test_a_level_steps_or_ramps() -> None:
    levels = Levels(10, (Shift(START, 20), Shift(START + 100, 40, over=50)))
    assert levels.value(START - 1) == 10
    assert levels.value(START) == 20
    assert levels.value(START + 125) == 30
    assert levels.value(START + 500) == 40


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 900), st.floats(0, 100)), max_size=4))
def test_the_integral_is_the_sum_of_small_steps(rows: list[tuple[float, float, float]]) -> None:
    at, shifts = START, []
    for level, gap, over in rows:
        at += gap
        shifts.append(Shift(at, level, over))
        at += over
    levels = Levels(5, tuple(shifts))
    end = START + 4000
    summed = sum(levels.value(START + i + 0.5) for i in range(4000))
    assert levels.integral(START, end) == pytest.approx(summed, rel=0.02, abs=60)


def test_a_counter_never_runs_backwards_but_at_a_reset() -> None:
    shape = counter(3, Shift(START + 600, 30), since=START, resets=(START + 900,))
    values = [shape.at(START + tick * 15, 7) for tick in range(120)]
    falls = [i for i, (a, b) in enumerate(pairwise(values)) if a is not None and b is not None and b < a]
    assert falls == [59]


def test_series_exist_only_in_their_span() -> None:
    shape = gauge(1, since=START, until=START + 60)
    assert shape.at(START - 1, 1) is None
    assert shape.at(START + 61, 1) is None
    assert shape.at(START, 1) is not None


@given(st.integers(0, 2**33), st.integers(0, 2**32))
def test_noise_is_small_and_the_same_again(when: int, number: int) -> None:
    assert -1 <= jitter(float(when), number) <= 1
    assert jitter(float(when), number) == jitter(float(when), number)


def test_the_seed_of_a_name_does_not_depend_on_the_process() -> None:
    assert seed("up") == 1133833840
