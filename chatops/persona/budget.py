"""What has been used, and is there enough left for another turn?

A turn is begun as the last one while there is still something to pay it with: the question is asked
before every request, with the size of the next one, so that the loop ends in an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chatops.domain.diagnosis import Usage
from chatops.persona.models import ModelSettings, add, cost, price

_CLOSING_SHARE = 0.6
"""From this share of the seconds or dollars on, the next turn is the last: an answer takes about a third."""


def all_input(used: Usage) -> int:
    """Every token that went in, however it was billed."""
    return used.input_tokens + used.cache_read_input_tokens + used.cache_creation_input_tokens


@dataclass(frozen=True)
class Spend:
    """What one investigation has used so far."""

    turns: int = 0
    usage: Usage = field(default_factory=Usage)

    def plus(self, used: Usage, model: str) -> Spend:
        """After one more turn."""
        priced = used.model_copy(update={"cost_usd": round(cost(model, used), 6)})
        return replace(self, turns=self.turns + 1, usage=add(self.usage, priced))

    def exhausted(self, limits: ModelSettings, seconds: float, next_input: int, model: str) -> str:
        """Why no further request may be sent; '' where one may. The largest possible answer is paid for."""
        dollars = (next_input * price(model).input + limits.max_output_tokens * price(model).output) / 1e6
        if self.turns >= limits.max_turns:
            return f"budget: {limits.max_turns} turns"
        if all_input(self.usage) + next_input > limits.max_input_tokens:
            return f"budget: {limits.max_input_tokens} input tokens"
        if seconds >= limits.max_seconds:
            return f"budget: {limits.max_seconds:.0f} seconds"
        if self.usage.cost_usd + dollars > limits.max_usd:
            return f"budget: {limits.max_usd:.2f} USD"
        return ""

    def closing(self, limits: ModelSettings, seconds: float, next_input: int, model: str) -> bool:
        """Whether the next turn has to be the last: after it, another one might not fit."""
        worst = Usage(input_tokens=next_input, output_tokens=limits.max_output_tokens)
        after = self.plus(worst, model)
        growth = next_input + limits.max_output_tokens
        return bool(seconds >= limits.max_seconds * _CLOSING_SHARE or after.exhausted(limits, seconds, growth, model))
