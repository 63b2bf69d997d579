"""What may the model ask? The connectors' read-only queries, redacted, numbered and remembered.

Every answer holds the exact query, the time range and the result, or the full error: that is what a
model needs to correct itself. An identical call in the same investigation is not sent again. A tool
that fails is an answer, whatever it failed with; evidence that cannot be redacted is withheld.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatops import tracing
from chatops.domain.ports import ToolAnswer, ToolSpec
from chatops.persona.brief.excerpts import READ, Room, clock, full, ids
from chatops.persona.journal import Memory
from chatops.persona.reading import cited
from chatops.persona.tokens import clip, estimate
from chatops.persona.toolbox.arguments import fitted, mistakes
from chatops.policy.untrusted import Fence
from connectors.contract import Connector, ConnectorError, Inquiry, Tool
from connectors.evidence import Coverage, Evidence, Observation, State

_READ_SPEC = ToolSpec(
    READ,
    "Evidence in full, by its numbers.",
    {
        "type": "object",
        "properties": {"ids": {"type": "array", "items": {"type": "string"}}},
        "required": ["ids"],
        "additionalProperties": False,
    },
)
_SECTION = 6_000
"""Characters of a section of the brief that is asked for."""
_MISTAKEN = frozenset({"not_found", "rejected"})
"""Kinds of failure that say nothing against the source: what was asked does not exist, or not so."""


@dataclass(frozen=True)
class Limits:
    """Seconds for one call, and estimated tokens for its answer."""

    seconds: float = 20.0
    tokens: int = 2_500


class ConnectorTools:
    """The toolbox of one investigation. Counts the evidence on and remembers, therefore not shared between two."""

    def __init__(
        self,
        connectors: Sequence[Connector],
        inquiry: Inquiry,
        *,
        redact: Callable[[Evidence], Evidence],
        redact_text: Callable[[str], str],
        known: Sequence[Evidence] = (),
        memory: Memory | None = None,
        fence: Fence | None = None,
        limits: Limits = Limits(),  # frozen
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tools = {tool.name: (connector.name, tool) for connector in connectors for tool in connector.tools()}
        self._inquiry = inquiry
        self._redact = redact
        self._redact_text = redact_text
        self._evidence = {item.id: item for item in known}
        self._next = 1 + max((_number(item.id) for item in known), default=0)
        self._memory = memory
        self.fence = fence or Fence.random()
        """Around what others wrote; the brief names its mark, so both must have the same."""
        self.sections: Mapping[str, str] = {}
        """What else the brief told, by the names of its sections and whole: what it cut can be read."""
        self._limits = limits
        self._monotonic = monotonic
        self._running: dict[str, asyncio.Future[ToolAnswer]] = {}

    @property
    def tools(self) -> Sequence[ToolSpec]:
        """What the model is told of."""
        specs = [ToolSpec(tool.name, tool.description, tool.schema, source) for source, tool in self._tools.values()]
        return [*specs, _READ_SPEC]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> ToolAnswer:
        """Run a query, or answer from memory. Never raises."""
        if name == READ:
            return self._read(arguments)
        if name not in self._tools:
            return ToolAnswer(
                f"There is no tool {clip(name, 80)!r}. There are: {', '.join(self._tools)}.", is_error=True
            )
        source, tool = self._tools[name]
        arguments = fitted(arguments, tool.schema)
        if wrong := mistakes(arguments, tool.schema):
            return ToolAnswer(f"{name}: {wrong}. Nothing was asked.", is_error=True)
        key = _key(name, arguments)
        if key in self._running and not _failed(self._running[key]):
            return _again(await asyncio.shield(self._running[key]))
        future = self._running[key] = asyncio.ensure_future(self._remembered(key, source, tool, arguments))
        return await future

    def add(self, item: Evidence) -> Evidence:
        """Number a piece of evidence that came another way (a person's statement) and keep it readable."""
        known = next((one for one in self._evidence.values() if one.key == item.key), None)
        if known is not None and known.summary == item.summary:
            return known
        numbered = item.model_copy(update={"id": f"E{self._next}", "key": self._free(item.key)})
        self._next += 1
        self._evidence[numbered.id] = numbered
        return numbered

    def redacted(self, text: str) -> str:
        """The text without secrets; raises what the redactor raises."""
        return self._redact_text(text)

    def restore(self, evidence: Sequence[Evidence]) -> None:
        """Take back what an earlier worker had numbered, so that no number is given twice."""
        for item in evidence:
            self._evidence[item.id] = item
            self._next = max(self._next, _number(item.id) + 1)

    def _renumbered(self, answer: ToolAnswer) -> ToolAnswer:
        """A stored answer with its own numbers, or with new ones where they have been given away since."""
        clashes = [one for one in answer.evidence if self._evidence.get(one.id, one).key != one.key]
        if not clashes:
            self.restore(answer.evidence)
            return answer
        fresh = {one.id: self.add(one) for one in answer.evidence}
        text = re.sub(r"\bE\d+\b", lambda found: fresh[found[0]].id if found[0] in fresh else found[0], answer.text)
        return replace(answer, text=text, evidence=tuple(fresh.values()))

    def _free(self, key: str) -> str:
        taken = {item.key for item in self._evidence.values()}
        return key if key not in taken else f"{key}#E{self._next}"

    async def _remembered(self, key: str, source: str, tool: Tool, arguments: Mapping[str, Any]) -> ToolAnswer:
        stored = await self._memory.get(key) if self._memory else None
        if stored is not None:
            return self._renumbered(_from_document(stored))
        with tracing.span(f"tool {tool.name}", source=source, tool=tool.name) as step:
            answer = await self._run(source, tool, arguments)
            tracing.note(step, evidence=len(answer.evidence), failed=answer.is_error)
        if self._memory and not answer.is_error:
            await self._memory.put(key, _document(answer))
        return answer

    async def _run(self, source: str, tool: Tool, arguments: Mapping[str, Any]) -> ToolAnswer:
        began = self._monotonic()
        asked = f"{tool.name} {json.dumps(dict(arguments), sort_keys=True)}"

        def row(state: State, detail: str = "") -> tuple[Coverage, ...]:
            ms = int((self._monotonic() - began) * 1000)
            return (Coverage(source=source, check=tool.name, state=state, detail=clip(detail, 300), ms=ms),)

        try:
            async with asyncio.timeout(self._limits.seconds):
                observed = await tool.run(self._inquiry, arguments)
            evidence = tuple(self.add(self._redact(item)) for item in observed.evidence)
            text, searched = self._text(observed, evidence), self._redact_text(observed.searched)
        except ConnectorError as error:
            detail = self._redact_text(error.brief)
            state = State.NO_DATA if error.kind in _MISTAKEN else State.FAILED
            told = f"{asked}\nquery: {self._redact_text(error.query)}\n{self._range()}\nfailed, {detail}"
            return ToolAnswer(told, True, (), row(state, detail))
        except TimeoutError:
            detail = f"no answer within {self._limits.seconds:.0f} s"
            return ToolAnswer(f"{asked}\n{self._range()}\nfailed: {detail}", True, (), row(State.FAILED, detail))
        except Exception as error:  # noqa: BLE001  # the edge where a connector's bug must not end the investigation
            detail = f"failed with {type(error).__name__}; what it brought is withheld"
            return ToolAnswer(f"{asked}\n{self._range()}\n{detail}", True, (), row(State.FAILED, detail))
        state = State.CHECKED if evidence else State.NO_DATA
        return ToolAnswer(f"{asked}\n{self._range()}\n{text}", False, evidence, row(state, searched))

    def _range(self) -> str:
        window = self._inquiry.window
        return f"range: {clock(window.start)}–{clock(window.end)} unless the query says otherwise"

    def _text(self, observed: Observation, evidence: Sequence[Evidence]) -> str:
        if not evidence:
            return f"No data. Searched: {self._redact_text(observed.searched) or 'what the arguments say'}."
        shown = self._fit(evidence, ((60, 1), (25, 1), (10, 1), (4, 1)))
        partial = f"\nIncomplete: {self._redact_text(observed.partial)}" if observed.partial else ""
        return shown + partial

    def _read(self, arguments: Mapping[str, Any]) -> ToolAnswer:
        names = cited(list(arguments.values()))
        if not names:
            return ToolAnswer(f"{READ}: ids is missing", is_error=True)
        unknown = [one for one in names if one not in self._evidence and one not in self.sections]
        found = [self._evidence[one] for one in names if one in self._evidence]
        said = [self._fit(found, ((60, 10), (25, 4), (10, 2), (4, 1)))] if found else []
        said += [f"{one}:\n{clip(self.sections[one], _SECTION)}" for one in names if one in self.sections]
        said += [f"There is no evidence {clip(' '.join(unknown), 200)}."] if unknown else []
        return ToolAnswer("\n".join(said), is_error=len(unknown) == len(names))

    def _fit(self, evidence: Sequence[Evidence], rooms: Sequence[tuple[int, int]]) -> str:
        """All pieces, each in the first of the rooms (rows, width) in which all fit; what stays out is said."""
        day = self._inquiry.window.end.date()
        for room in rooms:
            text = "\n".join(full(item, self.fence, Room(*room, day)) for item in evidence)
            if estimate(text) <= self._limits.tokens:
                return text
        shown: list[str] = []
        for at, item in enumerate(evidence):
            shown.append(full(item, self.fence, Room(4, 1, day)))
            if estimate("\n".join(shown)) > self._limits.tokens and len(evidence) > at + 1:
                rest = ids([one.id for one in evidence[at + 1 :]])
                return "\n".join(
                    [*shown, f"Not shown for lack of room: {rest}. Ask with {READ}, or ask more narrowly."]
                )
        return "\n".join(shown)


def _number(evidence_id: str) -> int:
    digits = evidence_id.removeprefix("E")
    return int(digits) if digits.isdigit() else 0


def _failed(call: asyncio.Future[ToolAnswer]) -> bool:
    return call.done() and (call.cancelled() or call.exception() is not None or call.result().is_error)


def _key(name: str, arguments: Mapping[str, Any]) -> str:
    canonical = json.dumps([name, dict(arguments)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _again(answer: ToolAnswer) -> ToolAnswer:
    """The same question twice in one conversation costs a line, not the data once more."""
    ids = " ".join(item.id for item in answer.evidence)
    where = f"its result is {ids}" if ids else f"it brought: {clip(answer.text, 300)}"
    return ToolAnswer(f"Identical to an earlier call, not asked again: {where}.", answer.is_error)


def _document(answer: ToolAnswer) -> dict[str, Any]:
    return {
        "text": answer.text,
        "evidence": [item.model_dump(mode="json") for item in answer.evidence],
        "coverage": [row.model_dump(mode="json") for row in answer.coverage],
    }


def _from_document(stored: Mapping[str, Any]) -> ToolAnswer:
    return ToolAnswer(
        text=str(stored["text"]),
        evidence=tuple(Evidence.model_validate(item) for item in stored["evidence"]),
        coverage=tuple(Coverage.model_validate(row) for row in stored["coverage"]),
    )
