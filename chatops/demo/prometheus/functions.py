"""What does a PromQL function compute? Tables by shape: over a range of samples, over each value, over groups.

The arithmetic follows Prometheus (extrapolation of `rate`, interpolation of `histogram_quantile`),
so that what the demo shows is what the real server would say about the same samples.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from itertools import pairwise

Samples = Sequence[tuple[float, float]]
"""(unix seconds, value), oldest first, never empty."""


def quantile(q: float, values: Sequence[float]) -> float:
    """The q-quantile with linear interpolation; infinite where q is no share."""
    if not values:
        return math.nan
    if not 0 <= q <= 1:
        return math.inf if q > 1 else -math.inf
    ordered = sorted(values)
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def _increase(samples: Samples, start: float, end: float, *, counter: bool) -> float | None:
    """The growth over the whole range, extrapolated to its ends as Prometheus does."""
    if len(samples) < 2:
        return None
    growth = samples[-1][1] - samples[0][1]
    if counter and not getattr(samples, "rising", False):
        growth += sum(before[1] for before, after in pairwise(samples) if after[1] < before[1])
    covered = samples[-1][0] - samples[0][0]
    if covered <= 0:
        return None
    gap = covered / (len(samples) - 1)
    head, tail = samples[0][0] - start, end - samples[-1][0]
    if counter and growth > 0 and samples[0][1] >= 0:
        head = min(head, covered * samples[0][1] / growth)
    reach = covered + (head if head < gap * 1.1 else gap / 2) + (tail if tail < gap * 1.1 else gap / 2)
    return growth * reach / covered


def _rate(samples: Samples, start: float, end: float) -> float | None:
    growth = _increase(samples, start, end, counter=True)
    return None if growth is None else growth / (end - start)


def _last_two(samples: Samples, *, per_second: bool, counter: bool) -> float | None:
    if len(samples) < 2:
        return None
    (t0, v0), (t1, v1) = samples[-2], samples[-1]
    growth = v1 if counter and v1 < v0 else v1 - v0
    return growth / (t1 - t0) if per_second else growth


def _line(samples: Samples) -> tuple[float, float] | None:
    """Least squares: the slope per second and the value at the last sample."""
    if len(samples) < 2:
        return None
    origin = samples[-1][0]
    slope, intercept = statistics.linear_regression([t - origin for t, _ in samples], [v for _, v in samples])
    return slope, intercept


def _deriv(samples: Samples, _start: float, _end: float) -> float | None:
    line = _line(samples)
    return line[0] if line else None


def _predict(samples: Samples, _start: float, end: float, ahead: float) -> float | None:
    line = _line(samples)
    return line[1] + line[0] * (end - samples[-1][0] + ahead) if line else None


def _values(compute: Callable[[list[float]], float]) -> Callable[..., float | None]:
    return lambda samples, start, end: compute([v for _, v in samples])


OVER_RANGE: dict[str, Callable[..., float | None]] = {
    "rate": _rate,
    "increase": lambda s, a, b: _increase(s, a, b, counter=True),
    "delta": lambda s, a, b: _increase(s, a, b, counter=False),
    "irate": lambda s, a, b: _last_two(s, per_second=True, counter=True),
    "idelta": lambda s, a, b: _last_two(s, per_second=False, counter=False),
    "deriv": _deriv,
    "predict_linear": _predict,
    "changes": lambda s, a, b: float(sum(x[1] != y[1] for x, y in pairwise(s))),
    "resets": lambda s, a, b: float(sum(y[1] < x[1] for x, y in pairwise(s))),
    "avg_over_time": _values(statistics.fmean),
    "sum_over_time": _values(math.fsum),
    "min_over_time": _values(min),
    "max_over_time": _values(max),
    "count_over_time": _values(lambda v: float(len(v))),
    "last_over_time": _values(lambda v: v[-1]),
    "present_over_time": _values(lambda v: 1.0),
    "stddev_over_time": _values(statistics.pstdev),
    "stdvar_over_time": _values(statistics.pvariance),
}
"""name → f(samples, start, end, *numbers). `quantile_over_time` has its number first and is the evaluator's."""

KEEPS_NAME = frozenset({"last_over_time"})

EACH_VALUE: dict[str, Callable[..., float]] = {
    "abs": abs,
    "ceil": lambda v: float(math.ceil(v)) if math.isfinite(v) else v,
    "floor": lambda v: float(math.floor(v)) if math.isfinite(v) else v,
    "round": lambda v, to=1.0: math.floor(v / to + 0.5) * to,
    "exp": math.exp,
    "ln": lambda v: math.log(v) if v > 0 else (math.nan if v < 0 else -math.inf),
    "log2": lambda v: math.log2(v) if v > 0 else (math.nan if v < 0 else -math.inf),
    "log10": lambda v: math.log10(v) if v > 0 else (math.nan if v < 0 else -math.inf),
    "sqrt": lambda v: math.sqrt(v) if v >= 0 else math.nan,
    "sgn": lambda v: float((v > 0) - (v < 0)),
    "clamp_min": lambda v, low: max(v, low),
    "clamp_max": lambda v, high: min(v, high),
    "clamp": lambda v, low, high: min(max(v, low), high),
}
"""name → f(value, *numbers)."""

OVER_GROUP: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "avg": statistics.fmean,
    "min": min,
    "max": max,
    "count": lambda v: float(len(v)),
    "group": lambda v: 1.0,
    "stddev": statistics.pstdev,
    "stdvar": statistics.pvariance,
}
"""name → f(values of one group)."""


def _divide(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a)
    return a / b


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": lambda a, b: math.fmod(a, b) if b else math.nan,
    "^": lambda a, b: a**b,
    "atan2": math.atan2,
}

COMPARISON: dict[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


def histogram_quantile(q: float, buckets: Sequence[tuple[float, float]]) -> float:
    """The q-quantile from (upper bound, cumulative count) pairs; NaN without an infinite bucket or observations."""
    ordered = sorted(buckets)
    if len(ordered) < 2 or not math.isinf(ordered[-1][0]) or ordered[-1][1] == 0:
        return math.nan
    rank = q * ordered[-1][1]
    index = next((i for i, (_, count) in enumerate(ordered) if count >= rank), len(ordered) - 1)
    if index == len(ordered) - 1:
        return ordered[-2][0]
    low, below = ordered[index - 1] if index else (0.0, 0.0)
    high, count = ordered[index]
    return high if count == below else low + (high - low) * (rank - below) / (count - below)
