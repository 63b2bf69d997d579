"""What does the answer rest on? The lower half of the page: charts, timeline, evidence, coverage and cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import zip_longest

from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import TimelineEntry
from chatops.render import wording
from chatops.render.coverage import STATES
from chatops.web.answer import began, cites, command, folded
from chatops.web.charts import chart, series_of
from chatops.web.markup import Html, join, link, tag
from connectors.evidence import Change, Coverage, Evidence, LogPatterns, ResourceState, State

CHARTS = 3
ROWS = 8
"""Rows of a table that are shown at once; the rest is folded."""
WIDE = 3
"""Columns beyond which a telephone shows each row as a paragraph of labelled cells, not as a row to be pushed aside."""
_WORST_FIRST = (State.FAILED, State.NO_DATA, State.SKIPPED, State.NOT_CONFIGURED, State.CHECKED)


def _moment(at: datetime) -> Html:
    utc = at.astimezone(UTC)
    return tag("time", utc.strftime("%H:%M:%S"), datetime=utc.isoformat(), title=utc.strftime("%Y-%m-%d %H:%M:%S UTC"))


def decisive(diagnosis: Diagnosis) -> Html | None:
    """Charts of the series that the hypotheses rest on, the best-ranked first."""
    drawn = _drawn(diagnosis)
    if not drawn:
        return None
    rows = [_decisive(e, diagnosis.incident.window.onset) for e in drawn]
    heading = tag("h2", "Decisive series", id="series")
    return tag("section", heading, tag("div", rows, class_="charts"), aria_labelledby="series")


def _drawn(diagnosis: Diagnosis) -> list[Evidence]:
    """What has a chart at the top: cited series first, then others with an onset."""
    known = {e.id: e for e in diagnosis.evidence}
    ranked = sorted(diagnosis.hypotheses, key=lambda h: h.rank)
    cited = dict.fromkeys(i for h in ranked for i in (*h.supporting, *h.contradicting) if i in known)
    drawn = [known[i] for i in cited if series_of(known[i])]
    drawn += [e for e in diagnosis.evidence if e.onset and series_of(e) and e not in drawn]
    return drawn[:CHARTS]


def _decisive(e: Evidence, onset: datetime | None) -> Html:
    title = tag("h3", tag("a", e.id, href=f"#{e.id}", class_="cite"), " ", e.title)
    return tag("div", title, chart(e, onset), class_="card")


def timeline(entries: Sequence[TimelineEntry], diagnosis: Diagnosis | None) -> Html | None:
    """What happened when: onset, changes and onsets in the evidence, and what was done since."""
    rows = [(entry.at, entry.kind, tag("span", entry.text), entry.by) for entry in entries]
    if diagnosis is not None:
        rows += _observed(diagnosis)
    if not rows:
        return None
    items = [
        tag(
            "li", _moment(at), " ", tag("span", kind, class_="badge onset" if kind == "onset" else "badge"),
            tag("span", told, tag("span", f" · {by}", class_="dim") if by else None, class_="what"),
            class_="onset" if kind == "onset" else "",
        )
        for at, kind, told, by in sorted(rows, key=lambda row: row[0])
    ]  # fmt: skip
    heading = tag("h2", "Timeline", tag("span", " UTC", class_="dim"), id="timeline")
    return tag("section", heading, tag("ol", items, class_="timeline"), aria_labelledby="timeline")


def _observed(diagnosis: Diagnosis) -> list[tuple[datetime, str, Html, str]]:
    onset, shown_by = began(diagnosis)
    alerted = diagnosis.incident.window.onset
    rows: list[tuple[datetime, str, Html, str]] = []
    if onset is not None:
        said = ("It began, by ", cites((shown_by,))) if shown_by else "It began, as far as the alert says"
        rows.append((onset, "onset", tag("span", said), ""))
    if alerted is not None and alerted != onset:
        rows.append((alerted, "alert", tag("span", "The alert began to fire"), ""))
    same: dict[tuple[datetime, str], list[Evidence]] = {}
    for e in diagnosis.evidence:
        if isinstance(e.body, Change):
            rows.append((e.body.at, "change", tag("span", e.body.what, " ", cites((e.id,))), e.body.by))
        elif e.onset is not None:
            same.setdefault((e.onset, e.title.split(" ")[0]), []).append(e)
    for (at, _), found in same.items():  # one line for what many pods say in the same second
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        rows.append((at, "seen", tag("span", found[0].title, more, " ", cites(tuple(e.id for e in found))), ""))
    return rows


def evidence(diagnosis: Diagnosis) -> Html | None:
    """Every observation with the exact query that would repeat it."""
    if not diagnosis.evidence:
        return None
    above = {e.id for e in _drawn(diagnosis)}
    onset, leading = diagnosis.incident.window.onset, _leading(diagnosis)
    first = [_open(e, onset, drawn=e.id in above) for e in diagnosis.evidence if e.id in leading]
    rest = [_folded(e, onset, drawn=e.id in above) for e in diagnosis.evidence if e.id not in leading]
    heading = tag("h2", f"Evidence ({len(diagnosis.evidence)})", id="evidence")
    return tag(
        "section",
        heading,
        tag("div", first, class_="cards") if first else None,
        tag("div", rest, class_="folded") if rest else None,
        aria_labelledby="evidence",
    )


def _leading(diagnosis: Diagnosis) -> frozenset[str]:
    """What the two best hypotheses rest on is shown whole; everything else by its title, to be unfolded."""
    best = sorted(diagnosis.hypotheses, key=lambda h: h.rank)[:2]
    return frozenset(i for h in best for i in (*h.supporting, *h.contradicting))


def _open(e: Evidence, onset: datetime | None, *, drawn: bool) -> Html:
    head = tag("h3", tag("span", e.id, class_="number"), e.title)
    return tag("article", head, _inside(e, onset, drawn=drawn), class_="card", id=e.id)


def _folded(e: Evidence, onset: datetime | None, *, drawn: bool) -> Html:
    since = f"since {e.onset.astimezone(UTC):%H:%M}" if e.onset else ""
    about = " · ".join(filter(None, (f"{e.source}/{e.check}", since)))
    head = tag("summary", tag("span", e.id, class_="number"), tag("h3", e.title), tag("span", about, class_="dim"))
    inside = tag("div", _inside(e, onset, drawn=drawn), class_="inside")
    return tag("article", tag("details", head, inside), class_="card fold", id=e.id)


def _inside(e: Evidence, onset: datetime | None, *, drawn: bool) -> list[Html | None]:
    marks = [tag("span", f"{e.source} · {e.check}", class_="dim")]
    if e.untrusted:
        marks.append(tag("span", "text from users of the system", class_="badge"))
    if e.onset:
        marks.append(tag("span", "since ", _moment(e.onset), class_="badge onset"))
    return [
        tag("p", marks, class_="badges"),
        tag("p", e.summary),
        tag("p", tag("a", "Drawn above", href="#series"), class_="dim") if drawn else join(chart(e, onset)),
        _body(e),
        tag("details", tag("summary", "Query"), command(e.query)) if e.query else None,
        tag("p", link(e.link, "Open at its source")) if e.link else None,
    ]


def _body(e: Evidence) -> Html | None:
    body = e.body
    if isinstance(body, LogPatterns):
        return _table(*_patterns(body), body.omitted, f"{body.lines} lines read")
    if isinstance(body, ResourceState):
        return _table(body.columns, body.rows, body.omitted, "")
    if isinstance(body, Change):
        told = body.before in body.what and body.after in body.what
        moved = f"{body.before} → {body.after}" if (body.before or body.after) and not told else ""
        by = f" by {body.by}" if body.by else ""
        return tag("p", _moment(body.at), f" {body.what}{by} ", tag("code", moved) if moved else None)
    return None


def _patterns(body: LogPatterns) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Head and rows, without a column in which no row says anything of its own."""
    told = [(p.template, str(p.before), str(p.after), p.level, p.example) for p in body.patterns]
    rows = [(*row[:4], "" if row[4] == row[0] else row[4]) for row in told]
    head = ("pattern", "before", "after", "level", "example")
    kept = [place for place in range(len(head)) if any(row[place] for row in rows)]
    return [head[place] for place in kept], [[row[place] for place in kept] for row in rows]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], omitted: int, note: str) -> Html:
    more = ", ".join(filter(None, (note, f"{omitted} more not shown" if omitted else "")))
    rest, look = rows[ROWS:], "labelled" if len(head) > WIDE else ""
    folded = tag("details", tag("summary", f"{len(rest)} more rows"), _grid(head, rest, look=look)) if rest else None
    return tag("div", _grid(head, rows[:ROWS], look=look), folded, tag("p", more, class_="dim") if more else None)


def _grid(head: Sequence[str], rows: Sequence[Sequence[object]], name: str = "Table", look: str = "") -> Html:
    top = tag("tr", [tag("th", cell, scope="col") for cell in head])
    labels = head if look == "labelled" else ()
    body = [
        tag("tr", [tag("td", _cell(cell), data_head=label) for cell, label in zip_longest(row, labels, fillvalue="")])
        for row in rows
    ]
    inner = tag("table", tag("thead", top), tag("tbody", body), class_=look)
    return tag("div", inner, class_="scroll", tabindex="0", role="group", aria_label=name)


_STAMP = re.compile(r"\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:\+00:00|Z)")


def _cell(value: object) -> object:
    """A time of day without its zone: everything on the page is UTC."""
    return _STAMP.sub(r"\1 \2", value) if isinstance(value, str) and not isinstance(value, Html) else value


def coverage(diagnosis: Diagnosis) -> Html | None:
    """What was looked at and what was not, the failures first."""
    if not diagnosis.coverage:
        return None
    ordered = sorted(diagnosis.coverage, key=lambda row: _WORST_FIRST.index(row.state))
    counts = [(state, sum(row.state is state for row in ordered)) for state in _WORST_FIRST]
    told = ", ".join(f"{count} {STATES[state]}" for state, count in counts if count and state is not State.FAILED)
    failed = [row for row in ordered if row.state is State.FAILED]
    rest = [row for row in ordered if row.state is not State.FAILED]
    parts = [
        _covers([_as_one(alike) for alike in _alike(failed)], "Failed checks") if failed else None,
        tag("details", tag("summary", told), _covers(rest, "Other checks")) if rest else None,
    ]
    return tag("section", tag("h2", "Coverage", id="coverage"), parts, aria_labelledby="coverage")


def _alike(rows: Sequence[Coverage]) -> list[list[Coverage]]:
    """Rows of one source that say the same: a source that is away fails every check for one reason."""
    found: dict[tuple[str, str], list[Coverage]] = {}
    for row in rows:
        found.setdefault((row.source, row.detail), []).append(row)
    return list(found.values())


def _as_one(rows: Sequence[Coverage]) -> Coverage:
    """One row for all of them, with every name and the longest time."""
    names = ", ".join(row.check for row in rows)
    told = names if len(rows) == 1 else f"{len(rows)} checks: {names}"
    return rows[0].model_copy(update={"check": told, "ms": max(row.ms for row in rows)})


def _covers(rows: Sequence[Coverage], name: str) -> Html:
    return _grid(("source", "check", "state", "detail", "ms"), [_covered(row) for row in rows], name, "stack")


def _covered(row: Coverage) -> tuple[object, ...]:
    state = tag("span", STATES[row.state], class_=f"badge {row.state.value.replace(' ', '-')}")
    return (row.source, row.check, state, tag("span", folded(row.detail)), str(row.ms))


def engine(diagnosis: Diagnosis) -> Html:
    """Who diagnosed, how long it took, what it cost, and what was taken out of a model's answer."""
    e = diagnosis.engine
    alone = f"Rules; {e.model} gave no answer" if e.model else "Rules alone, no model"
    by = alone if e.kind == "rules" else f"Rules and {e.model}, {e.turns} turns"
    facts = [
        ("Diagnosed by", by),
        ("First facts", f"{e.seconds.first_facts:.1f} s"),
        ("Gathering", f"{e.seconds.gather:.1f} s"),
        ("Total", f"{e.seconds.total:.1f} s"),
    ]
    if e.kind == "model":
        facts.append(("Used", wording.spent(e.usage)))
    told = [(tag("dt", label), tag("dd", value)) for label, value in facts]
    removed = [tag("li", reason) for reason in e.removed]
    taken = (
        tag(
            "details",
            tag("summary", f"{len(removed)} left out of the model's answer or marked in it"),
            tag("ul", removed),
        )
        if removed
        else None
    )
    return tag("section", tag("h2", "Cost", id="cost"), tag("dl", told, class_="facts"), taken, aria_labelledby="cost")
