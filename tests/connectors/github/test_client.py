from __future__ import annotations

from typing import Any

from connectors.github.client import GitHub
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

DEPLOYMENT = {"id": 1, "created_at": o.at(0), "environment": "prod", "ref": "main", "sha": "a", "creator": None}
RUN = {"id": 7, "created_at": o.at(0), "head_sha": "a", "conclusion": None, "actor": None}
COMMIT = {"sha": "a" * 40, "commit": {"message": "Subject\n\nbody", "author": None}}


def answer(request: Request) -> Any:
    if request.path.endswith("/statuses"):
        return []
    if request.path.endswith("/deployments"):
        return [DEPLOYMENT]
    return {"workflow_runs": [RUN]} if request.path.endswith("/runs") else {"commits": [COMMIT]}


async def test_what_an_answer_may_leave_out_is_empty(server: HttpStandIn) -> None:
    client = GitHub(o.api(server), ("acme/cart",))
    ((deployment,), query) = await client.deployments("acme/cart")
    assert (deployment.by, deployment.what) == ("", "deploy")
    assert query == "GET /repos/acme/cart/deployments?per_page=30"
    assert await client.outcome("acme/cart", 1) == "", "nobody has said yet what became of it"
    ((run,), _) = await client.runs("acme/cart", o.CART.window.start, o.CART.window.end)
    assert (run.at, run.ended, run.conclusion, run.by) == (o.ONSET, o.ONSET, "", "")
    difference, _ = await client.compare("acme/cart", "v1", "v2")
    assert difference == ((("a" * 10, "Subject", ""),), (), "", 1)
    await client.aclose()


async def test_a_refusal_in_a_good_answer_is_no_answer(server: HttpStandIn) -> None:
    client = GitHub(o.api(server), ("acme/cart",))
    server.answer = lambda _: {"message": "moved"}
    await o.garbage(client.deployments("acme/cart"))
    await o.garbage(client.runs("acme/cart", o.ONSET, o.ONSET))
    await client.aclose()
