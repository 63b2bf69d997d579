"""In which shape does the model answer, and what of its answer can be read?

The answer comes as a call of a tool, `submit_diagnosis`, not as `output_config.format`: tools are the
one structured channel that the API, Bedrock, Vertex, gateways and stand-ins all have, it streams, it lets
the model choose between another check and its answer in the same turn (no extra turn for formatting),
and the list of tools stays byte for byte the same in every request, so that the cached prefix holds to
the end. The model gets the schema in few tokens (no `strict`, which wants every field listed twice, and
causes in words, not as an `enum`): what comes back is read and checked against the full one here, and
repaired once. An endpoint that answers JSON in text is read too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from pydantic import ValidationError

from chatops.domain.casefile import Proposal
from chatops.persona import causelist
from chatops.persona.model.messages import SUBMIT
from chatops.persona.tokens import clip
from connectors.causes import CATALOGUE

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


_ARGV = _list(_text())
_INDEX = {"type": "integer"}


def schema() -> dict[str, Any]:
    """The JSON Schema of the answer; the order is the order of thinking: hypotheses before the verdict."""
    hypothesis = _object(
        id=_text("of the hypothesis it continues"),
        cause=_text(causelist.listed(tuple(cause.code for cause in CATALOGUE))),
        subject=_object(kind=_text(), namespace=_text(), name=_text()),
        statement=_text("what is wrong, with figures"),
        mechanism=_text("how it leads to what is seen"),
        supporting=_list(_text()),
        contradicting=_list(_text()),
        confidence={"type": "number"},
        would_confirm=_text(),
        would_refute=_text(),
        status={"type": "string", "enum": _STATUS},
        reason=_text("of the status"),
    )
    step = _object(argv=_ARGV, why=_text(), expect=_text(), hypothesis=_INDEX)
    mitigation = _object(text=_text(), argv=_ARGV, rollback=_text(), blast_radius=_text(), hypothesis=_INDEX)
    return _object(
        answer=_text("to a question: the reply, Markdown"),
        hypotheses=_list(hypothesis, "most likely first"),
        verdict={"type": "string", "enum": _VERDICTS},
        summary=_text("for the on-call: cause, subject, effect in two sentences"),
        next_steps=_list(step, "hypothesis: its position from 1, or 0"),
        mitigations=_list(mitigation),
        runbooks=_list(_text(), "hrefs"),
        open_questions=_list(_text()),
        gaps=_list(_text(), "what would decide and could not be seen"),
    )


def tool() -> dict[str, Any]:
    """The tool as the Messages API takes it."""
    return {
        "name": SUBMIT,
        "description": "Your answer. Call it once.",
        "input_schema": _short(schema()),
    }


_NEEDED = frozenset({"cause", "subject", "statement", "confidence", "supporting", "hypotheses", "verdict", "summary"})
"""Fields without which an answer is none. The others are left out where there is nothing to say."""


def _short(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A schema as far as a model needs it: what has no type is text."""
    short: dict[str, Any] = {key: value for key, value in shape.items() if key in {"description", "enum"}}
    if shape["type"] != "string":
        short["type"] = shape["type"]
    if "properties" in shape:
        short["properties"] = {name: _short(inner) for name, inner in shape["properties"].items()}
        if needed := [name for name in shape["properties"] if name in _NEEDED]:
            short["required"] = needed
    if items := _short(shape["items"]) if "items" in shape else None:
        short["items"] = items
    return short


class Unreadable(ValueError):
    """The answer does not fit; the message says where, for the model to repair it."""


def parse(given: object, on_the_list: bool = False) -> Proposal:
    """Read an answer. Forgives what is unambiguous (numbers as text, percentages, null, unknown fields).

    `on_the_list` asks for causes of the catalogue; otherwise settling drops a hypothesis that has another.
    """
    if isinstance(given, str):
        given = _json(given)
    if not isinstance(given, Mapping) or not given:
        raise Unreadable("the answer is not a JSON object with the fields of submit_diagnosis")
    try:
        proposal = Proposal.model_validate(_shaped(given))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)[:8]]
        raise Unreadable("; ".join(problems)) from error
    if on_the_list and (unknown := [one.cause for one in proposal.hypotheses if causelist.read(one.cause) is None]):
        raise Unreadable("; ".join(_unlisted(cause) for cause in unknown[:4]))
    return proposal


def _unlisted(cause: str) -> str:
    near = ", ".join(causelist.nearest(cause)) or "nothing; choose what comes nearest in meaning, or leave it out"
    return f"cause {clip(cause, 80)!r} is not on the list; near it: {near}"


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
    except (ValueError, RecursionError) as error:
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
    if not isfinite(number):
        return number  # no share: for validation to name
    percent = number > 1 or str(value).strip().endswith("%")
    return min(max(number / 100 if percent else number, 0.0), 1.0)
