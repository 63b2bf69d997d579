"""What does a chart look like where Slack has no chart block? The same points, drawn as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from chatops.render.blocks import Block

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 960, 420
_LEFT, _TOP, _RIGHT, _BOTTOM = 84, 92, WIDTH - 24, HEIGHT - 56
"""The plot; above it stand the title and the names, beside and below it the axes' figures."""
_INK, _FAINT = (29, 28, 29), (221, 221, 221)
_LIMIT = (160, 32, 32)
_COLOURS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233), (230, 159, 0))
"""Told apart also by those who do not see all colours (Okabe and Ito's)."""
_GRID = 4
_MOST = 1e100
"""Beyond this nothing is told apart in a picture, and differences overflow."""
Point = tuple[float, float]


def png(chart: Block) -> bytes:
    """Draw a `data_visualization` block of lines (`render.charts`): 960 × 420 pixels, on white."""
    from PIL import Image, ImageDraw  # drawn where a workspace is old: nobody else waits for the import

    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    series = chart["chart"]["series"]
    axis = chart["chart"]["axis_config"]
    drawn = [[min(max(float(point["value"]), -_MOST), _MOST) for point in one["data"]] for one in series]
    low, high = _range([value for values in drawn for value in values])
    _grid(draw, low, high, axis["categories"])
    draw.text((24, 16), f"{chart['title']} [{axis['y_label']}]", fill=_INK, font_size=20)
    at = _LEFT
    for number, (one, values) in enumerate(zip(series, drawn, strict=True)):
        limit = one["name"] == "threshold"
        colour = _LIMIT if limit else _COLOURS[number % len(_COLOURS)]
        points = _places(values, low, high)
        if limit:
            _dashed(draw, points)
        else:
            draw.line(points, fill=colour, width=3, joint="curve")
        draw.line([(at, 64), (at + 20, 64)], fill=colour, width=3)
        draw.text((at + 26, 56), one["name"], fill=_INK, font_size=14)
        at += 46 + int(draw.textlength(one["name"], font_size=14))
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _range(values: Sequence[float]) -> tuple[float, float]:
    """From zero where that is not far below the lowest value; never empty."""
    low, high = min(values), max(values)
    if 0 < low < high * 0.5:
        low = 0.0
    around = max(abs(high) * 0.1, 1.0)
    return (low, high) if high > low else (low - around, high + around)


def _places(values: Sequence[float], low: float, high: float) -> list[Point]:
    step = (_RIGHT - _LEFT) / max(len(values) - 1, 1)
    return [(_LEFT + i * step, _BOTTOM - (v - low) / (high - low) * (_BOTTOM - _TOP)) for i, v in enumerate(values)]


def _grid(draw: ImageDraw, low: float, high: float, labels: Sequence[Any]) -> None:
    for line in range(_GRID + 1):
        y = _BOTTOM - line / _GRID * (_BOTTOM - _TOP)
        draw.line([(_LEFT, y), (_RIGHT, y)], fill=_FAINT)
        figure = f"{low + line / _GRID * (high - low):.4g}"
        draw.text((_LEFT - 10, y), figure, fill=_INK, font_size=14, anchor="rm")
    places = _places([low] * len(labels), low, high)
    for (x, y), label in list(zip(places, labels, strict=True))[:: max(len(labels) // 5, 1)]:
        draw.text((x, y + 10), str(label), fill=_INK, font_size=14, anchor="ma")
    draw.text((_RIGHT, HEIGHT - 14), "UTC", fill=_INK, font_size=14, anchor="rd")


def _dashed(draw: ImageDraw, points: Sequence[Point]) -> None:
    """A limit is the same everywhere: a line of dashes."""
    for x in range(_LEFT, _RIGHT, 16):
        draw.line([(x, points[0][1]), (min(x + 9, _RIGHT), points[0][1])], fill=_LIMIT, width=2)
