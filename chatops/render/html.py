"""What does the answer look like as one HTML file that needs nothing else: no script, no font, no network?

Everything that comes from elsewhere is escaped; the page carries a policy that would not run a script.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from chatops.domain.diagnosis import Diagnosis, Hypothesis, Mitigation, NextStep, RunbookLink
from chatops.render import charts, wording
from connectors.evidence import Change, Coverage, Evidence, LogPatterns, ResourceState, Series

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--dim:#888}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;
margin:2rem auto;padding:0 1rem}h1{font-size:1.4rem}
h2{font-size:1.05rem;border-top:1px solid var(--line);padding-top:1rem}
small,.dim{color:var(--dim)}pre{background:#8881;padding:.6rem;border-radius:6px;overflow:auto}code{font-size:.9em}
table{border-collapse:collapse;font-size:.9em}td,th{border-bottom:1px solid var(--line);padding:.2rem .8rem .2rem 0;
text-align:left;vertical-align:top}li{margin:.6rem 0}svg{display:block;margin:.4rem 0}meter{width:8rem}
"""
_HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)


def to_html(diagnosis: Diagnosis) -> str:
    """Return the whole document."""
    title, e = escape(diagnosis.summary), escape
    about = " · ".join(map(escape, (diagnosis.verdict, diagnosis.incident.title, diagnosis.incident.id)))
    body = [
        f"<h1>{title}</h1><p class=dim>{about}</p>",
        _list("Likely causes", map(_cause, wording.live(diagnosis.hypotheses)), tag="ol"),
        _list("Next", map(_step, diagnosis.next_steps)),
        _list("For a person to decide", map(_mitigation, diagnosis.mitigations)),
        _list("Not known", (e(gap) for gap in (*diagnosis.gaps, *diagnosis.open_questions))),
        _list("Runbooks", map(_runbook, diagnosis.runbooks)),
        _list("Seen before", (f"{e(one.title)}: {e(one.cause)}. {e(one.resolution)}" for one in diagnosis.seen_before)),
        _list("Evidence", map(_evidence, diagnosis.evidence)),
        "<h2>Looked at</h2>" + _coverage(diagnosis.coverage),
        f"<p class=dim>{e(wording.engine(diagnosis))}</p>",
    ]
    shown = "\n".join(part for part in body if part)
    head = f"{_HEAD}<title>{title}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{shown}</body></html>\n"


def _list(title: str, items: Iterable[str], tag: str = "ul") -> str:
    told = "".join(f"<li>{item}</li>" for item in items)
    return f"<h2>{title}</h2><{tag}>{told}</{tag}>" if told else ""


def _cites(ids: Iterable[str]) -> str:
    return " ".join(f'<a href="#{escape(eid)}">{escape(eid)}</a>' for eid in ids)


def _link(href: str, text: str) -> str:
    return f'<a href="{escape(href)}">{escape(text)}</a>' if href.startswith(("https://", "http://")) else escape(text)


def _cause(h: Hypothesis) -> str:
    against = f", against it {_cites(h.contradicting)}" if h.contradicting else ""
    return (
        f"<b>{escape(h.statement)}</b><br><meter value={h.confidence:.2f}></meter> {h.confidence:.0%} "
        f"<code>{escape(h.cause)}</code> {escape(h.kind)} {escape(wording.STATUS_WORD[h.status])}"
        f"<br><small>rests on {_cites(h.supporting)}{against}</small><br>{escape(h.mechanism)}"
    )


def _step(step: NextStep) -> str:
    expect = f"<small>expect: {escape(step.expect)}</small>" if step.expect else ""
    return f"{escape(step.why)}<pre>{escape(step.command)}</pre>{expect}"


def _mitigation(one: Mitigation) -> str:
    argv = f"<pre>{escape(' '.join(one.argv))}</pre>" if one.argv else ""
    return f"{escape(one.text)}{argv}<small>undo: {escape(one.rollback)}; touches: {escape(one.blast_radius)}</small>"


def _runbook(page: RunbookLink) -> str:
    return f"{_link(page.href, page.title)} {escape(page.section)} <small>{escape(page.why)}</small>"


def _evidence(item: Evidence) -> str:
    query = f"<pre>{escape(item.query)}</pre>" if item.query else ""
    name = f'<b id="{escape(item.id)}">{escape(item.id)} {_link(item.link, item.title)}</b>'
    head = f"{name} <small>{escape(item.source)}</small>"
    return f"{head}<br>{escape(item.summary)}{_body(item)}{query}"


def _body(item: Evidence) -> str:
    body = item.body
    if isinstance(body, LogPatterns):
        rows = [(str(p.before), str(p.after), p.example or p.template) for p in body.patterns[:8]]
        return _table(("before", "after", "line"), rows)
    if isinstance(body, ResourceState):
        return _table(body.columns, body.rows[:20])
    if isinstance(body, Change):
        told = f"{wording.clock(body.at)} {wording.difference(body)} {body.by}"
        return f"<p>{escape(told)}</p>"
    return "".join(_svg(one) for one in charts.series_of(item)[:4])


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    told = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{told}</table>"


def _coverage(rows: Iterable[Coverage]) -> str:
    return _table(("source", "check", "state", "detail"), ((r.source, r.check, r.state, r.detail) for r in rows))


def _svg(one: Series, width: int = 640, height: int = 80) -> str:
    """The series as a line; its figures stand in the caption."""
    values = [value for _, value in one.points]
    low, high, start, end = min(values), max(values), one.points[0][0], one.points[-1][0]
    wide, tall = (end - start) or 1.0, (high - low) or 1.0
    points = ((int((at - start) / wide * width), int(height - (v - low) / tall * height)) for at, v in one.points)
    path = " ".join(f"{x},{y}" for x, y in points)
    name, box = escape(one.name), f"-2 -2 {width + 4} {height + 4}"
    return (
        f'<figure><svg viewBox="{box}" width="{width}" role="img" aria-label="{name}">'
        f'<polyline fill="none" stroke="currentColor" stroke-width="1.5" points="{path}"/></svg>'
        f"<figcaption class=dim>{name}: {low:g} to {high:g} {escape(one.unit)}</figcaption></figure>"
    )
