from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.alertmanager.connector import AlertmanagerConnector, open_connector
from connectors.contract import ConnectorError, ConnectorSettings, Inquiry, Scope, Window
from connectors.evidence import Observation, ResourceState
from tests.connectors.http_server import HttpStandIn, Request, Trouble

END = datetime(2026, 3, 1, 12, 20, tzinfo=UTC)
SHOP = Inquiry(scope=Scope(namespace="shop"), window=Window.ending(END))


def alert(name: str, minute: int, silenced: str = "", inhibited: str = "", namespace: str = "shop") -> dict[str, Any]:
    state = "suppressed" if silenced or inhibited else "active"
    return {
        "labels": {"alertname": name, "namespace": namespace, "service": "cart", "severity": "page"},
        "annotations": {"summary": "x"}, "startsAt": f"2026-03-01T12:{minute:02}:00.000Z", "fingerprint": f"f-{name}",
        "status": {"state": state, "silencedBy": [silenced] if silenced else [],
                   "inhibitedBy": [inhibited] if inhibited else []},
    }  # fmt: skip


def silence(identity: str, state: str, **more: Any) -> dict[str, Any]:
    matcher = {"name": "alertname", "value": "Late", "isRegex": False, "isEqual": True, **more}
    return {"id": identity, "status": {"state": state}, "matchers": [matcher], "startsAt": "2026-03-01T08:00:00Z",
            "endsAt": "2026-03-02T08:00:00+02:00", "createdBy": "ana", "comment": "migration"}  # fmt: skip


ALERTS = [
    alert("Late", 1, silenced="s1"), alert("Failing", 2, inhibited="f-NodeDown"), alert("NodeDown", 0),
    alert("Elsewhere", 0, namespace="bank"),
]  # fmt: skip
SILENCES = [silence("s1", "active"), silence("s2", "expired"), silence("s3", "pending", isRegex=True, isEqual=False)]


def answer(request: Request) -> Any:
    if request.path == "/api/v2/status":
        return {"versionInfo": {}}
    if request.path == "/api/v2/silences":
        return SILENCES
    if request.path != "/api/v2/alerts":
        return None
    found = [a for a in ALERTS if f'namespace="{a["labels"]["namespace"]}"' in request.every.get("filter", [])]
    return [a for a in found if request.params["silenced"] == "true" or a["status"]["state"] == "active"]


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[AlertmanagerConnector]:
    opened = open_connector(ConnectorSettings(options={"url": server.url, "timeout": 1.0}))
    assert opened is not None
    yield opened
    await opened.aclose()


async def run(connector: AlertmanagerConnector, name: str, inquiry: Inquiry = SHOP) -> Observation:
    return await next(check for check in connector.checks(inquiry) if check.name == name).run()


def rows(found: Observation) -> tuple[tuple[str, ...], ...]:
    body = found.evidence[0].body
    assert isinstance(body, ResourceState)
    return body.rows


async def test_what_nobody_was_told_of_and_why(connector: AlertmanagerConnector) -> None:
    found = await run(connector, "muted_alerts")
    assert {row[0]: row[-1] for row in rows(found)} == {
        "Late": "silence of ana until 2026-03-02 06:00 UTC: migration",
        "Failing": "inhibited by NodeDown",
    }
    assert found.evidence[0].summary.startswith("2 alerts fire unheard.")
    assert found.findings == ()


async def test_what_else_fires_in_the_scope_and_only_there(connector: AlertmanagerConnector) -> None:
    found = await run(connector, "active_alerts")
    assert rows(found) == (("NodeDown", "page", "shop/cart", "2026-03-01 12:00:00", "active"),)
    assert found.evidence[0].onset == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def test_nothing_muted_says_how_many_were_looked_at(connector: AlertmanagerConnector) -> None:
    bank = SHOP.model_copy(update={"scope": Scope(namespace="bank")})
    assert (await run(connector, "muted_alerts", bank)).searched.startswith("none of 1 alerts")


async def test_a_command_line_becomes_the_same_question(connector: AlertmanagerConnector) -> None:
    alerts, silences = connector.tools()
    assert alerts.argv is not None
    assert silences.argv is not None
    argv = ["amtool", "alert", "query", 'namespace="shop"', "--alertmanager.url=http://localhost:9093"]
    arguments = alerts.argv(argv)
    assert arguments == {"matchers": ['namespace="shop"']}
    assert len(rows(await alerts.run(SHOP, arguments))) == 3
    assert alerts.argv(["amtool", "alert", "query", "Late"]) == {"matchers": ['alertname="Late"']}
    assert alerts.argv(["amtool", "silence", "query"]) is None
    assert silences.argv(["amtool", "silence", "query"]) == {}
    assert silences.argv(["amtool", "silence", "expire", "s1"]) is None
    assert silences.argv(["amtool", "silence", "query", "-o", "json"]) is None


async def test_silences_that_hold_with_their_matchers(connector: AlertmanagerConnector) -> None:
    found = await connector.tools()[1].run(SHOP, {})
    assert [row[:2] for row in rows(found)] == [('alertname="Late"', "active"), ('alertname!~"Late"', "pending")]


@pytest.mark.parametrize("text", ["shop", 'namespace="a" or 1', 'namespace=="x"'])
async def test_what_is_no_matcher_is_refused(connector: AlertmanagerConnector, server: HttpStandIn, text: str) -> None:
    with pytest.raises(ConnectorError, match="not a matcher"):
        await connector.tools()[0].run(SHOP, {"matchers": [text]})
    assert not server.requests


async def test_quotes_in_a_value_stay_in_it(connector: AlertmanagerConnector, server: HttpStandIn) -> None:
    await connector.tools()[0].run(SHOP, {"matchers": ['summary="say \\"x\\", y=\\"z\\""']})
    assert server.requests[0].every["filter"] == ['summary="say \\"x\\", y=\\"z\\""']


async def test_trouble_and_health(connector: AlertmanagerConnector, server: HttpStandIn) -> None:
    assert [line.ok for line in await connector.health()] == [True]
    server.trouble = Trouble(body=b'[{"labels": {}}]')
    with pytest.raises(ConnectorError, match="garbage"):
        await run(connector, "active_alerts")
    server.trouble = Trouble(403, b"no")
    assert "CHATOPS_CONNECTORS__ALERTMANAGER__URL" in (await connector.health())[0].remedy
    assert await connector.subjects(Scope()) == ()
    assert open_connector(ConnectorSettings()) is None
