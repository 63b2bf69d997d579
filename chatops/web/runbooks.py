"""The packaged runbooks as pages people can read: what a link in the thread opens where no other place is set."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from markdown_it import MarkdownIt
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from chatops.runbook_index import packaged
from chatops.runbook_index.pages import Page, PageProblem
from chatops.web.markup import join, raw, tag

PREFIX = "/runbooks"
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_ANCHOR = re.compile(r"\s*\{#[A-Za-z0-9_-]+\}(?=</h\d>)")
_SLUG = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)?")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
pre { overflow-x: auto; padding: .7rem; border: 1px solid #8884; border-radius: 6px; }
code { font-size: .92em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top; }
:target { scroll-margin-top: 1rem; outline: 2px solid #3b82f6; outline-offset: .3rem; }
@media print { body { max-width: none; } }
"""


def routes() -> list[Route]:
    """`GET /runbooks/<slug>.md`: ours only, which hold no secret; the user's own stay where they are."""
    return [Route(PREFIX + "/{slug:path}", show, name="runbook")]


async def show(request: Request) -> Response:
    """One page, or 404 with the one line that says what is wrong."""
    slug = request.path_params["slug"].removesuffix(".md")
    folder = packaged()
    path = folder.root / f"{slug}.md"
    if not _SLUG.fullmatch(slug) or not path.is_file():
        return PlainTextResponse("There is no such runbook; `chatops runbooks search` finds them.", status_code=404)
    try:
        page = folder.page(path)
    except PageProblem as problem:
        return PlainTextResponse(str(problem), status_code=500)
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(document(page, path.read_text("utf-8"), nonce), headers=_headers(nonce))


def document(page: Page, markdown: str, nonce: str) -> str:
    """The page as HTML. Headings carry the anchors that links in threads point to; raw HTML is not passed on."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(_FRONT_MATTER.sub("", markdown, count=1))
    headings = (opening for opening in tokens if opening.type == "heading_open")
    for opening, section in zip(headings, (one for one in page.sections if one.heading), strict=False):
        opening.attrSet("id", section.anchor)
    shown = raw(_ANCHOR.sub("", parser.renderer.render(tokens, parser.options, {})))
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", page.title),
        tag("style", raw(_STYLE), nonce=nonce),
    )
    return join([raw("<!doctype html>"), tag("html", head, tag("body", tag("main", shown)), lang="en")])


def _headers(nonce: str) -> Mapping[str, str]:
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {"content-security-policy": policy, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
