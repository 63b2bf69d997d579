from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.pagerduty.connector import PagerDutyConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

INCIDENTS: list[dict[str, Any]] = [
    {
        "id": "P1", "incident_number": 812, "title": "Payments: error rate", "status": "triggered", "urgency": "high",
        "created_at": o.at(3), "service": {"summary": "payments"}, "html_url": "https://acme.pagerduty.example/incidents/P1",
    },
    {"id": "P2", "incident_number": 811, "title": "Old", "status": "resolved", "created_at": o.at(-5), "service": None},
]  # fmt: skip
CHANGES: list[dict[str, Any]] = [
    {
        "id": "C1", "summary": "Build 41 of cart was deployed", "timestamp": o.at(-4), "source": "ci.example",
        "services": [{"id": "S", "summary": "cart"}],
        "links": [{"href": "javascript:alert(1)"}, {"href": "https://ci.example/41"}],
    }
]  # fmt: skip


def answer(request: Request) -> Any:
    since, until = request.params.get("since", ""), request.params.get("until", "9")
    if request.path == "/incidents":
        wanted = request.every.get("statuses[]", [])
        found = [one for one in INCIDENTS if since <= one["created_at"] <= until]
        return {"incidents": [one for one in found if not wanted or one["status"] in wanted], "more": False}
    if request.path == "/change_events":
        return {"change_events": [one for one in CHANGES if since <= one["timestamp"] <= until]}
    return None


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[PagerDutyConnector]:
    async with o.opened("pagerduty", {"url": server.url, "api_key": "key", "timeout": 2.0}) as found:
        yield found


async def test_what_else_is_open(connector: PagerDutyConnector, server: HttpStandIn) -> None:
    (item,) = (await o.run(connector, "open_incidents")).evidence
    assert "payments: Payments: error rate (triggered)" in item.summary
    assert item.title.startswith("1 incidents")
    assert server.requests[0].headers["Authorization"] == "Token token=key"
    assert server.requests[0].headers["Accept"] == "application/vnd.pagerduty+json;version=2"


async def test_changes_that_were_announced(connector: PagerDutyConnector) -> None:
    (item,) = (await o.run(connector, "change_events")).evidence
    assert "Build 41 of cart was deployed [cart]" in item.summary
    assert item.link == "https://ci.example/41", "only addresses of the web become links"


async def test_nothing_says_what_was_searched(connector: PagerDutyConnector) -> None:
    assert "no incident is open" in (await o.run(connector, "open_incidents", o.NOWHERE)).searched
    assert "nothing was changed" in (await o.run(connector, "change_events", o.NOWHERE)).searched


async def test_failures_are_told(connector: PagerDutyConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("pagerduty")
