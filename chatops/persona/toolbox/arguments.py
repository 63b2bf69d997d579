"""Do the arguments of a call fit the tool's schema? The part of JSON Schema that tools here use.

A wrong call is answered before anything is asked, in words a model can act on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}


def mistakes(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What is wrong with the arguments, in one line; '' where nothing is."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    found = [f"{name} is missing" for name in schema.get("required", ()) if name not in arguments]
    found += [
        f"{name!r} is no argument (there are: {', '.join(properties)})" for name in arguments if name not in properties
    ]
    found += [
        f"{name} {problem}"
        for name, value in arguments.items()
        if name in properties and (problem := _problem(value, properties[name]))
    ]
    return "; ".join(found)


def _problem(value: Any, schema: Mapping[str, Any]) -> str:
    named = schema.get("type")
    kinds: Sequence[str] = [named] if isinstance(named, str) else list(named or ())
    if kinds and not any(_is(value, kind) for kind in kinds):
        return f"has to be of type {' or '.join(kinds)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"has to be one of {', '.join(map(str, schema['enum']))}"
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(value, int | float) and ((low is not None and value < low) or (high is not None and value > high)):
        return f"has to be between {low} and {high}"
    if isinstance(value, list | tuple) and "items" in schema:
        return next((problem for item in value if (problem := _problem(item, schema["items"]))), "")
    return ""


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, (object,)))


def fitted(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the types of the schema, where that is unambiguous: `"50"` for 50, one name for a list of one.

    The model knows them from a signature, where a text has no type of its own.
    """
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    return {
        name: _as(properties.get(name, {}).get("type"), value)
        for name, value in arguments.items()
        if value is not None or name not in properties or "null" in (properties[name].get("type") or ())
    }


def _as(kind: object, value: Any) -> Any:
    match kind, value:
        case "string", bool():
            return str(value).lower()
        case "string", int() | float():
            return str(value)
        case "integer", str() if value.strip().isdecimal():
            return int(value)
        case "integer", float() if value == int(value):
            return int(value)
        case "boolean", str() if value.lower() in {"true", "false"}:
            return value.lower() == "true"
        case "string", [str(only)]:
            return only
        case "array", str():
            return [value]
        case _:
            return value
