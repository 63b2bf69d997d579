"""Quotations: what is said to stand in a log stands in one."""

from __future__ import annotations

import pytest

from chatops.policy.text.quotations import UNVERIFIED_QUOTATION, marked, words

LOG = 'level=error msg="dial tcp 10.0.0.7:5432: connect: connection refused" retry=3'


def told(sentence: str) -> str:
    return marked(sentence, lambda row: f" {row} " in f" {words(LOG)} ", lambda reason: None)


@pytest.mark.parametrize(
    "sentence",
    [
        "The log says 'connection refused'.",
        'It logs "dial tcp 10.0.0.9:5432: connect: connection refused" now.',
        "The message “dial tcp … connection refused” comes from cart.",
        'It says "refused" and nothing else.',
        "The service 'cart and its cache' is meant.",
        "Look with `kubectl get pods -n shop --watch` first.",
    ],
)
def test_what_was_said_stays(sentence: str) -> None:
    assert told(sentence) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The log says 'quagmire exploded'.",
        'It logs "FATAL: out of cheese" now.',
        "The message “dial tcp … out of cheese” comes from cart.",
        "It prints `connection accepted by all` first.",
    ],
)
def test_what_nobody_said_is_marked(sentence: str) -> None:
    assert UNVERIFIED_QUOTATION in told(sentence)
    assert "cheese" not in told(sentence)
