"""The answer as one HTML file."""

from __future__ import annotations

from html.parser import HTMLParser

from chatops.render.html import to_html
from tests.render import cases


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attrs)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def test_it_holds_everything() -> None:
    html = to_html(cases.diagnosis())
    for said in (
        "killed for memory",
        "kubectl top pods -n shop",
        "rollout undo",
        "cart-7d9f-x2",
        "oom-kill",
        "forbidden",
    ):
        assert said in html
    assert "svg" in read(html).tags
    assert "#E1" in read(html).links


def test_nothing_runs_and_nothing_is_fetched() -> None:
    _, diagnosis = cases.hostile()
    evil = diagnosis.model_copy(
        update={
            "summary": "<script>alert(1)</script><img src=x onerror=y>",
            "runbooks": tuple(r.model_copy(update={"href": "javascript:alert(1)"}) for r in diagnosis.runbooks),
        }
    )
    reader = read(to_html(evil))
    assert not {"script", "img", "iframe", "link", "object"} & set(reader.tags)
    assert not any(link.startswith("javascript") for link in reader.links)
    assert "default-src 'none'" in to_html(evil)
