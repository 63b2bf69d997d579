from __future__ import annotations

from typing import Any

from connectors.circleci.client import CircleCI
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request


def answer(request: Request) -> Any:
    if request.path == "/api/v2/pipeline/a/b/workflow":
        return {"items": [{"id": "w", "name": "deploy", "status": "on_hold", "stopped_at": None}]}
    tagged = {"id": "p", "number": 3, "created_at": "2026-03-01T12:00:00.123Z", "vcs": {"tag": "v2", "revision": "f"}}
    return {"items": [tagged]} if request.path == "/api/v2/project/gh/acme/cart/pipeline" else {"items": [{}]}


async def test_what_is_missing_is_empty_and_what_is_needed_is_an_error(server: HttpStandIn) -> None:
    client = CircleCI(o.api(server), ())
    ((pipeline,), query) = await client.pipelines("gh/acme/cart")
    assert (pipeline.branch, pipeline.by, pipeline.subject, pipeline.errors) == ("v2", "", "", ())
    assert query == "GET /api/v2/project/gh/acme/cart/pipeline"
    ((workflow,), _) = await client.workflows("a/b")
    assert workflow.ended is None
    await o.garbage(client.pipelines("gh/acme/other"))
    await client.aclose()
    assert "%2F" not in query
