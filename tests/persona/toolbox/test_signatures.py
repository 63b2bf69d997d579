"""Tools as signatures: every argument told, its meaning once."""

from __future__ import annotations

from chatops.domain.ports import ToolSpec
from chatops.persona.toolbox.signatures import signature, told

NAMESPACE = {"type": "string", "description": "the incident's if left out"}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "namespace": NAMESPACE,
        "tail": {"type": "integer", "minimum": 1},
        "ids": {"type": "array", "items": {"type": "string"}},
        "state": {"type": "string", "enum": ["up", "down"]},
        "deep": {"type": "object"},
        "live": {"type": "boolean"},
    },
    "required": ["name"],
    "additionalProperties": False,
}


def test_a_signature_names_types_and_what_may_be_left_out() -> None:
    assert signature(SCHEMA) == "(name, namespace?, tail?: int, ids?: list, state?: up|down, deep?: map, live?: bool)"
    assert signature({}) == "()"


def test_what_an_argument_means_is_said_once() -> None:
    one, other = told([ToolSpec("a", "What a tells.", SCHEMA), ToolSpec("b", "What b tells.", SCHEMA)])
    assert one["description"] == f"What a tells. {signature(SCHEMA)} namespace: the incident's if left out"
    assert other["description"] == f"What b tells. {signature(SCHEMA)}"
    assert one["input_schema"] == {"type": "object"}
