from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import ConnectorError, Scope
from connectors.datadog.connector import DatadogConnector
from connectors.evidence import LogPatterns, ResourceState, SeriesSet
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

MONITORS = {
    "monitors": [
        {"id": 12, "name": "Cart error rate", "status": "Alert", "last_triggered_ts": int(o.ONSET.timestamp()),
         "query": "sum(last_5m):sum:cart.errors{*} > 5", "tags": ["service:cart"], "type": "metric alert"},
        {"id": 13, "name": "Agent", "status": "No Data", "last_triggered_ts": None, "query": "", "tags": []},
    ],
    "metadata": {"total_count": 2},
}  # fmt: skip


def event(identity: str, minutes: float, title: str, category: str = "") -> dict[str, Any]:
    inner = {"title": title, "evt": {"source": "ci", "category": category}}
    about = {"timestamp": o.at(minutes), "message": "", "tags": ["service:cart"], "attributes": inner}
    return {"id": identity, "type": "event", "attributes": about}


EVENTS = [event("e1", -3, "Deployed cart v41"), event("e2", -2, "flags", "change"), event("e3", -1, "Lunch is ready")]
LINES = [(-10, "connection refused to db"), *((n, "connection refused to db") for n in range(1, 9))]


def log(minutes: float, text: str) -> dict[str, Any]:
    return {"id": str(minutes), "attributes": {"timestamp": o.at(minutes), "message": text, "service": "cart"}}


def answer(request: Request) -> Any:
    if request.path == "/api/v1/validate":
        return {"valid": True}
    if request.path == "/api/v1/monitor/search":
        return MONITORS
    if request.path == "/api/v1/query":
        if "bad" in request.params["query"]:
            return {"status": "error", "error": "Error parsing query"}
        points = [[int((o.ONSET + timedelta(minutes=n)).timestamp() * 1000), None if n == 1 else n] for n in range(5)]
        series = [{"metric": "cart.errors", "expression": "cart.errors{}", "pointlist": points, "unit": None}]
        return {"status": "ok", "series": series}
    start, end = request.body["filter"]["from"][:19], request.body["filter"]["to"][:19]
    rows = EVENTS if "/events/" in request.path and "logs" not in request.path else [log(*one) for one in LINES]
    return {"data": [one for one in rows if start <= one["attributes"]["timestamp"] <= end]}


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[DatadogConnector]:
    options = {"url": server.url, "api_key": "key", "app_key": "app", "site": "datadoghq.eu", "timeout": 2.0}
    async with o.opened("datadog", options) as found:
        yield found


async def test_monitors_that_alert(connector: DatadogConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "monitors")
    body = found.evidence[0].body
    assert isinstance(body, ResourceState)
    assert [row[:2] for row in body.rows] == [("Cart error rate", "Alert"), ("Agent", "No Data")]
    assert found.evidence[0].link == "https://app.datadoghq.eu/monitors/12"
    asked = server.requests[0]
    assert asked.params["query"] == 'status:(alert OR warn OR "no data") kube_namespace:shop'
    assert (asked.headers["DD-API-KEY"], asked.headers["DD-APPLICATION-KEY"]) == ("key", "app")


async def test_events_that_tell_a_change(connector: DatadogConnector) -> None:
    found = await o.run(connector, "changes")
    assert [item.key for item in found.evidence] == ["datadog/changes/e1", "datadog/changes/e2"]


async def test_error_lines_before_and_after(connector: DatadogConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "log_errors")
    body = found.evidence[0].body
    assert isinstance(body, LogPatterns)
    assert (body.patterns[0].before, body.patterns[0].after) == (1, 8)
    assert "kube_namespace:shop kube_deployment:cart status:(error" in server.requests[0].body["filter"]["query"]
    assert found.evidence[0].link.startswith("https://app.datadoghq.eu/logs?query=")


async def test_a_scope_without_names_asks_for_no_logs(connector: DatadogConnector, server: HttpStandIn) -> None:
    everything = o.CART.model_copy(update={"scope": Scope()})
    assert "names nothing" in (await o.run(connector, "log_errors", everything)).searched
    assert server.requests == []


async def test_queries_of_the_persona(connector: DatadogConnector, server: HttpStandIn) -> None:
    body = (await o.ask(connector, "datadog_metric", query="sum:cart.errors{*}")).evidence[0].body
    assert isinstance(body, SeriesSet)
    assert [value for _, value in body.series[0].points] == [0, 2, 3, 4], "what has no value is left out"
    with pytest.raises(ConnectorError, match="Error parsing query"):
        await o.ask(connector, "datadog_metric", query="bad(")
    await o.ask(connector, "datadog_logs", query="status:error OR service:pay")
    within = "kube_namespace:shop (status:error OR service:pay)"
    assert server.requests[-1].body["filter"]["query"] == within, "an OR leads out of the namespace only when asked for"
    await o.ask(connector, "datadog_logs", query="status:error", anywhere=True)
    assert server.requests[-1].body["filter"]["query"] == "status:error"


async def test_nothing_says_what_was_searched(connector: DatadogConnector) -> None:
    assert "nothing was changed" in (await o.run(connector, "changes", o.NOWHERE)).searched
    assert "no line" in (await o.run(connector, "log_errors", o.NOWHERE)).searched


async def test_failures_are_told(connector: DatadogConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("datadog")
    o.refused("datadog", {"api_key": "x"}, "app_key")
    o.refused("datadog", {"api_key": "x", "app_key": "y", "site": "https://datadoghq.eu"}, "host name")
