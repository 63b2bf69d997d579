"""The answer: a short schema out, a full one to read by, a forgiving reader in."""

from __future__ import annotations

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


def changed(**fields: Any) -> dict[str, Any]:
    """The answer with other fields of its hypothesis."""
    return {**ANSWER, "hypotheses": [{**ANSWER["hypotheses"][0], **fields}]}


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
        answer.parse(given, strict=True)
    assert answer.parse(given).hypotheses[0].cause == "readiness probe wrong port"
    given["hypotheses"][0]["cause"] = "oom killed"
    assert answer.parse(given, strict=True).hypotheses[0].cause == "OOMKilled"


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
    (hypothesis,) = answer.parse(changed(**change)).hypotheses
    assert hypothesis.confidence == expected
    assert hypothesis.supporting == ("E1",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "not a JSON object"),
        ([], "not a JSON object"),
        ("nothing", "not JSON"),
        ({"summary": "s"}, "neither hypotheses nor a verdict"),
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": "identified", "summary": "s", "findings": []}, "of which cause"),
        ({**ANSWER, "hypotheses": [{"cause": "OOMKilled"}]}, "hypotheses.0.subject"),
        ({**ANSWER, "hypotheses": ["?"]}, "hypotheses.0.cause"),
        (changed(confidence="no idea"), "hypotheses.0.confidence"),
    ],
)
def test_what_does_not_fit_is_said_by_place(given: Any, said: str) -> None:
    with pytest.raises(answer.Unreadable, match=said):
        answer.parse(given, strict=True)


def test_what_is_missing_still_stays_empty_for_settling_to_drop() -> None:
    read = answer.parse({"verdict": "maybe", "hypotheses": [ANSWER["hypotheses"][0], {"cause": "OOMKilled"}]})
    assert read.verdict == "inconclusive"
    assert [one.subject.name for one in read.hypotheses] == ["cart", ""]


@pytest.mark.parametrize("around", ["diagnosis", "input", "submit_diagnosis"])
def test_an_answer_inside_of_something_is_found(around: str) -> None:
    assert answer.parse({around: ANSWER}) == answer.parse(ANSWER)
    assert answer.parse({"name": "submit_diagnosis", around: json.dumps(ANSWER)}) == answer.parse(ANSWER)


def test_a_verdict_that_is_left_out() -> None:
    without = {name: value for name, value in ANSWER.items() if name != "verdict"}
    assert answer.parse(without, strict=True).verdict == "probable"
    assert answer.parse({"answer": "It is."}, strict=True, verdict="identified").verdict == "identified"
    with pytest.raises(answer.Unreadable):
        answer.parse({"answer": "It is."})


@pytest.mark.parametrize(
    ("given", "position"), [(1, 1), ("1", 1), ("#1", 1), ("H3", 1), (None, 0), ("H2", 0), ("none", 0), ([1], 1)]
)
def test_a_step_names_its_hypothesis_by_position_or_id(given: Any, position: int) -> None:
    told = {**changed(id="H3"), "next_steps": [{"argv": ["kubectl", "get", "pods"], "hypothesis": given}]}
    (step,) = answer.parse(told, strict=True).next_steps
    assert (step.hypothesis, step.why) == (position, "")


def test_a_mitigation_without_its_rollback_is_for_settling() -> None:
    (read,) = answer.parse({**ANSWER, "mitigations": ["Roll cart back."]}, strict=True).mitigations
    assert (read.text, read.rollback) == ("Roll cart back.", "")


def test_what_a_hypothesis_cites_may_stand_in_its_words() -> None:
    (read,) = answer.parse(changed(supporting=None, statement="cart is killed (E1, E4)"), strict=True).hypotheses
    assert read.supporting == ("E1", "E4")
    said = "cart is killed (E1, E4)"
    assert answer.parse(changed(supporting=[], statement=said), strict=True).hypotheses[0].supporting == ()


def test_a_status_that_is_none_changes_nothing() -> None:
    assert answer.parse(changed(status="leading"), strict=True).hypotheses[0].status == "open"
    assert answer.parse(changed(status="Ruled_Out"), strict=True).hypotheses[0].status == "ruled out"


def test_an_answer_in_text_is_found() -> None:
    assert answer.from_text(json.dumps(ANSWER)) == answer.parse(ANSWER)
    assert answer.from_text(f"Here:\n```json\n{json.dumps(ANSWER)}\n```\nDone.") == answer.parse(ANSWER)
    assert answer.from_text(f"It is {{oom}}: {json.dumps(ANSWER)} as far as I see.") == answer.parse(ANSWER)
    assert answer.from_text('The log says {"summary": "killed", "level": "error"}.') is None
    assert answer.from_text("It is the {memory}.") is None
    assert answer.from_text("{" * 100_000) is None
    assert answer.from_text("{not json") is None


def test_what_names_nothing_that_could_stand_is_no_rough_answer() -> None:
    assert answer.roughly({**ANSWER, "verdict": "maybe"}) == answer.parse({**ANSWER, "verdict": "inconclusive"})
    assert answer.roughly({"verdict": "maybe", "summary": "s"}) is None
    assert answer.roughly({}) is None
