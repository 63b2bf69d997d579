from __future__ import annotations

from datetime import timedelta

from connectors.evidence import Subject
from connectors.noted import Noted, names, told
from tests.connectors.optional import CART, ONSET


def row(key: str, minutes: float, what: str = "something") -> Noted:
    return Noted(key, ONSET + timedelta(minutes=minutes), what)


def test_the_nearest_are_told_in_the_order_of_time() -> None:
    rows = [row(str(minutes), minutes) for minutes in (-100, -1, -90, -80, -70, -60, -50, -40, -30, 5)]
    found = told("s", "c", rows, CART, "q")
    assert [item.key.rpartition("/")[2] for item in found.evidence] == [
        "-80",
        "-70",
        "-60",
        "-50",
        "-40",
        "-30",
        "-1",
        "5",
    ]
    assert found.partial.startswith("2 more")


def test_what_names_the_scope_is_told_however_far() -> None:
    rows = [row(str(minutes), minutes) for minutes in range(-9, 0)] + [row("cart", -130, "cart was deployed")]
    assert told("s", "c", rows, CART, "q").evidence[0].key == "s/c/cart"


def test_what_lies_outside_is_not_told() -> None:
    found = told("s", "c", [row("old", -400), row("later", 60)], CART, "the query")
    assert found.evidence == ()
    assert "the query" in found.searched


def test_names_of_the_scope() -> None:
    assert names(row("a", 0, "deploy CART"), CART.scope)
    assert names(row("a", 0)._replace(subject=Subject(kind="Project", name="cart")), CART.scope)
    assert not names(row("a", 0, "deploy pay"), CART.scope)
