"""What the persona may ask AWS: schemas that hold, and commands that the tools answer."""

from __future__ import annotations

import jsonschema
import pytest

from connectors.cloudwatch.argv import FORMS
from connectors.cloudwatch.tools import tools
from connectors.contract import Tool
from tests.connectors.cloudwatch.world import World, client, connected, inquiry


@pytest.fixture
def offered() -> dict[str, Tool]:
    return {tool.name: tool for tool in tools(client("http://127.0.0.1:1"))}


def test_schemas_are_sound_closed_and_ask_for_what_is_needed(offered: dict[str, Tool]) -> None:
    for tool in offered.values():
        jsonschema.Draft202012Validator.check_schema(tool.schema)
        assert tool.schema["additionalProperties"] is False
        assert set(tool.schema["required"]) <= set(tool.schema["properties"]), tool.name
        assert tool.description


def test_a_command_becomes_a_call_that_its_tools_schema_takes(offered: dict[str, Tool]) -> None:
    said = "aws cloudwatch get-metric-statistics --namespace AWS/RDS --metric-name CPUUtilization --period 60"
    said += " --dimensions Name=DBInstanceIdentifier,Value=orders --statistics Average"
    answered = {name: tool.argv(said.split()) for name, tool in offered.items() if tool.argv}
    assert [name for name, found in answered.items() if found is not None] == ["aws_metric"]
    jsonschema.validate(answered["aws_metric"], offered["aws_metric"].schema)
    assert {form.tool for form in FORMS} <= set(offered)


async def test_a_tool_asks_the_account_it_was_made_for() -> None:
    world = World()
    with connected(world) as connector:
        tool = next(one for one in connector.tools() if one.name == "aws_list_metrics")
        found = await tool.run(inquiry({}), {"namespace": "AWS/RDS"})
    assert world.account.asked("ListMetrics")[0]["Namespace"] == "AWS/RDS"
    assert found.evidence or found.searched
