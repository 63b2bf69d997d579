"""Items, cells and members are names where a sibling names an object; nothing else of a list is marked."""

from __future__ import annotations

import pytest

from chatops.policy.text import listed
from chatops.policy.text.plain_names import UNVERIFIED_NAME


def marked(text: str) -> str:
    return listed.marked(
        text, {"cart", "orders"}.__contains__, {"cart", "orders", "ready"}.__contains__, lambda _: None
    )


@pytest.mark.parametrize(
    "text",
    [
        "- cart\n- {}\n- orders",
        "1. **cart**: killed\n2. **{}**: leaks",
        "| service | state |\n|---|---|\n| cart | ready |\n| {} | down |",
        "cart, {} and orders share the pool.",
        "Affected: cart, orders, {} and others.",
    ],
)
def test_a_sibling_of_an_object_is_a_name(text: str) -> None:
    assert marked(text.format("zorbland")) == text.format(UNVERIFIED_NAME)


@pytest.mark.parametrize(
    "text",
    [
        "- memory\n- zorbland",
        "- cart fails\n- Zorbland is what they say",
        "| signal | value |\n|---|---|\n| zorbland | 3 |",
        "cart, restarted and drained, is well.",
        "cart and zorbland",
        "- cart: fails\n- others: fine",
        "",
    ],
)
def test_other_words_stand(text: str) -> None:
    assert marked(text) == text
