"""How does a model work with names that it must not see? They are placeholders on the way out, and names again here.

Stands between the loop and the endpoint, so that nothing else has to know: what is journalled, shown,
settled and asked of tools has the real names. Thoughts are signed by the vendor and stay as they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatops.domain.casefile import CaseFile
from chatops.persona.model.asking import Asks, OnText
from chatops.persona.model.stream import Reply
from chatops.policy.machines import machines, machines_of
from chatops.policy.redaction.personal import Placeholders
from connectors.evidence import Evidence

_THOUGHTS = frozenset({"thinking", "redacted_thinking"})
_OURS = frozenset({"type", "id", "tool_use_id", "name", "cache_control", "role"})
"""Keys of blocks whose values belong to the API."""


@dataclass
class Hidden:
    """The names of one investigation. Learns them as evidence comes in, therefore not frozen."""

    endpoint: Asks
    placeholders: Placeholders = field(default_factory=lambda: Placeholders("machine"))
    names: list[str] = field(default_factory=list)
    """In the order in which they were learnt: placeholders are numbered by it, in every worker the same."""

    @classmethod
    def of(cls, endpoint: Asks, case: CaseFile) -> Hidden:
        """With the names of a case file."""
        hidden = cls(endpoint)
        hidden._add(machines_of(case))
        return hidden

    def learn(self, evidence: Sequence[Evidence]) -> None:
        """Take in the names of what tools found."""
        self._add(machines(evidence))

    def _add(self, names: Iterable[str]) -> None:
        self.names += sorted(set(names) - set(self.names))

    async def ask(self, request: Mapping[str, Any], timeout: float, on_text: OnText) -> Reply:
        """Ask without the names; the reply has them."""
        for name in self.names:
            self.placeholders.hide(name, [name])
        told = _Told(self.placeholders.restore, on_text)
        messages = [{**one, "content": _blocks(one["content"], self._hide)} for one in request["messages"]]
        reply = await self.endpoint.ask({**request, "messages": messages}, timeout, told.take)
        await told.finish()
        content = tuple(_block(block, self.placeholders.restore) for block in reply.content)
        return replace(reply, content=content)

    def _hide(self, text: str) -> str:
        return self.placeholders.hide(text, self.names)


def _blocks(content: Any, change: Callable[[str], str]) -> Any:
    """The content of a message or of a tool's result: words, or blocks."""
    return change(content) if isinstance(content, str) else [_block(one, change) for one in content]


def _block(block: Mapping[str, Any], change: Callable[[str], str]) -> Mapping[str, Any]:
    if block.get("type") in _THOUGHTS:
        return block
    return {
        key: value if key in _OURS else (_blocks if key == "content" else _changed)(value, change)
        for key, value in block.items()
    }


def _changed(node: Any, change: Callable[[str], str]) -> Any:
    """Data with all of its texts changed."""
    match node:
        case str():
            return change(node)
        case Mapping():
            return {key: _changed(value, change) for key, value in node.items()}
        case list() | tuple():
            return [_changed(one, change) for one in node]
        case _:
            return node


@dataclass
class _Told:
    """Text for people, told up to the last whole word: a placeholder may come in two pieces."""

    restore: Callable[[str], str]
    tell: OnText
    held: str = ""
    answer: str = ""

    async def take(self, text: str, answer: str) -> None:
        self.held += text
        self.answer = answer or self.answer
        whole = _whole(self.held)
        told, self.held = self.held[:whole], self.held[whole:]
        await self.tell(self.restore(told), self.restore(self.answer[: _whole(self.answer)]))

    async def finish(self) -> None:
        told, self.held = self.held, ""
        await self.tell(self.restore(told), self.restore(self.answer))


def _whole(text: str) -> int:
    """Up to where all words are whole."""
    return max((at + 1 for at, letter in enumerate(text) if not (letter.isalnum() or letter in "-_")), default=0)
