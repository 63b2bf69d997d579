from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from connectors.azure.directory import EntraConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request


def sign_in(minutes: float, error: int = 0, why: str = "Other.", condition: str = "success") -> dict[str, Any]:
    return {
        "id": f"s{minutes}{error}", "createdDateTime": o.at(minutes), "appDisplayName": "Shop", "appId": "1",
        "userPrincipalName": "somebody@example.org", "conditionalAccessStatus": condition,
        "status": {"errorCode": error, "failureReason": why, "additionalDetails": None},
    }  # fmt: skip


AUDITS = [{
    "id": "a1", "activityDateTime": o.at(-4), "activityDisplayName": "Update conditional access policy",
    "result": "success", "category": "Policy", "initiatedBy": {"user": {"userPrincipalName": "lab@example.org"}},
    "targetResources": [{"type": "Policy", "displayName": "Block legacy"}],
}]  # fmt: skip


class Graph:
    def __init__(self) -> None:
        self.sign_ins = [sign_in(-10), sign_in(-8, 50126, "Invalid username or password"), sign_in(2)]

    def __call__(self, request: Request) -> Any:
        words = request.params.get("$filter", "")
        field = "activityDateTime" if request.path.endswith("directoryAudits") else "createdDateTime"
        rows = {"/v1.0/auditLogs/directoryAudits": AUDITS, "/v1.0/auditLogs/signIns": self.sign_ins}.get(request.path)
        if rows is None or not words:
            return rows if rows is None else {"value": rows[:1]}
        start, end = (part.split()[2] for part in words.split(" and "))
        return {"value": [row for row in rows if start <= str(row[field]) <= end]}


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
def server(graph: Graph) -> Iterator[HttpStandIn]:
    stand_in = HttpStandIn(graph)
    yield stand_in
    stand_in.close()


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[EntraConnector]:
    async with o.opened("entra", {"url": server.url, "token": "made-up", "timeout": 2.0}) as found:
        yield found


async def test_what_was_changed_in_the_directory(connector: EntraConnector) -> None:
    (item,) = (await o.run(connector, "directory_changes")).evidence
    assert "Update conditional access policy: Policy Block legacy by lab@example.org" in item.summary


async def test_as_many_failures_as_before_are_none(connector: EntraConnector) -> None:
    assert "1 of 3 sign-ins failed, not more" in (await o.run(connector, "sign_ins")).searched


async def test_more_failures_are_told_with_their_reason(connector: EntraConnector, graph: Graph) -> None:
    graph.sign_ins += [sign_in(3 + number, 53003, "Access has been blocked", "failure") for number in range(4)]
    (item,) = (await o.run(connector, "sign_ins")).evidence
    assert item.title == "More sign-ins fail since 12:00 UTC: 4 of 5"
    assert "Shop: conditional access refused it: Access has been blocked (error 53003) 4 times" in item.summary
    assert "somebody" not in item.model_dump_json()


async def test_failures_are_told(connector: EntraConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("entra")
