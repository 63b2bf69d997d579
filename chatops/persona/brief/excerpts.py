"""How does one piece of evidence read for a model, at a given length?

Every form says what it leaves out: rows, patterns and points are cut by structure (the first are the
most telling, by the contract of the bodies), never in the middle of a value without a mark. Text that
others wrote is fenced, so that it reads as data wherever it is shown, and what users of the systems fill
in it (paths, agents, bodies) is a shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from chatops.persona.tokens import clip
from chatops.policy.shapes import cell, shaped, without_orders
from chatops.policy.text.observed import by_users
from chatops.policy.untrusted import Fence, plain
from connectors.evidence import Change, Evidence, LogPattern, LogPatterns, ResourceState, Series, SeriesSet

_CELL = 160
_FIELDS = ("field", "value")
_POINTS = 8
_SENTENCE = 6
"""So many words say more than a kind and a name."""
Free = Callable[[str], str]
"""What is made of a text that others wrote."""


def clock(moment: datetime) -> str:
    """`10:42:07Z`: the day stands once at the head of the brief."""
    return moment.strftime("%H:%M:%SZ")


def line(text: str, limit: int) -> str:
    """Text on one line of at most `limit` characters, without anything hidden."""
    return clip(" ".join(plain(text).split()), limit)


def quoted(text: str, limit: int, fence: Fence) -> str:
    """What somebody else wrote, on one line, as data."""
    return fence.around(line(without_orders(text), limit))


def headline(item: Evidence, fence: Fence, like: str = "") -> str:
    """One line: number, where from, about what, since when, and what it says, or which other says the same."""
    onset = f" · since {clock(item.onset)}" if item.onset else ""
    subject = f" · {named(item.subject, fence)}" if item.subject else ""
    head = f"{item.id} [{item.source}/{item.check}]{subject}{onset}"
    if like:
        return f"{head} · as {like}, but for names and times"
    said = line(_free(item)(item.summary), 400) or "(no summary)"
    said = f"{line(_free(item)(item.title), 120)}: {said}"
    return f"{head} · {fence.around(said) if item.untrusted else said}"


def named(name: object, fence: Fence) -> str:
    """A name; one of many words (of a playbook, a monitor) is what somebody else wrote."""
    text = line(str(name), 160)
    return text if len(text.split()) < _SENTENCE else quoted(text, 160, fence)


def _free(item: Evidence) -> Free:
    """Users' text is reduced to shapes; a control plane's messages, which may quote others, say what decides."""
    return shaped if isinstance(item.body, LogPatterns) or by_users(item) else without_orders


def body(item: Evidence, fence: Fence, rows: int = 6) -> str:
    """The body of the evidence in at most about `rows` lines; '' where it has none."""
    free = _free(item)
    match item.body:
        case Series() as series:
            text = _series(series)
        case SeriesSet() as several:
            text = _lines([_series(one) for one in several.series], rows, several.omitted, "series")
        case LogPatterns() as logs:
            said = headline(item, fence)
            text = _lines(
                [_pattern(one, free, said) for one in logs.patterns],
                rows,
                logs.omitted,
                f"patterns of {logs.lines} lines",
            )
        case ResourceState() as table:
            text = _table(table, rows, free, headline(item, fence))
        case Change() as change:
            text = _change(change, free, headline(item, fence))
        case _:
            return ""
    return fence.around(text) if text and (item.untrusted or isinstance(item.body, LogPatterns)) else text


def full(item: Evidence, fence: Fence, rows: int = 40) -> str:
    """Headline, exact query and the whole body, for an answer to a tool call."""
    parts = [headline(item, fence), f"query: {line(item.query, 600)}" if item.query else "", body(item, fence, rows)]
    return "\n".join(part for part in parts if part)


def _lines(lines: list[str], limit: int, omitted: int, what: str) -> str:
    left = omitted + max(len(lines) - limit, 0)
    shown = lines[:limit]
    return "\n".join([*shown, f"… {left} more {what} not shown"] if left else shown)


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e6 else f"{value:.3e}"


def _series(series: Series) -> str:
    labels = ",".join(f"{key}={cell(key, value, without_orders)}" for key, value in series.labels.items())
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


def _pattern(one: LogPattern, free: Free, said: str) -> str:
    """An example stands for its lines: what is masked in their template (hosts, ports, codes) may be what decides.

    The one that the headline has `said` is not told again.
    """
    first = f" first {clock(one.first)}" if one.first else ""
    level = f"{one.level} " if one.level else ""
    whole = free(one.example or one.template)
    told = "that line" if line(whole, 400) in said else clip(whole, 300)
    return f"{level}before {one.before} after {one.after}{first}: {told}"


def _table(table: ResourceState, limit: int, free: Free, said: str) -> str:
    """Rows that say the same of several objects are one row; fields that the headline has `said` are none."""
    if table.columns == _FIELDS:
        rows = [row for row in table.rows if not _is_said(row, said)]
        if not rows and not table.omitted:
            return ""
    else:
        rows = _together(table)
    columns = [*table.columns, *[""] * max((len(row) for row in rows), default=0)]
    lines = [
        " | ".join(clip(cell(name, value, free), _CELL) for name, value in zip(columns, row, strict=False))
        for row in rows
    ]
    return " | ".join(table.columns) + "\n" + _lines(lines, limit, table.omitted, "rows")


def _is_said(row: Sequence[str], said: str) -> bool:
    name, value = (re.escape(" ".join(plain(part).split())) for part in row)
    return re.search(rf"(?<![\w-]){name}(?::|=| is)? {{0,2}}{value}(?![\w-])", said) is not None


def _together(table: ResourceState) -> list[tuple[str, ...]]:
    """Rows that differ in names and in when they were made only, as one: with all names, from when to when."""
    own = {at: _EACH[column] for at, column in enumerate(table.columns) if column in _EACH}
    if "name" not in table.columns:
        return list(table.rows)
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for row in table.rows:
        groups.setdefault(tuple(value for at, value in enumerate(row) if at not in own), []).append(row)
    return [
        tuple(own[at]([one[at] for one in rows]) if at in own else value for at, value in enumerate(rows[0]))
        for rows in groups.values()
    ]


def _span(values: Sequence[str]) -> str:
    first, last = min(values), max(values)
    return first if first == last else f"{first} – {last}"


def _all(values: Sequence[str]) -> str:
    """All of them, as far as a cell has room; how many more is said."""
    if len(values) == 1:
        return values[0]
    for shown in range(len(values), 0, -1):
        left = f" … {len(values) - shown} more" if shown < len(values) else ""
        if len(text := ", ".join(values[:shown]) + left) <= _CELL:
            return text
    return f"{values[0]} … {len(values) - 1} more"


_EACH: Mapping[str, Callable[[Sequence[str]], str]] = {"name": _all, "created": _span}
"""Columns in which every object has a value of its own, and how several are told."""


def _change(change: Change, free: Free, said: str) -> str:
    """Who changed what; '' where the headline has `said` it."""
    by = f" by {change.by}" if change.by else ""
    before, after = clip(free(change.before), 200), clip(free(change.after), 200)
    within = change.before in change.what and change.after in change.what
    values = "" if within else f": {before} → {after}"
    what = free(change.what)
    return (
        "" if change.by in said and line(f"{what}{values}", 400) in said else f"{clock(change.at)} {what}{by}{values}"
    )
