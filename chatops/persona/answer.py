"""In which shape does the model answer, and what of its answer can be read?

The answer comes as a call of a tool, `submit_diagnosis`, not as `output_config.format`: tools are the
one structured channel that the API, Bedrock, Vertex, gateways and stand-ins all have, it streams, it
leaves text free for the people who watch, it lets the model choose between another check and its
answer in the same turn (no extra turn for formatting), and the list of tools stays byte for byte the
same in every request, so that the cached prefix holds to the end. `strict` is set where it is
understood; what comes back is checked here anyway. An endpoint that answers JSON in text is read too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from chatops.domain.casefile import Proposal
from connectors.causes import CATALOGUE

SUBMIT = "submit_diagnosis"
_STATUS = ["open", "strengthened", "weakened", "confirmed", "ruled out"]
_VERDICTS = ["identified", "probable", "inconclusive", "healthy", "blocked"]


def _text(description: str = "") -> dict[str, Any]:
    return {"type": "string", "description": description} if description else {"type": "string"}


def _list(items: Mapping[str, Any], description: str = "") -> dict[str, Any]:
    listed: dict[str, Any] = {"type": "array", "items": dict(items)}
    return {**listed, "description": description} if description else listed


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: dict(schema) for name, schema in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }


_ARGV = _list(_text(), "one command, no shell")
_INDEX = {"type": "integer", "description": "position in hypotheses from 1; 0: none"}


def schema() -> dict[str, Any]:
    """The JSON Schema of the answer; the order is the order of thinking: hypotheses before the verdict."""
    hypothesis = _object(
        id=_text("H-number it continues, empty if new"),
        cause={"type": "string", "enum": [cause.code for cause in CATALOGUE]},
        subject=_object(kind=_text(), namespace=_text(), name=_text()),
        statement=_text("what is wrong, with the figures"),
        mechanism=_text("how it leads to what is seen"),
        supporting=_list(_text(), "evidence ids"),
        contradicting=_list(_text(), "evidence ids"),
        confidence={"type": "number", "description": "0–1"},
        would_confirm=_text(),
        would_refute=_text(),
        status={"type": "string", "enum": _STATUS},
        reason=_text("why the status; empty for open"),
    )
    step = _object(argv=_ARGV, why=_text(), expect=_text("output that confirms or refutes"), hypothesis=_INDEX)
    mitigation = _object(text=_text(), argv=_ARGV, rollback=_text(), blast_radius=_text(), hypothesis=_INDEX)
    return _object(
        answer=_text("follow-up: the reply to the question, Markdown; else empty"),
        hypotheses=_list(hypothesis, "most likely first"),
        verdict={"type": "string", "enum": _VERDICTS},
        summary=_text("first line for the on-call: cause, subject, effect; at most two sentences"),
        next_steps=_list(step, "read-only commands"),
        mitigations=_list(mitigation, "for a person to decide"),
        runbooks=_list(_text(), "hrefs from the brief"),
        open_questions=_list(_text()),
        gaps=_list(_text(), "what could not be seen and would decide"),
    )


def tool(strict: bool = True) -> dict[str, Any]:
    """The tool as the Messages API wants it."""
    described = {
        "name": SUBMIT,
        "description": "Give your answer. Call it once, when the evidence suffices or nothing more can be learned.",
        "input_schema": schema(),
    }
    return {**described, "strict": True} if strict else described


class Unreadable(ValueError):
    """The answer does not fit; the message says where, for the model to repair it."""


def parse(given: object) -> Proposal:
    """Read an answer. Forgives what is unambiguous (numbers as text, percentages, null, unknown fields)."""
    if isinstance(given, str):
        given = _json(given)
    if not isinstance(given, Mapping) or not given:
        raise Unreadable("the answer is not a JSON object with the fields of submit_diagnosis")
    try:
        return Proposal.model_validate(_shaped(given))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)[:8]]
        raise Unreadable("; ".join(problems)) from error


def from_text(text: str) -> Proposal | None:
    """The answer inside free text, bare or in a code fence; None where there is none."""
    for candidate in (text, *re.findall(r"```(?:json)?\s*(\{.*?\})\s*```", text, re.DOTALL)):
        if candidate.lstrip().startswith("{"):
            try:
                return parse(candidate)
            except Unreadable:
                continue
    return None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from error


def _shaped(given: Mapping[str, Any]) -> dict[str, Any]:
    shape = schema()["properties"]
    known = {key: _cell(shape[key], value) for key, value in given.items() if key in shape and value is not None}
    return {"summary": "", **known}


def _cell(shape: Mapping[str, Any], value: Any) -> Any:
    """One value brought to its shape; what cannot be is left for validation to name."""
    match shape["type"]:
        case "object" if isinstance(value, Mapping):
            inner = shape["properties"]
            return {key: _cell(inner[key], item) for key, item in value.items() if key in inner and item is not None}
        case "array" if isinstance(value, str):
            return _cell(shape, _json(value)) if value.lstrip().startswith("[") else ((value,) if value else ())
        case "array" if isinstance(value, list | tuple):
            return tuple(_cell(shape["items"], item) for item in value)
        case "number":
            return _share(value)
        case _:
            return value


def _share(value: Any) -> Any:
    """A confidence between 0 and 1: `0.8`, `"0.8"`, `80`, `"80%"`."""
    try:
        number = float(str(value).strip().rstrip("%"))
    except ValueError:
        return value
    percent = number > 1 or str(value).strip().endswith("%")
    return min(max(number / 100 if percent else number, 0.0), 1.0)
