"""How is a series drawn? Inline SVG made by code: lines, onset, threshold, legend, and the figures as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from chatops.web.markup import Html, join, tag
from connectors.evidence import Evidence, Series, SeriesSet

WIDTHS = {"wide": 720, "narrow": 380}
"""Each figure is drawn twice, and the style shows the one that fits: text keeps its size on a phone."""
HEIGHT = 220
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 18, 28
SERIES = 6
MAX_POINTS = 360
ROWS = 12
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_BYTES = ((2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"))
_BYTE_UNITS = frozenset({"b", "byte", "bytes"})


def figure(value: float, unit: str = "") -> str:
    """A number as people read it: three digits and a unit's prefix; bytes in powers of 1,024."""
    if not math.isfinite(value):
        return "–"
    for size, letter in _BYTES if unit.lower() in _BYTE_UNITS else _UNITS:
        if abs(value) >= size:
            return f"{value / size:.3g} {letter}" if len(letter) > 1 else f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def series_of(evidence: Evidence) -> tuple[Series, ...]:
    """What of an evidence can be drawn: series with at least two points."""
    body = evidence.body
    found = body.series if isinstance(body, SeriesSet) else (body,) if isinstance(body, Series) else ()
    return tuple(s for s in found if sum(math.isfinite(v) for _, v in s.points) > 1)


class Scale(NamedTuple):
    """From time and value to the drawing's coordinates."""

    start: float
    end: float
    low: float
    high: float
    step: float
    width: int = WIDTHS["wide"]

    def x(self, at: float) -> float:
        """Where a time lies."""
        return LEFT + (self.width - LEFT - RIGHT) * (at - self.start) / (self.end - self.start)

    def y(self, value: float) -> float:
        """Where a value lies."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - self.low) / (self.high - self.low))


def _scale(drawn: Sequence[Series]) -> Scale:
    points = [p for s in drawn for p in s.points if math.isfinite(p[1])]
    values = [v for _, v in points] + [s.threshold for s in drawn if s.threshold is not None]
    low, high = min(values), max(values)
    if low >= 0 and low < high / 2:
        low = 0.0
    if high == low:
        low, high = low - (abs(low) or 1) * 0.1, high + (abs(high) or 1) * 0.1
    step = _nice((high - low) / 4, drawn[0].unit)
    start, end = min(t for t, _ in points), max(t for t, _ in points)
    return Scale(start, max(end, start + 1), math.floor(low / step) * step, math.ceil(high / step) * step, step)


def _nice(rough: float, unit: str) -> float:
    """A round step of about this size; bytes are round in their own prefix."""
    units = _BYTES if unit.lower() in _BYTE_UNITS else ()
    base = next((size for size, _ in units if size <= rough), 1.0)
    power = 10.0 ** math.floor(math.log10(rough / base))
    return next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= rough / base * 0.999) * base


def _axes(scale: Scale, unit: str) -> list[Html]:
    lines: list[Html] = []
    for number in range(round((scale.high - scale.low) / scale.step) + 1):
        value = scale.low + number * scale.step
        y = f"{scale.y(value):.1f}"
        lines.append(tag("line", class_="grid", x1=LEFT, x2=scale.width - RIGHT, y1=y, y2=y))
        shown = figure(value if abs(value) > scale.step / 1e6 else 0.0, unit)
        lines.append(tag("text", shown, x=LEFT - 8, y=f"{scale.y(value) + 4:.1f}", text_anchor="end"))
    form = "%H:%M" if scale.end - scale.start > 600 else "%H:%M:%S"
    form = "%d %b %H:%M" if scale.end - scale.start > 86_400 else form
    last = 4 if scale.width > 400 and len(form) < 8 else 2
    for number in range(last + 1):
        at = scale.start + (scale.end - scale.start) * number / last
        anchor = "start" if number == 0 else "end" if number == last else "middle"
        told = datetime.fromtimestamp(at, UTC).strftime(form)
        lines.append(tag("text", told, x=f"{scale.x(at):.1f}", y=HEIGHT - 8, text_anchor=anchor))
    return lines


def _path(series: Series, scale: Scale) -> str:
    """The points of a line; a gap (no value) ends a stretch."""
    stride = max(1, len(series.points) // MAX_POINTS)
    kept = [p for i, p in enumerate(series.points) if i % stride == 0 or i == len(series.points) - 1]
    parts, pen = [], "M"
    for at, value in kept:
        if not math.isfinite(value):
            pen = "M"
            continue
        parts.append(f"{pen}{scale.x(at):.1f},{scale.y(value):.1f}")
        pen = "L"
    return "".join(parts)


def _mark(scale: Scale, onset: datetime | None) -> Html | str:
    if onset is None or not scale.start <= onset.timestamp() <= scale.end:
        return ""
    x = scale.x(onset.timestamp())
    side = "end" if x > scale.width - 120 else "start"
    label = tag(
        "text", "onset", x=f"{x + (-5 if side == 'end' else 5):.1f}", y=TOP - 6, text_anchor=side, class_="onset"
    )
    since = tag("rect", class_="after", x=f"{x:.1f}", y=TOP, width=f"{scale.width - RIGHT - x:.1f}",
                height=HEIGHT - TOP - BOTTOM)  # fmt: skip
    line = tag("line", class_="onset", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=TOP, y2=HEIGHT - BOTTOM)
    return tag("g", since, line, label)


def chart(evidence: Evidence, onset: datetime | None = None) -> Html | str:
    """The evidence's series as figures, one for each unit, or nothing where there is none to draw."""
    found = series_of(evidence)
    drawn = found[:SERIES]
    units = tuple(dict.fromkeys(s.unit for s in drawn))
    figures = [_figure([s for s in drawn if s.unit == unit], evidence, onset) for unit in units]
    omitted = len(found) - len(drawn) + (evidence.body.omitted if isinstance(evidence.body, SeriesSet) else 0)
    more = tag("p", f"{omitted} more series are not drawn", class_="dim") if omitted > 0 else ""
    return join([*figures, more])


def _figure(drawn: Sequence[Series], evidence: Evidence, onset: datetime | None) -> Html:
    scale, unit = _scale(drawn), drawn[0].unit
    limit = next((s.threshold for s in drawn if s.threshold is not None), None)
    told = f"{evidence.title}, {', '.join(s.name or 'value' for s in drawn)}. {evidence.summary}"
    mark = evidence.onset or onset
    pictures = [_picture(name, drawn, scale._replace(width=width), mark, told) for name, width in WIDTHS.items()]
    return tag("figure", pictures, _legend(drawn, unit, limit), _table(drawn, unit))


def _picture(name: str, drawn: Sequence[Series], scale: Scale, onset: datetime | None, told: str) -> Html:
    lines = [tag("path", class_=f"series s{n}", d=_path(s, scale)) for n, s in enumerate(drawn)]
    limit = next((s.threshold for s in drawn if s.threshold is not None), None)
    if limit is not None:
        y = f"{scale.y(limit):.1f}"
        lines.append(tag("line", class_="threshold", x1=LEFT, x2=scale.width - RIGHT, y1=y, y2=y))
    return tag(
        "svg", _mark(scale, onset), _axes(scale, drawn[0].unit), lines,
        viewBox=f"0 0 {scale.width} {HEIGHT}", role="img", aria_label=told, class_=f"chart {name}",
    )  # fmt: skip


def _legend(drawn: Sequence[Series], unit: str, limit: float | None) -> Html:
    rows = [tag("li", s.name or "value", _shift(s), class_=f"s{n}") for n, s in enumerate(drawn)]
    if limit is not None:
        rows.append(tag("li", f"threshold {figure(limit, unit)}", class_="threshold"))
    axes = tag("span", f"{unit} · UTC" if unit else "UTC", class_="dim")
    return tag("figcaption", tag("ul", rows, class_="legend"), axes)


def _shift(series: Series) -> str:
    if series.before is None or series.after is None:
        return ""
    return f" {figure(series.before, series.unit)} → {figure(series.after, series.unit)}"


def _table(drawn: Sequence[Series], unit: str) -> Html:
    """The same figures for who does not see the drawing: a dozen moments, evenly spread."""
    times = [t for t, _ in max((s.points for s in drawn), key=len)]
    chosen = times[:: max(1, len(times) // ROWS)]
    head = tag("tr", tag("th", "UTC", scope="col"), [tag("th", s.name or "value", scope="col") for s in drawn])
    rows = []
    for at in chosen:
        told = datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")
        cells = [tag("td", figure(_nearest(s, at), unit)) for s in drawn]
        rows.append(tag("tr", tag("th", told, scope="row"), cells))
    inner = tag("table", tag("thead", head), tag("tbody", rows))
    box = tag("div", inner, class_="scroll", tabindex="0", role="group", aria_label="Figures")
    return tag("details", tag("summary", "Figures"), box)


def _nearest(series: Series, at: float) -> float:
    return min(series.points, key=lambda point: abs(point[0] - at))[1]
