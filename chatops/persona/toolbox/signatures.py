"""How is a tool told to the model in few tokens? By its signature, as a line of code would show it.

A JSON Schema names every argument twice and its type in four words; of twenty tools that is half of the cached
prefix. `(name, namespace?, tail?: int)` says the same. Arguments are checked against the full schema before
anything is asked (`chatops.persona.toolbox.arguments`), so nothing rests on the model's having read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatops.domain.ports import ToolSpec

_TYPES: Mapping[str, str] = {
    "string": "",
    "integer": "int",
    "number": "number",
    "boolean": "bool",
    "array": "list",
    "object": "map",
}


def told(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """The tools as the Messages API takes them. What an argument of many tools means is said once, at the first."""
    said: set[tuple[str, str]] = set()
    return [
        {"name": spec.name, "description": _described(spec, said), "input_schema": {"type": "object"}} for spec in specs
    ]


def _described(spec: ToolSpec, said: set[tuple[str, str]]) -> str:
    notes = "; ".join(_notes(spec.schema.get("properties", {}), said))
    return f"{spec.description} {signature(spec.schema)}" + (f" {notes}" if notes else "")


def signature(schema: Mapping[str, Any]) -> str:
    """`(kind, name?, tail?: int, state?: open|done)`: the arguments in their order, optional ones with a mark."""
    required = frozenset(schema.get("required", ()))
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    return "(" + ", ".join(_argument(name, shape, required) for name, shape in properties.items()) + ")"


def _argument(name: str, schema: Mapping[str, Any], required: frozenset[str]) -> str:
    kind = "|".join(map(str, schema["enum"])) if "enum" in schema else _TYPES.get(str(schema.get("type")), "")
    return name + ("" if name in required else "?") + (f": {kind}" if kind else "")


def _notes(properties: Mapping[str, Mapping[str, Any]], said: set[tuple[str, str]]) -> Iterator[str]:
    for name, schema in properties.items():
        meaning = (name, str(schema.get("description", "")))
        if meaning[1] and meaning not in said:
            said.add(meaning)
            yield f"{name}: {meaning[1]}"
