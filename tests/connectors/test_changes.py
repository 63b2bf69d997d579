"""Shifts are found in what incidents look like, and not in what noise looks like."""

from __future__ import annotations

import math
import random

import pytest

from connectors import changes
from connectors.changes import Point

NOON = 1_772_366_400.0
STEP = 15.0


def series(values: list[float]) -> list[Point]:
    return [(NOON + i * STEP, v) for i, v in enumerate(values)]


def noisy(level: float, n: int, seed: int = 1, noise: float = 0.05) -> list[float]:
    dice = random.Random(seed)
    return [level * (1 + dice.gauss(0, noise)) for _ in range(n)]


def test_a_lasting_shift_is_measured_in_spreads_and_dated() -> None:
    points = series([*noisy(10, 60), *noisy(30, 60)])
    found = changes.shift(points, NOON + 60 * STEP)
    assert found is not None
    assert found.before == pytest.approx(10, rel=0.05)
    assert found.after == pytest.approx(30, rel=0.05)
    assert found.score > 10
    assert found.onset is not None
    assert abs(found.onset - (NOON + 60 * STEP)) <= 2 * STEP
    assert found.until is None


def test_a_fault_that_is_over_is_measured_at_its_worst_and_its_end_is_dated() -> None:
    points = series([*noisy(10, 60), *noisy(30, 20), *noisy(10, 60)])
    found = changes.shift(points, NOON + 60 * STEP)
    assert found is not None
    assert found.after == pytest.approx(30, rel=0.1)
    assert found.until is not None
    assert abs(found.until - (NOON + 80 * STEP)) <= 2 * STEP


def test_a_drop_is_a_shift_too() -> None:
    found = changes.shift(series([*noisy(100, 60), *noisy(5, 60)]), NOON + 60 * STEP)
    assert found is not None
    assert found.change < -80
    assert found.onset is not None


def test_single_spikes_shift_nothing() -> None:
    values = noisy(10, 120)
    values[70] = values[90] = 5000.0
    found = changes.shift(series(values), NOON + 60 * STEP)
    assert found is not None
    assert found.score < 4
    assert found.onset is None


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_no_shift(seed: int) -> None:
    found = changes.shift(series(noisy(10, 120, seed, 0.2)), NOON + 60 * STEP)
    assert found is not None
    assert found.score < 4


def test_a_constant_series_that_moves_by_a_hair_is_no_shift_where_a_floor_says_so() -> None:
    points = series([0.0] * 60 + [0.05] * 60)
    with_floor, without = (changes.shift(points, NOON + 60 * STEP, floor) for floor in (1.0, 0.0))
    assert with_floor is not None
    assert without is not None
    assert with_floor.score < 1 < without.score


def test_growth_out_of_nothing_has_no_finite_ratio() -> None:
    found = changes.shift(series([0.0] * 40 + [5.0] * 40), NOON + 40 * STEP, 0.1)
    assert found is not None
    assert math.isinf(found.ratio)
    assert changes.shift(series([0.0] * 80), NOON + 40 * STEP, 0.1).ratio == 1.0  # type: ignore[union-attr]


def test_the_minutes_before_a_late_alert_do_not_count_as_calm() -> None:
    """The fault begins four minutes before its alert: `for:` and the rule's window delay it."""
    began, alerted = 100, 116
    points = series([*noisy(10, began), *noisy(50, 60)])
    found = changes.shift(points, NOON + alerted * STEP)
    assert found is not None
    assert found.before == pytest.approx(10, rel=0.05)
    assert found.score > 10


def test_an_onset_nobody_named_is_found_in_the_data() -> None:
    points = series([*noisy(10, 80), *noisy(25, 40)])
    found = changes.find_onset(points)
    assert found is not None
    assert abs(found - (NOON + 80 * STEP)) <= 2 * STEP
    shift = changes.shift(points)
    assert shift is not None
    assert shift.score > 4


@pytest.mark.parametrize("seed", range(10))
def test_no_onset_is_found_in_noise(seed: int) -> None:
    assert changes.find_onset(series(noisy(10, 240, seed, 0.1))) is None


@pytest.mark.parametrize("count", [0, 1, 5])
def test_too_few_points_say_nothing(count: int) -> None:
    assert changes.shift(series([1.0] * count), NOON) is None


def test_an_onset_outside_of_the_data_says_nothing() -> None:
    points = series(noisy(10, 40))
    assert changes.shift(points, NOON - 3600) is None
    assert changes.shift(points, NOON + 9999) is None


def test_the_first_samples_after_a_start_are_left_out() -> None:
    points = series([500.0, 80.0, *noisy(10, 40)])
    assert changes.settled(points, NOON - 3600) == points[2:]
    assert changes.settled(points, NOON) == points
    assert changes.settled(points[:4], NOON - 3600) == points[:4]


def test_the_common_onset_is_where_most_agree() -> None:
    assert changes.common_onset([NOON, NOON + 600, NOON + 610, NOON + 640]) == NOON + 610
    assert changes.common_onset([]) is None


def test_shifts_rank_above_spikes_seasons_and_slow_drifts() -> None:
    """Nineteen series of every kind of noise and one that shifts: it comes first, by far."""
    noise = [series(noisy(10, 120, seed, 0.15)) for seed in range(6)]
    waves = [series([10 + 3 * math.sin(i / (5 + k)) for i in range(120)]) for k in range(6)]
    spiky = [series([10 * random.Random(k * 1000 + i).paretovariate(2) for i in range(120)]) for k in range(7)]
    real = series([*noisy(10, 60, 99, 0.15), *noisy(22, 60, 98, 0.15)])
    every = [*noise, *waves, *spiky, real]
    scores = [s.score if (s := changes.shift(p, NOON + 60 * STEP)) else 0.0 for p in every]
    assert scores.index(max(scores)) == len(every) - 1


def test_onsets_two_minutes_apart_are_no_crowd() -> None:
    assert changes.common_onset([NOON, NOON + 121, NOON + 130]) == NOON + 125.5


def test_a_short_calm_before_the_onset_is_used_whole() -> None:
    """Four samples before a named onset: leaving a gap would leave too few."""
    found = changes.shift(series([10.0, 10.1, 9.9, 10.0, *noisy(30, 20)]), NOON + 4 * STEP)
    assert found is not None
    assert found.before == pytest.approx(10, rel=0.02)


def test_the_spread_is_that_of_the_middle_half() -> None:
    level, spread = changes._level(series([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 100.0]), 0.0)
    assert (level, spread) == (4.5, 4.0)
