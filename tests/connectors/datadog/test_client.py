from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import ConnectorError
from connectors.datadog.client import MOST, Datadog
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

MS = int(o.ONSET.timestamp() * 1000)


def answer(request: Request) -> Any:
    if request.path == "/api/v1/monitor/search":
        return {"monitors": [{"id": 1, "name": "cart", "status": "No Data", "last_triggered_ts": None, "tags": None}]}
    if request.path == "/api/v1/query":
        unit = [None, {"name": "second"}]
        return {"series": [{"metric": "m", "unit": unit, "pointlist": [[MS, 1.5], [MS + 1000, None]]}]}
    if request.path == "/api/v2/events/search":
        # What is inside the attributes differs by the event's source; times are numbers in some and texts in others.
        bare = {"id": "1", "attributes": {"timestamp": MS}}
        told = {"title": "t", "evt": {"source": "github", "category": "change"}}
        return {"data": [bare, {"id": "2", "attributes": {"timestamp": o.at(0), "attributes": told}}]}
    return {"data": [{"attributes": {"timestamp": o.at(0)}}] * request.body["page"]["limit"]}


@pytest.fixture
async def client(server: HttpStandIn) -> Any:
    made = Datadog(o.api(server), "https://app.acme.example")
    yield made
    await made.aclose()


async def test_what_an_answer_may_leave_out_is_empty(client: Datadog, server: HttpStandIn) -> None:
    ((monitor,), query) = await client.monitors("service:cart")
    assert (monitor.since, monitor.query, monitor.tags) == (None, "", ())
    assert server.requests[0].params["query"] == 'status:(alert OR warn OR "no data") service:cart'
    assert query.startswith("GET /api/v1/monitor/search?query=status")
    ((series,), _) = await client.series("avg:m{*}", o.ONSET, o.ONSET)
    assert (series.name, series.unit, series.points) == ("m", "second", ((MS / 1000, 1.5),))
    (bare, told), _ = await client.events("", o.ONSET, o.ONSET)
    assert (bare.at, bare.title, bare.source) == (o.ONSET, "", "")
    assert (told.at, told.title, told.source, told.category) == (o.ONSET, "t", "github", "change")


@pytest.mark.parametrize(("limit", "sent"), [(3, 3), (10 * MOST, MOST)])
async def test_no_search_asks_for_more_lines_than_it_may(client: Datadog, limit: int, sent: int) -> None:
    lines, cut, query = await client.logs("cart", o.ONSET, o.ONSET, limit)
    assert (len(lines), cut) == (sent, True)
    assert query == f"POST /api/v2/logs/events/search 'cart' from {o.at(0)} to {o.at(0)}"


async def test_a_query_that_is_refused_says_why(client: Datadog, server: HttpStandIn) -> None:
    server.answer = lambda _: {"status": "error", "error": "unknown function"}
    with pytest.raises(ConnectorError, match="unknown function") as caught:
        await client.series("nonsense(", o.ONSET, o.ONSET)
    assert caught.value.kind == "rejected"


async def test_a_good_key_may_lack_the_right_to_read_monitors(client: Datadog, server: HttpStandIn) -> None:
    server.answer = lambda request: {"valid": True} if request.path.endswith("/validate") else None
    valid, monitors = await client.health()
    assert (valid.ok, monitors.ok) == (True, False)
    assert "APP_KEY" in monitors.remedy
