"""Who depends on whom, by names."""

from __future__ import annotations

from chatops.store.relations import name_of, packed, pairs, unpacked
from connectors.evidence import Subject
from tests.factories import CHECKOUT, finding

NODE = Subject(kind="Node", name="worker-1")
CART = Subject(kind="Deployment", namespace="shop", name="cart")
BUCKET = Subject(kind="Bucket", name="logs")


def test_names_are_those_that_alerts_carry() -> None:
    assert [name_of(one) for one in (CHECKOUT, NODE, BUCKET)] == ["shop/checkout", "node:worker-1", ""]


def test_what_suffers_depends_on_what_explains_it() -> None:
    found = [finding(subject=NODE, explains=(CHECKOUT, CART, BUCKET)), finding(explains=(CHECKOUT,)), finding()]
    assert pairs(found) == {("shop/checkout", "node:worker-1"), ("shop/cart", "node:worker-1")}


def test_a_set_comes_back_and_what_is_no_pair_is_left_out() -> None:
    known = {("a/b", "c/d"), ("a/b", "node:n")}
    assert unpacked([*(packed(one).encode() for one in known), b"half"]) == known
