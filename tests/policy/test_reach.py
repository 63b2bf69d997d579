"""What a channel may ask about."""

from __future__ import annotations

import pytest

from chatops.policy.reach import OutOfReach, Reach, of_channel
from chatops.settings import ChannelReach, SettingsError, load
from connectors.contract import Scope

CHANNELS = {
    "C1": ChannelReach(environments=("production",), namespaces=("shop", "shop-*")),
    "direct": ChannelReach(namespaces=("none",)),
    "*": ChannelReach(environments=("staging",)),
}


@pytest.mark.parametrize(
    ("channel", "namespaces"), [("C1", ("shop", "shop-*")), ("D1", ("none",)), ("C9", ()), ("", ())]
)
def test_the_row_that_holds(channel: str, namespaces: tuple[str, ...]) -> None:
    assert of_channel(CHANNELS, channel).namespaces == namespaces
    assert of_channel({}, channel) == Reach()


@pytest.mark.parametrize(
    ("scope", "refusal"),
    [
        (Scope(environment="production", namespace="shop"), ""),
        (Scope(environment="production", namespace="shop-eu"), ""),
        (Scope(environment="production", namespace="shopping"), "not shopping"),
        (Scope(environment="production", namespace="shop-eu/../payroll"), "not shop-eu/../payroll"),
        (Scope(environment="production"), "Say which namespace.*shop or shop-"),
        (Scope(environment="staging", namespace="shop"), "may ask about production, not staging"),
    ],
)
def test_what_is_refused_and_what_may_be_asked_instead(scope: Scope, refusal: str) -> None:
    reach = of_channel(CHANNELS, "C1")
    if not refusal:
        reach.check(scope)
        return
    with pytest.raises(OutOfReach, match=refusal):
        reach.check(scope)


@pytest.mark.parametrize(
    ("namespaces", "question", "meant"),
    [
        (("shop",), "checkout is slow", "shop"),
        (("shop", "cart"), "checkout is slow", ""),
        (("shop", "cart"), "the cart is empty", "cart"),
        (("shop", "cart"), "cart or shop?", ""),
        (("shop-*",), "errors in shop-eu since 5 minutes", "shop-eu"),
        (("shop-*",), "errors in shopping", ""),
        ((), "errors in shop", ""),
    ],
)
def test_the_namespace_that_is_meant(namespaces: tuple[str, ...], question: str, meant: str) -> None:
    assert Reach(namespaces=namespaces).placed(Scope(), question).namespace == meant


def test_an_alert_that_a_route_sends_there_may_be_looked_into() -> None:
    assert Reach(namespaces=("shop",)).and_namespace("payments").has("payments")
    assert Reach().and_namespace("payments") == Reach()


def test_channels_are_named_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATOPS_SLACK__CHANNELS", '{"#incidents": {"namespaces": ["shop"]}}')
    with pytest.raises(SettingsError, match=r"CHATOPS_SLACK__CHANNELS.*name it by its id"):
        load()
