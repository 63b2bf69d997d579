"""What is the same in every request of every incident? The cached prefix: tools, rules, persona.

The API reads a prompt as tools, then system, then messages; one breakpoint at the end of the system
text therefore covers all that incidents share. Nothing in it may differ between two requests (no time,
no id, no set order): a byte changed is a prefix paid for again. A second breakpoint moves with the end
of the conversation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chatops.domain.ports import ToolSpec
from chatops.persona import answer
from chatops.persona.model.models import ModelSettings
from chatops.persona.personafile import PersonaFile
from chatops.persona.tokens import estimate
from chatops.persona.toolbox import further, signatures

CACHE = {"type": "ephemeral"}
_UNMARKED = frozenset({"thinking", "redacted_thinking"})
"""Blocks at which no breakpoint may stand."""

RULES = (Path(__file__).parent / "rules.md").read_text(encoding="utf-8")


def request(
    limits: ModelSettings, persona: PersonaFile, specs: Sequence[ToolSpec], messages: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A request without its model: the shared prefix, and the conversation so far."""
    effort = {"output_config": {"effort": limits.effort}} if limits.effort else {}
    return {
        "max_tokens": limits.max_output_tokens,
        "system": system(persona),
        "tools": tools(specs, persona),
        "messages": marked(messages),
        **effort,
    }


def system(persona: PersonaFile) -> list[dict[str, Any]]:
    """The system text: rules and persona, with the shared breakpoint."""
    return [{"type": "text", "text": f"{RULES}\n{persona.text}\n", "cache_control": CACHE}]


def tools(specs: Sequence[ToolSpec], persona: PersonaFile) -> list[dict[str, Any]]:
    """The tools the persona may use, by name, and the answer's; the same list in the same order every time."""
    own, behind = _split(specs, persona)
    return [*signatures.told(own), *([dict(further.TOOL)] if behind else []), answer.tool()]


def further_sources(specs: Sequence[ToolSpec], persona: PersonaFile) -> str:
    """What the brief has to say of tools that have no place of their own."""
    return further.told(_split(specs, persona)[1])


def _split(specs: Sequence[ToolSpec], persona: PersonaFile) -> tuple[list[ToolSpec], list[ToolSpec]]:
    allowed = allowed_names(specs, persona)
    mine = sorted((spec for spec in specs if spec.name in allowed), key=lambda spec: spec.name)
    others = system(persona)[0]["text"] + json.dumps(answer.tool(), ensure_ascii=False, separators=(",", ":"))
    return further.split(mine, estimate(others))


def allowed_names(specs: Sequence[ToolSpec], persona: PersonaFile) -> frozenset[str]:
    """The names of the tools this persona may call; what needs no connector is everybody's."""
    chosen = [spec for spec in specs if spec.source and persona.means(spec)]
    return frozenset(spec.name for spec in specs if not spec.source or not chosen or spec in chosen)


def marked(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages with a breakpoint at their end; what is stored stays without."""
    *before, last = messages
    blocks = last["content"]
    if isinstance(blocks, str):
        blocks = [{"type": "text", "text": blocks}]
    at = next((at for at in reversed(range(len(blocks))) if blocks[at]["type"] not in _UNMARKED), None)
    told = [{**block, "cache_control": CACHE} if index == at else block for index, block in enumerate(blocks)]
    return [*map(dict, before), {**last, "content": told}]
