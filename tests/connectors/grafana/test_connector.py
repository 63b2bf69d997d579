from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import ConnectorError, ConnectorSettings, Inquiry, Scope, Window
from connectors.evidence import Change, Observation, ResourceState
from connectors.grafana.client import Annotation
from connectors.grafana.connector import GrafanaConnector, concerns, open_connector
from tests.connectors.http_server import HttpStandIn, Request, Trouble

ONSET = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CART = Inquiry(
    scope=Scope(namespace="shop", workload="cart"), window=Window.ending(ONSET + timedelta(minutes=20), onset=ONSET)
)


def note(identity: int, minutes: int, text: str, *tags: str, **more: Any) -> dict[str, Any]:
    at = int((ONSET + timedelta(minutes=minutes)).timestamp() * 1000)
    return {"id": identity, "time": at, "timeEnd": at, "text": text, "tags": list(tags), "login": "ci", **more}


NOTES = [
    note(1, -2, "<b>Deployed</b> cart v41 &amp; sidecar", "deploy", dashboardUID="abc"),
    note(2, -90, "cart: cache warmed", "cart"),
    note(3, -5, "deploy", "service:payments"),
    note(4, -1, "lunch"),
    note(5, -300, "Deployed cart v40"),
]
BOARDS: list[dict[str, Any]] = [
    {"title": "Cart overview", "url": "/d/abc/cart", "tags": ["shop"], "folderTitle": "Shop"},
]


def answer(request: Request) -> Any:
    if request.path == "/api/health":
        return {"database": "ok"}
    if request.path == "/api/search":
        return [one for one in BOARDS if request.params["query"].lower() in one["title"].lower()]
    if request.path != "/api/annotations":
        return None
    start, end = int(request.params.get("from", 0)), int(request.params.get("to", 0))
    wanted = set(request.every.get("tags", []))
    return [one for one in NOTES if start <= one["time"] <= end and wanted <= set(one["tags"])]


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[GrafanaConnector]:
    opened = open_connector(ConnectorSettings(options={"url": server.url, "timeout": 1.0}))
    assert opened is not None
    yield opened
    await opened.aclose()


async def run(connector: GrafanaConnector, name: str, inquiry: Inquiry = CART) -> Observation:
    return await next(check for check in connector.checks(inquiry) if check.name == name).run()


async def test_a_deploy_that_was_noted_is_a_change(connector: GrafanaConnector, server: HttpStandIn) -> None:
    found = await run(connector, "annotations")
    assert [item.key for item in found.evidence] == ["grafana/annotation/2", "grafana/annotation/1"]
    item = found.evidence[1]
    assert item.body == Change(at=ONSET - timedelta(minutes=2), what="Deployed cart v41 & sidecar [deploy]", by="ci")
    assert (item.onset, item.untrusted) == (ONSET - timedelta(minutes=2), True)
    assert item.link.startswith(f"{server.url}/d/abc?from=")
    assert server.asked("annotations")[0].params["type"] == "annotation"


async def test_nothing_about_the_scope_says_how_many_were_read(connector: GrafanaConnector) -> None:
    elsewhere = CART.model_copy(update={"scope": Scope(namespace="bank")})
    elsewhere = elsewhere.model_copy(update={"window": Window.ending(ONSET - timedelta(days=1))})
    assert (await run(connector, "annotations", elsewhere)).searched.startswith("none of 0 annotations")


@pytest.mark.parametrize(
    ("text", "tags", "about"),
    [
        ("cart restarted by hand", (), True),
        ("cart-db grew", (), False),
        ("Deployed v2", (), True),
        ("Deployed v2", ("service:cart",), True),
        ("Deployed v2", ("app:payments",), False),
        ("stand-up", (), False),
    ],
)
def test_whom_a_note_concerns(text: str, tags: tuple[str, ...], about: bool) -> None:
    assert concerns(Annotation("1", ONSET, None, text, tags, "", ""), CART.scope) is about


async def test_dashboards_of_the_scope_are_linked(connector: GrafanaConnector, server: HttpStandIn) -> None:
    found = await run(connector, "dashboards")
    body = found.evidence[0].body
    assert isinstance(body, ResourceState)
    assert body.rows == (("Cart overview", "Shop", "shop", f"{server.url}/d/abc/cart"),)
    nobody = CART.model_copy(update={"scope": Scope()})
    assert "names nothing" in (await run(connector, "dashboards", nobody)).searched


async def test_the_personas_questions(connector: GrafanaConnector) -> None:
    annotations, dashboards = connector.tools()
    found = (await annotations.run(CART, {"tags": ["deploy"]})).evidence[0]
    assert isinstance(found.body, ResourceState)
    assert [row[1] for row in found.body.rows] == ["Deployed cart v41 & sidecar"]
    assert (await dashboards.run(CART, {"words": "overview"})).evidence[0].summary == "1: Cart overview"
    assert (await dashboards.run(CART, {"words": "nothing"})).searched.startswith("no dashboard")
    assert (await annotations.run(CART, {"tags": ["none"]})).searched.startswith("no annotations")


async def test_health_tells_a_missing_right_from_a_missing_server(
    connector: GrafanaConnector, server: HttpStandIn
) -> None:
    assert [line.ok for line in await connector.health()] == [True, True]
    server.trouble = Trouble(401, b'{"message": "Unauthorized"}', only="annotations")
    told = await connector.health()
    assert [line.ok for line in told] == [True, False]
    assert "token" in told[1].remedy
    with pytest.raises(ConnectorError, match="Unauthorized"):
        await run(connector, "annotations")


async def test_an_answer_of_another_shape_is_garbage(connector: GrafanaConnector, server: HttpStandIn) -> None:
    server.trouble = Trouble(body=b'[{"id": 1}]')
    with pytest.raises(ConnectorError, match="garbage"):
        await run(connector, "annotations")


async def test_without_an_address_there_is_no_connector(connector: GrafanaConnector) -> None:
    assert open_connector(ConnectorSettings()) is None
    assert await connector.subjects(Scope()) == ()
