"""How does one piece of evidence read for a model, at a given length?

Every form says what it leaves out: rows, patterns and points are cut by structure (the first are the
most telling, by the contract of the bodies), never in the middle of a value without a mark. Text that
users of the systems control is fenced, so that it reads as data wherever it is shown.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from chatops.persona.tokens import clip
from chatops.policy.untrusted import plain
from connectors.evidence import Change, Evidence, LogPattern, LogPatterns, ResourceState, Series, SeriesSet

_CELL = 120
_POINTS = 8
FENCE = ("<untrusted>", "</untrusted>")
_BORDER = re.compile(r"<(?=/?\s*untrusted)", re.IGNORECASE)


def clock(moment: datetime) -> str:
    """`10:42:07Z`: the day stands once at the head of the brief."""
    return moment.strftime("%H:%M:%SZ")


def fenced(text: str) -> str:
    """Text as data: nothing hidden in it, and it cannot close its own fence."""
    return FENCE[0] + _BORDER.sub("‹", plain(text)) + FENCE[1]


def headline(item: Evidence) -> str:
    """One line: number, where from, about what, since when, and what it says."""
    onset = f" · since {clock(item.onset)}" if item.onset else ""
    subject = f" · {item.subject}" if item.subject else ""
    said = clip(" ".join(item.summary.split()), 400) or "(no summary)"
    said = fenced(said) if item.untrusted else said
    return f"{item.id} [{item.source}/{item.check}]{subject}{onset} · {clip(item.title, 120)}: {said}"


def body(item: Evidence, rows: int = 6) -> str:
    """The body of the evidence in at most about `rows` lines; '' where it has none."""
    match item.body:
        case Series() as series:
            text = _series(series)
        case SeriesSet() as several:
            text = _lines([_series(one) for one in several.series], rows, several.omitted, "series")
        case LogPatterns() as logs:
            text = _lines(
                [_pattern(one) for one in logs.patterns], rows, logs.omitted, f"patterns of {logs.lines} lines"
            )
        case ResourceState() as table:
            text = _table(table, rows)
        case Change() as change:
            text = _change(change)
        case _:
            return ""
    return fenced(text) if item.untrusted or isinstance(item.body, LogPatterns) else text


def full(item: Evidence, rows: int = 40) -> str:
    """Headline, exact query and the whole body, for an answer to a tool call."""
    parts = [headline(item), f"query: {clip(item.query, 600)}" if item.query else "", body(item, rows)]
    return "\n".join(part for part in parts if part)


def _lines(lines: list[str], limit: int, omitted: int, what: str) -> str:
    left = omitted + max(len(lines) - limit, 0)
    shown = lines[:limit]
    return "\n".join([*shown, f"… {left} more {what} not shown"] if left else shown)


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e6 else f"{value:.3e}"


def _series(series: Series) -> str:
    labels = ",".join(f"{key}={value}" for key, value in series.labels.items())
    unit = f" {series.unit}" if series.unit else ""
    moved = (
        f" before {_number(series.before)} after {_number(series.after)}"
        if series.before is not None and series.after is not None
        else ""
    )
    threshold = f" threshold {_number(series.threshold)}" if series.threshold is not None else ""
    return f"{clip(series.name, _CELL)}{{{clip(labels, 200)}}}{unit}{moved}{threshold}: {_points(series)}"


def _points(series: Series) -> str:
    """Evenly spaced points with the last one: the shape, not the data; how many there are is said."""
    points = series.points
    if not points:
        return "no points"
    step = max(len(points) // _POINTS, 1)
    picked = [*points[:-1:step][:_POINTS], points[-1]]
    values = " ".join(_number(value) for _, value in picked)
    span = f"{_time(points[0][0])}–{_time(points[-1][0])}"
    more = f", {len(picked)} of {len(points)} points" if len(picked) < len(points) else ""
    return f"{values} ({span}{more})"


def _time(seconds: float) -> str:
    return clock(datetime.fromtimestamp(seconds, tz=UTC))


def _pattern(one: LogPattern) -> str:
    first = f" first {clock(one.first)}" if one.first else ""
    level = f"{one.level} " if one.level else ""
    return (
        f"{level}before {one.before} after {one.after}{first}: {clip(one.template, 220)} e.g. {clip(one.example, 160)}"
    )


def _table(table: ResourceState, limit: int) -> str:
    rows = [" | ".join(clip(cell, _CELL) for cell in row) for row in table.rows]
    return " | ".join(table.columns) + "\n" + _lines(rows, limit, table.omitted, "rows")


def _change(change: Change) -> str:
    by = f" by {change.by}" if change.by else ""
    values = f": {clip(change.before, 200)} → {clip(change.after, 200)}" if change.before or change.after else ""
    return f"{clock(change.at)} {change.what}{by}{values}"
