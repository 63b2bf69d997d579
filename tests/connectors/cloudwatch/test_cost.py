"""Cost Explorer: asked only where it is allowed and wanted; the services that changed come first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from connectors.cloudwatch import cost
from connectors.cloudwatch.connector import CloudWatch
from connectors.contract import ConnectorError, FiringAlert
from connectors.evidence import Observation, ResourceState
from tests.connectors.cloudwatch.world import NOW, World, connected, inquiry

QUESTION = "Why is our AWS bill so high?"


def day(back: int, **amounts: float) -> dict[str, Any]:
    groups = [{"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": str(amount), "Unit": "USD"}}}
              for name, amount in amounts.items()]  # fmt: skip
    start, end = ((NOW - timedelta(days=days)).date() for days in (back, back - 1))
    return {"TimePeriod": {"Start": str(start), "End": str(end)}, "Groups": groups, "Total": {}, "Estimated": True}


async def told(answer: Mapping[str, Any] | None, *, allowed: bool = True, question: str = QUESTION) -> Observation:
    world = World()
    if answer is not None:
        world.answers("ce", "GetCostAndUsage", answer)
    with connected(world) as connector:
        check = next(one for one in paying(connector, allowed).checks(inquiry(question=question)) if one.name == "cost")
        observation = await check.run()
    assert len(world.account.asked("GetCostAndUsage")) == int(allowed)
    return observation


def paying(connector: CloudWatch, allowed: bool) -> CloudWatch:
    connector.aws.options = dataclasses.replace(connector.aws.options, cost_explorer=allowed)
    return connector


async def test_the_services_that_changed_most_come_first() -> None:
    usual = [day(back, EC2=100 + back, S3=20, CloudTrail=0.001) for back in range(15, 1, -1)]
    (item,) = (await told({"ResultsByTime": [*usual, day(1, EC2=110, S3=95, Athena=4)]})).evidence
    assert isinstance(item.body, ResourceState)
    assert [(row[0], row[3]) for row in item.body.rows] == [("S3", "+75.00"), ("Athena", "+4.00"), ("EC2", "+1.50")]
    assert "209.00 USD" in item.summary
    assert item.query.startswith("aws ce get-cost-and-usage --time-period")


async def test_nothing_is_paid_unless_the_settings_allow_it() -> None:
    assert "cost_explorer: true" in (await told(None, allowed=False)).searched


@pytest.mark.parametrize(
    ("question", "wanted"),
    [(QUESTION, True), ("cost doubled", True), ("error budget burns", False), ("checkout is slow", False)],
)
def test_it_is_asked_where_somebody_speaks_of_money(question: str, wanted: bool) -> None:
    assert cost.asked(inquiry(question=question)) is wanted
    assert (
        cost.asked(inquiry(alerts=[FiringAlert(name="a", labels={"alertname": "x"}, annotations={"s": question})]))
        is wanted
    )


async def test_an_answer_of_another_shape_is_an_error_and_an_empty_one_says_what_was_asked() -> None:
    with pytest.raises(ConnectorError, match="Cost Explorer"):
        await told({"ResultsByTime": [{"TimePeriod": {"Start": "2026-01-01", "End": "2026-01-02"},
                                       "Groups": [{"Keys": [], "Metrics": {}}]}]})  # fmt: skip
    assert "no two days" in (await told({"ResultsByTime": []})).searched
