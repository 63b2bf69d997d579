from __future__ import annotations

from typing import Any

from connectors.pagerduty.client import PagerDuty
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

INCIDENT = {"incident_number": 4, "created_at": o.at(0), "status": "triggered", "service": None}
CHANGE = {"id": "c", "timestamp": o.at(0), "summary": "deployed", "links": [{"href": "javascript:x"}, {}]}


def answer(request: Request) -> Any:
    return {"incidents": [INCIDENT]} if request.path == "/incidents" else {"change_events": [CHANGE]}


async def test_only_what_is_open_in_the_range_is_asked_for(server: HttpStandIn) -> None:
    client = PagerDuty(o.api(server))
    ((incident,), query) = await client.open_incidents(o.CART.window.start, o.ONSET)
    assert (incident.title, incident.urgency, incident.service, incident.link) == ("", "", "", "")
    assert server.requests[0].every["statuses[]"] == ["triggered", "acknowledged"]
    assert server.requests[0].params["until"] == o.at(0)
    assert query.startswith("GET /incidents?statuses%5B%5D=triggered")
    ((change,), _) = await client.changes(o.CART.window.start, o.ONSET)
    assert (change.services, change.link) == ((), ""), "only an address of a page is a link"
    await client.aclose()


async def test_another_shape_is_an_error(server: HttpStandIn) -> None:
    server.answer = lambda _: {"incidents": [{**INCIDENT, "created_at": "yesterday"}], "change_events": None}
    client = PagerDuty(o.api(server))
    assert "yesterday" in await o.garbage(client.open_incidents(o.ONSET, o.ONSET))
    await o.garbage(client.changes(o.ONSET, o.ONSET))
    await client.aclose()
