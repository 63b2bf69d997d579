"""What has been used, and is there enough left for another turn?

Asked before every request, with the size of the next one: a turn is begun as the last one while there
is still something to pay it with, so that the loop ends in an answer. The answer's length is limited to
what the money left pays for, so that the limit in dollars holds whatever the model does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from chatops.domain.diagnosis import Usage
from chatops.persona.model.models import ModelSettings, add, cost, price
from chatops.persona.model.stream import Reply
from chatops.persona.tokens import estimate

_CLOSING_SHARE = 0.6
"""From this share of the seconds on, the next turn is the last: an answer takes about a third."""
_TYPICAL_OUTPUT = 3_000
"""Tokens of a turn with thoughts and calls, or of an answer."""
_LEAST_OUTPUT = 1_000
"""An answer does not fit into less."""


def counted(reply: Reply, estimated: int) -> Usage:
    """What a reply used; of an endpoint that does not count, what is `estimated` of its request, and its own length."""
    used = reply.usage
    said = 0 if used.output_tokens else estimate(json.dumps(list(map(dict, reply.content)), ensure_ascii=False))
    more = {"output_tokens": used.output_tokens or said}
    return used.model_copy(update=more if used.all_input else {**more, "input_tokens": estimated})


@dataclass(frozen=True)
class Spend:
    """What one investigation has used so far."""

    turns: int = 0
    usage: Usage = field(default_factory=Usage)

    def plus(self, used: Usage, model: str) -> Spend:
        """After one more turn."""
        priced = used.model_copy(update={"cost_usd": round(cost(model, used), 6)})
        return replace(self, turns=self.turns + 1, usage=add(self.usage, priced))

    def unfinished(self, answers: int, input_tokens: int, model: str) -> Spend:
        """After answers that began and were cut: their requests were read, which is as much as is known."""
        begun = self.plus(Usage(input_tokens=answers * input_tokens), model)
        return replace(begun, turns=self.turns) if answers else self

    def output(self, limits: ModelSettings, next_input: int, model: str) -> int:
        """How long the next answer may be, in tokens, if its request is that large."""
        per_token = price(model)
        left = (limits.max_usd - self.usage.cost_usd) * 1e6 - next_input * per_token.input * 1.25
        return min(limits.max_output_tokens, max(int(left / per_token.output), 0))

    def exhausted(self, limits: ModelSettings, seconds: float, next_input: int, model: str) -> str:
        """Why no further request may be sent; '' where one may."""
        if self.turns >= limits.max_turns:
            return _of_turns(limits)
        if self.usage.all_input + next_input > limits.max_input_tokens:
            return f"budget: {limits.max_input_tokens} input tokens"
        if seconds >= limits.max_seconds:
            return _of_seconds(limits)
        if self.output(limits, next_input, model) < min(_LEAST_OUTPUT, limits.max_output_tokens):
            return f"budget: {limits.max_usd:g} USD"
        return ""

    def closing(self, limits: ModelSettings, seconds: float, next_input: int, model: str) -> str:
        """Why the next turn has to be the last: after it, another one might not fit; '' where one does.

        One turn is kept for an answer that has to be asked for once more, where there are turns enough.
        """
        if 0 < self.turns == limits.max_turns - 2:
            return _of_turns(limits)
        if seconds >= limits.max_seconds * _CLOSING_SHARE:
            return _of_seconds(limits)
        typical = min(_TYPICAL_OUTPUT, limits.max_output_tokens)
        after = self.plus(Usage(input_tokens=next_input, output_tokens=typical), model)
        return after.exhausted(limits, seconds, next_input + typical, model)


def _of_turns(limits: ModelSettings) -> str:
    return f"budget: {limits.max_turns} turns"


def _of_seconds(limits: ModelSettings) -> str:
    return f"budget: {limits.max_seconds:.0f} seconds"
