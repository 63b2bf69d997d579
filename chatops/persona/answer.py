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
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from chatops.domain.casefile import Proposal
from chatops.persona import causelist, reading
from chatops.persona.model.messages import SUBMIT
from chatops.persona.tokens import clip
from connectors.causes import CATALOGUE

_STATUS = ["open", "strengthened", "weakened", "confirmed", "ruled out"]
_TRIED = 20
"""Places of a text at which an answer may begin."""
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


def parse(given: object, *, strict: bool = False, verdict: str = "") -> Proposal:
    """Read an answer. What is unambiguous is forgiven (`chatops.persona.reading`), and so are fields it may leave out.

    `strict` asks for what an answer is not much without: causes of the catalogue, every hypothesis with its parts.
    Otherwise what is missing stays empty, and settling drops and counts what cannot stand like that. `verdict` is
    that of an answer to a question, which may leave the diagnosis as it is.
    """
    if isinstance(given, str):
        given = _json(given)
    if not isinstance(given, Mapping) or not given:
        raise Unreadable("the answer is not a JSON object with the fields of submit_diagnosis")
    shape = schema()
    told = reading.shaped(_unwrapped(given, shape["properties"]), shape)
    if not told.keys() & {"hypotheses", "verdict"} and not (verdict and told.get("answer")):
        raise Unreadable("it has neither hypotheses nor a verdict")
    if strict and told.get("verdict") in {"identified", "probable"} and not told.keys() & {"hypotheses", "answer"}:
        raise Unreadable("hypotheses: of which cause?")
    try:
        proposal = Proposal.model_validate(_complete(told, strict, verdict))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)[:8]]
        raise Unreadable("; ".join(problems)) from error
    if strict and (unknown := [one.cause for one in proposal.hypotheses if causelist.read(one.cause) is None]):
        raise Unreadable("; ".join(_unlisted(cause) for cause in unknown[:4]))
    return proposal


def roughly(given: object, verdict: str = "") -> Proposal | None:
    """As much of an answer as can be read; None where it names nothing that could stand."""
    try:
        read = parse(given, verdict=verdict)
    except Unreadable:
        return None
    return read if read.hypotheses or read.answer else None


def _unwrapped(given: Mapping[str, Any], fields: Mapping[str, Any], depth: int = 2) -> Mapping[str, Any]:
    """The answer inside of something around it: `{"diagnosis": {…}}`, a call written as data."""
    if depth and not any(reading.field(str(name), fields) in fields for name in given):
        for value in given.values():
            inner = reading.parsed(value, "{")
            if isinstance(inner, Mapping) and (found := _unwrapped(inner, fields, depth - 1)):
                return found
    return given


def _complete(told: Mapping[str, Any], strict: bool, verdict: str) -> dict[str, Any]:
    """With the fields an answer may leave out; a question's answer may leave out the diagnosis."""
    hypotheses = [_hypothesis(one, strict) for one in told.get("hypotheses", ())]
    ids = [str(one.get("id") or "") if isinstance(one, Mapping) else "" for one in hypotheses]
    known = told.get("verdict") or (verdict if told.get("answer") else "") or ("probable" if hypotheses else "")
    if not strict and known not in _VERDICTS:
        known = "inconclusive"
    return {
        "summary": "",
        **told,
        **({"verdict": known} if known else {}),
        "hypotheses": tuple(hypotheses),
        "next_steps": tuple(_placed(one, ids, "why") for one in told.get("next_steps", ())),
        "mitigations": tuple(
            _placed(one, ids, "text", "rollback", "blast_radius") for one in told.get("mitigations", ())
        ),
    }


def _hypothesis(one: Any, strict: bool) -> Any:
    """Without the field for it, what it cites may stand in its words; a status that is none of ours changes nothing."""
    if not isinstance(one, Mapping):
        return one
    empty = {} if strict else {"cause": "", "statement": "", "subject": {"kind": "", "name": ""}}
    told = {**empty, "confidence": reading.EVEN, **one}
    if "supporting" not in told:
        words = f"{told.get('statement', '')} {told.get('mechanism', '')}"
        told["supporting"] = tuple(id for id in reading.cited(words) if id != words)
    if told.get("status") not in _STATUS:
        told["status"] = "open"
    return told


def _placed(one: Any, ids: Sequence[str], *texts: str) -> Any:
    """With the position of its hypothesis, which may be told by its id; `texts` that are left out are empty."""
    if not isinstance(one, Mapping):
        return one
    told = str(one.get("hypothesis") or "").strip()
    digits = "".join(filter(str.isdigit, told))
    by_position = "0" if told == f"H{digits}" and any(ids) else digits
    return {
        **dict.fromkeys(texts, ""),
        **one,
        "hypothesis": 1 + ids.index(told) if told in ids else int(by_position[:4] or 0),
    }


def _unlisted(cause: str) -> str:
    near = ", ".join(causelist.nearest(cause)) or "nothing; choose what comes nearest in meaning, or leave it out"
    return f"cause {clip(cause, 80)!r} is not on the list; near it: {near}"


def from_text(text: str, verdict: str = "") -> Proposal | None:
    """The answer inside free text, bare, in a code fence or among words; None where there is none."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    for _ in range(_TRIED):
        if at < 0:
            return None
        try:
            found, at = decoder.raw_decode(text, at)
            return parse(found, verdict=verdict)
        except Unreadable:
            at = text.find("{", at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
    return None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from error
