"""How does one piece of evidence read for a model, at a given length?

Every form says what it leaves out: rows, patterns and points are cut by structure (the first are the
most telling, by the contract of the bodies), never in the middle of a value without a mark. Text that
others wrote is fenced, so that it reads as data wherever it is shown, and what users of the systems fill
in it (paths, agents, bodies) is a shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from chatops.persona.tokens import clip
from chatops.policy.shapes import cell, shaped, without_orders
from chatops.policy.text.observed import by_users
from chatops.policy.untrusted import Fence, plain
from connectors.evidence import Change, Evidence, LogPattern, LogPatterns, ResourceState, Series, SeriesSet, Subject

READ = "read_evidence"
"""The tool that shows in full what the brief cuts."""
_LINE, _EXAMPLE, _CELL, _NAMES = 400, 300, 160, 8
_FIELD, _VALUE = frozenset({"field", "property"}), "value"
_TELLING = 20
_NOTHING = frozenset({"", "-"})
_PLACES = frozenset({"cluster", "namespace", "account", "region"})
_POINTS = 8
_SENTENCE = 6
"""So many words say more than a kind and a name."""
Free = Callable[[str], str]
"""What is made of a text that others wrote."""


class Room(NamedTuple):
    """How much of a piece of evidence is shown."""

    rows: int = 6
    wide: int = 1
    """So many times the usual length of a line, an example, a cell."""
    day: date | None = None
    """That of the window: times of another one have their date."""

    def clock(self, moment: datetime) -> str:
        """The time, with its date where that is not the window's."""
        return clock(moment, self.day)


BRIEF = Room()


def clock(moment: datetime, day: date | None = None) -> str:
    """`10:42:07Z`: the day stands once at the head of the brief; another than `day` is told with the time."""
    moment = moment.astimezone(UTC)
    return f"{moment:%H:%M:%SZ}" if day in {None, moment.date()} else f"{moment:%Y-%m-%d %H:%M:%SZ}"


def line(text: str, limit: int) -> str:
    """Text on one line of at most `limit` characters, without anything hidden."""
    return clip(" ".join(plain(text).split()), limit)


def quoted(text: str, limit: int, fence: Fence) -> str:
    """What somebody else wrote, on one line, as data."""
    return fence.around(line(without_orders(text), limit))


def headline(item: Evidence, fence: Fence, room: Room = BRIEF) -> str:
    """One line: number, where from, about what, since when, and what it says."""
    onset = f" · since {room.clock(item.onset)}" if item.onset else ""
    subject = f" · {named(item.subject, fence)}" if item.subject else ""
    free = _free(item)
    title, summary = line(free(item.title), 120), line(free(item.summary), _LINE * room.wide) or "(no summary)"
    if item.subject is not None:
        title, summary = _without(item.subject, title), summary.removeprefix(f"{item.subject.name}: ")
    telling = title.rpartition(": ")[2]
    known = summary.startswith((title, title.partition(" ")[2] or title)) or (
        len(telling) > _TELLING and telling in summary
    )
    said = summary if known else f"{title}: {summary}"
    return f"{item.id} [{item.source}/{item.check}]{subject}{onset} · {fence.around(said) if item.untrusted else said}"


def _without(subject: Subject, title: str) -> str:
    """Without the object at its beginning or end: that is told before."""
    name = rf"(?:{re.escape(subject.kind)} )?{re.escape(subject.name)}"
    return re.sub(rf"^{name}(?::? |$)| (?:on|of) {name}$", "", title, count=1, flags=re.IGNORECASE)


def alike(first: Evidence, others: Sequence[Evidence], fence: Fence) -> str:
    """The line of those that say of their objects what the first says of its own."""
    shown = [f"{one.id} {beside(one.subject, first.subject, fence)}" for one in others[:_NAMES]]
    rest = f", … {ids([one.id for one in others[_NAMES:]])}" if len(others) > _NAMES else ""
    return f"as {first.id}, but for names and times: {', '.join(shown)}{rest}"


def beside(one: Subject | None, first: Subject | None, fence: Fence) -> str:
    """An object beside another one: by its name, where nothing else differs."""
    alike = one and first and one == first.model_copy(update={"name": one.name})
    return named(one.name if one and alike else one, fence)


def ids(names: Sequence[str]) -> str:
    """`E3 E7–E12 E20`: every number, in few words."""
    numbers = sorted(int(one[1:]) for one in names if one[1:].isdigit())
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " ".join(f"E{run[0]}–E{run[-1]}" if len(run) > 2 else " ".join(f"E{n}" for n in run) for run in runs)


def named(name: object, fence: Fence) -> str:
    """A name; one of many words (of a playbook, a monitor) is what somebody else wrote."""
    text = line(str(name), 160)
    return text if len(text.split()) < _SENTENCE else quoted(text, 160, fence)


def _free(item: Evidence) -> Free:
    """Users' text is reduced to shapes; a control plane's messages, which may quote others, say what decides."""
    return shaped if isinstance(item.body, LogPatterns) or by_users(item) else without_orders


def body(item: Evidence, fence: Fence, room: Room = BRIEF) -> str:
    """The body of the evidence in at most about `room.rows` lines; '' where it has none or says nothing new."""
    free, said = _free(item), headline(item, fence, room)
    match item.body:
        case Series() as series:
            text = "".join(_series(series, said, room))
        case SeriesSet() as several:
            told = [_series(one, said, room) for one in several.series]
            spans = ["", *(span for _, span in told)]
            lines = [text + span * (span != before) for (text, span), before in zip(told, spans, strict=False)]
            text = _lines(lines, room, several.omitted, "series")
        case LogPatterns() as logs:
            lines = [_pattern(one, free, said, room) for one in logs.patterns]
            text = _lines(lines, room, logs.omitted, f"patterns of {logs.lines} lines")
        case ResourceState() as table:
            text = _table(table, free, said, room)
        case Change() as change:
            text = _change(change, free, said, room)
        case _:
            return ""
    return fence.around(text) if text and (item.untrusted or isinstance(item.body, LogPatterns)) else text


def full(item: Evidence, fence: Fence, room: Room) -> str:
    """Headline, exact query and the whole body, for an answer to a tool call."""
    query = f"query: {line(item.query, 600)}" if item.query else ""
    return "\n".join(part for part in (headline(item, fence, room), query, body(item, fence, room)) if part)


def _lines(lines: list[str], room: Room, omitted: int, what: str) -> str:
    left = omitted + max(len(lines) - room.rows, 0)
    shown = lines[: room.rows]
    return "\n".join([*shown, f"… {left} more {what} not shown"] if left else shown)


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e6 else f"{value:.3e}"


def _series(series: Series, told: str, room: Room) -> tuple[str, str]:
    """A series, and from when to when; labels that the headline has `told` stand there."""
    named = {key: cell(key, value, without_orders) for key, value in series.labels.items()}
    labels = ",".join(f"{key}={value}" for key, value in named.items() if not _in(value, told))
    unit = f" {series.unit}" if series.unit else ""
    moved = (
        f" before {_number(series.before)} after {_number(series.after)}"
        if series.before is not None and series.after is not None
        else ""
    )
    threshold = f" threshold {_number(series.threshold)}" if series.threshold is not None else ""
    about = f"{{{clip(labels, 200)}}}" if labels else ""
    values, span = _points(series, room)
    return f"{clip(series.name, _CELL)}{about}{unit}{moved}{threshold}: {values}", span


def _points(series: Series, room: Room) -> tuple[str, str]:
    """Evenly spaced points with the last one: the shape, not the data; between when, and how many there are."""
    points, most = series.points, _POINTS * room.wide
    if not points:
        return "no points", ""
    step = max(len(points) // most, 1)
    picked = [*points[:-1:step][:most], points[-1]]
    values = " ".join(_number(value) for _, value in picked)
    begin, end = (room.clock(datetime.fromtimestamp(at, tz=UTC)) for at in (points[0][0], points[-1][0]))
    more = f", {len(picked)} of {len(points)} points" if len(picked) < len(points) else ""
    return values, f" ({begin}–{end}{more})"


def _pattern(one: LogPattern, free: Free, told: str, room: Room) -> str:
    """An example stands for its lines: what is masked in their template (hosts, ports, codes) may be what decides.

    The one that the headline has `told` is not told again.
    """
    first = f" first {room.clock(one.first)}" if one.first else ""
    level = f"{one.level} " if one.level else ""
    whole = free(one.example or one.template)
    said = "that line" if line(whole, _LINE) in told else clip(whole, _EXAMPLE * room.wide)
    return f"{level}before {one.before} after {one.after}{first}: {said}"


def _table(table: ResourceState, free: Free, told: str, room: Room) -> str:
    """Rows that say the same of several objects are one row; what the headline has `told` and what is empty is none."""
    fields = len(table.columns) == 2 and table.columns[0] in _FIELD and table.columns[1] == _VALUE
    if fields:
        rows = [row for row in table.rows if not _is_said(row, told)]
        if not rows and not table.omitted:
            return ""
    else:
        rows = _together(table, room)
    width = max(len(table.columns), *(len(row) for row in rows), 0)
    columns = [*table.columns, *[""] * (width - len(table.columns))]
    cells = [
        [clip(cell(name, value, free), _CELL * room.wide) for name, value in zip(columns, row, strict=False)]
        + [""] * (width - len(row)) for row in rows
    ]  # fmt: skip
    kept = [at for at, name in enumerate(columns) if fields or _tells(name, [row[at] for row in cells], told)]
    head, *lines = (" | ".join(row[at] for at in kept) for row in (columns, *cells))
    return head + "\n" + _lines(lines, room, table.omitted, "rows")


def _tells(name: str, values: Sequence[str], told: str) -> bool:
    """Whether a column has something to say: not where it is empty, nor where it repeats the place of the headline."""
    return any(values) and not (name in _PLACES and len(set(values)) == 1 and _in(values[0], told))


def _in(value: str, told: str) -> bool:
    """Whether whole words stand in what is told; a bare number may stand there for something else."""
    return any(map(str.isalpha, value)) and re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", told) is not None


def _is_said(row: Sequence[str], said: str) -> bool:
    name, value = (re.escape(" ".join(plain(part).split())) for part in row)
    return row[1] in _NOTHING or re.search(rf"(?<![\w-]){name}(?::|=| is)? {{0,2}}{value}(?![\w-])", said) is not None


def _together(table: ResourceState, room: Room) -> list[tuple[str, ...]]:
    """Rows that differ in names and in when they were made only, as one: with all names, from when to when."""
    own = {at: _EACH[column] for at, column in enumerate(table.columns) if column in _EACH}
    if "name" not in table.columns:
        return list(table.rows)
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for row in table.rows:
        groups.setdefault(tuple(value for at, value in enumerate(row) if at not in own), []).append(row)
    return [
        tuple(own[at]([one[at] for one in rows], room) if at in own else value for at, value in enumerate(rows[0]))
        for rows in groups.values()
    ]


def _span(values: Sequence[str], _: Room) -> str:
    first, last = min(values), max(values)
    return first if first == last else f"{first} – {last}"


def _all(values: Sequence[str], room: Room) -> str:
    """All of them, as far as a cell has room; how many more is said."""
    if len(values) == 1:
        return values[0]
    for shown in range(len(values), 0, -1):
        left = f" … {len(values) - shown} more" if shown < len(values) else ""
        if len(text := ", ".join(values[:shown]) + left) <= _CELL * room.wide:
            return text
    return f"{values[0]} … {len(values) - 1} more"


_EACH: Mapping[str, Callable[[Sequence[str], Room], str]] = {"name": _all, "created": _span}
"""Columns in which every object has a value of its own, and how several are told."""


def _change(change: Change, free: Free, told: str, room: Room) -> str:
    """Who changed what; '' where the headline has `told` it."""
    by = f" by {change.by}" if change.by else ""
    before, after = (clip(free(value), 200 * room.wide) for value in (change.before, change.after))
    within = change.before in change.what and change.after in change.what
    what, values = free(change.what), "" if within else f": {before} → {after}"
    known = change.by in told and line(f"{what}{values}", _LINE * room.wide) in told
    return "" if known else f"{room.clock(change.at)} {what}{by}{values}"
