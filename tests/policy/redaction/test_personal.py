"""Personal data goes where a policy asks for it, and names come back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.personal import PERSONAL, Placeholders, luhn

REDACTOR = Redactor(key=b"0" * 32, personal=PERSONAL)


def test_addresses_of_people_and_cards_are_gone_where_that_is_asked_for() -> None:
    card = "4" + "1" * 15
    text = REDACTOR.text(f"mail jane.doe@shop.example.com card {card} from 8.8.8.8 via 2001:4860:4860::8888")
    assert not any(part in text for part in ("jane", card, "8.8.8.8", "2001:"))
    assert [tag.partition("#")[0] for tag in text.split("[secret:")[1:]] == [
        "email",
        "card",
        "ip-address",
        "ip-address",
    ]


def test_what_names_nobody_stays() -> None:
    text = "10.0.3.7 127.0.0.1 fe80::1 order 4111111111111112 version 1.2.3.4.5 at 10:00:01 redis@sha256 cart@v2"
    assert REDACTOR.text(text) == text
    assert Redactor(key=b"0" * 32).text("jane@shop.example.com") == "jane@shop.example.com"


def test_check_digits() -> None:
    assert luhn("79927398713")
    assert not luhn("79927398714")


@given(st.lists(st.sampled_from(["cart", "cart-db", "acme", "shop.acme"]), min_size=1, max_size=4, unique=True))
def test_names_come_back_as_they_were(names: list[str]) -> None:
    text = "the cart of acme reads cart-db at shop.acme; name-1 is taken, carts are not names"
    placeholders = Placeholders()
    hidden = placeholders.hide(text, names)
    assert placeholders.restore(hidden) == text
    assert not any(f" {name} " in f" {hidden} " for name in names)


def test_the_same_name_has_the_same_placeholder_in_every_text() -> None:
    placeholders = Placeholders("host")
    assert placeholders.hide("cart fails", ["cart"]) == "host-1 fails"
    assert placeholders.hide("why does cart fail, db?", ["db", "cart"]) == "why does host-1 fail, host-2?"
    assert placeholders.restore("host-2 before host-1, host-3") == "db before cart, host-3"
