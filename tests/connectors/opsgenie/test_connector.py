from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.opsgenie.connector import OpsgenieConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request


def alert(number: int, minutes: float, message: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"id-{number}", "tinyId": str(number), "message": message, "status": "open", "acknowledged": False,
        "snoozed": False, "createdAt": o.at(minutes), "priority": "P1", "source": "prometheus", "owner": "", **more,
    }  # fmt: skip


ALERTS = [
    alert(3, 5, "payments answers slowly", acknowledged=True),
    alert(2, -1, "cart has errors"),
    alert(1, -60 * 24 * 30, "an old one", snoozed=True),
]


def answer(request: Request) -> Any:
    return {"data": ALERTS, "took": 0.1, "requestId": "r"} if request.path == "/v2/alerts" else None


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[OpsgenieConnector]:
    async with o.opened("opsgenie", {"url": server.url, "api_key": "key", "timeout": 2.0}) as found:
        yield found


async def test_what_else_is_open(connector: OpsgenieConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "open_alerts")
    (item,) = found.evidence
    assert item.title == "2 alerts are open in Opsgenie"
    assert "prometheus: payments answers slowly (acknowledged)" in item.summary
    assert "an old one" not in str(item.body)
    assert found.partial.startswith("1 more are open since before")
    assert server.requests[0].headers["Authorization"] == "GenieKey key"
    assert server.requests[0].params["query"] == "status:open"


async def test_nothing_says_what_was_searched(connector: OpsgenieConnector) -> None:
    assert "no alert was opened" in (await o.run(connector, "open_alerts", o.NOWHERE)).searched


async def test_failures_are_told(connector: OpsgenieConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("opsgenie")
