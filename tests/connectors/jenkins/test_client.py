from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.jenkins.client import Jenkins
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

MS = int(o.ONSET.timestamp() * 1000)
RUNNING = {"number": 2, "timestamp": MS, "building": True, "result": "FAILURE", "actions": [None, {}]}
DONE = {
    "number": 1, "timestamp": MS, "duration": 60_000, "result": "SUCCESS",
    "actions": [{"causes": [{}]}, {"causes": [{"shortDescription": "by hand"}]}, {"lastBuiltRevision": {"SHA1": "a"}}],
}  # fmt: skip


def answer(request: Request) -> Any:
    if request.path == "/queue/api/json":
        return {"items": [{"id": 4, "inQueueSince": MS, "task": None, "why": None}]}
    return {"builds": [RUNNING, DONE]}


async def test_a_build_that_runs_has_no_result_yet(server: HttpStandIn) -> None:
    client = Jenkins(o.api(server), ())
    ((running, done), query) = await client.builds("shop/deploy it")
    assert (running.result, running.ended, running.why, running.revision) == ("", o.ONSET, "", "")
    assert (done.result, done.why, done.revision) == ("SUCCESS", "by hand", "a")
    assert done.ended - done.at == timedelta(minutes=1)
    assert query.startswith("GET /job/shop/job/deploy%20it/api/json?tree=")
    ((waiting,), _) = await client.queue()
    assert (waiting.job, waiting.why, waiting.stuck) == ("", "", False)
    await client.aclose()


async def test_the_page_of_a_folder_is_no_job(server: HttpStandIn) -> None:
    server.answer = lambda _: {"jobs": [{"name": "deploy"}]}
    client = Jenkins(o.api(server), ())
    assert "builds" in await o.garbage(client.builds("shop"))
    await client.aclose()
