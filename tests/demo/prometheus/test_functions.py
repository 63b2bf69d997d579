import math

import pytest

from chatops.demo.prometheus import functions

RISING = [(float(t), t * 2.0) for t in range(0, 301, 15)]


def test_rate_and_increase_reach_to_the_ends_of_the_range() -> None:
    rate = functions.OVER_RANGE["rate"](RISING[1:], 0.0, 300.0)
    assert rate == pytest.approx(2.0)
    assert functions.OVER_RANGE["increase"](RISING[1:], 0.0, 300.0) == pytest.approx(600)


def test_a_reset_counts_from_zero() -> None:
    samples = [(0.0, 10.0), (15.0, 20.0), (30.0, 5.0), (45.0, 15.0)]
    assert functions.OVER_RANGE["increase"](samples, 0.0, 45.0) == pytest.approx(25)
    assert functions.OVER_RANGE["resets"](samples, 0.0, 45.0) == 1
    assert functions.OVER_RANGE["irate"](samples[:3], 0.0, 30.0) == pytest.approx(5 / 15)


def test_one_sample_has_no_rate() -> None:
    assert functions.OVER_RANGE["rate"]([(0.0, 1.0)], 0.0, 60.0) is None


def test_a_line_is_followed_into_the_future() -> None:
    assert functions.OVER_RANGE["deriv"](RISING, 0.0, 300.0) == pytest.approx(2)
    assert functions.OVER_RANGE["predict_linear"](RISING, 0.0, 300.0, 100.0) == pytest.approx(800)


@pytest.mark.parametrize(("q", "expected"), [(0.5, 2.5), (0, 1), (1, 4), (-1, -math.inf), (2, math.inf)])
def test_quantiles_interpolate(q: float, expected: float) -> None:
    assert functions.quantile(q, [4, 1, 3, 2]) == expected


def test_histogram_quantiles() -> None:
    buckets = [(0.1, 50.0), (0.5, 90.0), (1.0, 100.0), (math.inf, 100.0)]
    assert functions.histogram_quantile(0.5, buckets) == pytest.approx(0.1)
    assert functions.histogram_quantile(0.95, buckets) == pytest.approx(0.75)
    assert math.isnan(functions.histogram_quantile(0.5, buckets[:-1]))
    assert functions.histogram_quantile(0.99, [*buckets[:-1], (math.inf, 200.0)]) == 1.0


def test_division_by_zero_is_a_number_of_its_own() -> None:
    divide = functions.ARITHMETIC["/"]
    assert math.isnan(divide(0, 0))
    assert divide(-1, 0) == -math.inf
