"""The dialects of the three stores, where an answer is empty, odd, or leads elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import ConnectorError
from connectors.traces.client import Jaeger, Tempo, Zipkin, checked
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn
from tests.connectors.traces.shop import END, ONSET, jaeger, many, zipkin

BACKENDS: dict[str, Any] = {"jaeger": Jaeger, "tempo": Tempo, "zipkin": Zipkin}


@pytest.fixture
async def client(server: HttpStandIn, kind: str) -> Any:
    made = BACKENDS[kind](o.api(server, external_url="https://people.acme.example/"))
    yield made
    await made.aclose()


@pytest.mark.parametrize("wrong", ["", "../services", "abc/def", "0" * 33, "g" * 32])
def test_only_the_id_of_a_trace_goes_into_a_path(wrong: str) -> None:
    with pytest.raises(ConnectorError, match="not the id"):
        checked(wrong)


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("jaeger", {"tags": '{"error":"true"}', "minDuration": "1500ms", "limit": "5"}),
        ("zipkin", {"annotationQuery": "error", "minDuration": "1500000", "lookback": "1200000"}),
        ("tempo", {"q": '{ resource.service.name = "a\\"b" && status = error && duration > 1500ms }', "limit": "5"}),
    ],
)
async def test_errors_and_slowness_are_asked_for_in_each_dialect(
    client: Any, server: HttpStandIn, params: dict[str, str]
) -> None:
    server.answer = lambda request: {"data": [], "traces": []} if "v2" not in request.path else []
    found = await client.traces('a"b', END - timedelta(minutes=20), END, 5, failed=True, slower=1.5)
    assert (found.traces, found.cut) == ((), False)
    assert params.items() <= server.requests[0].params.items()
    assert found.query.startswith(f"GET {server.requests[0].path}?")


async def test_a_store_that_knows_nothing_is_empty(client: Any, server: HttpStandIn, kind: str) -> None:
    server.answer = lambda _: [] if kind == "zipkin" else {"data": None, "tagValues": None, "traces": None}
    assert await client.services(ONSET, END) == ()
    assert await client.calls(ONSET, END) == ()
    assert (await client.traces("cart", ONSET, END, 5, failed=False)).traces == ()


@pytest.mark.parametrize("kind", ["jaeger", "zipkin"], indirect=True)
async def test_a_trace_that_is_not_there_or_has_no_spans_is_empty(client: Any, server: HttpStandIn, kind: str) -> None:
    server.answer = lambda _: [] if kind == "zipkin" else {"data": []}
    assert await client.trace("abc") == []
    server.answer = lambda _: [] if kind == "zipkin" else {"data": [{"spans": [], "processes": {}}]}
    assert await client.trace("abc") == []


async def test_another_shape_is_an_error(client: Any, server: HttpStandIn) -> None:
    server.answer = lambda _: {"data": {"a": 1}, "tagValues": "cart", "traces": [{}], "batches": [{"scopeSpans": [1]}]}
    await o.garbage(client.services(ONSET, END))
    await o.garbage(client.traces("cart", ONSET, END, 5, failed=False))
    await o.garbage(client.trace("abc"))


@pytest.mark.parametrize("kind", ["jaeger", "zipkin"], indirect=True)
async def test_callers_and_callees_as_the_store_counted_them(client: Any, server: HttpStandIn, kind: str) -> None:
    rows = [{"parent": "web", "child": "cart", "callCount": 7}]
    server.answer = lambda _: rows if kind == "zipkin" else {"data": rows}
    assert await client.calls(ONSET, END) == (("web", "cart"),)
    assert server.requests[0].params["lookback"] == "1200000"


async def test_links_lead_where_people_read(client: Any, kind: str, server: HttpStandIn) -> None:
    start = {
        "jaeger": "https://people.acme.example/trace/abc",
        "tempo": "https://people.acme.example/explore?left=%7B%22datasource%22",
        "zipkin": "https://people.acme.example/zipkin/traces/abc",
    }[kind]
    assert client.link("abc").startswith(start)
    alone = Tempo(o.api(server))
    assert alone.link("abc") == "", "Tempo has no page of its own"
    await alone.aclose()


@pytest.mark.parametrize("kind", ["jaeger", "zipkin"], indirect=True)
async def test_as_many_as_were_asked_for_may_not_be_all(client: Any, server: HttpStandIn, kind: str) -> None:
    shown = many(ONSET, 3, 1)
    server.answer = lambda _: [zipkin(t) for t in shown] if kind == "zipkin" else {"data": [jaeger(t) for t in shown]}
    assert (await client.traces("web", ONSET, END, 3, failed=False)).cut
    assert not (await client.traces("web", ONSET, END, 4, failed=False)).cut
