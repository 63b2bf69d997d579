"""Many sources behind one tool: the prefix stays, and every tool can be called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chatops.domain.ports import ToolSpec, Watcher
from chatops.persona.model.stream import ToolCall
from chatops.persona.tokens import estimate
from chatops.persona.toolbox.further import ASK, meant, split, told
from tests.persona.cases import SCHEMA, OneConnector, case, found, persona, toolbox
from tests.persona.messages_api import Say, call, serving, submit


class Crowded(OneConnector):
    """A further source with many tools."""

    name = "loki"


MANY = {f"loki_query_{at}": found for at in range(90)}
LOKI = ToolSpec("loki_query", "Runs LogQL; stays in the namespace.", SCHEMA, "loki")
LIST = ToolSpec("kubernetes_list", "Objects.", SCHEMA, "kubernetes")
READ = ToolSpec("read_evidence", "Evidence.", SCHEMA)


def test_what_fits_keeps_its_place() -> None:
    assert split([LIST, LOKI, READ], 0) == ([LIST, LOKI, READ], [])
    assert split([LIST, LOKI, READ], 4_990) == ([LIST, READ], [LOKI])


def test_the_brief_says_what_is_behind() -> None:
    assert told([]) == ""
    assert told([LOKI]) == "## Further sources, by ask_source\n- loki_query(name, tail?: int) Runs LogQL"


@pytest.mark.parametrize(
    ("given", "name", "arguments"),
    [
        ({"tool": "loki_query", "arguments": {"name": "cart"}}, "loki_query", {"name": "cart"}),
        ({"tool": "loki_query", "arguments": '{"name": "cart"}'}, "loki_query", {"name": "cart"}),
        ({"tool": "loki_query", "name": "cart"}, "loki_query", {"name": "cart"}),
        ({"tool": "loki_query", "arguments": "[" * 100_000}, "loki_query", {}),
        ({}, ASK, {}),
    ],
)
def test_a_call_is_read_as_it_was_meant(given: Mapping[str, Any], name: str, arguments: Mapping[str, Any]) -> None:
    assert meant(ToolCall("t1", ASK, given), ()) == ToolCall("t1", name, arguments)
    assert meant(ToolCall("t1", "kubernetes_list", given), ()) == ToolCall("t1", "kubernetes_list", given)


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("pod_logs", "pod_logs"),
        ("pod-logs", "pod_logs"),
        ("functions.podLogs", "pod_logs"),
        ("mcp__kubernetes__pod_logs", "pod_logs"),
        ("SubmitDiagnosis", "submit_diagnosis"),
        ("pod_log", "pod_log"),
        ("a.node", "a.node"),
    ],
)
def test_a_tool_may_be_written_another_way_where_only_one_is_written_like_it(called: str, name: str) -> None:
    names = ("pod_logs", "no_de", "node_")
    assert meant(ToolCall("t1", called, {}), names).name == name
    assert meant(ToolCall("t1", ASK, {"tool": called}), names).name == name


async def test_the_tools_of_a_crowd_are_called_through_one() -> None:
    crowd = Crowded(**MANY)
    asked = call(ASK, {"tool": "loki_query_7", "arguments": {"name": "cart"}})
    wrong = call(ASK, {"tool": "loki_query_99", "arguments": {}}, "t2")
    async with serving([Say([asked, wrong]), Say([submit()])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(crowd), Watcher())
    assert crowd.asked == [("loki_query_7", {"name": "cart"})]
    assert [item.key for item in result.evidence] == ["logs:cart"]
    first, second = api.requests
    assert [tool["name"] for tool in first["tools"]] == ["read_evidence", ASK, "submit_diagnosis"]
    assert json.dumps([first["tools"], first["system"]]) == json.dumps([second["tools"], second["system"]])
    assert "- loki_query_7(name, tail?: int)" in first["messages"][0]["content"][0]["text"]
    assert "There is no tool 'loki_query_99'" in str(second["messages"][-1])
    assert estimate(json.dumps(first, ensure_ascii=False)) <= 12_000


async def test_a_tool_that_is_called_by_its_own_name_is_run_too() -> None:
    async with serving([Say([call("loki_query_7", {"name": "cart"})]), Say([submit()])]) as api:
        result = await persona(api.url).diagnose(case(), toolbox(Crowded(**MANY)), Watcher())
    assert [item.key for item in result.evidence] == ["logs:cart"]
