"""Rows become series, figures become words."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.evidence import Series, SeriesSet
from connectors.prometheus import samples
from connectors.prometheus.samples import Stream


def test_what_is_no_number_is_left_out() -> None:
    rows: list[dict[str, Any]] = [
        {"metric": {"a": "1"}, "values": [[1, "NaN"], [2, "3.5"], [3, "+Inf"]]},
        {"metric": {"a": "2"}, "values": [[1, "NaN"]]},
        {"metric": {"a": "3"}, "value": [4, "7"]},
    ]
    assert samples.streams(rows) == [Stream({"a": "1"}, [(2.0, 3.5)]), Stream({"a": "3"}, [(4.0, 7.0)])]


def test_thinning_keeps_the_spike_and_the_order() -> None:
    points = [(float(i), 1.0) for i in range(1000)]
    points[437] = (437.0, 99.0)
    thin = samples.thinned(points)
    assert len(thin) == samples.SHOWN
    assert (437.0, 99.0) in thin
    assert list(thin) == sorted(thin)


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.0748, "seconds", "74.8 ms"),
        (74.8, "milliseconds", "74.8 ms"),
        (5, "seconds", "5 s"),
        (90, "seconds", "1.5 min"),
        (3 * 2**30, "bytes", "3 GiB"),
        (0.305, "ratio", "30.5%"),
        (97, "percent", "97%"),
        (12345.6, "", "12,346"),
        (0.19, "cores", "0.19 cores"),
    ],
)
def test_figures_as_a_person_would_say_them(value: float, unit: str, told: str) -> None:
    assert samples.said(value, unit) == told


def test_a_unit_is_said_once_where_it_is_the_same() -> None:
    assert samples.moved(4.8, 75, "milliseconds") == "4.8 → 75 ms"
    assert samples.moved(4.8, 1200, "milliseconds") == "4.8 ms → 1.2 s"
    assert samples.moved(1, 2) == "1 → 2"


def test_one_series_is_itself_and_several_are_a_set() -> None:
    one = samples.series("a", Stream({"__name__": "m", "x": "1"}, [(1.0, 2.0)]), "cores")
    assert one.labels == {"x": "1"}
    assert isinstance(samples.together([one]), Series)
    assert isinstance(samples.together([one], 3), SeriesSet)


def test_a_state_went_down_when_it_last_stayed_down() -> None:
    def at(*values: float) -> float | None:
        down = samples.went_down(Stream({}, [(float(i), v) for i, v in enumerate(values)]))
        return down.timestamp() if down else None

    assert at(1, 0, 1, 1, 0, 0) == 4
    assert at(1, 0, 1) is None
    assert at(0, 0) is None, "it was never up: nobody knows since when"
