"""Arguments against their schema, in words a model can act on."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.persona.toolbox.arguments import fitted, mistakes

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "tail": {"type": "integer", "minimum": 1, "maximum": 500},
        "ids": {"type": "array", "items": {"type": "string"}},
        "state": {"enum": ["up", "down"]},
        "deep": {"type": "object"},
        "maybe": {"type": ["string", "null"]},
        "yes": {"type": "boolean"},
    },
    "required": ["name"],
}


@pytest.mark.parametrize(
    "arguments",
    [{"name": "x"}, {"name": "x", "tail": 5, "ids": ["a"], "state": "up", "deep": {}, "maybe": None, "yes": True}],
)
def test_what_fits(arguments: dict[str, Any]) -> None:
    assert mistakes(arguments, SCHEMA) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tail": True}, "tail has to be of type integer"),
        ({"tail": 0}, "tail has to be between 1 and 500"),
        ({"ids": ["a", 1]}, "ids has to be of type string"),
        ({"state": "sideways"}, "state has to be one of up, down"),
        ({"maybe": 3}, "maybe has to be of type string or null"),
        ({"other": 1}, "'other' is no argument"),
    ],
)
def test_what_does_not(change: dict[str, Any], said: str) -> None:
    assert said in mistakes({"name": "x", **change}, SCHEMA)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"name": 7, "tail": "50", "ids": "a", "yes": "True"}, {"name": "7", "tail": 50, "ids": ["a"], "yes": True}),
        ({"name": ["x"], "tail": ["5"]}, {"name": "x", "tail": ["5"]}),
        ({"name": True, "tail": 5.0}, {"name": "true", "tail": 5}),
        ({"name": "x", "tail": None, "maybe": None}, {"name": "x", "maybe": None}),
        ({"name": "x", "tail": "many", "other": 1}, {"name": "x", "tail": "many", "other": 1}),
    ],
)
def test_types_that_are_unambiguous_are_set_right(given: dict[str, Any], read: dict[str, Any]) -> None:
    assert fitted(given, SCHEMA) == read
