"""In X-Ray's graph the deepest failing service is where to look."""

from typing import Any

import pytest

from connectors.cloudwatch.graph import Node, around, deepest
from tests.connectors.cloudwatch.world import NOW, ONSET, World, connected, inquiry, investigate


def node(ref: int, name: str, faults: float, *calls_to: int, calls: int = 1000) -> Node:
    return Node(ref, name, "AWS::ECS", calls, faults, 0.0, 0.1, calls_to)


WEB, CART, DB, HR = node(1, "web", 0.3, 2), node(2, "cart", 0.3, 3), node(3, "db", 0.4), node(4, "hr", 0.9)


@pytest.mark.parametrize(
    ("nodes", "names"),
    [
        ([WEB, CART, DB], ["db"]),
        ([WEB, CART, node(3, "db", 0.0)], ["cart"]),
        ([node(1, "web", 0.01)], []),
        ([node(1, "web", 0.9, calls=5)], []),
    ],
)
def test_the_deepest_failure(nodes: list[Node], names: list[str]) -> None:
    assert [one.name for one in deepest(nodes)] == names


def test_what_the_scope_calls_is_looked_at_and_nothing_else() -> None:
    assert {one.name for one in around([WEB, CART, DB, HR], ["web"])} == {"web", "cart", "db"}
    assert len(around([WEB, HR], [])) == 2


def raw(ref: int, name: str, faults: int, *calls_to: int) -> dict[str, Any]:
    edges = [{"ReferenceId": to, "StartTime": ONSET, "EndTime": NOW} for to in calls_to]
    stats = {"TotalCount": 100, "FaultStatistics": {"TotalCount": faults}, "TotalResponseTime": 12.0}
    return {"ReferenceId": ref, "Name": name, "Type": "AWS::ECS", "Edges": edges, "SummaryStatistics": stats}


async def test_the_graph_is_evidence_and_its_failure_a_symptom() -> None:
    graph = {"Services": [raw(1, "pay", 40, 2), raw(2, "ledger", 45), raw(9, "other", 99)]}
    with connected(World().answers("xray", "GetServiceGraph", graph)) as connector:
        outcome = await investigate(connector, inquiry({"FunctionName": "pay"}))
    found = outcome.observations["service graph"]
    assert [str(one.subject) for one in found.findings] == ["Service ledger"]
    assert "ledger" in found.evidence[0].summary
    assert outcome.causes == []
