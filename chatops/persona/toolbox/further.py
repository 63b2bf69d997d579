"""How does a model call the tools of many sources, where the shared prefix has no room for all of them?

The tools of the three sources that everybody has stand in the prefix. Where those of further sources would make it
longer than `PREFIX`, they stand behind one generic tool, and what they are is told at the end of the brief: the
prefix is the same bytes with any number of sources, and only who has them pays for their description.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatops.domain.ports import ToolSpec
from chatops.persona import reading
from chatops.persona.model.messages import SUBMIT
from chatops.persona.model.stream import ToolCall
from chatops.persona.tokens import clip, estimate
from chatops.persona.toolbox import signatures

PREFIX = 5_000
"""Tokens of the shared prefix, by our measure."""
ASK = "ask_source"
_EXPECTED = frozenset({"kubernetes", "prometheus", "cloudwatch", ""})
"""Sources whose tools keep their own places; the empty one is that of tools without a source."""
TOOL: Mapping[str, Any] = {
    "name": ASK,
    "description": "A tool named at the brief's end. (tool, arguments: map)",
    "input_schema": {"type": "object"},
}
_CLAUSE = re.compile(r"[.;:](?:\s|$)")


def split(specs: Sequence[ToolSpec], others: int) -> tuple[list[ToolSpec], list[ToolSpec]]:
    """The tools that have a place of their own, and those behind the generic one.

    `others` are the tokens of what else the prefix holds.
    """
    if others + estimate(json.dumps(signatures.told(specs), ensure_ascii=False, separators=(",", ":"))) <= PREFIX:
        return list(specs), []
    expected = [spec for spec in specs if spec.source in _EXPECTED]
    return expected, [spec for spec in specs if spec.source not in _EXPECTED]


def told(specs: Sequence[ToolSpec]) -> str:
    """The section of the brief that says what is behind the generic tool; '' for nothing."""
    if not specs:
        return ""
    rows = [f"- {spec.name}{signatures.signature(spec.schema)} {_purpose(spec.description)}" for spec in specs]
    return "\n".join([f"## Further sources, by {ASK}", *rows])


def meant(call: ToolCall, names: Collection[str]) -> ToolCall:
    """The call of the tool that is meant: the generic one's arguments stand in it, or beside the tool's name."""
    name = _known(call.name, names)
    if name != ASK:
        return replace(call, name=name)
    inner = reading.parsed(call.input.get("arguments"), "{")
    beside = {name: value for name, value in call.input.items() if name not in {"tool", "arguments"}}
    named = _known(str(call.input.get("tool") or ASK), names)
    return replace(call, name=named, input=inner if isinstance(inner, Mapping) else beside)


def _known(name: str, names: Collection[str]) -> str:
    """The tool of this name, or the only one written like it: `functions.pod_logs`, `pod-logs`, `PodLogs`."""
    if name in names:
        return name
    signs = {_letters(name), _letters(re.split(r"[.:]|__", name)[-1])}
    like = [one for one in (*names, ASK, SUBMIT) if _letters(one) in signs]
    return like[0] if len(like) == 1 else name


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _purpose(description: str) -> str:
    return clip(_CLAUSE.split(description, maxsplit=1)[0], 110)
