import math

import pytest

from chatops.demo.prometheus.promql import Unsupported, Vector, instant, over
from chatops.demo.prometheus.samples import Sampled, sampled
from chatops.demo.shapes import Gauge, Levels, Shift, counter, gauge

NOW = 1_700_000_100.0
SERIES: list[Sampled] = [
    sampled("requests_total", counter(rate, Shift(NOW - 900, rate * 3), since=NOW - 9000, noise=0), job=job, code=code)
    for job, code, rate in (("a", "200", 9.0), ("a", "500", 1.0), ("b", "200", 4.0))
] + [
    sampled("up", gauge(1, noise=0), job="a"),
    sampled("up", gauge(0, noise=0), job="b"),
    sampled("gone", Gauge(Levels(1), 0, until=NOW - 60)),
]


def vector(expression: str) -> Vector:
    found = instant(SERIES, expression, NOW)
    assert isinstance(found, list)
    return found


def one(expression: str) -> float:
    (row,) = vector(expression)
    return row[1]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m]))', 3 / 42),
        ("sum(rate(requests_total[5m] offset 20m))", 14),
        ('max by (job) (rate(requests_total{job="b"}[5m]))', 12),
        ("count(requests_total) without (code, job)", 3),
        ('avg_over_time(up{job="a"}[10m])', 1),
        ("-sum(up)", -1),
        ("sum(up == bool 0)", 1),
        ('scalar(up{job="a"}) + vector(2)', 3),
        ("clamp_max(sum(rate(requests_total[5m])), 5)", 5),
        ('absent(nothing{job="x"})', 1),
        ("max_over_time(sum(rate(requests_total[1m]))[30m:1m])", 42),
        ("quantile(0.5, up)", 0.5),
        ('requests_total{code="500"} * 0 + on(job) up', 1),
    ],
)
def test_expressions_of_dashboards_and_rules(expression: str, expected: float) -> None:
    assert one(expression) == pytest.approx(expected, rel=0.01)


def test_comparisons_filter_and_topk_keeps_names() -> None:
    assert [labels["job"] for labels, _ in vector("up == 0")] == ["b"]
    assert vector("topk(1, up)")[0][0]["__name__"] == "up"
    assert vector("rate(up[5m])")[0][0] == {"job": "a"}


def test_a_series_that_ended_is_stale() -> None:
    assert vector("gone") == []
    assert vector("gone offset 5m") != []
    assert one("absent(gone)") == 1


def test_scalars_and_strings() -> None:
    assert instant(SERIES, "1 + 2 * 3", NOW) == 7.0
    assert instant(SERIES, "1 > bool 2", NOW) == 0.0
    assert instant(SERIES, '"x"', NOW) == "x"
    nan = instant(SERIES, "scalar(up)", NOW)
    assert isinstance(nan, float)
    assert math.isnan(nan)


@pytest.mark.parametrize("expression", ["count_values('x', up)", "year(up)", "up[5m]", "sum(up[5m:1m])"])
def test_what_is_not_evaluated_is_said(expression: str) -> None:
    with pytest.raises((Unsupported, ValueError)):
        instant(SERIES, expression, NOW)


def test_a_range_has_a_point_for_every_step() -> None:
    ((labels, points),) = over(SERIES, "sum(rate(requests_total[5m]))", NOW - 1800, NOW, 60)
    assert labels == {}
    assert len(points) == 31
    assert points[0][1] == pytest.approx(14, rel=0.01)
    assert points[-1][1] == pytest.approx(42, rel=0.01)


def test_at_start_is_the_same_at_every_step() -> None:
    ((_, points),) = over(SERIES, "sum(requests_total @ start())", NOW - 600, NOW, 60)
    assert len({value for _, value in points}) == 1
