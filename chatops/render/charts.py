"""Which chart shows the decisive series, in Slack's own chart block and in characters?

`data_visualization` has no model in Slack's SDK, whose parser would drop it: it is a plain dict here. Its
limits (docs.slack.dev): title 50, up to 6 series, 20 categories whose labels are at most 20 characters and
are the same in every series, two charts in a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from chatops.render import wording
from chatops.render.blocks import Block
from chatops.render.mrkdwn import plain
from connectors.evidence import Evidence, Series, SeriesSet

POINTS = 20
SERIES = 6
_THRESHOLD = "threshold"
_LEVELS = "▁▂▃▄▅▆▇█"


def series_of(evidence: Evidence) -> tuple[Series, ...]:
    """The series of a piece of evidence that can be drawn: at least two points each."""
    body = evidence.body
    found = body.series if isinstance(body, SeriesSet) else (body,) if isinstance(body, Series) else ()
    return tuple(one for one in found if len(one.points) > 1)


def chart(evidence: Evidence) -> Block | None:
    """A line chart of the evidence's series, or None where there is nothing to draw."""
    drawn = series_of(evidence)[:SERIES]
    if not drawn:
        return None
    start, end = min(s.points[0][0] for s in drawn), max(s.points[-1][0] for s in drawn)
    labels = _labels(start, end)
    lines = [_line(name, one, start, end, labels) for name, one in zip(_names(drawn), drawn, strict=True)]
    lines += _threshold(drawn, labels, room=SERIES - len(lines))
    axis = {"categories": labels, "x_label": "UTC", "y_label": plain(drawn[0].unit or "value", 50)}
    return {
        "type": "data_visualization",
        "title": plain(f"{evidence.id} {evidence.title}".strip(), 50),
        "chart": {"type": "line", "series": lines, "axis_config": axis},
    }


def _labels(start: float, end: float) -> list[str]:
    """Twenty times of day, unique also where the window is shorter than twenty minutes."""
    form = "%H:%M" if end - start >= 60 * POINTS else "%H:%M:%S"
    if end - start > 86_400:
        form = "%d %b %H:%M"
    step = (end - start) / (POINTS - 1)
    labels = [datetime.fromtimestamp(start + i * step, UTC).strftime(form) for i in range(POINTS)]
    return labels if len(set(labels)) == POINTS else [f"{label} ·{i + 1}" for i, label in enumerate(labels)]


def _names(drawn: Sequence[Series]) -> list[str]:
    """Names of at most 20 characters, told apart by a number where cutting made them equal."""
    names: list[str] = []
    for one in drawn:
        name = base = plain(one.name, 20) or "value"
        number = 2
        while name in (*names, _THRESHOLD):
            name, number = f"{base[:15]} #{number}", number + 1
        names.append(name)
    return names


def resample(points: Sequence[tuple[float, float]], start: float, end: float, buckets: int = POINTS) -> list[float]:
    """The mean of each of the equal parts of the time; a part without a point keeps the one before."""
    width = (end - start) / buckets or 1.0
    parts: list[list[float]] = [[] for _ in range(buckets)]
    for at, value in points:
        parts[min(max(int((at - start) / width), 0), buckets - 1)].append(value)
    means: list[float] = []
    for part in parts:
        means.append(sum(part) / len(part) if part else means[-1] if means else points[0][1])
    return means


def _line(name: str, one: Series, start: float, end: float, labels: Sequence[str]) -> Block:
    values = resample(one.points, start, end)
    return {
        "name": name,
        "data": [{"label": label, "value": _figure(value)} for label, value in zip(labels, values, strict=True)],
    }


def _threshold(drawn: Sequence[Series], labels: Sequence[str], room: int) -> list[Block]:
    limit = next((one.threshold for one in drawn if one.threshold is not None), None)
    if limit is None or room < 1:
        return []
    return [{"name": _THRESHOLD, "data": [{"label": label, "value": _figure(limit)} for label in labels]}]


def _figure(value: float) -> float:
    return float(f"{value:.5g}") if value == value and abs(value) != float("inf") else 0.0


def sparkline(one: Series, width: int = 24) -> str:
    """The series as a line of blocks with its first, lowest, highest and last value."""
    values = resample(one.points, one.points[0][0], one.points[-1][0], width)
    low, high = min(values), max(values)
    scale = (high - low) or 1.0
    line = "".join(_LEVELS[int((value - low) / scale * (len(_LEVELS) - 1))] for value in values)
    return f"{line} {_told(values, one.unit)}"


def in_characters(block: Block) -> list[str]:
    """A chart block's series, a line of characters each."""
    lines = []
    for one in block["chart"]["series"]:
        points = tuple((float(i), float(point["value"])) for i, point in enumerate(one["data"]))
        lines.append(f"{sparkline(Series(name=one['name'], points=points))}  {one['name']}")
    return lines


def in_figures(block: Block) -> list[str]:
    """A chart block's series in figures alone, for who is read to."""
    return [f"{one['name']}: {_told([float(at['value']) for at in one['data']])}" for one in block["chart"]["series"]]


def _told(values: Sequence[float], unit: str = "") -> str:
    low, high = min(values), max(values)
    return (
        f"{_figure(values[0]):g} → {_figure(values[-1]):g}{wording.unit(unit)}"
        + f" (min {_figure(low):g}, max {_figure(high):g})"
    )
