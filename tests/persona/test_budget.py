"""Budgets: asked before each turn, so that the last one is known as the last."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.domain.diagnosis import Usage
from chatops.persona.budget import Spend, counted
from chatops.persona.model.models import ModelSettings
from chatops.persona.model.stream import Reply

OPUS = "claude-opus-5-5"


def spent(turns: int, input_tokens: int = 0, output_tokens: int = 0) -> Spend:
    spend = Spend()
    for _ in range(turns):
        spend = spend.plus(Usage(input_tokens=input_tokens, output_tokens=output_tokens), OPUS)
    return spend


@pytest.mark.parametrize(
    ("limits", "spend", "seconds", "reason"),
    [
        ({"max_turns": 2}, spent(2), 0, "2 turns"),
        ({"max_input_tokens": 20_000}, spent(1, 15_000), 0, "20000 input tokens"),
        ({"max_seconds": 30}, spent(1), 30, "30 seconds"),
        ({"max_usd": 0.1}, spent(1, 0, 3_000), 0, "0.1 USD"),
        ({}, spent(2, 10_000, 1_000), 10, ""),
    ],
)
def test_exhausted(limits: dict[str, Any], spend: Spend, seconds: float, reason: str) -> None:
    assert reason in spend.exhausted(ModelSettings(**limits), seconds, 8_000, OPUS)
    assert bool(reason) is bool(spend.exhausted(ModelSettings(**limits), seconds, 8_000, OPUS))


@pytest.mark.parametrize(
    ("limits", "seconds", "closing"),
    [
        ({"max_turns": 2}, 0, "2 turns"),
        ({"max_turns": 3}, 0, "3 turns"),
        ({"max_turns": 4}, 0, ""),
        ({"max_input_tokens": 28_000}, 0, "28000 input tokens"),
        ({"max_input_tokens": 30_000}, 0, ""),
        ({"max_seconds": 100}, 60, "100 seconds"),
        ({"max_seconds": 100}, 59, ""),
        ({"max_usd": 0.2}, 0, "0.2 USD"),
        ({"max_usd": 0.5}, 0, ""),
    ],
)
def test_the_last_turn_is_known_before_it(limits: dict[str, Any], seconds: float, closing: str) -> None:
    reason = spent(1, 8_000, 1_000).closing(ModelSettings(**limits), seconds, 9_000, OPUS)
    assert reason == (f"budget: {closing}" if closing else "")


def test_the_answer_may_be_as_long_as_the_money_pays_for() -> None:
    limits = ModelSettings(max_usd=0.1, max_output_tokens=8_000)
    allowed = Spend().output(limits, 8_000, OPUS)
    assert 1_000 < allowed < 8_000
    after = Spend().plus(Usage(cache_creation_input_tokens=8_000, output_tokens=allowed), OPUS)
    assert after.usage.cost_usd <= 0.1


def test_what_an_endpoint_does_not_count_is_estimated() -> None:
    said = ({"type": "text", "text": "cart runs out of memory, since the release"},)
    assert counted(Reply(said, "end_turn", Usage(input_tokens=5, output_tokens=6)), 900).input_tokens == 5
    bare = counted(Reply(said, "end_turn", Usage()), 900)
    assert (bare.input_tokens, bare.output_tokens > 5) == (900, True)
    assert counted(Reply(said, "end_turn", Usage(cache_read_input_tokens=5)), 900).input_tokens == 0
