"""The answer: a short schema out, a full one to read by, a forgiving reader in."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest

from chatops.persona import answer, causelist
from connectors.causes import CATALOGUE
from tests.persona.messages_api import ANSWER


def objects(schema: Any) -> list[dict[str, Any]]:
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return ([schema] if schema.get("type") == "object" else []) + [found for one in inner for found in objects(one)]


def test_the_schema_is_strict() -> None:
    jsonschema.Draft202012Validator.check_schema(answer.schema())
    jsonschema.validate(ANSWER, answer.schema())
    for one in objects(answer.schema()):
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])


def test_the_model_is_told_every_field_and_cause() -> None:
    told = answer.tool()["input_schema"]
    jsonschema.Draft202012Validator.check_schema(told)
    jsonschema.validate(ANSWER, told)
    assert [set(one["properties"]) for one in objects(told)] == [
        set(one["properties"]) for one in objects(answer.schema())
    ]
    assert told["required"] == ["hypotheses", "verdict", "summary"]
    causes = told["properties"]["hypotheses"]["items"]["properties"]["cause"]["description"]
    assert causes == causelist.listed(tuple(cause.code for cause in CATALOGUE))


def test_an_answer_may_leave_out_what_it_has_nothing_to_say_to() -> None:
    known = ANSWER["hypotheses"][0]
    short = {name: known[name] for name in ("cause", "subject", "statement", "confidence", "supporting")}
    assert answer.parse({"verdict": "identified", "summary": "s", "hypotheses": [short]}).hypotheses[0].status == "open"


def test_a_cause_that_is_not_on_the_list_is_asked_for_again() -> None:
    given = {**ANSWER, "hypotheses": [{**ANSWER["hypotheses"][0], "cause": "readiness probe wrong port"}]}
    with pytest.raises(answer.Unreadable, match="not on the list; near it: readiness probe incorrect port"):
        answer.parse(given, on_the_list=True)
    assert answer.parse(given).hypotheses[0].cause == "readiness probe wrong port"
    given["hypotheses"][0]["cause"] = "oom killed"
    assert answer.parse(given, on_the_list=True).hypotheses[0].cause == "oom killed"


def test_a_valid_answer_is_read_as_it_is() -> None:
    proposal = answer.parse(ANSWER)
    assert proposal.verdict == "identified"
    assert proposal.hypotheses[0].subject.name == "cart"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"confidence": "0.8"}, 0.8),
        ({"confidence": "80%"}, 0.8),
        ({"confidence": 80}, 0.8),
        ({"confidence": 1}, 1.0),
        ({"confidence": 0.4, "reason": None, "color": "red"}, 0.4),
        ({"confidence": 0.4, "supporting": "E1"}, 0.4),
        ({"confidence": 0.4, "supporting": '["E1"]'}, 0.4),
    ],
)
def test_what_is_unambiguous_is_forgiven(change: dict[str, Any], expected: float) -> None:
    given = copy.deepcopy(ANSWER)
    given["hypotheses"][0].update(change)
    (hypothesis,) = answer.parse(given).hypotheses
    assert hypothesis.confidence == expected
    assert hypothesis.supporting == ("E1",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "not a JSON object"),
        ([], "not a JSON object"),
        ("nothing", "not JSON"),
        ({"verdict": "maybe"}, "verdict"),
        ({**ANSWER, "hypotheses": [{"cause": "OOMKilled"}]}, "hypotheses.0.subject"),
        ({**ANSWER, "hypotheses": [{**ANSWER["hypotheses"][0], "confidence": "high"}]}, "hypotheses.0.confidence"),
    ],
)
def test_what_does_not_fit_is_said_by_place(given: Any, said: str) -> None:
    with pytest.raises(answer.Unreadable, match=said):
        answer.parse(given)


def test_an_answer_in_text_is_found() -> None:
    assert answer.from_text(json.dumps(ANSWER)) == answer.parse(ANSWER)
    assert answer.from_text(f"Here:\n```json\n{json.dumps(ANSWER)}\n```\nDone.") == answer.parse(ANSWER)
    assert answer.from_text("It is the {memory}.") is None
    assert answer.from_text("{not json") is None
