"""A chart as a picture shows what the chart block shows."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chatops.render import charts, picture
from connectors.evidence import Series, SeriesSet
from tests import factories
from tests.render import cases
from tests.render.test_charts import POINTS


def _drawn(*series: Series) -> Image.Image:
    block = charts.chart(factories.evidence(1, title="Memory", body=SeriesSet(series=series)))
    assert block is not None
    return Image.open(BytesIO(picture.png(block))).convert("RGB")


def _colours(image: Image.Image) -> set[tuple[int, ...]]:
    return {colour for _, colour in image.getcolors(1 << 24) or () if isinstance(colour, tuple)}


def test_lines_and_limit_have_colours_of_their_own() -> None:
    one = cases.series()
    other = one.model_copy(update={"name": "other", "threshold": None})
    alone, both = _drawn(one.model_copy(update={"threshold": None})), _drawn(one, other)
    assert alone.size == (picture.WIDTH, picture.HEIGHT)
    blue, orange = picture._COLOURS[:2]
    assert blue in _colours(alone)
    assert not {orange, picture._LIMIT} & _colours(alone)
    assert {blue, orange, picture._LIMIT} <= _colours(both)


def test_what_rises_is_drawn_from_the_lower_left_to_the_upper_right() -> None:
    rising = Series(name="x", points=tuple((float(at * 60), float(at)) for at in range(40)))
    image, blue = _drawn(rising), picture._COLOURS[0]
    end = picture.WIDTH - 40
    column = {x: [y for y in range(80, picture.HEIGHT - 40) if image.getpixel((x, y)) == blue] for x in (100, end)}
    assert min(column[100]) > 300
    assert max(column[end]) < 140


@given(st.lists(st.builds(Series, name=st.text(max_size=60), points=POINTS), min_size=1, max_size=9))
def test_any_series_can_be_drawn(series: list[Series]) -> None:
    assert _drawn(*series).size == (picture.WIDTH, picture.HEIGHT)
