from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.grafana.client import Grafana
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

MS = int(o.ONSET.timestamp() * 1000)


def answer(request: Request) -> Any:
    if request.path == "/api/search":
        return [{"title": "Shop", "url": "/d/abc/shop", "tags": None}]
    return [{"id": 1, "time": MS}] if request.path == "/api/annotations" else {"database": "ok"}


@pytest.mark.parametrize(("end", "until"), [(0, None), (MS, None), (MS + 60_000, o.ONSET + timedelta(minutes=1))])
async def test_a_note_of_a_moment_has_no_end(server: HttpStandIn, end: int, until: Any) -> None:
    server.answer = lambda _: [{"id": 1, "time": MS, "timeEnd": end}]
    client = Grafana(o.api(server))
    ((note,), _) = await client.annotations(o.ONSET, o.ONSET, 5, ("deploy", "a b"))
    await client.aclose()
    assert (note.at, note.end, note.text, note.by, client.link(note)) == (o.ONSET, until, "", "", "")
    assert server.requests[0].every["tags"] == ["deploy", "a b"]
    assert server.requests[0].params["from"] == str(MS)


async def test_links_lead_where_people_read(server: HttpStandIn) -> None:
    client = Grafana(o.api(server, external_url="https://grafana.acme.example"))
    ((dashboard,), _) = await client.dashboards("shop", 3)
    assert (dashboard.link, dashboard.folder, dashboard.tags) == (
        "https://grafana.acme.example/d/abc/shop", "", ()
    )  # fmt: skip
    server.answer = lambda _: [{"id": 1, "time": MS, "dashboardUID": "abc"}]
    ((note,), _) = await client.annotations(o.ONSET, o.ONSET, 5)
    assert client.link(note) == f"https://grafana.acme.example/d/abc?from={MS - 1_800_000}&to={MS + 1_800_000}"
    await client.aclose()


async def test_a_grafana_that_is_there_may_still_refuse_the_token(server: HttpStandIn) -> None:
    client = Grafana(o.api(server))
    server.answer = lambda request: {"database": "ok"} if request.path == "/api/health" else None
    there, notes = await client.health()
    assert (there.ok, notes.ok, notes.name) == (True, False, "grafana annotations")
    server.answer = lambda _: None
    assert [line.ok for line in await client.health()] == [False], "what is away is asked nothing more"
    server.answer = lambda _: [{"id": 1, "time": "soon"}]
    await o.garbage(client.annotations(o.ONSET, o.ONSET, 5))
    await client.aclose()
