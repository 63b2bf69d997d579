from __future__ import annotations

from typing import Any

import pytest

from connectors.azure.client import Azure
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

BARE = {"id": "/x/events/1", "eventTimestamp": o.at(0)}
VM = "/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/vm1"


def answer(request: Request) -> Any:
    """A list that never ends."""
    return {"value": [BARE], "nextLink": f"https://elsewhere.example/?$skipToken={len(request.params)}%20x&a=b"}


@pytest.fixture
async def client(server: HttpStandIn) -> Any:
    made = Azure(o.api(server), "s")
    yield made
    await made.aclose()


async def test_a_list_without_an_end_is_read_for_three_pages_from_the_same_host(
    client: Azure, server: HttpStandIn
) -> None:
    found, more, query = await client.activities(o.CART.window.start, o.ONSET, "shop")
    assert (len(found), more) == (3, True)
    assert [one.params.get("$skipToken") for one in server.requests] == [None, "2 x", "3 x"]
    assert "resourceGroupName eq 'shop'" in server.requests[0].params["$filter"]
    assert query.startswith("GET /subscriptions/s/providers/Microsoft.Insights/eventtypes/management/values?")
    assert (found[0].id, found[0].operation, found[0].by, found[0].message) == ("/x/events/1", "", "", "")


async def test_what_is_said_is_taken_from_where_each_category_says_it(client: Azure, server: HttpStandIn) -> None:
    about: list[dict[str, Any]] = [
        {"properties": {"statusMessage": "sku", "title": "t"}},
        {"properties": {"title": "t"}},
        {"properties": {"cause": "c"}},
        {"properties": None, "description": "d"},
    ]
    server.answer = lambda _: {"value": [{**BARE, **one} for one in about]}
    found, more, _ = await client.activities(o.ONSET, o.ONSET)
    assert ([one.message for one in found], more) == (["sku", "t", "c", "d"], False)


async def test_only_what_is_not_available_is_told_of_all_that_is_known(client: Azure, server: HttpStandIn) -> None:
    states = ["Available", "Unavailable", "Degraded", "Unknown"]
    path = "/providers/Microsoft.ResourceHealth/availabilityStatuses/current"
    server.answer = lambda _: {
        "value": [{"id": f"{VM}{path}", "properties": {"availabilityState": one}} for one in states]
    }
    found, known, more, _ = await client.unavailable()
    assert ([one.state for one in found], known, more) == (["Unavailable", "Degraded"], 4, False)
    assert (found[0].resource, found[0].since) == (VM, None)
    assert client.link(VM) == f"https://portal.azure.com/#resource{VM}"
    assert client.link("javascript:x") == ""


async def test_points_without_a_value_are_no_zeros(client: Azure, server: HttpStandIn) -> None:
    points = [{"timeStamp": o.at(0), "average": 0.0}, {"timeStamp": o.at(1), "average": None}, {"timeStamp": o.at(2)}]
    rows = [{"name": {"value": "cpu"}, "timeseries": [{"data": points}]}, {"name": {"value": "io"}, "timeseries": []}]
    server.answer = lambda _: {"value": rows}
    found, query = await client.metrics(VM, "cpu,io", "Average", o.ONSET, o.ONSET)
    assert [(one.name, one.points) for one in found] == [("cpu", ((o.ONSET.timestamp(), 0.0),)), ("io", ())]
    assert query == f"az monitor metrics list --resource {VM} --metrics cpu,io --aggregation Average"
    server.answer = lambda _: {"code": "BadRequest"}
    assert "value" in await o.garbage(client.metrics(VM, "cpu", "Average", o.ONSET, o.ONSET))
