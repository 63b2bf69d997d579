from __future__ import annotations

from typing import Any

from connectors.gitlab.client import GitLab
from tests.connectors import optional as o
from tests.connectors.http_server import HttpStandIn, Request

ROW = {"id": 1, "created_at": o.at(0), "ref": "main", "sha": "a", "status": "success"}


def answer(request: Request) -> Any:
    return [{**ROW, "environment": {"name": "prod"}} if request.path.endswith("/deployments") else ROW]


async def test_a_project_within_groups_is_one_part_of_the_path(server: HttpStandIn) -> None:
    client = GitLab(o.api(server), ("acme/shop/cart",))
    ((deployment,), query) = await client.deployments("acme/shop/cart", o.CART.window.start, o.ONSET)
    assert query.startswith("GET /api/v4/projects/acme%2Fshop%2Fcart/deployments?updated_after=")
    assert server.requests[0].params["updated_before"] == o.at(0)
    assert (deployment.at, deployment.by, deployment.link) == (o.ONSET, "", ""), "created is the latest it says"
    ((pipeline,), _) = await client.pipelines("acme/shop/cart", o.ONSET, o.ONSET, "failed")
    assert (pipeline.source, pipeline.link) == ("", "")
    assert server.requests[1].params["status"] == "failed"
    await client.pipelines("acme/shop/cart", o.ONSET, o.ONSET)
    assert "status" not in server.requests[2].params
    await client.aclose()


async def test_the_page_of_a_deployment_is_its_jobs_or_its_pipelines(server: HttpStandIn) -> None:
    row = {**ROW, "environment": {"name": "prod"}}
    jobs = [{"web_url": "https://j"}, {"pipeline": {"web_url": "https://p"}}, {"web_url": None, "pipeline": None}]
    server.answer = lambda _: [{**row, "deployable": job} for job in jobs]
    client = GitLab(o.api(server), ())
    found, _ = await client.deployments("acme/cart", o.ONSET, o.ONSET)
    assert [one.link for one in found] == ["https://j", "https://p", ""]
    server.answer = lambda _: [ROW]
    assert "environment" in await o.garbage(client.deployments("acme/cart", o.ONSET, o.ONSET))
    await client.aclose()
