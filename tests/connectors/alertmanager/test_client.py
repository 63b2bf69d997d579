from __future__ import annotations

from typing import Any

import pytest

from connectors.alertmanager.client import Alertmanager, Matcher
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

ALERT = {"labels": {}, "startsAt": o.at(0), "status": {"state": "active", "silencedBy": None}}


def silence(state: str, matcher: dict[str, Any]) -> dict[str, Any]:
    named = {"name": "job", "value": "cart", **matcher}
    return {
        "id": state, "status": {"state": state}, "matchers": [named], "startsAt": o.at(0), "endsAt": "2026-03-02T00:00",
    }  # fmt: skip


SILENCES = [silence("active", {}), silence("expired", {})]


def answer(request: Request) -> Any:
    return [ALERT] if request.path.endswith("/alerts") else SILENCES


def test_a_matcher_is_written_as_the_api_reads_it() -> None:
    assert str(Matcher("path", "=~", 'C:\\"x"')) == 'path=~"C:\\\\\\"x\\""'


async def test_filters_are_sent_and_what_is_missing_is_empty(server: HttpStandIn) -> None:
    client = Alertmanager(o.api(server, external_url="https://am.acme.example"))
    ((alert,), query) = await client.alerts([Matcher("job", "=", "a&b"), Matcher("ns", "!=", "")], muted=False)
    assert (alert.name, alert.silenced_by, alert.inhibited_by, dict(alert.annotations)) == ("", (), (), {})
    sent = server.requests[0]
    assert sent.every["filter"] == ['job="a&b"', 'ns!=""']
    assert (sent.params["silenced"], sent.params["inhibited"], sent.params["active"]) == ("false", "false", "true")
    assert query.startswith("GET /api/v2/alerts?silenced=false")
    assert client.link([Matcher("job", "=", "a&b")]).startswith("https://am.acme.example/#/alerts?silenced=true")
    assert "a&b" not in client.link([Matcher("job", "=", "a&b")])
    await client.aclose()


@pytest.mark.parametrize(
    ("said", "operator"),
    [
        ({}, "="),
        ({"isEqual": False}, "!="),
        ({"isRegex": True}, "=~"),
        ({"isEqual": False, "isRegex": True}, "!~"),
    ],
)
async def test_silences_that_hold_with_their_matchers(server: HttpStandIn, said: dict[str, Any], operator: str) -> None:
    server.answer = lambda _: [silence("active", said), silence("expired", said)]
    client = Alertmanager(o.api(server))
    ((found,), _) = await client.silences()
    await client.aclose()
    assert (found.state, found.matchers, found.by, found.comment) == (
        "active", (Matcher("job", operator, "cart"),), "", ""
    )  # fmt: skip


async def test_an_alert_without_a_state_is_no_answer(server: HttpStandIn) -> None:
    server.answer = lambda _: [{"labels": {}, "startsAt": o.at(0), "status": {}}]
    client = Alertmanager(o.api(server))
    assert "state" in await o.garbage(client.alerts())
    await client.aclose()
