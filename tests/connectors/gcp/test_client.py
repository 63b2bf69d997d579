from __future__ import annotations

from typing import Any

import pytest

from connectors.gcp.client import MOST, GoogleCloud
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request


def answer(request: Request) -> Any:
    return {}


@pytest.fixture
async def client(server: HttpStandIn) -> Any:
    api = o.api(server)
    made = GoogleCloud("acme-shop", api, api)
    yield made
    await made.aclose()


def entries(*rows: dict[str, Any]) -> Any:
    return lambda _: {"entries": [{"timestamp": o.at(0), "insertId": "i", **row} for row in rows]}


async def test_nothing_found_leaves_the_list_out(client: GoogleCloud) -> None:
    assert (await client.audited(o.ONSET, o.ONSET))[0] == []
    assert (await client.incidents())[0] == []
    assert (await client.series("x", o.ONSET, o.ONSET, "ALIGN_MEAN"))[0] == []
    assert (await client.lines("x", o.ONSET, o.ONSET))[:2] == ([], False)


@pytest.mark.parametrize(
    ("row", "text", "by"),
    [
        ({"textPayload": " plain "}, "plain", ""),
        ({"jsonPayload": {"msg": "m"}, "resource": {"labels": {"pod_name": "p", "service_name": "s"}}}, "m", "s"),
        ({"jsonPayload": {"level": "warn"}}, "{'level': 'warn'}", ""),
        ({"protoPayload": {"methodName": "Patch", "status": {}}}, "Patch", ""),
        ({"protoPayload": {"methodName": "Patch", "status": {"message": "denied"}}}, "denied", ""),
    ],
)
async def test_a_line_is_found_wherever_a_service_writes_it(
    client: GoogleCloud, server: HttpStandIn, row: dict[str, Any], text: str, by: str
) -> None:
    server.answer = entries(row)
    (line,), _, query = await client.lines('severity="ERROR"', o.ONSET, o.ONSET, 10 * MOST)
    assert (line.text, line.by) == (text, by)
    assert server.requests[0].body["pageSize"] == MOST
    assert query.startswith("""gcloud logging read '(severity="ERROR") AND timestamp>=""")


async def test_how_a_change_ended(client: GoogleCloud, server: HttpStandIn) -> None:
    ended: list[dict[str, Any]] = [{}, {"code": 7}, {"code": 7, "message": "denied"}]
    server.answer = entries(*({"protoPayload": {"methodName": "m", "status": one}} for one in ended))
    found, _ = await client.audited(o.ONSET, o.ONSET)
    assert [one.error for one in found] == ["", "7", "denied"]
    server.answer = entries({"textPayload": "no audit"})
    assert "protoPayload" in await o.garbage(client.audited(o.ONSET, o.ONSET))


async def test_an_alert_of_which_little_is_known(client: GoogleCloud, server: HttpStandIn) -> None:
    server.answer = lambda _: {"alerts": [{"name": "a"}]}
    ((alert,), _) = await client.incidents()
    assert (alert.at, alert.policy, alert.resource, alert.metric) == (None, "", "", "")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"doubleValue": 0.5}, 0.5),
        ({"int64Value": "12"}, 12.0),
        ({"boolValue": True}, 1.0),
        ({"distributionValue": {"count": "3", "mean": 0.2}}, 0.2),
        ({"distributionValue": {"count": "0"}}, 0.0),
    ],
)
async def test_a_point_of_every_kind_is_a_number(
    client: GoogleCloud, server: HttpStandIn, value: dict[str, Any], read: float
) -> None:
    point = {"interval": {"endTime": o.at(0)}, "value": value}
    server.answer = lambda _: {"timeSeries": [{"metric": {"type": "m"}, "points": [point]}]}
    ((series,), _) = await client.series("x", o.ONSET, o.ONSET, "ALIGN_MEAN")
    assert series.points == ((o.ONSET.timestamp(), read),)


@pytest.mark.parametrize("value", [{}, {"stringValue": "on"}, None])
async def test_a_point_that_is_no_number_is_an_error(client: GoogleCloud, server: HttpStandIn, value: Any) -> None:
    point = {"interval": {"endTime": o.at(0)}, "value": value}
    server.answer = lambda _: {"timeSeries": [{"metric": {"type": "m"}, "points": [point]}]}
    await o.garbage(client.series("x", o.ONSET, o.ONSET, "ALIGN_MEAN"))
