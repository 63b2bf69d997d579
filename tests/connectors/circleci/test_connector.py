from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.circleci.connector import CircleCIConnector
from connectors.evidence import Role
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

PROJECT = "gh/acme/cart"


def pipeline(number: int, minutes: float, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"p{number}", "number": number, "state": "created", "project_slug": PROJECT, "created_at": o.at(minutes),
        "updated_at": o.at(minutes), "errors": [], "trigger": {"type": "webhook", "actor": {"login": "lab"}},
        "vcs": {"branch": "main", "revision": "c" * 40, "commit": {"subject": "Faster carts"}}, **fields,
    }  # fmt: skip


def workflow(key: str, status: str, minutes: float | None) -> dict[str, Any]:
    return {"id": key, "name": "deploy", "status": status, "created_at": o.at(-30),
            "stopped_at": None if minutes is None else o.at(minutes)}  # fmt: skip


PIPELINES = [
    pipeline(9, -20), pipeline(8, -40), pipeline(7, -50, vcs=None),
    pipeline(6, -60, errors=[{"type": "config", "message": "job 'x' is not defined"}]), pipeline(1, -9000),
]  # fmt: skip
WORKFLOWS = {
    "p9": [workflow("w9", "success", -5)], "p8": [workflow("w8", "failed", -38)],
    "p7": [workflow("w7", "on_hold", None), workflow("w7b", "running", None)], "p6": [],
}  # fmt: skip


def answer(request: Request) -> Any:
    if request.headers.get("Circle-Token") != "cci":
        return None
    if request.path == f"/api/v2/project/{PROJECT}/pipeline":
        return {"items": PIPELINES, "next_page_token": None}
    key = request.path.removeprefix("/api/v2/pipeline/").removesuffix("/workflow")
    return {"items": WORKFLOWS[key], "next_page_token": None} if key in WORKFLOWS else None


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[CircleCIConnector]:
    options = {"url": server.url, "api_token": "cci", "projects": PROJECT, "timeout": 2.0}
    async with o.opened("circleci", options) as found:
        yield found


async def test_what_was_delivered_or_waits_is_a_change(connector: CircleCIConnector, server: HttpStandIn) -> None:
    found = await o.run(connector, "workflows")
    assert ["waits for an approval" in item.summary for item in found.evidence] == [True, False]
    assert "deploy #9 on main (cccccccccc) succeeded: Faster carts by lab" in found.evidence[1].summary
    assert found.evidence[1].link == "https://app.circleci.com/pipelines/gh/acme/cart/9"
    assert not server.asked("/api/v2/pipeline/p1/")


async def test_what_failed_is_context_with_the_error_of_the_configuration(connector: CircleCIConnector) -> None:
    found = await o.run(connector, "failed_workflows")
    assert [(one.cause, one.role) for one in found.findings] == [("PipelineFailed", Role.CONTEXT)] * 2
    assert any("job 'x' is not defined" in item.summary for item in found.evidence)


async def test_both_checks_share_the_calls(connector: CircleCIConnector, server: HttpStandIn) -> None:
    for check in connector.checks(o.CART):
        await check.run()
    assert len(server.asked("/workflow")) == 4


async def test_nothing_says_what_was_searched(connector: CircleCIConnector) -> None:
    assert "nothing was changed" in (await o.run(connector, "workflows", o.NOWHERE)).searched
    assert "no workflow of 0 failed" in (await o.run(connector, "failed_workflows", o.NOWHERE)).searched


async def test_failures_are_told(connector: CircleCIConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("circleci")
    o.refused("circleci", {"projects": "acme/cart"}, "gh/OWNER/NAME")
