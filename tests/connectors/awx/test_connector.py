from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.awx.connector import AwxConnector
from connectors.evidence import Role
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request


def job(number: int, minutes: float, status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "type": "job", "name": "Patch web servers", "playbook": "patch.yml", "status": status,
        "failed": status != "successful", "finished": o.at(minutes), "launch_type": "scheduled",
        "summary_fields": {"created_by": {"username": "deployer"}}, "job_explanation": "", **more,
    }  # fmt: skip


JOBS = [
    job(43, 2, "failed", job_explanation="Host unreachable"),
    job(42, -4, "successful"),
    job(41, -9, "error", summary_fields={}),
]


def answer(request: Request) -> Any:
    if request.path not in ("/api/v2/jobs/", "/api/controller/v2/jobs/"):
        return None
    since, until = request.params.get("finished__gte", ""), request.params.get("finished__lte", "9")
    found = [one for one in JOBS if since <= one["finished"] <= until]
    return {"count": len(found), "next": None, "previous": None, "results": found}


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[AwxConnector]:
    async with o.opened("awx", {"url": server.url, "token": "made-up", "timeout": 2.0}) as found:
        yield found


async def test_what_ran_is_a_change(connector: AwxConnector, server: HttpStandIn) -> None:
    (item,) = (await o.run(connector, "playbooks")).evidence
    assert "Patch web servers ran patch.yml: successful by deployer" in item.summary
    assert server.requests[0].headers["Authorization"] == "Bearer made-up"
    assert server.requests[0].params["order_by"] == "-finished"


async def test_what_failed_is_context(connector: AwxConnector) -> None:
    found = await o.run(connector, "failed_playbooks")
    assert [item.summary.partition(" at ")[2][8:] for item in found.evidence] == [
        ": Host unreachable",
        ", started by scheduled",
    ]
    assert {one.role for one in found.findings} == {Role.CONTEXT}


async def test_nothing_says_what_was_searched(connector: AwxConnector) -> None:
    assert "nothing was changed" in (await o.run(connector, "playbooks", o.NOWHERE)).searched
    assert "no playbook failed" in (await o.run(connector, "failed_playbooks", o.NOWHERE)).searched


async def test_failures_are_told(connector: AwxConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("awx")


async def test_behind_a_gateway_the_controller_has_a_path_of_its_own(server: HttpStandIn) -> None:
    async with o.opened("awx", {"url": f"{server.url}/api/controller", "token": "made-up"}) as connector:
        assert (await o.run(connector, "playbooks")).evidence
    assert {one.path for one in server.requests} == {"/api/controller/v2/jobs/"}
