"""What does an incident's page say? One self-contained HTML document from values, with no script of others.

Pure: the same values give the same page, live behind `GET /incidents/<id>` and written as a file by
`chatops investigate --format html`. Evidence is untrusted; everything passes through `markup`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources

from chatops.domain.diagnosis import Diagnosis
from chatops.domain.incident import Incident, TimelineEntry
from chatops.web import answer, record
from chatops.web.markup import Html, raw, tag

_ASSETS = resources.files("chatops.web") / "static"
STYLE = (_ASSETS / "page.css").read_text("utf-8")
SCRIPT = (_ASSETS / "page.js").read_text("utf-8")


def page(
    diagnosis: Diagnosis | None,
    timeline: Sequence[TimelineEntry] = (),
    *,
    incident: Incident | None = None,
    nonce: str = "",
    live: str = "",
    leave: str = "",
    now: datetime | None = None,
) -> str:
    """The whole document. `live` is the address of the event stream while it runs, empty in a file; `leave` ends the
    reader's session.

    Without a diagnosis (nothing is known yet) the incident must be given.
    """
    body = [_head_line(diagnosis, incident), content(diagnosis, timeline, incident=incident)]
    moment = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC")
    document = tag(
        "html",
        tag("head", _head(_title(diagnosis, incident), nonce)),
        tag(
            "body",
            tag("a", "Skip to the diagnosis", href="#diagnosis", class_="skip"),
            tag("main", body),
            tag(
                "footer",
                f"Written by chatops at {moment}. Every claim names the evidence it rests on. ",
                tag("a", "Sign out", href=leave) if leave else None,
            ),
            tag("div", id="said", role="status", class_="hidden"),
            tag("script", raw(SCRIPT), nonce=nonce),
            data_live=live,
        ),
        lang="en",
    )
    return "<!doctype html>\n" + document


def _title(diagnosis: Diagnosis | None, incident: Incident | None) -> str:
    if diagnosis is not None:
        return diagnosis.incident.title
    return incident.title if incident is not None else "Incident"


def _hash(content: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"


POLICY = f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; img-src data:; base-uri 'none'"
"""The policy of a page in a file, where no server sends one: its own style and script, and nothing else."""


def _head(title: str, nonce: str) -> list[Html | None]:
    return [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY) if not nonce else None,
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{title} – chatops"),
        tag("link", rel="icon", href="data:,"),
        tag("style", raw(STYLE), nonce=nonce),
    ]


def _head_line(diagnosis: Diagnosis | None, incident: Incident | None) -> Html:
    identity = diagnosis.incident.id if diagnosis is not None else incident.id if incident is not None else ""
    return tag("p", tag("span", "chatops", class_="brand"), tag("span", identity, class_="dim"), class_="crumbs")


def content(
    diagnosis: Diagnosis | None, timeline: Sequence[TimelineEntry] = (), *, incident: Incident | None = None
) -> Html:
    """The part of the page that changes while an investigation runs."""
    if diagnosis is None:
        return tag("div", answer.waiting(incident), record.timeline(timeline, None), id="content")
    upper = [
        answer.hypotheses(diagnosis),
        record.decisive(diagnosis),
        answer.next_steps(diagnosis),
        answer.open_ends(diagnosis),
    ]
    side = [record.timeline(timeline, diagnosis), answer.reading(diagnosis), record.engine(diagnosis)]
    lower = [record.evidence(diagnosis), record.coverage(diagnosis)]
    # On a wide screen three places of a grid, on a narrow one in this order.
    columns = tag("div", tag("div", upper, class_="upper"), tag("div", side, class_="side"),
                  tag("div", lower, class_="lower"), class_="columns")  # fmt: skip
    return tag("div", answer.verdict(diagnosis, incident), _jump(columns), columns, id="content")


_PLACES = (
    ("hypotheses", "Hypotheses"),
    ("series", "Series"),
    ("steps", "Next commands"),
    ("timeline", "Timeline"),
    ("evidence", "Evidence"),
    ("coverage", "Coverage"),
    ("cost", "Cost"),
)


def _jump(columns: Html) -> Html:
    """Links to the parts that this page has."""
    links = [tag("li", tag("a", name, href=f"#{place}")) for place, name in _PLACES if f' id="{place}"' in columns]
    return tag("nav", tag("ul", links), class_="jump", aria_label="On this page")
