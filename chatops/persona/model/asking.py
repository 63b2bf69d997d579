"""How often, and whom else, is a request asked again when it fails?

Transient failures (overload, rate limits, a stream that ended early) are asked again with growing
pauses; a server's `retry-after` is obeyed up to a cap, because it may say hours while an incident runs.
An overloaded, unknown or throttled-for-long model is replaced by the fallback model for the rest of the
investigation. What people already read of an answer that was cut is not shown to them twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chatops import tracing
from chatops.persona.errors import TRANSIENT, PersonaError
from chatops.persona.model.stream import Reply

OnText = Callable[[str, str], Awaitable[None]]


class Asks(Protocol):
    """One attempt at one request."""

    async def ask(self, request: Mapping[str, Any], timeout: float, on_text: OnText) -> Reply: ...  # noqa: D102


@dataclass(frozen=True)
class Patience:
    """How long to insist. Seconds."""

    attempts: int = 4
    """On one model; half of them where there is a fallback model."""
    first_pause: float = 0.5
    longest_pause: float = 20.0
    request: float = 90.0
    """One attempt."""


class Asker:
    """Asks until there is an answer; remembers for one investigation which model it has come down to."""

    def __init__(
        self,
        endpoint: Asks,
        models: Sequence[str],
        patience: Patience,
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
    ) -> None:
        self._endpoint = endpoint
        self._models = tuple(dict.fromkeys(model for model in models if model))
        self._patience = patience
        self._sleep = sleep
        self._jitter = jitter
        self._at = 0
        self._thoughtless = False
        self._unfinished = 0

    @property
    def model(self) -> str:
        """The model that is asked now."""
        return self._models[self._at]

    def another(self) -> bool:
        """Turn to the next model, where there is one."""
        if self._at + 1 >= len(self._models):
            return False
        self._at += 1
        return True

    async def ask(self, request: Mapping[str, Any], shown: Shown, note: Callable[[str], Awaitable[None]]) -> Reply:
        """Return the answer; `PersonaError` where nobody gave one."""
        with tracing.span("persona turn") as step:
            reply = await self._asked(request, shown, note)
            step.set_attributes(_told(self.model, reply))
        return reply

    async def _asked(self, request: Mapping[str, Any], shown: Shown, note: Callable[[str], Awaitable[None]]) -> Reply:
        while True:
            try:
                return await self._insist(request, shown, note)
            except PersonaError as error:
                if error.kind not in TRANSIENT | {"not found"} or not self.another():
                    raise
                await note(f"{error.kind}: asking {self.model} instead")

    async def _insist(self, request: Mapping[str, Any], shown: Shown, note: Callable[[str], Awaitable[None]]) -> Reply:
        alone = self._at + 1 >= len(self._models)
        attempts = self._patience.attempts if alone else max(self._patience.attempts // 2, 1)
        for attempt in range(1, attempts + 1):
            shown.again()
            try:
                bare = self._at > 0 or self._thoughtless
                asked = {**request, "model": self.model, "messages": _replayable(request["messages"], bare)}
                return await self._attempt(asked, shown)
            except PersonaError as error:
                if not bare and _about_thoughts(error):
                    self._thoughtless = True
                    return await self._insist(request, shown, note)
                pause = self._pause(attempt, error)
                too_long = (error.retry_after or 0) > self._patience.longest_pause and not alone
                if error.kind not in TRANSIENT or attempt == attempts or too_long:
                    raise
                await note(f"{error.kind}: asking again in {pause:.1f} s")
                await self._sleep(pause)
        raise AssertionError("unreachable")  # pragma: no cover

    async def _attempt(self, asked: Mapping[str, Any], shown: Shown) -> Reply:
        begun = False

        async def take(text: str, answer: str) -> None:
            nonlocal begun
            begun = True
            await shown.take(text, answer)

        try:
            reply = await self._endpoint.ask(asked, self._patience.request, take)
            begun = False
            return reply
        finally:
            self._unfinished += begun

    def unfinished(self) -> int:
        """How many answers had begun since this was asked last, and did not come to their end: they are paid for."""
        count, self._unfinished = self._unfinished, 0
        return count

    def _pause(self, attempt: int, error: PersonaError) -> float:
        pause: float = self._patience.first_pause * 2 ** (attempt - 1) * (1 + self._jitter())
        return min(max(pause, error.retry_after or 0.0), self._patience.longest_pause)


def _told(model: str, reply: Reply) -> dict[str, str | int]:
    """What a turn used, by the names of OpenTelemetry's conventions for generative AI."""
    used = reply.usage
    return {
        "gen_ai.request.model": model,
        "chatops.stop_reason": reply.stop_reason,
        "gen_ai.usage.input_tokens": used.input_tokens,
        "gen_ai.usage.output_tokens": used.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": used.cache_read_input_tokens,
        "gen_ai.usage.cache_creation.input_tokens": used.cache_creation_input_tokens,
    }


def _about_thoughts(error: PersonaError) -> bool:
    """Whether the conversation was refused for a thought that is not where the model had it.

    Thoughts are signed for the model and for all that stood before them. What was before can differ after an
    upgrade of ours between two turns, or where a name had to be hidden that was not known to be one.
    """
    return error.kind == "rejected" and "thinking" in error.detail and "signature" in error.detail


def _replayable(messages: Sequence[Mapping[str, Any]], other_model: bool) -> list[Mapping[str, Any]]:
    """The conversation as another model may read it: thoughts are signed for the model that had them."""
    if not other_model:
        return list(messages)
    return [{**message, "content": _thoughtless(message["content"])} for message in messages]


def _thoughtless(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    return [block for block in content if block.get("type") not in {"thinking", "redacted_thinking"}]


class Shown:
    """What people have seen of one answer, so that a second attempt goes on where the first was cut."""

    def __init__(self, text: Callable[[str], Awaitable[None]] | None) -> None:
        self._tell = text
        self._seen = ""
        self._now = ""
        self._answer = ""

    def again(self) -> None:
        """Another attempt begins."""
        self._now = ""
        self._answer = ""

    async def take(self, text: str, answer: str) -> None:
        """New text, and the words so far of the answer argument: tell what is new of both."""
        if answer.startswith(self._answer):
            text += answer[len(self._answer) :]
            self._answer = answer
        self._now += text
        if not text or self._tell is None or self._seen.startswith(self._now):
            return
        fresh = self._now[len(self._seen) :] if self._now.startswith(self._seen) else f"\n\n{self._now}"
        self._seen = self._now
        await self._tell(fresh)
