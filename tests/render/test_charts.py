"""Charts: what Slack's block takes, from series as they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatops.render import charts
from connectors.evidence import Series, SeriesSet
from tests import factories
from tests.render import cases
from tests.slack.payloads import problems

POINTS = st.lists(
    st.tuples(st.floats(1.7e9, 1.8e9), st.floats(allow_nan=True, allow_infinity=True)), min_size=2, max_size=60
).map(lambda points: tuple(sorted(points, key=lambda point: point[0])))


def test_the_threshold_is_a_line_of_its_own() -> None:
    block = charts.chart(cases.evidence()[1])
    assert block is not None
    lines = {one["name"]: one["data"] for one in block["chart"]["series"]}
    assert set(lines) == {"working set", "threshold"}
    assert {point["value"] for point in lines["threshold"]} == {64.0}
    assert lines["working set"][0]["value"] < 45 < lines["working set"][-1]["value"]
    assert block["chart"]["axis_config"]["y_label"] == "MiB"


def test_there_is_no_chart_of_nothing() -> None:
    assert charts.chart(factories.evidence(1)) is None
    assert charts.chart(factories.evidence(1, body=Series(name="x", points=((1.0, 1.0),)))) is None


@given(st.lists(st.builds(Series, name=st.text(max_size=60), points=POINTS), min_size=1, max_size=9))
def test_any_series_make_a_chart_that_slack_takes(series: list[Series]) -> None:
    block = charts.chart(factories.evidence(1, body=SeriesSet(series=tuple(series))))
    assert block is not None
    assert problems([block], "chart") == []


def test_a_bucket_without_a_point_keeps_the_one_before() -> None:
    assert charts.resample(((0.0, 1.0), (9.0, 5.0)), 0.0, 10.0, 5) == [1.0, 1.0, 1.0, 1.0, 5.0]


def test_a_sparkline_has_its_figures() -> None:
    line = charts.sparkline(cases.series())
    assert "▁" in line
    assert "█" in line
    assert line.endswith("(min 40, max 65)")
