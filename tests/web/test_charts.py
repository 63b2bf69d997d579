import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.web.charts import HEIGHT, WIDTHS, chart, figure, series_of
from connectors.evidence import Series, SeriesSet
from tests import factories
from tests.web.cases import ONSET, points


def drawn(*series: Series, omitted: int = 0) -> str:
    evidence = factories.evidence(onset=ONSET, body=SeriesSet(series=series, omitted=omitted))
    return str(chart(evidence))


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0, "", "0"),
        (1234, "", "1.23k"),
        (2.5e9, "requests", "2.5G"),
        (268435456, "bytes", "256 MiB"),
        (1536, "B", "1.5 KiB"),
        (-2048, "bytes", "-2 KiB"),
        (0.00012, "ratio", "0.00012"),
        (math.nan, "", "–"),
        (math.inf, "", "–"),
    ],
)
def test_figures_are_short(value: float, unit: str, shown: str) -> None:
    assert figure(value, unit) == shown


def test_evidence_without_two_points_is_not_drawn() -> None:
    assert chart(factories.evidence()) == ""
    assert drawn(Series(name="x", points=((0.0, 1.0),))) == ""
    assert drawn(Series(name="x", points=((0.0, 1.0), (1.0, math.nan)))) == ""


def test_a_chart_has_lines_onset_threshold_legend_and_a_table() -> None:
    told = drawn(Series(name="memory", unit="bytes", points=points(1e8, 2e8), before=1e8, after=2e8, threshold=2.5e8))
    assert told.count("<path") == len(WIDTHS), "one for a wide place, one for a narrow one"
    assert [f"chart {name}" in told for name in WIDTHS] == [True, True]
    assert 'class="after"' in told
    assert 'class="onset"' in told
    assert "threshold 238 MiB" in told
    assert "memory 95.4 MiB → 191 MiB" in told
    assert '<th scope="row">' in told


def test_each_unit_has_its_own_figure_and_axis() -> None:
    told = drawn(
        Series(name="errors", unit="ratio", points=points(0, 0.4)), Series(name="p95", unit="s", points=points(1, 9))
    )
    assert told.count("<figure") == 2
    assert told.count("<svg") == 2 * len(WIDTHS)


def test_what_is_not_drawn_is_counted() -> None:
    series = [Series(name=str(number), points=points(0, number)) for number in range(8)]
    assert "5 more series are not drawn" in drawn(*series, omitted=3)


def test_a_gap_breaks_the_line() -> None:
    path = re.search(
        r' d="([^"]+)"', drawn(Series(name="x", points=((0, 1), (60, 2), (120, math.nan), (180, 2), (240, 1))))
    )
    assert path is not None
    assert path[1].count("M") == 2


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=2, max_size=60))
def test_every_line_stays_inside_the_drawing(values: list[float]) -> None:
    series = Series(name="x", points=tuple((float(i * 15), v) for i, v in enumerate(values)))
    evidence = factories.evidence(body=series)
    assert series_of(evidence) == (series,)
    for width, drawing in zip(WIDTHS.values(), re.findall(r"<svg.*?</svg>", str(chart(evidence)), re.S), strict=True):
        for x, y in re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", drawing):
            assert -1 <= float(x) <= width + 1
            assert -1 <= float(y) <= HEIGHT + 1
