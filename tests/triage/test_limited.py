"""Whoever asks, a connector reads only what the channel may ask about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chatops.domain.incident import Incident
from chatops.policy.reach import Reach
from chatops.policy.redaction import Redactor
from chatops.triage.gather import Gatherer
from chatops.triage.investigate import Investigator
from chatops.triage.limited import limited
from connectors.contract import Check, ConnectorError, Health, Inquiry, Scope, Tool
from connectors.evidence import Observation, Subject
from tests import factories
from tests.triage.test_service import LIBRARY, NoTools

CART = Subject(kind="Deployment", namespace="shop", name="cart")
LEDGER = Subject(kind="Deployment", namespace="payments", name="ledger")
NODE = Subject(kind="Node", name="n1")
SEEN = Observation(
    evidence=(
        factories.evidence(id="", key="cart", subject=CART),
        factories.evidence(2, id="", key="ledger", subject=LEDGER),
        factories.evidence(3, id="", key="node", subject=NODE),
    ),
    findings=(
        factories.finding(subject=CART, rests_on=("cart",)),
        factories.finding(subject=LEDGER, rests_on=("ledger",)),
        factories.finding(subject=CART, cause="DependencyFailure", rests_on=("ledger",)),
    ),
)


def schema(*names: str) -> Mapping[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


@dataclass
class Source:
    name: str = "kubernetes"
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    within: tuple[str, ...] = ()

    def checks(self, inquiry: Inquiry) -> Sequence[Check]:
        self.within = inquiry.within

        async def run() -> Observation:
            return SEEN

        return [Check("pods", "?", run)]

    def tools(self) -> Sequence[Tool]:
        async def run(inquiry: Inquiry, arguments: Mapping[str, Any]) -> Observation:
            self.asked.append(arguments)
            return SEEN

        return [
            Tool("list", "", schema("kind", "namespace"), run),
            Tool("query", "", schema("expression", "anywhere"), run),
            Tool("account", "", schema("metric"), run),
            Tool("asked", "", schema("expression"), run, confined=lambda given: "node" in given["expression"]),
        ]

    async def subjects(self, scope: Scope) -> Sequence[Subject]:
        return (CART, LEDGER, NODE)

    async def health(self) -> Sequence[Health]:
        return ()

    async def aclose(self) -> None:
        """Nothing is held."""


REACH = Reach(namespaces=("shop",))


def incident(namespace: str = "shop") -> Incident:
    return factories.incident(scope=Scope(namespace=namespace))


@pytest.mark.parametrize(
    ("tool", "arguments", "namespace", "allowed"),
    [
        ("list", {"namespace": "shop"}, "shop", True),
        ("list", {}, "shop", True),
        ("list", {"namespace": "payments"}, "shop", False),
        ("list", {"namespace": "*"}, "shop", False),
        ("list", {}, "", False),
        ("query", {"expression": "up"}, "shop", True),
        ("query", {"expression": "up", "anywhere": True}, "shop", False),
        ("query", {"expression": "up"}, "payments", False),
        ("account", {"metric": "CPUUtilization"}, "shop", False),
        ("asked", {"expression": "node_load1"}, "shop", True),
        ("asked", {"expression": "up"}, "shop", False),
    ],
)
async def test_tools(tool: str, arguments: Mapping[str, Any], namespace: str, allowed: bool) -> None:
    source = Source()
    (connector,) = limited({"kubernetes": source}, REACH).values()
    assert connector is not None
    run = next(one.run for one in connector.tools() if one.name == tool)
    if not allowed:
        with pytest.raises(ConnectorError, match="this channel may ask about shop only"):
            await run(incident(namespace).inquiry, arguments)
        assert source.asked == []
        return
    seen = await run(incident(namespace).inquiry, arguments)
    assert [one.key for one in seen.evidence] == ["cart", "node"]


def test_whoever_looks_into_other_namespaces_knows_which_it_may() -> None:
    source = Source()
    (connector,) = limited({"kubernetes": source}, REACH).values()
    assert connector is not None
    connector.checks(incident().inquiry)
    assert source.within == ("shop",)


async def test_what_is_gathered_and_what_can_be_named() -> None:
    gatherer = Gatherer({"kubernetes": Source()}, lambda _: Redactor(key=b"k"))
    investigator = Investigator({"default": gatherer}, LIBRARY, lambda _: None, lambda *_: NoTools())
    case, _ = await investigator.facts(incident())
    assert len(case.diagnosis.evidence) == 3
    case, _ = await replace(investigator, reach=lambda _: REACH).facts(incident())
    assert [one.key for one in case.diagnosis.evidence] == ["cart", "node"]
    assert [one.subject for one in case.findings] == [CART], "what rests on what may not be seen is not said either"
    (connector,) = limited({"kubernetes": Source()}, REACH).values()
    assert connector is not None
    assert list(await connector.subjects(Scope())) == [CART, NODE]
