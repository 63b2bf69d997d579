"""The toolbox: redacted, numbered, remembered, never raising."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from chatops.persona.brief.document import build
from chatops.persona.brief.sections import whole
from connectors.contract import ConnectorError, Inquiry
from connectors.evidence import Evidence, Observation, ResourceState, State
from tests.persona.cases import FENCE, NOW, OOM, OneConnector, case, evidence, found, toolbox

TOKEN = "tok" + "en-123"


class Memory:
    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, Any]] = {}

    async def get(self, key: str) -> Mapping[str, Any] | None:
        return self.kept.get(key)

    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        self.kept[key] = value


def hides(text: str) -> str:
    return text.replace(TOKEN, "[secret]")


def hide(item: Evidence) -> Evidence:
    return Evidence.model_validate_json(hides(item.model_dump_json()))


async def test_an_answer_holds_query_range_and_result_with_its_number() -> None:
    answer = await toolbox().call("pod_logs", {"name": "cart"})
    assert not answer.is_error
    assert 'pod_logs {"name": "cart"}' in answer.text
    assert "range: 09:45:00Z–10:45:00Z" in answer.text
    assert "E2 [kubernetes/logs]" in answer.text
    assert "query: GET /pods/0" in answer.text
    assert [item.id for item in answer.evidence] == ["E2"]
    assert answer.coverage[0].state is State.CHECKED


async def test_secrets_stay_out_of_results_and_errors() -> None:
    def leaks(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        return Observation(evidence=(evidence(0, f"password {TOKEN}", id=""),), partial=f"without {TOKEN}")

    def fails(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        raise ConnectorError("rejected", f"GET /?key={TOKEN}", f"bad {TOKEN}")

    tools = toolbox(OneConnector(leaks=leaks, fails=fails), redact=hide, redact_text=hides)
    for answer in (await tools.call("leaks", {"name": "x"}), await tools.call("fails", {"name": "x"})):
        assert "[secret]" in answer.text
        assert TOKEN not in f"{answer}"


async def test_what_cannot_be_redacted_is_withheld() -> None:
    def refuses(item: Evidence) -> Evidence:
        raise ValueError(item.summary)

    answer = await toolbox(redact=refuses).call("pod_logs", {"name": "cart"})
    assert answer.is_error
    assert "withheld" in answer.text
    assert "out of memory" not in answer.text
    assert answer.evidence == ()


async def test_an_error_is_an_answer_with_the_query_and_the_full_message() -> None:
    def fails(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        raise ConnectorError("forbidden", "GET /secrets", "may not list secrets in shop")

    answer = await toolbox(OneConnector(fails=fails)).call("fails", {"name": "x"})
    assert answer.is_error
    assert "query: GET /secrets" in answer.text
    assert "forbidden: may not list secrets in shop" in answer.text
    assert answer.coverage[0].state is State.FAILED


@pytest.mark.parametrize("kind", ["not_found", "rejected"])
async def test_a_mistaken_question_is_no_failed_source(kind: Any) -> None:
    def fails(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        raise ConnectorError(kind, "GET /pods/x", "no such pod")

    answer = await toolbox(OneConnector(fails=fails)).call("fails", {"name": "x"})
    assert answer.is_error
    assert answer.coverage[0].state is State.NO_DATA


async def test_no_data_says_what_was_searched() -> None:
    tools = toolbox(OneConnector(empty=lambda i, a: Observation(searched="log group /shop/cart, 60 min")))
    answer = await tools.call("empty", {"name": "x"})
    assert "No data. Searched: log group /shop/cart, 60 min" in answer.text
    assert answer.coverage[0].state is State.NO_DATA


async def test_a_tool_that_hangs_or_breaks_is_an_answer() -> None:
    from chatops.persona.toolbox.tools import Limits

    async def hangs(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        await asyncio.sleep(60)
        raise AssertionError

    def breaks(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        raise KeyError("oops")

    tools = toolbox(OneConnector(hangs=hangs, breaks=breaks), limits=Limits(seconds=0.05))
    assert "no answer within" in (await tools.call("hangs", {"name": "x"})).text
    assert "KeyError" in (await tools.call("breaks", {"name": "x"})).text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "name is missing"),
        ({"name": ["x", "y"]}, "name has to be of type string"),
        ({"name": "x", "tail": 900}, "tail has to be between 1 and 500"),
        ({"name": "x", "nmae": "y"}, "'nmae' is no argument"),
    ],
)
async def test_wrong_arguments_are_told_before_anything_is_asked(arguments: dict[str, Any], said: str) -> None:
    connector = OneConnector(pod_logs=found)
    answer = await toolbox(connector).call("pod_logs", arguments)
    assert answer.is_error
    assert said in answer.text
    assert connector.asked == []


async def test_an_unknown_tool_is_told_what_there_is() -> None:
    answer = await toolbox().call("bash", {"command": "rm"})
    assert answer.is_error
    assert "pod_logs" in answer.text


async def test_an_identical_call_is_not_asked_again() -> None:
    connector = OneConnector(pod_logs=found)
    tools = toolbox(connector)
    await asyncio.gather(tools.call("pod_logs", {"name": "cart"}), tools.call("pod_logs", {"name": "cart"}))
    third = await tools.call("pod_logs", {"name": "cart"})
    assert len(connector.asked) == 1
    assert "E2" in third.text
    assert "not asked again" in third.text


async def test_a_failed_call_may_be_tried_again() -> None:
    tries: list[int] = []

    def flaky(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectorError("timeout", "q", "slow")
        return found(inquiry, arguments)

    tools = toolbox(OneConnector(flaky=flaky), memory=Memory())
    assert (await tools.call("flaky", {"name": "x"})).is_error
    assert not (await tools.call("flaky", {"name": "x"})).is_error


async def test_the_memory_answers_another_worker_without_giving_a_number_twice() -> None:
    memory, connector = Memory(), OneConnector(pod_logs=found)
    await toolbox(connector, memory=memory).call("pod_logs", {"name": "cart"})
    later = toolbox(connector, memory=memory)
    fresh = await later.call("pod_logs", {"name": "redis"})
    remembered = await later.call("pod_logs", {"name": "cart"})
    assert len(connector.asked) == 2
    assert [item.id for item in fresh.evidence] == ["E2"]
    assert [item.id for item in remembered.evidence] == ["E3"]
    assert "E3 [" in remembered.text
    assert "E2 [" not in remembered.text


async def test_evidence_is_read_again_by_number() -> None:
    tools = toolbox()
    await tools.call("pod_logs", {"name": "cart"})
    answer = await tools.call("read_evidence", {"ids": ["E1", "E2", "E9"]})
    assert "cart-7d9f-abcde" in answer.text
    assert "logs of cart" in answer.text
    assert "There is no evidence E9." in answer.text
    assert await tools.call("read_evidence", {"evidence": "e1, [E2] and E09"}) == answer
    assert (await tools.call("read_evidence", {})).is_error


async def test_a_long_result_is_cut_by_rows_and_says_so() -> None:
    rows = tuple((f"pod-{n}", "Pending " * 10) for n in range(500))
    table = evidence(0, "500 pods", id="", body=ResourceState(columns=("pod", "state"), rows=rows))
    answer = await toolbox(OneConnector(many=lambda i, a: Observation(evidence=(table,)))).call("many", {"name": "x"})
    assert "pod-0" in answer.text
    assert "more rows not shown" in answer.text
    assert len(answer.text) < 12_000


async def test_what_is_known_keeps_its_number() -> None:
    same = OOM.model_copy(update={"id": ""})
    answer = await toolbox(OneConnector(pods=lambda i, a: Observation(evidence=(same,)))).call("pods", {"name": "x"})
    assert [item.id for item in answer.evidence] == ["E1"]


async def test_what_the_brief_cut_can_be_read_whole() -> None:
    long = "failed to pull: " + "layer " * 300 + "403 Forbidden, see the registry"
    many = [OOM, evidence(2, long), *(evidence(n, onset=NOW) for n in range(3, 90))]
    about = case(many)
    brief = build(about, FENCE).text
    assert long not in brief
    assert 'more lines not shown: ask read_evidence for "Timeline"' in brief
    tools = toolbox(known=many)
    tools.sections = whole(about, FENCE)
    assert long in (await tools.call("read_evidence", {"ids": ["E2"]})).text
    answer = await tools.call("read_evidence", {"ids": ["Timeline", "E3"]})
    assert "10:45:00Z E89 Pods 89" in answer.text
    assert "E3 [kubernetes/pods]" in answer.text
    assert not answer.is_error
    assert (await tools.call("read_evidence", {"ids": ["E900"]})).is_error
