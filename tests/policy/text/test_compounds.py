"""Words with a hyphen: prose by their parts, by what follows, or names."""

from __future__ import annotations

import pytest

from chatops.policy.text.compounds import are_ordinary, is_prose, may_describe

PROSE = "user-facing cluster-wide on-demand read-only multi-AZ back-off add-ons point-in-time cert-manager five-minute"
INVENTED = "connection-pool long-running high-priority image-scanning"


@pytest.mark.parametrize("word", PROSE.split())
def test_prose_by_form(word: str) -> None:
    assert is_prose(word)


@pytest.mark.parametrize("word", INVENTED.split())
def test_prose_before_a_noun(word: str) -> None:
    assert may_describe(word)
    assert not is_prose(word)


@pytest.mark.parametrize(
    "word", ["paymentgate-eu", "envoy-mtls", "ledger-sync", "basket-api", "token-refresher", "new-zorblat"]
)
def test_names(word: str) -> None:
    assert not is_prose(word)
    assert not may_describe(word)


def test_ordinary_in_every_part() -> None:
    assert are_ordinary("connection-pool")
    assert not are_ordinary("invoice-pool")
