from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.evidence import Role
from connectors.jenkins.connector import JenkinsConnector
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

JOB = "shop/deploy production"


def ms(minutes: float) -> int:
    return int((o.ONSET + timedelta(minutes=minutes)).timestamp() * 1000)


def build(number: int, minutes: float, result: str | None) -> dict[str, Any]:
    return {
        "number": number, "result": result, "timestamp": ms(minutes), "duration": 120_000, "building": result is None,
        "url": f"https://jenkins.example/{number}/",
        "actions": [{}, {"causes": [{"shortDescription": "Started by user ana"}]},
                    {"lastBuiltRevision": {"SHA1": "c" * 40}}],
    }  # fmt: skip


BUILDS = [build(9, 1, None), build(8, -6, "SUCCESS"), build(7, -30, "FAILURE"), build(6, -9000, "FAILURE")]
QUEUE: list[dict[str, Any]] = [
    {
        "id": 1,
        "why": "Waiting for next available executor",
        "stuck": True,
        "inQueueSince": ms(-9),
        "task": {"name": "x"},
    },
    {"id": 2, "why": "In the quiet period", "stuck": False, "inQueueSince": ms(-1), "task": {"name": "y"}},
]


def answer(request: Request) -> Any:
    if request.path == "/job/shop/job/deploy production/api/json":
        return {"builds": BUILDS, "name": "deploy production"}
    return {"items": QUEUE} if request.path == "/queue/api/json" else None


@pytest.fixture
async def connector(server: HttpStandIn) -> AsyncIterator[JenkinsConnector]:
    options = {"url": server.url, "jobs": [JOB], "username": "bot", "password": "token", "timeout": 2.0}
    async with o.opened("jenkins", options) as found:
        yield found


async def test_what_was_delivered(connector: JenkinsConnector, server: HttpStandIn) -> None:
    (item,) = (await o.run(connector, "builds")).evidence
    assert "shop/deploy production #8 of cccccccccc succeeded (Started by user ana)" in item.summary
    assert item.onset == o.ONSET - timedelta(minutes=4), "delivered when the build ended"
    assert server.requests[0].headers["Authorization"].startswith("Basic ")


async def test_what_failed_near_the_onset(connector: JenkinsConnector) -> None:
    found = await o.run(connector, "failed_builds")
    assert [item.link for item in found.evidence] == ["https://jenkins.example/7/"]
    assert [(one.cause, one.role) for one in found.findings] == [("PipelineFailed", Role.CONTEXT)]


async def test_what_is_stuck(connector: JenkinsConnector) -> None:
    (item,) = (await o.run(connector, "queue")).evidence
    assert "Waiting for next available executor" in item.summary


async def test_checks_of_one_inquiry_share_what_they_fetch(connector: JenkinsConnector, server: HttpStandIn) -> None:
    checks = connector.checks(o.CART)
    for check in checks:
        await check.run()
    assert len(server.asked("/job/")) == 1


async def test_nothing_says_what_was_searched(connector: JenkinsConnector) -> None:
    assert "nothing was changed" in (await o.run(connector, "builds", o.NOWHERE)).searched
    assert "no build failed" in (await o.run(connector, "failed_builds", o.NOWHERE)).searched


async def test_failures_are_told(connector: JenkinsConnector, server: HttpStandIn) -> None:
    await o.fails_well(connector, server)


def test_settings() -> None:
    o.silent("jenkins")
    o.refused("jenkins", {"url": "http://127.0.0.1:1", "jobs": ["../secret"]}, "FOLDER/JOB")
    o.refused("jenkins", {"url": "http://127.0.0.1:1", "jobs": "a?tree=x"}, "FOLDER/JOB")
