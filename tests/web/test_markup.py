from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from chatops.web.markup import join, link, raw, tag, text


class Seen(HTMLParser):
    """What a parser makes of markup: start tags with attributes, and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(markup: str) -> Seen:
    parser = Seen()
    parser.feed(markup)
    parser.close()
    return parser


@given(st.text())
def test_a_text_never_becomes_markup(words: str) -> None:
    found = seen(tag("p", words, title=words))
    assert [name for name, _ in found.tags] == ["p"]
    assert found.text.strip() == "".join(c if c >= " " or c in "\n\t" else "\ufffd" for c in words).strip()


def test_attributes_that_are_nothing_are_left_out() -> None:
    assert (
        tag("a", "x", href="", hidden=False, id=None, class_="c", aria_label="l") == '<a class="c" aria-label="l">x</a>'
    )
    assert tag("button", hidden=True) == "<button hidden></button>"


def test_markup_stays_and_sequences_are_flattened() -> None:
    assert join([raw("<b>x</b>"), ["<", None], ("y",)]) == "<b>x</b>&lt;y"
    assert text(text("&")) == "&amp;"


def test_svg_elements_close_themselves() -> None:
    assert tag("line", x1=1) == '<line x1="1"/>'
    assert tag("br") == "<br>"


def test_only_web_addresses_become_links() -> None:
    assert link("https://x.example/?a=1&b=2", "x").startswith('<a href="https://x.example/?a=1&amp;b=2"')
    for address in ("javascript:alert(1)", "data:text/html,x", "//x", "runbooks/oom.md", " javascript:x", ""):
        assert "href" not in link(address, "x")
