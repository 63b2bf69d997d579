import re
from collections.abc import Iterator
from itertools import pairwise

from chatops.web.page import page
from tests import factories
from tests.conftest import NOW
from tests.web.cases import hostile, timeline, usual
from tests.web.test_markup import seen


def tags(markup: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    yield from seen(markup).tags


def test_the_same_values_give_the_same_page() -> None:
    known = usual()
    assert page(known, timeline(), now=NOW) == page(known, timeline(), now=NOW)


def test_nothing_is_loaded_from_elsewhere() -> None:
    markup = page(usual(), timeline(), now=NOW)
    for name, attributes in tags(markup):
        assert name not in {"iframe", "object", "embed", "base", "form"}
        if name in {"script", "link", "img"}:
            assert (attributes.get("src") or attributes.get("href") or "data:").startswith("data:")
    assert "url(" not in markup
    assert "@import" not in markup


def test_hostile_text_becomes_no_element_no_handler_no_address() -> None:
    markup = page(hostile(), timeline(), now=NOW)
    assert sum(name == "script" for name, _ in tags(markup)) == 1
    for name, attributes in tags(markup):
        assert name != "img"
        assert not any(key.startswith("on") for key in attributes)
        assert not (attributes.get("href") or "").lower().startswith(("javascript:", "data:text"))


def test_every_citation_leads_to_something_on_the_page() -> None:
    found = list(tags(page(usual(), timeline(), now=NOW)))
    ids = {attributes["id"] for _, attributes in found if "id" in attributes}
    links = {(a.get("href") or "")[1:] for _, a in found if (a.get("href") or "").startswith("#")}
    assert links <= ids


def test_ids_are_unique() -> None:
    ids = [attributes["id"] for _, attributes in tags(page(usual(), timeline(), now=NOW)) if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_a_file_carries_its_own_policy_and_a_served_page_a_nonce() -> None:
    in_file = page(usual(), now=NOW)
    assert "Content-Security-Policy" in in_file
    assert "'unsafe-inline'" not in in_file
    served = page(usual(), now=NOW, nonce="abc", live="/incidents/x/events?e=1&s=2")
    assert served.count('nonce="abc"') == 2
    assert 'data-live="/incidents/x/events?e=1&amp;s=2"' in served


def test_before_the_first_facts_the_page_says_so() -> None:
    markup = page(None, timeline(), incident=factories.incident(title="checkout <slow>"), now=NOW)
    assert "<h1>checkout &lt;slow&gt;</h1>" in markup
    assert "first facts are being gathered" in markup


def test_headings_descend_one_level_at_a_time() -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", page(usual(), timeline(), now=NOW))]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
