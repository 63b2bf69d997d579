"""Which connector answers a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatops.triage.tools import tool_for
from connectors.contract import Connector, Inquiry, Tool
from connectors.evidence import Observation
from tests.persona.cases import OneConnector


class Kubectl(OneConnector):
    """Answers `kubectl get pods -n …`, and has a tool that answers no command."""

    def tools(self) -> Sequence[Tool]:
        return (Tool("silent", "", {}, _run), Tool("pods", "", {}, _run, argv=_pods))


async def _run(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
    return Observation()


def _pods(argv: Sequence[str]) -> Mapping[str, Any] | None:
    return {"namespace": argv[4]} if list(argv[:3]) == ["kubectl", "get", "pods"] else None


def test_the_first_that_knows_the_command_answers_it() -> None:
    sources: dict[str, Connector | None] = {"absent": None, "kubernetes": Kubectl()}
    found = tool_for(sources, ["kubectl", "get", "pods", "-n", "shop"])
    assert found is not None
    assert (found[0], found[1].name, found[2]) == ("kubernetes", "pods", {"namespace": "shop"})


def test_a_command_that_none_knows_has_no_tool() -> None:
    assert tool_for({"kubernetes": Kubectl()}, ["kubectl", "delete", "pods", "-n", "shop"]) is None
